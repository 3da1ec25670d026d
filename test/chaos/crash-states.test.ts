import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSeconds } from '#core/time.js';
import { dice } from '../../infra/rehearsal/randomness.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { t0 } from '../support/store-fixture.ts';
import { Disk } from './disk-states.ts';
import { STRACE, readTrace } from './disk-trace.ts';
import type { DiskEvent } from './disk-trace.ts';

const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
const plan = isWhole ? { orders: 60, states: 1200 } : { orders: 30, states: 60 };
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: what a power loss leaves is not tested here.');

/** What the world knew when the power went. */
interface Known {
  readonly acknowledged: Set<string>;
  readonly won: Set<string>;
  readonly sent: Map<string, Set<string>>;
}

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
    const known: Known = { acknowledged: new Set(), won: new Set(), sent: new Map() };
    const findings: string[] = [];
    let at = 0;
    let checked = 0;
    for (const moment of moments) {
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
    expect(findings.slice(0, 10)).toEqual([]);
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

function learn(known: Known, line: string): void {
  const [what = '', ...rest] = line.split(' ');
  if (what === 'ACK') known.acknowledged.add(rest.join());
  if (what === 'WON') known.won.add(rest.join());
  if (what === 'SENT') {
    const [key = '', hash = ''] = rest;
    known.sent.set(key, new Set([...(known.sent.get(key) ?? []), hash]));
  }
}

/** Starts on what the disk holds, lets everything that is due happen, and compares with what the world knew. */
async function judge(state: string, known: Known): Promise<string[]> {
  const findings: string[] = [];
  const engine = started(state);
  if (engine instanceof Error) return [`the store does not open (${engine.message})`];
  try {
    const { stores } = engine;
    if (JSON.stringify(stores.db.all('PRAGMA integrity_check')) !== '[{"integrity_check":"ok"}]') return ['the file is not whole'];
    const kept = new Set<string>();
    for (const { id } of await stores.raw.list(10_000)) kept.add(sha256((await stores.raw.read(id)) ?? Buffer.alloc(0)));
    for (const hash of known.acknowledged) if (!kept.has(hash)) findings.push(`an acknowledged message is lost (${hash.slice(0, 8)})`);

    engine.now = addSeconds(t0, 3600);
    await engine.settle();
    for (const number of known.won) {
      const found = await stores.cases.findByNumber(number as never);
      const history = found === null ? null : await stores.cases.read(found.workflow, found.caseId);
      if (history?.facts.some(({ fact }) => (fact as { type?: string }).type === 'protocolApproved') !== true)
        findings.push(`a decision is lost (${number})`);
    }
    for (const left of engine.left) {
      if (left.to !== 'ris') continue;
      const before = known.sent.get(left.bytes.split(', rendered')[0]?.replaceAll(' ', '_') ?? '');
      if (before !== undefined && !before.has(sha256(left.bytes))) findings.push('a repeat is not the same bytes');
    }
    const verdict = await stores.audit.verify();
    if (!verdict.ok) findings.push(`the audit chain is broken: ${verdict.firstBad?.what ?? ''}`);
  } finally {
    await engine.stores.db.close();
  }
  return findings;
}

function started(state: string): EngineFixture | Error {
  try {
    return startEngineFixture('assist', (site) => site, state);
  } catch (error) {
    return error instanceof Error ? error : new Error('unknown');
  }
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
