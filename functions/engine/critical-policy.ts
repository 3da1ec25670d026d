import type { PersonId } from '#core/ids.js';
import { criticalRows } from '#domain/critical.js';
import { loosenings } from '#domain/critical-accepted.js';
import type { CriticalRows } from '#domain/critical-rules.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Cursors } from '#ports/cursors.js';
import type { CustodyReply, CustodyRequest } from '#ports/custody.js';
import type { Bulk, Queue } from '#ports/queue.js';
import { actorOf } from './caller.ts';
import type { Asker } from './caller.ts';
import type { Parts } from './parts.ts';
import { askSecond, askedFor, confirmed } from './second-person.ts';

/** Name of the cursor that holds what was last taken over. */
const KEPT = 'critical-policy';

export interface KeptPolicy {
  readonly cursors: Pick<Cursors, 'read' | 'write'>;
  /** What ships with the program: where nothing has been taken over yet, that counts. */
  readonly shipped: CriticalRows;
  /** What the site's folder asks for. */
  readonly wanted: CriticalRows;
}

export interface Standing {
  /** What counts until the next start. */
  readonly rows: CriticalRows;
  /** What the site asks for that two people have to agree on; not empty: the policy of before stands, all of it. */
  readonly loosened: readonly string[];
}

/** At the start: a stricter policy is taken over, one that would call people later or by fewer ways is not, until two people have agreed. */
export async function standingPolicy(kept: KeptPolicy, { audit, clock }: Pick<Parts, 'audit' | 'clock'>): Promise<Standing> {
  const before = await inForce(kept);
  const loosened = loosenings(before, kept.wanted);
  const row = { caseId: null, at: clock.now(), actor: { kind: 'system', part: 'critical-policy' } } as const;
  if (loosened.length > 0) {
    // A release that ships a looser policy takes two people too.
    await kept.cursors.write(KEPT, JSON.stringify(before));
    await audit.record({ ...row, action: 'critical-policy-waits', outcome: 'nothing', detail: { looser: loosened.join('; ') } });
    return { rows: before, loosened };
  }
  if (textOf(kept.wanted) !== (await kept.cursors.read(KEPT)))
    await takeOver(kept, { ...row, action: 'critical-policy-set', outcome: 'done', detail: {} }, audit);
  return { rows: kept.wanted, loosened };
}

async function inForce({ cursors, shipped }: KeptPolicy): Promise<CriticalRows> {
  const text = await cursors.read(KEPT);
  // One that this release can not read is compared as if nothing had been taken over.
  return text === null ? shipped : (criticalRows.safeParse(JSON.parse(text)).data ?? shipped);
}

/** On record before it counts. */
async function takeOver({ cursors, wanted }: KeptPolicy, row: AuditEntry, audit: Parts['audit']): Promise<void> {
  await audit.record(row);
  await cursors.write(KEPT, textOf(wanted));
}

function textOf({ critical, ladders }: CriticalRows): string {
  return JSON.stringify({ critical, ladders });
}

export type PolicyRequest = Extract<CustodyRequest, { ask: `critical-policy-${string}` }>;

interface Keeping {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'clock'>;
  readonly queue: Pick<Queue, 'openBulk' | 'bulk' | 'apply'>;
  /** Null: the site has not set up critical results. */
  readonly critical: KeptPolicy | null;
}

/** What two people agree on: the first asks for it, the second confirms. */
export async function answerPolicy({ critical, ...keeping }: Keeping, asker: Asker, request: PolicyRequest): Promise<CustodyReply> {
  if (critical === null) return refused('not-possible', 'This site has not set up critical results: it has no policy of them.');
  const looser = loosenings(await inForce(critical), critical.wanted);
  switch (request.ask) {
    case 'critical-policy-show':
      return { ok: true, answer: 'critical-policy', looser };
    case 'critical-policy-change':
      return change(keeping, asker, request, looser);
    case 'critical-policy-confirm':
      return confirm({ ...keeping, critical }, asker, request.bulk, looser);
    default:
      return request satisfies never;
  }
}

async function change(
  keeping: Omit<Keeping, 'critical'>,
  asker: Asker,
  { reason: given, dryRun }: Extract<PolicyRequest, { ask: 'critical-policy-change' }>,
  looser: readonly string[],
): Promise<CustodyReply> {
  const { audit, clock } = keeping.parts;
  const reason = given.trim();
  if (reason === '' && !dryRun) return refused('no-reason', 'Say why with --reason: it stands in the audit. No patient data in it.');
  if (looser.length === 0) {
    const row = {
      caseId: null,
      at: clock.now(),
      actor: actorOf(asker),
      action: 'critical-policy-change',
      detail: { ...asker.proof, reason },
    } as const;
    if (!dryRun) await audit.record({ ...row, outcome: 'nothing' });
    return refused(
      'not-possible',
      'The site’s content asks for nothing looser than what counts: change content/critical or content/ladders and start Radloop again first.',
    );
  }
  const text = [...looser, COUNTS_FROM];
  if (dryRun) return { ok: true, answer: 'acted', dryRun, text };
  const waits = await askSecond(keeping, asker, 'critical-policy-change', { act: 'loosen', items: looser, reason });
  return { ok: true, answer: 'waits', ...waits, text };
}

const COUNTS_FROM = 'counts from the next start of Radloop on';

/** As the site's content is now: what it asks for by then is what both have seen. */
async function confirm(
  keeping: Keeping & { readonly critical: KeptPolicy },
  asker: Asker,
  id: string,
  looser: readonly string[],
): Promise<CustodyReply> {
  const { audit, clock } = keeping.parts;
  const bulk = await askedFor(keeping, id);
  if (bulk?.act !== 'loosen')
    return refused('unknown', `Nothing of the policy of critical results waits as ${id}: what waits is named when it is asked for.`);
  const yes = await confirmed(keeping, asker, bulk, { asked: 'critical-policy-change', confirms: 'critical-policy-confirm' });
  if (!('requester' in yes)) return yes;
  const row = rowOf(bulk, yes.requester.id, asker, clock.now());
  if (looser.join() !== bulk.items.join()) {
    await audit.record({ ...row, outcome: 'nothing' });
    return { ok: true, answer: 'acted', dryRun: false, text: ['NOT done: the site’s content asks for something else by now. Ask for it again.'] };
  }
  await takeOver(keeping.critical, { ...row, outcome: 'done' }, audit);
  return { ok: true, answer: 'acted', dryRun: false, text: [...looser, COUNTS_FROM] };
}

function rowOf({ id, items, reason }: Bulk, requester: PersonId, { person }: Asker, at: AuditEntry['at']): Omit<AuditEntry, 'outcome'> {
  const detail = { bulk: `b${id}`, confirmedBy: person.id, reason, looser: items.join('; ') };
  return { caseId: null, at, actor: { kind: 'person', person: requester }, action: 'critical-policy-set', detail };
}

function refused(code: Extract<CustodyReply, { ok: false }>['code'], text: string): CustodyReply {
  return { ok: false, code, text };
}
