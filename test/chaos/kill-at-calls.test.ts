import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, learn, nothingKnown } from './known.ts';

const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
const ORDERS = 6;
const KILLS = isWhole ? 300 : 6;
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: that the process may be killed at any of its system calls is not tested here.');

/** The calls by which anything gets on the disk or out of the process. */
const CALLS = 'pwrite64,write,fdatasync,fsync,ftruncate,unlink';

/** Runs the writer; the kernel kills it as it enters its n-th such call. Gives what it had said, and how many calls it made when it was let live. */
function run(store: string, nth: number | null): { readonly said: readonly string[]; readonly calls: number } {
  const trace = `${store}.trace`;
  const inject = nth === null ? [] : ['-e', `inject=${CALLS}:signal=SIGKILL:when=${nth}`];
  const node = [
    process.execPath,
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    'test/chaos/store-writer.ts',
    store,
    String(ORDERS),
  ];
  const { stdout } = spawnSync('strace', ['-f', '-e', `trace=${CALLS}`, ...inject, '-o', trace, ...node], { encoding: 'utf8' });
  const calls = readFileSync(trace, 'latin1').split('\n').filter((line) => /^\d+ +[a-z0-9]+\(/u.test(line)).length; // prettier-ignore
  rmSync(trace);
  return { said: stdout.split('\n').filter((line) => line !== ''), calls };
}

(hasStrace ? it : it.skip)(
  `killed as it enters any of its system calls it loses nothing that it said: ${KILLS} kills (invariants 1, 2, 5, 26, 29, 32)`,
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'radloop-calls-'));
    const { said, calls } = run(join(work, 'whole'), null);
    expect(said.at(-1)).toBe('END');
    const findings: string[] = [];
    let heard = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const store = join(work, `killed-${kill}`);
      // Threads make one run differ a little from the next: the number is spread over what one run made.
      const nth = Math.floor(((kill + 0.5) * calls) / KILLS);
      const known = nothingKnown();
      const before = run(store, nth).said;
      for (const line of before) learn(known, line);
      heard += before.length;
      findings.push(...(await judge(store, known)).map((what) => `killed at call ${nth} of ${calls}: ${what}`));
      rmSync(store, { recursive: true, force: true });
    }
    rmSync(work, { recursive: true, force: true });
    process.stdout.write(`${JSON.stringify({ kills: KILLS, calls, heard, findings: findings.length })}\n`);
    expect(heard).toBeGreaterThan(KILLS);
    expect(findings.slice(0, 10)).toEqual([]);
  },
  isWhole ? 60 * 60_000 : 180_000,
);
