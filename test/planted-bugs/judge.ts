import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What one run of one suite showed. */
export type Showed =
  | { readonly what: 'passed' }
  /** At least one assertion failed: the first such test. */
  | { readonly what: 'failed'; readonly test: string }
  /** Nothing failed but by running out of time: the whole run, or each test that failed. */
  | { readonly what: 'timed out'; readonly test: string }
  /** The suite did not load, or no test of it ran: that shows nothing. */
  | { readonly what: 'did not run'; readonly test: string };

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Jest's own words for a test or a hook that did not end, and those of a promise that a test waits for. */
const OUT_OF_TIME = /Exceeded timeout of \d+ ms/u;

const running = new Set<ChildProcess>();
let runs = 0;

/** Runs one suite in a copy of the tree, with whatever it starts in a group of its own, and ends that group. @param seconds most that it may take */
export async function runSuite(tree: string, suite: string, only: string | undefined, seconds: number): Promise<Showed> {
  const file = join(tree, '.tmp', 'report.json');
  rmSync(file, { force: true });
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--runInBand', '--forceExit'];
  const args = [...jest, '--json', '--outputFile', file, ...(only === undefined ? [] : ['-t', only]), suite];
  // Each run is one of its own: what another one has left behind is not its to end (test/support/left-over.ts).
  const env = { ...process.env, TMPDIR: join(tree, '.tmp'), RADLOOP_BEGAN: String(Date.now() + (runs += 1)) };
  const child = spawn(process.execPath, args, { cwd: tree, env, stdio: 'ignore', detached: true });
  running.add(child);
  const ended = new Promise<'ended'>((done) => child.once('exit', () => { done('ended'); })); // prettier-ignore
  const late = new AbortController();
  const first = await Promise.race([ended, pause(seconds * 1000, 'late' as const, { signal: late.signal }).catch(() => 'ended' as const)]);
  late.abort();
  endGroup(child);
  await ended;
  running.delete(child);
  return first === 'late' ? { what: 'timed out', test: `the whole run, after ${seconds.toFixed(0)} s` } : read(file);
}

function read(file: string): Showed {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return { what: 'did not run', test: 'it left no report' };
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed');
  const asserted = failed.find(({ failureMessages }) => failureMessages.some((message) => !OUT_OF_TIME.test(message)));
  if (asserted !== undefined) return { what: 'failed', test: asserted.fullName };
  if (failed[0] !== undefined) return { what: 'timed out', test: failed[0].fullName };
  const [unloaded] = report.testResults.filter(({ assertionResults }) => assertionResults.length === 0);
  if (unloaded !== undefined) return { what: 'did not run', test: unloaded.message.split('\n').find((line) => line.trim() !== '') ?? '' };
  return tests.some(({ status }) => status === 'passed') ? { what: 'passed' } : { what: 'did not run', test: 'no test of this name' };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** Ends whatever still runs. */
export function endAll(): void {
  for (const child of running) endGroup(child);
}
