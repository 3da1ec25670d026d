import { eventId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { FieldsOf, Queue, QueueChange, QueueDetail } from '#ports/queue.js';
import { stateOf } from './intake.ts';
import { strangeness } from './strangers.ts';
import { controlIdOf } from './masked.ts';
import type { Parts } from './parts.ts';
import { consequencesOf } from './route.ts';

export type Act = 'retry' | 'skip' | 'release';

/** What planning an act needs. */
export interface Planning {
  readonly parts: Pick<Parts, 'door' | 'facilities' | 'findingsIn' | 'detectedIn'>;
  readonly queue: Pick<Queue, 'isParked'>;
  readonly fieldsOf: FieldsOf;
}

/** What an act on one item is, in words and as a change; or why there is none. */
export type Plan =
  /** `seeks`: it is no good unless an order is found. */
  | { readonly ok: true; readonly change: QueueChange; readonly text: string; readonly seeks?: boolean }
  | { readonly ok: false; readonly text: string };

/** Who acts, and when. */
export interface Acting {
  readonly person: PersonId;
  readonly now: Instant;
}

/** What the act is for this item as it stands. Changes nothing. */
export async function planAct(planning: Planning, act: Act, item: QueueDetail, acting: Acting): Promise<Plan> {
  switch (item.kind) {
    case 'delivery':
      return delivery(planning, act, item, acting);
    case 'event':
      return event(act, item, acting);
    case 'message':
      return message(planning, act, item);
    case 'arrival':
      return arrival(act, item);
    case 'answer':
      if (act !== 'release')
        return no(`${item.id}: Radloop sends an owed answer by itself where site.json names the way (answersTo). It can only be released.`);
      return yes({ change: 'release-answer', id: storeId(item) }, 'it is no longer owed: its sender is told by a person, or sends the message again');
    case 'case':
      return aCase(planning, act, item);
    case 'bulk':
      return no(`${item.id} waits for another person: radloop q confirm ${item.id}.`);
    case 'feed':
      return no(
        `${item.id}: Radloop tries it again by itself, and looks for what it missed. Mend at the other side what "radloop q show ${item.id}" says.`,
      );
    default:
      return item.kind satisfies never;
  }
}

/** The store's own id, without the letter of its kind. */
function storeId({ id }: QueueDetail): string {
  return id.slice(1);
}

function yes(change: QueueChange, text: string): Plan {
  return { ok: true, change, text };
}

function no(text: string): Plan {
  return { ok: false, text };
}

async function delivery({ queue, fieldsOf }: Planning, act: Act, item: QueueDetail, { person, now }: Acting): Promise<Plan> {
  const { id, state, caseId, destination, code, body, failing } = item;
  if (state === 'waiting' || state === 'leased') return no(`${id} is under way: nothing is held any more.`);
  if (state !== 'held' && state !== 'awaited') return no(`${id} is ${state}: nothing is held any more.`);
  const where = destination ?? 'its receiver';
  const parked = caseId !== null && (await queue.isParked(caseId)) ? ', once its case is released' : '';
  if (act === 'retry') {
    // Advice that was refused holds nothing, so that a newer one may have gone: the receiver must not end up with the older.
    const newer = item.about['overtakenBy'] ?? item.related.find((one) => one.state === 'leased' || one.state === 'awaited')?.id ?? null;
    if (newer !== null) return no(`${id}: ${newer} of its lane has gone since, sent now the older would replace the newer. It can be skipped.`);
    const control = body === null ? null : controlIdOf(body, fieldsOf);
    const what =
      body === null
        ? `${item.what} is sent to ${where}`
        : `the same ${body.length} bytes${control === null ? '' : ` (MSH-10 ${control})`} go to ${where} again`;
    const doubt = state === 'awaited' || code === 'not-answered' || code?.includes('after-send') === true;
    const known = doubt ? `; ${where} may have it already: a receiver that knows it by MSH-10 does nothing twice` : '';
    return yes({ change: 'retry-delivery', id: storeId(item), at: now }, `${what}${parked}${known}`);
  }
  if (act === 'release') return no(`${id}: a delivery is retried or skipped.`);
  const told =
    failing === null || caseId === null
      ? null
      : {
          ...{ id: eventId.parse(`skip:${id}`), workflow: failing.workflow, caseId, occurredAt: now, actor: { kind: 'person', person } as const },
          input: {
            ...{ type: 'effectFailed', kind: failing.kind, message: failing.message, code: 'skipped', detail: 'skipped by an operator' },
            ...(failing.behind === null ? {} : { behind: failing.behind }),
          },
        };
  const next = item.related[0];
  const lane = next === undefined ? 'nothing waits behind it' : `${next.id} (${next.what}) is next in its lane`;
  return yes(
    { change: 'skip-delivery', id: storeId(item), at: now, told },
    `${item.what} is never sent to ${where}, ${told === null ? 'what it was can not be read, so its case is not told' : 'the case says so'}; ${lane}${parked}`,
  );
}

function event(act: Act, item: QueueDetail, { now }: Acting): Plan {
  const { id, state, what, related } = item;
  if (state !== 'quarantined') return no(`${id} is ${state}: it is on its way to its case.`);
  const behind = related.filter(({ kind }) => kind === 'event').length;
  const others = behind === 0 ? '' : `; ${behind} more of this case go on after it`;
  if (act === 'retry')
    return yes({ change: 'retry-event', id: storeId(item), at: now }, `${what} is told to its case again, five times at most${others}`);
  if (act === 'release') return no(`${id}: an event is retried or skipped.`);
  return yes({ change: 'skip-event', id: storeId(item) }, `${what} is never told to its case${others}`);
}

function message(planning: Planning, act: Act, item: QueueDetail): Plan {
  const { id, state } = item;
  if (act === 'skip') return no(`${id}: a message is retried or released.`);
  if (act === 'release') {
    if (state === 'released') return no(`${id} is released already.`);
    const text = state === 'used' ? 'it stays used, and is not listed any more' : `it stays kept and unused (${state}), and is not listed any more`;
    return yes({ change: 'release-message', id: storeId(item) }, text);
  }
  return judgedAgain(planning, item);
}

/** Doors of HL7; what came another way can't be judged from its bytes. */
const HL7_DOOR = /^(mllp|https|to)(:|$)/u;

/** The verdict that the door gives now, under the event ids that the message has had from the first: told once, however often it is judged. */
function judgedAgain({ parts, fieldsOf }: Planning, item: QueueDetail): Plan {
  const { id, state, body, about, destination: endpoint, since: receivedAt } = item;
  const hash = about['sha256'];
  if (body === null || endpoint === null || typeof hash !== 'string') return no(`${id} has no bytes to judge.`);
  if (state === 'used') return no(`${id} was used: its cases have been told, and are told once.`);
  if (!HL7_DOOR.test(endpoint)) return no(`${id} came by ${endpoint}: it is read again when that system tells of it again.`);
  if (about['keptAs'] === 'noise' || fieldsOf(body) === null) return no(`${id} is no HL7 message: its sender has to mend it and send it anew.`);
  if (about['bytes'] !== body.length) return no(`${id} was longer than the limit, only its beginning is kept: its sender has to send it in parts.`);
  const verdict = parts.door.judge(body, receivedAt, endpoint.startsWith('https:'));
  const facility = parts.facilities.find((one) => endpoint.endsWith(`:${one.id}`)) ?? null;
  const stranger = about['keptAs'] === 'turned-away' && (facility === null || strangeness(verdict, facility) !== null);
  if (stranger) return no(`${id}: this sender may still not come in at ${endpoint}. Its MSH-3 and MSH-4 must stand in site.json (facilities).`);
  if (item.what === 'batch') return no(`${id} is a batch: each of its messages is a row of its own.`);
  if (verdict.acknowledgement !== null) return no(`${id} is an answer: it counts when it comes, and once.`);
  if (verdict.ackCode !== 'AA') return no(`${id}: the door still refuses it (${verdict.ackCode}): ${verdict.reason ?? 'no reason given'}.`);
  const consequences = consequencesOf(verdict.events, { id: `hl7:${hash}`, actor: { kind: 'sender', endpoint }, receivedAt }, parts);
  const now = stateOf(verdict, consequences.length > 0);
  if (now === state) return no(`${id} is still ${now}: ${verdict.reason ?? 'no workflow uses it'}.`);
  const text = now !== 'used' ? `it is ${now} now` : 'the door takes it now and it is used';
  const change = { change: 'judge-again', id: storeId(item), state: now, reason: verdict.reason, consequences, at: receivedAt } as const;
  return yes(change, `${text}; its sender gets no second answer`);
}

function arrival(act: Act, item: QueueDetail): Plan {
  const { id, state, what } = item;
  if (state !== 'unmatched') return no(`${id} is ${state}.`);
  if (act === 'skip') return no(`${id}: a ${what} is retried or released.`);
  if (act === 'release')
    return yes({ change: 'release-arrival', id: storeId(item) }, `the ${what} stays without an order, and is not listed any more`);
  const change = { change: 'match-again', id: storeId(item) } as const;
  return { ok: true, change, text: 'its order is looked for again', seeks: true };
}

async function aCase({ queue }: Planning, act: Act, item: QueueDetail): Promise<Plan> {
  const { id, caseId, caseNumber } = item;
  if (act !== 'release' || caseId === null) return no(`${id}: act on what it holds (radloop q show ${id}); a case is parked or released.`);
  if (!(await queue.isParked(caseId))) return no(`${id} is not parked. What its note says is for a clinician to decide, on its card.`);
  return yes({ change: 'unpark', caseId }, `events and deliveries of ${caseNumber ?? id} go on`);
}
