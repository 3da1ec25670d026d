import type { Person } from '#core/people.js';
import { addMinutes, instant, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Directory } from '#ports/directory.js';
import type { PaperRow } from '#domain/downtime.js';
import type { PaperReply } from '#ports/downtime.js';

/** A row that can't be taken. `why` is a closed word for the audit, `text` a sentence for who types. */
export interface Refused {
  readonly outcome: Extract<PaperReply, { ok: true }>['outcome'];
  readonly why: string;
  readonly text: string;
}

export function refused(why: string, text: string, outcome: Refused['outcome'] = 'refused'): Refused {
  return { outcome, why, text };
}

export interface Decision {
  readonly verb: 'approve' | 'choose-other' | 'reject';
  readonly protocolId: string | null;
  /** Did somebody enter it in the RIS by hand already? */
  readonly inRis: boolean;
}

/** The words of the list: approve, other, reject. */
export function decisionIn({ decision, protocol, inRis, note, revision }: PaperRow): Decision | Refused {
  const [what, which, there] = [decision, protocol, inRis].map((cell) => cell.trim());
  const isThere = yesOrNo(there ?? '');
  if (isThere === null) return refused('in-ris', 'in_ris: write yes when it was entered in the RIS by hand, else no or nothing.');
  if (!/^\d{1,6}$/u.test(revision.trim())) return refused('revision', 'revision: leave it as the list has it.');
  switch (what?.toLowerCase()) {
    case 'approve':
      if (which !== '') return refused('two-protocols', 'approve takes the protocol that was proposed: leave protocol empty, or write other.');
      return { verb: 'approve', protocolId: null, inRis: isThere };
    case 'other':
      if (which === '') return refused('no-protocol', 'other needs the id of the protocol in the column protocol, such as CT-HEAD-WO.');
      return { verb: 'choose-other', protocolId: which?.toUpperCase() ?? null, inRis: isThere };
    case 'reject':
      if (note.trim() === '') return refused('no-reason', 'reject needs its reason in the column note.');
      return { verb: 'reject', protocolId: null, inRis: false };
    default:
      return refused('no-decision', 'decision: write approve, other or reject.');
  }
}

function yesOrNo(text: string): boolean | null {
  if (text === '' || text.toLowerCase() === 'no') return false;
  return text.toLowerCase() === 'yes' ? true : null;
}

/** By id or by the whole name; a part of a name may be somebody else's. */
export function personNamed(directory: Directory, written: string): Person | Refused {
  const wanted = plain(written);
  if (wanted === '') return refused('no-person', 'person: write who decided, by id or by the whole name.');
  const ids = Object.entries(directory.names()).filter(([id, name]) => plain(id) === wanted || plain(name) === wanted);
  const people = ids.flatMap(([id]) => directory.byId(id as Person['id']) ?? []);
  const [person] = people;
  if (person === undefined) return refused('unknown-person', 'person: nobody of people.json has this id or this whole name.');
  return people.length === 1 ? person : refused('two-people', 'person: two people have this name: write the id.');
}

const plain = (text: string): string => text.trim().replaceAll(/\s+/gu, ' ').toLowerCase();

/** Clocks on walls are a few minutes off. */
const CLOCKS_DIFFER_MINUTES = 5;

/** `2026-11-25 03:12` in the site's zone, or an instant; after the list was written and not in the future. */
export function timeIn({ decidedAt, asOf }: PaperRow, { zone, now }: { readonly zone: string; readonly now: Instant }): Instant | Refused {
  const listed = instant.safeParse(asOf.trim());
  if (!listed.success) return refused('no-as-of', 'as_of: leave it as the list has it.');
  const text = decidedAt.trim();
  if (text === '') return refused('no-time', 'decided_at: write when it was decided, such as 2026-11-25 03:12.');
  const at = instant.safeParse(text).data ?? localTime(text, zone);
  if (at === null) return refused('time-unreadable', 'decided_at: write it as 2026-11-25 03:12 (year-month-day, hours:minutes, the site’s time).');
  if (at > now) return refused('time-future', 'decided_at is in the future.');
  if (at < addMinutes(listed.data, -CLOCKS_DIFFER_MINUTES))
    return refused('time-before-list', 'decided_at is before this list was written: which list was worked on?');
  return at;
}

/** Wall-clock time of a zone; of a time that occurs twice the first. Null: no such time. */
function localTime(text: string, zone: string): Instant | null {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)[ T](\d{1,2}):(\d\d)(?::\d\d)?$/u.exec(text) ?? [];
  if (minute === undefined) return null;
  const wanted = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  if (Number.isNaN(wanted)) return null;
  // The offset is one of those that hold a day before and a day after.
  const fitting = [-DAY_MS, DAY_MS].map((off) => wanted - offsetAt(wanted + off, zone)).filter((at) => at + offsetAt(at, zone) === wanted);
  return fitting.length === 0 || !sameDay(wanted, Number(month), Number(day)) ? null : toInstant(Math.min(...fitting));
}

const DAY_MS = 86_400_000;

/** The 31st of November is no day. */
function sameDay(at: number, month: number, day: number): boolean {
  const date = new Date(at);
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

/** Milliseconds by which the zone's clocks are ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }).format(at);
  const [, day, month, year, hour, minute, second] = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/u.exec(parts) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) - Math.floor(at / 1000) * 1000;
}
