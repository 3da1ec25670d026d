import { createHash } from 'node:crypto';
import { addSeconds } from '#core/time.js';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { t0 } from '../support/store-fixture.ts';

/** What the world knew when the process ended: by the lines of test/chaos/store-writer.ts. */
export interface Known {
  readonly acknowledged: Set<string>;
  readonly won: Set<string>;
  readonly sent: Map<string, Set<string>>;
}

export function nothingKnown(): Known {
  return { acknowledged: new Set(), won: new Set(), sent: new Map() };
}

export function learn(known: Known, line: string): void {
  const [what = '', ...rest] = line.split(' ');
  if (what === 'ACK') known.acknowledged.add(rest.join());
  if (what === 'WON') known.won.add(rest.join());
  if (what === 'SENT') {
    const [key = '', hash = ''] = rest;
    known.sent.set(key, new Set([...(known.sent.get(key) ?? []), hash]));
  }
}

/** Starts on what the disk holds, lets everything that is due happen, and compares with what the world knew. */
export async function judge(state: string, known: Known): Promise<string[]> {
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
