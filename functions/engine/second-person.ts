import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Bulk, Queue, QueueReply } from '#ports/queue.js';
import { actorOf } from './caller.ts';
import type { Asker } from './caller.ts';
import type { Parts } from './parts.ts';

/** Minutes within which another person confirms what takes two (INVARIANTS 3). */
const CONFIRM_WITHIN_MINUTES = 30;

/** What two people's acts are kept and judged with. */
export interface TwoPersons {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'clock'>;
  readonly queue: Pick<Queue, 'openBulk' | 'bulk' | 'apply'>;
}

export type NotConfirmed = Extract<QueueReply, { ok: false }>;

/** Writes down what one person asks for. Nothing is done yet. */
export async function askSecond(
  { parts, queue }: TwoPersons,
  asker: Asker,
  action: Action,
  { act, items, reason }: Pick<Bulk, 'act' | 'items' | 'reason'>,
): Promise<{ readonly bulk: string; readonly until: Instant }> {
  const at = parts.clock.now();
  const until = addMinutes(at, CONFIRM_WITHIN_MINUTES);
  const detail = { ...asker.proof, items: items.join(' '), waits: 'for a second person', reason };
  const row = { caseId: null, at, actor: actorOf(asker), action, outcome: 'nothing', detail } as const;
  return { bulk: `b${await queue.openBulk({ act, items, by: asker.person.id, reason, at, until }, row)}`, until };
}

/** What waits as `id`; null: nothing. */
export async function askedFor({ queue }: TwoPersons, id: string): Promise<Bulk | null> {
  return id.startsWith('b') ? queue.bulk(id.slice(1)) : null;
}

/**
 * The yes of a second person, with its audit row, refused or not. Whoever gets it does the act, which is given once.
 * @param asked what the first person must still be allowed to do
 */
export async function confirmed(
  two: TwoPersons,
  asker: Asker,
  bulk: Bulk,
  { asked, confirms }: { readonly asked: Action; readonly confirms: Action },
): Promise<{ readonly requester: Person } | NotConfirmed> {
  const { parts, queue } = two;
  const requester = parts.directory.byId(bulk.by);
  const why = mayNotConfirm(two, asker, bulk, { requester, asked });
  const at = parts.clock.now();
  const row = { caseId: null, at, actor: actorOf(asker), action: confirms, detail: { ...asker.proof, bulk: `b${bulk.id}` } } as const;
  const applied = why === null ? await queue.apply({ change: 'confirm', id: bulk.id }, { ...row, outcome: 'done' }) : null;
  if (applied?.done === true && requester !== null) return { requester };
  await parts.audit.record({ ...row, outcome: why?.code === 'denied' ? 'denied' : 'nothing' });
  return why ?? refused('not-possible', `b${bulk.id} has been confirmed already.`);
}

function mayNotConfirm(
  { parts }: TwoPersons,
  { person }: Asker,
  bulk: Bulk,
  { requester, asked }: { readonly requester: Person | null; readonly asked: Action },
): NotConfirmed | null {
  if (bulk.state !== 'waiting') return refused('not-possible', `b${bulk.id} has been confirmed already.`);
  if (parts.clock.now() >= bulk.until)
    return refused('not-possible', `b${bulk.id} has expired at ${bulk.until}: nothing was done. Ask for it again.`);
  if (requester === null || !authorise(requester, asked, null).allowed) {
    return refused('denied', `${bulk.by}, who asked for b${bulk.id}, may not do it any more.`);
  }
  const isSame = requester.id === person.id || requester.aadObjectId.toLowerCase() === person.aadObjectId.toLowerCase();
  return isSame ? refused('denied', `${requester.name} asked for b${bulk.id}: another person has to confirm it.`) : null;
}

function refused(code: NotConfirmed['code'], text: string): NotConfirmed {
  return { ok: false, code, text };
}
