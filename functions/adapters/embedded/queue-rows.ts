import { namesOf } from '#core/effect.js';
import type { CaseId, CaseNumber, EventId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { TaskRow } from '#core/workflow.js';
import { FEED_STATES, PACS_FEED, feedStatesIn, isInTrouble } from '#domain/feed-state.js';
import type { FeedState } from '#domain/feed-state.js';
import type { ItemKind, QueueFilter, QueueItem } from '#ports/queue.js';
import { openEffect, openEvent } from './case-pieces.ts';
import { cursorIn } from './cursors.ts';
import type { Database } from './database.ts';
import { ASIDE } from './raw-piece.ts';
import { ifReadable } from './readable.ts';

/** Seconds after which an application answer that is owed is no longer just under way. */
const OWED_FOR_SECONDS = 60;

/** All kinds of what is held, each as items; `where` narrows to one. */
export function heldItems(db: Database, filter: QueueFilter, most: number, now: Instant): readonly QueueItem[] {
  const kinds: Readonly<Record<ItemKind, () => readonly QueueItem[]>> = {
    delivery: () => [...deliveries(db, "state = 'held'"), ...deliveries(db, "awaits IS NOT NULL AND state IN ('waiting', 'leased')")],
    event: () => events(db, "e.state = 'quarantined'"),
    message: () => heldMessages(db, most),
    arrival: () => arrivals(db, "state = 'unmatched'"),
    answer: () => answers(db, 'owed = 1 AND received_at < ?', addSeconds(now, -OWED_FOR_SECONDS)),
    case: () => [
      ...cases(db, 'c.case_id IN (SELECT case_id FROM parked)'),
      ...cases(db, `${NOTED} AND c.case_id NOT IN (SELECT case_id FROM parked)`),
    ],
    bulk: () => bulks(db, "state = 'waiting' AND until > ?", now),
    feed: () => feeds(db).filter(isInTrouble).map(feedItem),
  };
  const wanted = Object.entries(kinds).filter(([kind]) => filter.kind === undefined || filter.kind === kind);
  const { code, destination, state } = filter;
  return wanted
    .flatMap(([, read]) => read())
    .filter((item) => (code === undefined || item.code === code) && (destination === undefined || item.destination === destination))
    .filter((item) => state === undefined || item.state === state)
    .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

/** A case whose row has a note that somebody must read. */
const NOTED = "c.case_id IN (SELECT case_id FROM rows WHERE row ->> '$.note' IS NOT NULL AND (open = 1 OR instr(row ->> '$.note', 'held') > 0))";

/** The newest `most` of what was not used, and of what was used under a control id that stands for two messages. Each by its own index. */
function heldMessages(db: Database, most: number): QueueItem[] {
  const unused = ['refused', 'kept', 'not-imaging'].flatMap((state) => messages(db, `state = ? AND ${ASIDE}`, most, state));
  const reused = messages(db, "reused = 1 AND +state = 'used'", most);
  const id = (item: QueueItem): number => Number(partsOf(item.id).key);
  return [...unused, ...reused].sort((a, b) => id(a) - id(b)).slice(-most);
}

/** One item by its id, in whatever state it is; null when there is none. */
export function itemById(db: Database, id: string): QueueItem | null {
  const { kind, key } = partsOf(id);
  switch (kind) {
    case 'delivery':
      return deliveries(db, 'id = ?', key)[0] ?? null;
    case 'event':
      return events(db, 'e.id = ?', key)[0] ?? null;
    case 'message':
      return messages(db, 'id = ?', 1, key)[0] ?? null;
    case 'arrival':
      return arrivals(db, 'id = ?', key)[0] ?? null;
    case 'answer':
      return answers(db, 'id = ? AND owed > 0', key)[0] ?? null;
    case 'case':
      return cases(db, 'c.number = ?', key)[0] ?? null;
    case 'bulk':
      return bulks(db, 'id = ?', key)[0] ?? null;
    case 'feed':
      return feeds(db).filter(({ name }) => name === key).map(feedItem)[0] ?? null; // prettier-ignore
    case null:
      return null;
    default:
      return kind satisfies never;
  }
}

const letters: Readonly<Record<string, ItemKind>> = { o: 'delivery', e: 'event', m: 'message', a: 'arrival', r: 'answer', b: 'bulk' };

/** `o12`: delivery 12. A case is `c7KF3QN`, or its number alone. `f:orders`: the feed of that name. */
export function partsOf(id: string): { readonly kind: ItemKind | null; readonly key: string | number } {
  const numbered = /^([oemarb])(\d{1,15})$/u.exec(id);
  if (numbered) return { kind: letters[numbered[1] ?? ''] ?? null, key: Number(numbered[2]) };
  if (id.startsWith('f:')) return { kind: 'feed', key: id.slice(2) };
  const number = /^c?([23456789BCDFGHJKMNPQRTVWXY]{6,7})$/u.exec(id)?.[1];
  return number === undefined ? { kind: null, key: '' } : { kind: 'case', key: number };
}

interface DeliveryRow {
  readonly id: number;
  readonly case_id: CaseId;
  readonly number: CaseNumber;
  readonly key: string;
  readonly kind: string;
  readonly effect: Uint8Array;
  readonly destination: string | null;
  readonly state: string;
  readonly awaits: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly due: Instant;
  readonly written_at: Instant;
  readonly done_at: Instant | null;
}

/** `where` is a literal of these files; what comes from outside is bound. `+` keeps SQLite from reading the whole table in the order of its ids. */
export function deliveries(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  const rows = db.all<DeliveryRow>(
    `SELECT id, case_id, number, key, kind, effect, destination, state, awaits, code, detail, due, written_at, done_at FROM outbox WHERE ${where} ORDER BY +id`,
    ...values,
  );
  return rows.map((row) => {
    const effect = ifReadable(() => openEffect(db, row));
    const { message, to } = effect === null ? { message: null, to: null } : namesOf(effect);
    const isAwaited = row.awaits !== null && row.state !== 'held';
    const why = isAwaited
      ? `accepted, the application's answer is awaited until ${row.due}`
      : [row.code, row.detail].filter((part) => part !== null).join(': ');
    return {
      ...{ id: `o${row.id}`, kind: 'delivery', state: isAwaited ? 'awaited' : row.state, caseId: row.case_id, caseNumber: row.number },
      ...{ what: message ?? row.kind, destination: to ?? row.destination, code: row.code, reason: why, since: row.done_at ?? row.written_at },
    };
  });
}

function typeOf(input: unknown): string {
  return typeof input === 'object' && input !== null && 'type' in input && typeof input.type === 'string' ? input.type : 'event';
}

export function events(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  const rows = db.all<{
    id: number;
    case_id: CaseId;
    event_id: EventId;
    number: CaseNumber | null;
    body: Uint8Array;
    state: string;
    reason: string | null;
    due: Instant;
    shredded_at: Instant | null;
  }>(
    `SELECT e.id, e.case_id, e.event_id, c.number, e.body, e.state, e.reason, e.due, c.shredded_at
     FROM events AS e LEFT JOIN cases AS c ON c.case_id = e.case_id WHERE ${where} ORDER BY e.id`,
    ...values,
  );
  return rows.map((row) => {
    const { id, case_id, number, state, reason, due, shredded_at } = row;
    const event = ifReadable(() => openEvent(db, row));
    const door = event?.actor.kind === 'sender' ? event.actor.endpoint : null;
    return {
      ...{
        id: `e${id}`,
        kind: 'event',
        state,
        caseId: case_id,
        caseNumber: number,
        what: event === null ? 'event' : typeOf(event.input),
        destination: door,
        code: null,
      },
      ...{ reason: [reason, erasedText(shredded_at)].filter((part) => part !== null).join('; '), since: due },
    };
  });
}

/** Why a case that was erased takes nothing in. */
function erasedText(at: Instant | null): string | null {
  if (at === null) return null;
  return `the patient data of this case was deleted on ${at.slice(0, 10)}: its order number was used again, or this came late. Work on it in the RIS, then skip it`;
}

interface MessageRow {
  readonly id: number;
  readonly endpoint: string;
  readonly message_type: string | null;
  readonly ack_code: string;
  readonly state: string;
  readonly reason: string | null;
  readonly received_at: Instant;
  readonly reused: number;
}

const MESSAGE_COLUMNS = 'id, endpoint, message_type, ack_code, state, reason, received_at, reused';

/** The newest `most` of them, the oldest of these first. */
export function messages(db: Database, where: string, most: number, ...values: (string | number | Uint8Array)[]): QueueItem[] {
  const rows = db.all<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM raw WHERE ${where} ORDER BY id DESC LIMIT ?`, ...values, most);
  return rows.reverse().map((row) => messageItem(row, 'message'));
}

function answers(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  return db.all<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM raw WHERE ${where} ORDER BY +id`, ...values).map((row) => messageItem(row, 'answer'));
}

function messageItem(row: MessageRow, kind: 'message' | 'answer'): QueueItem {
  const { id, endpoint, message_type, ack_code, state, reason, received_at, reused } = row;
  const what = message_type ?? 'unreadable';
  const about = { caseId: null, caseNumber: null, destination: endpoint, code: ack_code, since: received_at };
  if (kind === 'answer')
    return { ...about, id: `r${id}`, kind, state: 'unanswered', what, reason: `our ${ack_code} to message m${id} did not reach its sender` };
  const twice = reused > 0 ? 'MSH-10 was used before for other bytes by the same sender' : null;
  const none = state === 'not-imaging' ? 'no imaging is ordered' : state === 'kept' ? 'no workflow uses it' : null;
  return { ...about, id: `m${id}`, kind, state, what, reason: [reason ?? none, twice].filter((part) => part !== null).join('; ') };
}

function arrivals(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  const rows = db.all<{
    id: number;
    what: string;
    case_id: CaseId | null;
    reason: string;
    state: string;
    received_at: Instant;
    endpoint: string | null;
  }>(
    `SELECT id, what, case_id, reason, state, received_at, (SELECT endpoint FROM raw WHERE raw.id = raw_id) AS endpoint FROM arrivals WHERE ${where} ORDER BY id`,
    ...values,
  );
  return rows.map(({ id, what, case_id, reason, state, received_at, endpoint }) => ({
    ...{ id: `a${id}`, kind: 'arrival', state, caseId: case_id, caseNumber: numberOf(db, case_id), what, destination: endpoint, code: null },
    ...{ reason, since: received_at },
  }));
}

function cases(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  const rows = db.all<{
    case_id: CaseId;
    number: CaseNumber;
    row: string | null;
    updated_at: Instant | null;
    parked_at: Instant | null;
    parked_by: string | null;
    parked_because: string | null;
  }>(
    `SELECT c.case_id, c.number, r.row, r.updated_at, p.at AS parked_at, p.by AS parked_by, p.reason AS parked_because
     FROM cases AS c LEFT JOIN rows AS r ON r.case_id = c.case_id LEFT JOIN parked AS p ON p.case_id = c.case_id WHERE ${where} ORDER BY c.rowid`,
    ...values,
  );
  return rows.map(({ case_id, number, row, updated_at, parked_at, parked_by, parked_because }) => {
    const task = row === null ? null : (JSON.parse(row) as TaskRow);
    const parked = parked_at === null ? null : `set aside by ${parked_by ?? 'an operator'}: ${parked_because ?? ''}`;
    return {
      ...{ id: `c${number}`, kind: 'case', state: parked_at === null ? 'noted' : 'parked', caseId: case_id, caseNumber: number },
      ...{ what: task?.kind ?? 'case', destination: null, code: null, since: parked_at ?? updated_at ?? task?.since ?? NEVER },
      reason: [parked, task?.note ?? null].filter((part) => part !== null).join('; '),
    };
  });
}

/** A case that has neither a row nor a time of its own. */
const NEVER = '1970-01-01T00:00:00.000Z' as Instant;

function bulks(db: Database, where: string, ...values: (string | number)[]): QueueItem[] {
  const rows = db.all<{ id: number; act: string; items: string; by: string; at: Instant; until: Instant; state: string }>(
    `SELECT id, act, items, by, at, until, state FROM bulk WHERE ${where} ORDER BY id`,
    ...values,
  );
  return rows.map(({ id, act, items, by, at, until, state }) => ({
    ...{ id: `b${id}`, kind: 'bulk', state, caseId: null, caseNumber: null, what: `${act} of ${(JSON.parse(items) as string[]).length}` },
    ...{ destination: null, code: null, reason: `asked for by ${by}, a second person confirms it before ${until}`, since: at },
  }));
}

function feeds(db: Database): readonly FeedState[] {
  return feedStatesIn(cursorIn(db, FEED_STATES));
}

function feedItem({ name, state, reason, since }: FeedState): QueueItem {
  return {
    ...{ id: `f:${name}`, kind: 'feed', state, caseId: null, caseNumber: null, what: 'feed' },
    ...{ destination: name === PACS_FEED ? 'pacs' : 'ehr', code: null, reason, since },
  };
}

export function numberOf(db: Database, caseId: CaseId | null): CaseNumber | null {
  return caseId === null ? null : (db.get<{ number: CaseNumber }>('SELECT number FROM cases WHERE case_id = ?', caseId)?.number ?? null);
}
