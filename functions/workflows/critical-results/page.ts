import type { ListedCase, PagedTo, PageText } from '#core/workflow.js';
import type { PersonId } from '#core/ids.js';
import { minutesBetween } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { formatDayTime, formatSeconds } from '#cards/kit/text.js';
import { serviceOf } from './card.ts';
import type { Meta } from './card-meta.ts';
import { MOST_KEY, waysOf } from './effects.ts';
import type { Policy } from './policy.ts';
import { holdsNothing, isAskedOfAll, isEnded, unjudged, unseenOf } from './state.ts';
import type { Alert } from './state.ts';
import { SWITCHBOARD } from './views.ts';
import { english } from './words.ts';
import type { NoteName, Words } from './words.ts';
import { drillEndIn, wordsIn } from './words-in.ts';

/** What goes to a pager, a telephone, a printer: case number, category, call-back number; nothing of the patient (INVARIANTS 2.2). Null: it is over for whom it was. */
export function pageOf(note: NoteName, alert: Alert, meta: Meta, to: PagedTo, others: readonly ListedCase[] = []): PageText | null {
  const words = wordsIn(meta.language);
  if (!stands(note, alert) || isSaidSince(note, alert, to, meta.policy)) return null;
  const subject = `${alert.drill && note !== 'drill-ended' ? `${words.drill} ` : ''}${subjectOf(note, alert, meta, words)}`;
  const callBack = meta.policy.readingRoom.phone;
  const page = { subject, text: `${subject}. ${todoOf(note, callBack, words)}`, callBack };
  return to.channel === 'print' ? { ...page, sheet: [...sheetOf(note, alert, meta, words), ...othersOf(others, meta, words)] } : page;
}

function todoOf(note: NoteName, callBack: string, { notes, page }: Words): string {
  switch (note) {
    case 'drill-ended':
      return notes[note].todo;
    case 'phone-reading-room':
      return page.phoneRoom(callBack);
    case 'conversation-due':
      return page.recordIt;
    case 'no-longer-said':
      return page.withdrawOrKeep(callBack);
    default:
      return page.doThis(callBack);
  }
}

/** Is what it says still so? What was queued and is overtaken is not sent (FIELD-REPORTS 15). */
export function stands(note: NoteName, alert: Alert): boolean {
  switch (note) {
    case 'unsent':
      return alert.status === 'draft';
    case 'asked':
    case 'still-asked':
      return alert.status === 'asking';
    case 'phone-reading-room':
      return isAskedOfAll(alert);
    case 'no-longer-said':
      return alert.noLonger !== null && !holdsNothing(alert);
    case 'alert':
    case 'repeat':
    case 'failsafe':
    case 'failsafe-again':
      return alert.status === 'open';
    case 'untaken':
      return alert.status === 'open' && alert.failsafe !== null;
    case 'withdrawn':
      return alert.status === 'withdrawn';
    case 'changed':
      return alert.change !== null;
    case 'phoned-seen':
      return alert.seenByPhone.length > 0;
    case 'conversation-due':
      return alert.status === 'read-back';
    // What was said of somebody who had it, when it is open again, would be wrong now.
    case 'disputed':
    case 'read-back-overdue':
    case 'taken-over':
      return alert.status === 'open';
    case 'taken':
      return alert.status === 'acknowledged' || alert.status === 'read-back' || alert.status === 'closed';
    case 'was-read-back':
      return alert.readBack !== null && !isTakenBack(alert);
    case 'phoned':
      return alert.readBack?.via === 'phone' && !isTakenBack(alert);
    case 'drill-ended':
      return alert.status === 'drill-over';
    case 'alike':
      return !isEnded(alert) && unjudged(alert).length > 0;
    case 'not-recorded':
    case 'view-over':
      return true;
    default:
      return note satisfies never;
  }
}

function isTakenBack({ status }: Alert): boolean {
  return status === 'withdrawn' || status === 'drill-over';
}

/**
 * A call of an older version that has not left: everybody who was called is called anew with the one that stands. Of a change what has not left yet to somebody who has
 * seen it.
 */
