import { execFile } from 'node:child_process';

/** Runs a `radloop` command in a process of its own, as a person does in a shell. */
export function radloop(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return runNode('--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', ...args);
}

export function runNode(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 }, (error, out, err) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
  });
}
