import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

type Line = Readonly<Record<string, unknown>>;

/** A function host in its own process, and everything it has said. */
export interface HostProcess {
  readonly base: string;
  readonly port: number;
  readonly ready: Line;
  readonly lines: readonly Line[];
  /** Ends it as `npm start` does and resolves with its exit code. */
  close(): Promise<number | null>;
}

/** @returns the running host, or the sentence with which it refused to start */
export async function startHostProcess(root: string, bodyLimitBytes = 1000, ...tlsFolder: [] | [string]): Promise<HostProcess | string> {
  const script = join(import.meta.dirname, 'run-host.ts');
  const child = spawn(process.execPath, ['--conditions=source', script, root, String(bodyLimitBytes), ...tlsFolder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const started = new Promise<Line>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: unknown = JSON.parse(text);
      if (typeof line !== 'object' || line === null) return;
      const said: Line = { ...line };
      lines.push(said);
      if ('ready' in said || 'failed' in said) resolve(said);
    });
    child.on('close', () => {
      resolve({ failed: 'the process ended' });
    });
  });
  const ready = await started;
  if (typeof ready['failed'] === 'string') {
    child.kill();
    await ended;
    return ready['failed'];
  }
  const port = Number(ready['port']);
  return {
    base: `http://127.0.0.1:${String(port)}`,
    port,
    ready,
    lines,
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