export function isOvertaken(note: NoteName, alert: Alert, told: { readonly person: PersonId; readonly revision: number } | undefined): boolean {
  if (told === undefined) return false;
  const isSeen =
    (note === 'changed' && !unseenOf(alert).includes(told.person)) || (note === 'phoned-seen' && !alert.seenByPhone.includes(told.person));
  return isSeen || (told.revision < alert.revision && CALLS.includes(note));
}

const CATEGORIES = [1, 2, 3] as const;
const CALLS: readonly NoteName[] = ['alert', 'repeat', 'failsafe', 'failsafe-again', 'untaken', 'changed'];

/** Of these the last one says all that the ones before it said. */
const SAID_AGAIN: readonly (readonly NoteName[])[] = [
  ['alert', 'repeat', 'failsafe', 'failsafe-again'],
  ['asked', 'still-asked'],
  ['phone-reading-room'],
  ['no-longer-said'],
  ['unsent'],
  ['conversation-due'],
  ['changed'],
  ['withdrawn'],
];
/** What is told to people by the event that prints a sheet. */
const PRINTED_WITH: Partial<Record<NoteName, readonly NoteName[]>> = {
  failsafe: ['failsafe', 'failsafe-again'],
  'failsafe-again': ['failsafe', 'failsafe-again'],
  asked: ['still-asked'],
};

/**
 * Does a newer one go the same way to the same person? What a way that was shut has kept is then said once, as it is now, and what was never tried does not wait behind
 * it. Sent all the same: one whose key was cut, because that tells no event.
 */
function isSaidSince(note: NoteName, alert: Alert, { channel, to, key }: PagedTo, policy: Policy): boolean {
  const isPrint = channel === 'print';
  const said = isPrint ? PRINTED_WITH[note] : SAID_AGAIN.find((ones) => ones.includes(note));
  const put = alert.notes.filter((one) => 'event' in one);
  const newer = put.slice(put.findLastIndex(({ event }) => key.includes(`/${event}/`)) + 1);
  const wentHere = (one: (typeof put)[number]): boolean =>
    isPrint || (one.person === to && (one.ways ?? waysOf(one.note, alert, policy)).includes(channel));
  return key.length < MOST_KEY && newer.some((one) => said?.some((name) => name === one.note) === true && wentHere(one));
}

function subjectOf(note: NoteName, alert: Alert, { caseNumber, now, policy }: Meta, words: Words): string {
  const { page } = words;
  const { category } = alert.finding;
  // What is said again and again says for how long it has been so.
  const since = (from: Instant | null | undefined): string => {
    const minutes = from == null ? 0 : minutesBetween(from, now);
    return minutes === 0 ? '' : page.age(minutes);
  };
  switch (note) {
    case 'unsent':
      return `${page.unsent(caseNumber)}${since(alert.draftedAt)}`;
    case 'asked':
      return page.asked(caseNumber);
    case 'still-asked':
      return `${page.asked(caseNumber)}${since(askedSince(alert))}`;
    case 'no-longer-said':
      return page.noLongerSaid(caseNumber);
    case 'phone-reading-room':
      return `${page.notJudged(caseNumber)}${since(askedSince(alert))}`;
    case 'conversation-due':
      return page.speakTo(caseNumber, receiverOf(alert, policy));
    case 'repeat':
      return `${page.alert(category, caseNumber)}${since(alert.released?.at)}`;
    case 'withdrawn':
      return `${page.withdrawn(caseNumber)}${since(alert.withdrawn?.at)}`;
    case 'changed':
      return `${page.changed(caseNumber)}${since(alert.change?.since)}`;
    case 'disputed':
      return page.disputed(caseNumber);
    case 'drill-ended':
      return page.drillEnded(drillEndIn(alert, words), caseNumber);
    case 'phoned':
      return page.phoned(caseNumber, alert.readBack?.recordedBy?.name ?? '');
    case 'failsafe':
    case 'failsafe-again':
      return page.failsafe(category, caseNumber, minutesBetween(alert.released?.at ?? alert.since, now));
    default:
      return page.alert(category, caseNumber);
  }
}

