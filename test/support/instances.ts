import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { InstanceOptions } from './instance-process.ts';

/** A line that an instance wrote to the ledger. */
export interface LedgerLine {
  readonly pid: number;
  readonly at: number;
  readonly [what: string]: unknown;
}

export interface RunningInstance {
  readonly pid: number;
  readonly isAlive: () => boolean;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export async function startInstance(options: Pick<InstanceOptions, 'folder' | 'ledger'> & Partial<InstanceOptions>): Promise<RunningInstance> {
  const whole: InstanceOptions = { leaseSeconds: 2, stopAt: null, ...options };
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--import=./infra/local/end-with-parent.mjs'];
  const args = [...node, 'test/support/instance-process.ts', JSON.stringify(whole)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let alive = true;
  const ended = once(child, 'exit').then(() => {
    alive = false;
  });
  const pid = child.pid ?? 0;
  await until(() => !alive || linesOf(options.ledger).some((line) => line.pid === pid && line['ready'] === true));
  return {
    pid,
    isAlive: () => alive,
    signal: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function linesOf(ledger: string): readonly LedgerLine[] {
  if (!existsSync(ledger)) return [];
  const whole = readFileSync(ledger, 'utf8').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as LedgerLine);
}

/** @throws after `seconds` */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come about within ${seconds} s: ${holds.toString()}`);
    await pause(50);
  }
}
