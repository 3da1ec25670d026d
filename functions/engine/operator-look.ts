import type { Instant } from '#core/time.js';
import type { FieldsOf, Queue, QueueDetail, QueueItem, QueueReply, QueueRequest, ShownDetail, ShownItem } from '#ports/queue.js';
import { differences, masked, orderNumbers, shapeOf } from './masked.ts';

/** What looking at the queue needs; the store alone is enough when no service runs. */
export interface Looking {
  readonly queue: Pick<Queue, 'list' | 'find' | 'before' | 'history'>;
  readonly fieldsOf: FieldsOf;
}

export type Look = Extract<QueueRequest, { ask: 'list' | 'show' | 'diff' | 'history' }>;

/** Answers what changes nothing. */
export async function look({ queue, fieldsOf }: Looking, request: Look, now: Instant): Promise<QueueReply> {
  switch (request.ask) {
    case 'list': {
      const items = await queue.list(request.filter, request.most, now);
      return { ok: true, answer: 'list', items: items.map(shown), more: items.filter(({ kind }) => kind === 'message').length >= request.most };
    }
    case 'show': {
      const item = await queue.find(request.id);
      return item === null ? unknown(request.id) : { ok: true, answer: 'show', item: detailOf(item, fieldsOf) };
    }
    case 'diff':
      return diff({ queue, fieldsOf }, request.id);
    case 'history':
      return { ok: true, answer: 'history', rows: await queue.history(request.id, request.most) };
    default:
      return request satisfies never;
  }
}

export function unknown(id: string): QueueReply {
  return { ok: false, code: 'unknown', text: `Nothing is held as ${id}. "radloop q list" shows what is.` };
}

async function diff(
  { queue, fieldsOf }: Pick<Looking, 'fieldsOf'> & { readonly queue: Pick<Queue, 'find' | 'before'> },
  id: string,
): Promise<QueueReply> {
  const item = await queue.find(id);
  if (item === null) return unknown(id);
  if (item.body === null) return notPossible(`${id} has no bytes that could be compared.`);
  const before = await queue.before(item, orderNumbers(item.body, fieldsOf));
  if (before?.body == null) {
    const why = item.kind === 'delivery' ? 'nothing was sent before it in its lane' : 'no message that was used before it names its order';
    return notPossible(`There is nothing to compare ${id} with: ${why}.`);
  }
  if (fieldsOf(item.body) === null || fieldsOf(before.body) === null) return notPossible(`${id} is no HL7 message: it has no fields to compare.`);
  return { ok: true, answer: 'diff', item: shown(item), with: shown(before), ...differences(before.body, item.body, fieldsOf) };
}

function notPossible(text: string): QueueReply {
  return { ok: false, code: 'not-possible', text };
}

function detailOf(item: QueueDetail, fieldsOf: FieldsOf): ShownDetail {
  const body = item.body === null ? null : (masked(item.body, fieldsOf) ?? [{ at: 'no HL7', value: shapeOf(item.body.toString('latin1')) }]);
  return { ...shown(item), about: item.about, body, related: item.related.map(shown) };
}

export function shown(item: QueueItem): ShownItem {
  const { caseId: _, ...rest } = item;
  return { ...rest, next: nextOf(item) };
}

/** What may be done, in a few words; nothing where it is not held. */
function nextOf({ id, kind, state, code, caseNumber, reason }: QueueItem): string {
  switch (kind) {
    case 'delivery':
      if (state === 'awaited') return 'wait, or retry';
      if (state !== 'held') return '';
      return code === 'not-answered' || code?.includes('after-send') === true ? 'ask there; retry, skip' : 'mend, retry; or skip';
    case 'event':
      return state === 'quarantined' ? 'mend, retry; or skip' : '';
    case 'message':
      if (state === 'used') return reason === '' ? '' : 'diff, then release';
      if (state === 'refused') return 'sender mends; release';
      return state === 'released' ? '' : 'release; or retry';
    case 'arrival':
      return state === 'unmatched' ? 'retry; or release' : '';
    case 'answer':
      return 'tell sender; release';
    case 'case':
      return state === 'parked' ? `release ${caseNumber ?? id}` : 'show; a clinician acts';
    case 'bulk':
      return state === 'waiting' ? 'other person: confirm' : '';
    case 'feed':
      return state === 'up' || state === 'starting' ? '' : 'mend it there';
    default:
      return kind satisfies never;
  }
}