/** Who read it back, and their number where it is known. */
function receiverOf({ readBack }: Alert, { phoneOf }: Policy): string {
  const phone = readBack === null ? null : phoneOf(readBack.by.id);
  return `${readBack?.by.name ?? ''}${phone === null ? '' : `, ${phone}`}`;
}

function askedSince({ askedAnewAt, since }: Alert): Instant {
  return askedAnewAt ?? since;
}

/** For whoever sits at the printer: whom to phone, in their order. */
function sheetOf(note: NoteName, alert: Alert, { caseNumber, now, policy, names, language }: Meta, words: Words): readonly string[] {
  const { page, card, kind } = words;
  const { released, failsafe } = alert;
  const isAsked = note === 'asked' || note === 'still-asked';
  const isOver = note === 'withdrawn' || note === 'drill-ended';
  const since = isAsked ? askedSince(alert) : (released?.at ?? alert.since);
  const people = (isAsked ? alert.asked.people : alert.addressed).map((person): readonly [string, string] => {
    const reached = alert.steps.flatMap((step) => step.reached).find((one) => one.person === person);
    const role = reached === undefined ? '' : `, ${card.targets[reached.as]}${serviceOf(reached.service, policy)}`;
    return [`${names[person] ?? person}${role}`, policy.phoneOf(person) ?? '–'];
  });
  const isNumbered = failsafe !== null && !isAsked && !isOver;
  return [
    sheetTitleOf(note, alert, words),
    `${page.printed(formatSeconds(now, policy.zone))}${isNumbered ? page.sheet(failsafe.sheets) : ''}`,
    '',
    ...page.sheetLines([
      [kind(alert.finding.category), caseNumber],
      [card.sheetHow, page.within[alert.finding.category]],
      ...(released === null || isAsked ? [] : ([[card.sheetFrom, released.by.name]] as const)),
      [card.sheetSince, `${formatDayTime(since, policy.zone, language)}, ${minutesBetween(since, now)} min`],
      [card.sheetCallBack, `${policy.readingRoom.name}, ${policy.readingRoom.phone}`],
    ]),
    '',
    ...page.sheetLines(people),
    ...(isAsked || isOver ? [] : ['', page.sheetCode(caseNumber)]),
    ...(alert.drill && note !== 'drill-ended' ? ['', page.sheetDrill] : []),
  ];
}

const MOST_LISTED = 40;

/** Whoever holds one sheet sees all that waits at the switchboard, the longest first. */
function othersOf(open: readonly ListedCase[], { now, names }: Meta, { page }: Words): readonly string[] {
  const others = open.flatMap(({ caseNumber, status, urgency, kind, owner, since }) => {
    const category = CATEGORIES.find((one) => english.urgency[one] === urgency);
    if (status !== 'failsafe' || category === undefined || kind !== english.kind(category)) return [];
    const has = owner === null || owner === SWITCHBOARD ? '' : page.sheetHas(names[owner] ?? owner);
    return [{ since, line: `${page.failsafe(category, caseNumber, minutesBetween(since, now))}${has}` }];
  });
  if (others.length === 0) return [];
  const listed = others.toSorted((a, b) => (a.since < b.since ? -1 : 1)).slice(0, MOST_LISTED);
  const more = others.length - listed.length;
  return ['', page.sheetOthers, ...listed.map(({ line }) => line), ...(more > 0 ? [page.sheetMore(more)] : [])];
}

function sheetTitleOf(note: NoteName, alert: Alert, words: Words): string {
  const { page, drill } = words;
  if (note === 'drill-ended') return drillEndIn(alert, words);
  const isAsked = note === 'asked' || note === 'still-asked';
  const title = isAsked ? page.sheetAsked : note === 'withdrawn' ? page.sheetWithdrawn : page.sheetTitle;
  return `${alert.drill ? `${drill}: ` : ''}${title}`;
}
