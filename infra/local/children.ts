import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A part of the local installation that could not start or ended by itself; the message is what it said. */
export class PartFailed extends Error {
  override name = 'PartFailed';
}

export interface Part {
  readonly name: string;
  readonly pid: number;
  /** The JSON line with which it said that it is ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Asks it to end and waits, at most `seconds`; then it is killed. */
  stop(seconds?: number): Promise<void>;
  kill(): Promise<void>;
  /** Resolves with the exit code when it ends, for whatever reason. */
  readonly ended: Promise<number | null>;
}

export interface PartOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error go here. */
  readonly logFile: string;
  readonly secondsToReady?: number;
}

/** Found by its address, because a part may work in another folder. */
const END_WITH_PARENT = new URL('./end-with-parent.mjs', import.meta.url).href;

/** Starts a Node process of this repository, which ends when this one does, and waits for its line `{"ready":true,…}`. */
export async function startPart(options: PartOptions): Promise<Part> {
  const { name, args, env = {}, logFile, secondsToReady = 60 } = options;
  const child = spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', `--import=${END_WITH_PARENT}`, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the launcher alone: it ends the parts in their order.
    detached: process.platform !== 'win32',
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    log.write(chunk);
    said.push(chunk.toString('utf8'));
    if (said.length > 50) said.shift();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => {
      resolve(code);
    });
  });
  const ready = await readyLine(child, log, name, secondsToReady, said);
  return {
    name,
    pid: child.pid ?? 0,
    ready,
    ended,
    async stop(seconds = 10) {
      child.kill('SIGTERM');
      const late = setTimeout(killGroup, seconds * 1000, child);
      await ended;
      clearTimeout(late);
    },
    async kill() {
      killGroup(child);
      await ended;
    },
  };
}

/** It and what it started. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function readyLine(
  child: ChildProcess,
  log: NodeJS.WritableStream,
  name: string,
  seconds: number,
  said: readonly string[],
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(late);
      reject(new PartFailed(`${name} ${what}${said.length > 0 ? `:\n${said.join('').trim()}` : ''}`));
    };
    const late = setTimeout(() => {
      killGroup(child);
      fail(`was not ready within ${seconds} s`);
    }, seconds * 1000);
    child.on('error', (error) => {
      fail(`could not be started: ${error.message}`);
    });
    // `close` comes after the last of standard error, `exit` may not.
    child.on('close', (code) => {
      fail(`ended with ${String(code)} before it was ready`);
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      if (!line.startsWith('{"ready":true')) return;
      clearTimeout(late);
      resolve(JSON.parse(line) as Record<string, unknown>);
    });
  });
}
