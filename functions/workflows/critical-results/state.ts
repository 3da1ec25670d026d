import type { Approval } from '#core/approval.js';
import type { PagingChannel } from '#core/effect.js';
import type { CaseNumber, EventId, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { About, Finding } from '#domain/critical.js';
import type { DrillTerms } from '#domain/drill.js';
import type { FactOf, Named, Posting, Reached, Skipped, Source, WhyAlike, WhyNext } from './events.ts';

/** One level of the ladder, as it was reached. Level 0: nobody stood on any. */
export interface Step {
  readonly level: number;
  readonly at: Instant;
  readonly because: WhyNext;
  readonly reached: readonly Reached[];
  readonly skipped: readonly Skipped[];
  readonly placeUnsure: boolean;
  /** How much had been tried before it: what fails later belongs to it, whatever the clock says. */
  readonly triedBefore: number;
}

export interface Failsafe {
  readonly since: Instant;
  readonly repeats: number;
  /** How often it was put to the switchboard, on paper too; not begun anew when it is open again. */
  readonly sheets: number;
  /** Somebody has it in hand; it rests until then. */
  readonly taken: { readonly by: Named; readonly at: Instant; readonly until: Instant } | null;
}

export interface Attempt {
  readonly channel: string;
  readonly to: string;
  readonly note: string;
  readonly at: Instant;
  /** Null: it was taken. */
  readonly failed: string | null;
  /** By a line in the log: it has reached nobody. */
  readonly logged: boolean;
  /** The gateway's id of it; null: none that is of use. */
  readonly receipt: string | null;
  /** What the gateway has said of it since, which says nothing of a person; null: nothing yet. */
  readonly came: { readonly delivered: boolean; readonly at: Instant } | null;
}

/**
 * A message in somebody's private chat that says how it stands: where it is, or by which event it was put there as which note. `ways`: by which it went besides; undefined:
 * put by a release that did not keep them.
 */
export type PrivateNote = { readonly person: PersonId } & (
  { readonly posting: Posting } | { readonly event: EventId; readonly note: string; readonly ways: readonly PagingChannel[] | undefined }
);

/** Another alert of this number and class, and what a person has said of the two; null: nobody has yet. */
export interface Alike {
  readonly with: CaseNumber;
  readonly why: WhyAlike;
  /** Who was told, and so may look. */
  readonly people: readonly PersonId[];
  readonly judged: { readonly by: Named; readonly same: boolean } | null;
}

interface Known {
  readonly about: About;
  readonly finding: Finding;
  readonly sources: readonly Source[];
  readonly drill: boolean;
  /** Null: it is no drill, or rests on none. */
  readonly terms: DrillTerms | null;
  /** A drill that ended before it was closed. */
  readonly ended: FactOf<'drillEnded'> | null;
  readonly opened: Instant;
  readonly alike: readonly Alike[];
  /** Those that were taken in here, because they are the same. */
  readonly holds: readonly CaseNumber[];
  /** It has ended as the same as that one. */
  readonly same: FactOf<'foundSame'> | null;
  /** Of the earliest: declaration, model result or signed report. */
  readonly since: Instant;
  readonly draftedBy: Named | null;
  readonly draftedAt: Instant | null;
  /** What is put to people; an acknowledgement of an older one counts for nothing. */
  readonly revision: number;
  /** Counts what may be done again on one revision: a press that rests on an older count changes nothing. */
  readonly round: number;
  /** How often it was said that it is unsent, or asked whether it is critical. */
  readonly asked: { readonly n: number; readonly people: readonly PersonId[] };
  readonly reader: PersonId | null;
  /** From when the question counts the windows of its category, and how many steps of it have been taken since. */
  readonly clock: { readonly from: Instant; readonly steps: number };
  /** How soon the reading list was told to have the exam read; null: it was told nothing. */
  readonly reading: 'S' | 'A' | null;
  readonly released: { readonly by: Named; readonly at: Instant; readonly approval: Approval } | null;
  readonly steps: readonly Step[];
  /** Everybody who was addressed, first first. */
  readonly addressed: readonly PersonId[];
  /** When the window of what is waited for ends; null: nothing is waited for. */
  readonly until: Instant | null;
  /** Counts the windows: a timer of an earlier one, late or told twice, is known by it (FIELD-REPORTS 14). */
  readonly epoch: number;
  /** Where the patient was before: its service is still asked of who was discharged, or is where no service is known. */
  readonly leftFrom: About['location'];
  readonly failsafe: Failsafe | null;
  readonly acknowledged: FactOf<'acknowledged'> | null;
  readonly readBack: FactOf<'readBack'> | null;
  readonly conversation: FactOf<'conversationRecorded'> | null;
  /** How often the hospital's record was told of it, and whether what it was told last still holds. */
  readonly record: { readonly version: number; readonly stands: boolean };
  readonly comingNow: readonly Named[];
  readonly declined: readonly FactOf<'declined'>[];
  /** Who has handed it on since they were last called. */
  readonly handedOn: readonly PersonId[];
  readonly attempts: readonly Attempt[];
  /** People and places that were told, by the channel: whoever was told is told again when it is withdrawn. */
  readonly told: readonly { readonly channel: string; readonly to: string }[];
  readonly withdrawn: FactOf<'withdrawn'> | null;
  /** What was changed since people were told, who of them has not said that they have seen it, and when they are reminded; null: everybody has. */
  readonly change: { readonly since: Instant; readonly unseen: readonly PersonId[]; readonly until: Instant } | null;
  /** What it was before a later source asked anew, and is again if nobody finds that critical; null: it was not over. */
  readonly overBefore: { readonly status: 'closed' | 'withdrawn'; readonly finding: Finding } | null;
  /** Since when a later source asks anew; null: none did. */
  readonly askedAnewAt: Instant | null;
  /** A corrected report no longer says it, and nobody has said it since; who was told. Null: none does. */
  readonly noLonger: { readonly at: Instant; readonly people: readonly PersonId[] } | null;
  /** Counts those reminders, as `epoch` counts the windows. */
  readonly notices: number;
  /** Of whom somebody else has written down that they have seen it. */
  readonly seenByPhone: readonly PersonId[];
  readonly notCritical: FactOf<'foundNotCritical'> | null;
  readonly posting: Posting | null;
  readonly views: readonly { readonly person: PersonId; readonly posting: Posting }[];
  /** The last messages to each person, in their order. Not each has come: what no longer stood when it was to leave was not sent. */
  readonly notes: readonly PrivateNote[];
  readonly missing: { readonly from: Instant; readonly until: Instant | null } | null;
  /** What was said last against it, or of its category. */
  readonly remarks: readonly (FactOf<'disputed'> | FactOf<'takenOver'> | FactOf<'recategorised'> | FactOf<'attemptRecorded'>)[];
}

/**
 * draft: written, not sent. asking: a report or a model says it, nobody has judged. open: escalating, or at the failsafe. acknowledged: somebody has it, the
 * read-back is due. read-back: read back, the conversation is to be recorded. The others are ends; `withdrawn` is one once everybody has seen it, `drill-over`
 * is that of a drill which was not closed.
 */
export type Status = 'draft' | 'asking' | 'open' | 'acknowledged' | 'read-back' | 'closed' | 'not-critical' | 'same' | 'withdrawn' | 'drill-over';
export type Alert = Known & { readonly status: Status };
export type State = { readonly status: 'none' } | Alert;

export function isAlert(state: State): state is Alert {
  return state.status !== 'none';
}

/** Is it over, but for whoever has not seen yet that it was changed? */
export function isEnded(alert: Alert): boolean {
  if (alert.status === 'withdrawn') return unseenOf(alert).length === 0;
  return alert.status === 'closed' || alert.status === 'not-critical' || alert.status === 'same' || alert.status === 'drill-over';
}

/** It ended with nothing that could be withdrawn. */
export function holdsNothing({ status }: Alert): boolean {
  return status === 'not-critical' || status === 'same' || status === 'withdrawn' || status === 'drill-over';
}

/** Is somebody still expected to do something? */
export function isOpen(alert: Alert): boolean {
  return !isEnded(alert) || unseenOf(alert).length > 0;
}

/** Reader, radiologist on duty, coordinators: who is asked one after the other whether it is critical. */
export const CIRCLES = 3;

/** Has it been put to all of them, and nobody has answered? */
export function isAskedOfAll({ status, asked }: Alert): boolean {
  return status === 'asking' && asked.n > CIRCLES;
}

/** Who was told and has not said that they have seen what became of it. */
export function unseenOf({ status, withdrawn, change }: Alert): readonly PersonId[] {
  return status === 'withdrawn' ? (withdrawn?.unseen ?? []) : (change?.unseen ?? []);
}

/** Of which others nobody has said yet whether they are the same. */
export function unjudged({ alike }: Alert): readonly Alike[] {
  return alike.filter(({ judged }) => judged === null);
}

/** Does it go on by itself until somebody takes it? */
export function isEscalating({ status }: Alert): boolean {
  return status === 'open';
}

/** Was it sent, and does somebody still wait for an answer to it? */
export function isToldAgain({ status, released }: Alert): boolean {
  return released !== null && (status === 'open' || status === 'acknowledged' || status === 'read-back');
}

/** Who says it: nobody tells themselves. */
export function declarersOf({ released, draftedBy }: Alert): readonly PersonId[] {
  return [released?.by.id, draftedBy?.id].filter((id) => id !== undefined);
}

export function levelOf({ steps }: Alert): number {
  return steps.findLast(({ level }) => level > 0)?.level ?? 0;
}
