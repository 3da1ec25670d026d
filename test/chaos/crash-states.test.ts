import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dice } from '../../infra/rehearsal/randomness.ts';
import { Disk } from './disk-states.ts';
import { STRACE, readTrace } from './disk-trace.ts';
import type { DiskEvent } from './disk-trace.ts';
import { judge, learn, nothingKnown } from './known.ts';

const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
const plan = isWhole ? { orders: 20, states: 1000 } : { orders: 20, states: 40 };
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: what a power loss leaves is not tested here.');

/** More are not looked for: what is lost is shown by these. */
const MOST_FINDINGS = 10;

(hasStrace ? it : it.skip)(
  `a power loss at any moment loses nothing that was said: ${plan.states} states of the disk, un-synced writes dropped, torn and in any order (invariants 1, 2, 26, 29, 32)`,
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'radloop-power-'));
    const store = mkdtempSync(join(work, 'store-'));
    const events = await record(join(work, 'trace'), store);
    const said = events.filter(({ kind }) => kind === 'said').length;
    expect(said).toBeGreaterThan(plan.orders * 2);

    const roll = dice('power', plan.states);
    const moments = Array.from({ length: plan.states }, () => roll.between(1, events.length)).sort((a, b) => a - b);
    const disk = new Disk();
    const known = nothingKnown();
    const findings: string[] = [];
    let at = 0;
    let checked = 0;
    for (const moment of moments) {
      if (findings.length >= MOST_FINDINGS) break;
      for (; at < moment; at += 1) {
        const event = events[at];
        if (event === undefined) break;
        disk.tell(event);
        if (event.kind === 'said') learn(known, event.text);
      }
      const state = join(work, `state-${checked}`);
      cpSync(store, state, { recursive: true, filter: (from) => !/\.sqlite|\.lock/u.test(from) });
      disk.lose(state, () => roll.next());
      findings.push(...(await judge(state, known)).map((what) => `after ${moment} of ${events.length} calls: ${what}`));
      rmSync(state, { recursive: true, force: true });
      checked += 1;
    }
    process.stdout.write(`${JSON.stringify({ states: checked, calls: events.length, said, findings: findings.length })}\n`);
    rmSync(work, { recursive: true, force: true });
    expect(findings.slice(0, MOST_FINDINGS)).toEqual([]);
  },
  isWhole ? 60 * 60_000 : 360_000,
);

/** Runs the writer under strace. What is synced is counted from an empty folder on. */
async function record(trace: string, store: string): Promise<readonly DiskEvent[]> {
  const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning'];
  const run = spawnSync('strace', [...STRACE, '-o', trace, ...node, 'test/chaos/store-writer.ts', store, String(plan.orders)], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the writer ended with ${String(run.status)}: ${run.stderr}`);
  expect(readdirSync(store)).toContain('radloop.sqlite');
  return readTrace(trace, store);
}
