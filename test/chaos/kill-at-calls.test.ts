import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { judge, learn, nothingKnown } from './known.ts';

const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
const ORDERS = 6;
const KILLS = isWhole ? 300 : 6;
/** Writers that run side by side. */
const AT_ONCE = 2;
/** Threads share the work differently in each run, and a busy machine makes fewer calls: where the time does not come, an earlier one is taken. */
const SHARES = [1, 0.6, 0.3] as const;
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: that the process may be killed at any of its system calls is not tested here.');

/** The calls by which anything gets on the disk or out of the process. */
const CALLS = ['fdatasync', 'write', 'fsync', 'ftruncate', 'unlink', 'pwrite64'] as const;
type Call = (typeof CALLS)[number];
/** As the kernel is told: strace counts each call of each thread by itself. */
interface Point {
  readonly call: Call;
  readonly nth: number;
}

/** Runs the writer; the kernel kills it as a thread of it enters such a call for the n-th time. Gives what it had said, and what strace saw. */
async function run(store: string, point: Point | null): Promise<{ readonly said: readonly string[]; readonly trace: string }> {
  const file = `${store}.trace`;
  // Not with --seccomp-bpf, by which it would run faster: then strace kills nobody.
  const inject = point === null ? [] : ['-e', `inject=${point.call}:signal=SIGKILL:when=${point.nth}`];
  const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning', 'test/chaos/store-writer.ts'];
  const strace = spawn('strace', ['-f', '-e', `trace=${CALLS.join(',')}`, ...inject, '-o', file, ...node, store, String(ORDERS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [stdout] = await Promise.all([text(strace.stdout), once(strace, 'exit')]);
  const trace = readFileSync(file, 'latin1');
  rmSync(file);
  return { said: stdout.split('\n').filter((line) => line !== ''), trace };
}

/** Of each call all its times, as far as there is room, evenly spread; what is left over goes to the last, the commonest. */
function pointsIn(trace: string): readonly Point[] {
  const made = new Map<string, number>();
  for (const [, thread, call] of trace.matchAll(/^(\d+) +([a-z0-9]+)\(/gmu)) made.set(`${call} ${thread}`, (made.get(`${call} ${thread}`) ?? 0) + 1);
  const most = (call: Call): number => Math.max(0, ...[...made].map(([name, count]) => (name.startsWith(`${call} `) ? count : 0)));
  const points: Point[] = [];
  for (const [index, call] of CALLS.entries()) {
    const room = Math.floor((KILLS - points.length) / (CALLS.length - index));
    const times = most(call);
    const taken = Math.min(room, times);
    // The last times may not come.
    for (let n = 0; n < taken; n += 1) points.push({ call, nth: Math.max(1, Math.floor(((n + 0.5) * times * 0.9) / taken)) });
  }
  return points;
}

(hasStrace ? it : it.skip)(
  `killed as it enters any of its system calls it loses nothing that it said: ${KILLS} kills (invariants 1, 2, 5, 26, 29, 32)`,
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'radloop-calls-'));
    const { said, trace } = await run(join(work, 'whole'), null);
    const points = pointsIn(trace);
    expect(said.at(-1)).toBe('END');
    const findings: string[] = [];
    let heard = 0;
    let ended = 0;
    let next = 0;
    const began = performance.now();
    const isKilledAt = async (number: number, { call, nth }: Point): Promise<boolean> => {
      const store = join(work, `killed-${number}`);
      const known = nothingKnown();
      const before = (await run(store, { call, nth })).said;
      for (const line of before) learn(known, line);
      heard += before.length;
      findings.push(...(await judge(store, known)).map((what) => `killed at ${call} ${nth}: ${what}`));
      rmSync(store, { recursive: true, force: true });
      return before.at(-1) !== 'END';
    };
    const kill = async (number: number, { call, nth }: Point): Promise<void> => {
      for (const share of SHARES) if (await isKilledAt(number, { call, nth: Math.max(1, Math.floor(nth * share)) })) return;
      ended += 1;
    };
    const line = async (): Promise<void> => {
      for (let point = points[next]; point !== undefined; point = points[next]) await kill((next += 1), point);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, line));
    rmSync(work, { recursive: true, force: true });
    const at = Object.fromEntries(CALLS.map((call) => [call, points.filter((point) => point.call === call).length]));
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`${JSON.stringify({ kills: points.length, at, heard, ended, findings: findings.length, seconds })}\n`);
    expect(points).toHaveLength(KILLS);
    expect(heard).toBeGreaterThan(KILLS);
    // Those that were let live to the end were not killed where they were meant to be.
    expect(ended).toBeLessThanOrEqual(Math.ceil(KILLS / 20));
    expect(findings.slice(0, 10)).toEqual([]);
  },
  isWhole ? 60 * 60_000 : 180_000,
);
