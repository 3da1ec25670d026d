import { z } from 'zod/v4';
import { personId } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { modality } from './modality.ts';
import { addDays, atWallTime, dayIn, weekdayOf } from './on-call-time.ts';

const wallTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, 'expected a time of day such as 07:30');
/** A time of the site's zone. */
const wallMoment = z.string().regex(/^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d$/u, 'expected a day and a time of day such as 2026-12-24T07:30');
const day = z.iso.date();
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Comes again each week on these days, by the clock on the wall. */
const shift = z.object({
  days: z.array(z.enum(WEEKDAYS)).min(1),
  from: wallTime,
  /** On the next day where it is not later than `from`. */
  until: wallTime,
  people: z.array(personId).min(1),
  /** Days on which it first and last begins; left out: always. */
  firstDay: day.optional(),
  lastDay: day.optional(),
});

/** Once, in place of the shifts of its level for the time that it covers: a swap, a holiday. Those that overlap are all on call. */
const change = z.object({ from: wallMoment, until: wallMoment, people: z.array(personId).min(1) });

const service = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/u),
  name: z.string().min(1),
  /** What else people say for it: `neuro`, `head CT`. */
  alsoCalled: z.array(z.string().min(1)).default([]),
  /** Who is called first, who next. */
  levels: z.array(z.object({ shifts: z.array(shift), changes: z.array(change).default([]) })).min(1),
});

/** One after another until somebody has looked: the people on call at a level (1 is called first), or the site's coordinators. */
const step = z.object({
  to: z.union([z.object({ level: z.number().int().min(1) }), z.literal('coordinator')]),
  /** Minutes that they have; nobody is asked after the last step, which has none. */
  minutes: z.number().min(1).nullable(),
});
export type LookStep = z.infer<typeof step>;

/** on-call.json: who is on call when, and who is made to look at a STAT task (ORD-22). Rows of people, from people who answer for it. */
export const onCallRota = z.object({
  version: z.string().min(1),
  source: z.string().min(1),
  /** Null: nobody has checked it, which is said at the start. */
  reviewedBy: z.string().min(1).nullable(),
  reviewedOn: day.nullable(),
  services: z.array(service).min(1),
  madeToLook: z.object({
    /** Whose people look at a STAT task of a modality: id of a service. `*`: of every other. */
    services: z.partialRecord(z.union([modality, z.literal('*')]), z.string()),
    steps: z.array(step).min(1),
    /** What stops it before an answer does: that somebody who was asked has opened the case, or nothing. */
    stoppedBy: z.enum(['opened', 'answered']),
  }),
});
export type OnCallRota = z.infer<typeof onCallRota>;
type Level = OnCallRota['services'][number]['levels'][number];

export interface OnCallLevel {
  /** 1 is called first. */
  readonly level: number;
  /** Empty: a gap in the rota. */
  readonly people: readonly PersonId[];
  /** When that next changes; null: not within eight days. */
  readonly until: Instant | null;
}

export interface OnCall {
  /** Its id. */
  readonly service: string;
  readonly name: string;
  readonly at: Instant;
  readonly levels: readonly OnCallLevel[];
}

/** From `from` on, before `to`. */
interface Span {
  readonly from: Instant;
  readonly to: Instant;
  readonly people: readonly PersonId[];
}

/** Days beyond which no change of who is on call is looked for; a week's pattern has come round by then. */
const HORIZON_DAYS = 8;

/** Who is on call for a service at an instant. Null: there is no such service. @param serviceId as `serviceNamed` finds it @param zone of the site, IANA */
export function onCallAt(rota: OnCallRota, serviceId: string, at: Instant, zone: string): OnCall | null {
  const found = rota.services.find(({ id }) => id === serviceId);
  if (found === undefined) return null;
  const today = dayIn(at, zone);
  const levels = found.levels.map((level, index): OnCallLevel => {
    const spans = spansOf(level, addDays(today, -1), addDays(today, HORIZON_DAYS), zone);
    const people = peopleAt(spans, at);
    const until = boundaries(spans).find((moment) => moment > at && !isSame(people, peopleAt(spans, moment))) ?? null;
    return { level: index + 1, people, until };
  });
  return { service: found.id, name: found.name, at, levels };
}

/** The service that these words name, by id, name or what else it is called; null: none does. */
export function serviceNamed(rota: OnCallRota, words: string): { readonly id: string; readonly name: string } | null {
  const said = plain(words);
  return rota.services.find(({ id, name, alsoCalled }) => [id, name, ...alsoCalled].some((one) => plain(one) === said)) ?? null;
}

/** The service whose people look at STAT tasks of this modality; null: the site names none. */
export function serviceFor(rota: OnCallRota, of: string | null): string | null {
  const { services } = rota.madeToLook;
  const known = modality.safeParse(of);
  return (known.success ? services[known.data] : undefined) ?? services['*'] ?? null;
}

export interface Gap {
  readonly service: string;
  readonly level: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** Hours of these days of the zone at which a level has nobody. @param to exclusive */
export function gapsBetween(rota: OnCallRota, from: string, to: string, zone: string): readonly Gap[] {
  const [begin, end] = [atWallTime(from, '00:00', zone), atWallTime(to, '00:00', zone)];
  return rota.services.flatMap(({ id, levels }) =>
    levels.flatMap((level, index) => {
      const spans = spansOf(level, addDays(from, -1), to, zone);
      const moments = [begin, ...boundaries(spans).filter((moment) => moment > begin && moment < end), end];
      const gaps = moments.slice(0, -1).flatMap((moment, at): Gap[] => {
        const until = moments[at + 1];
        return until === undefined || peopleAt(spans, moment).length > 0 ? [] : [{ service: id, level: index + 1, from: moment, to: until }];
      });
      return joined(gaps);
    }),
  );
}

/** Shifts that begin on these days, and all changes. @param last exclusive */
function spansOf(level: Level, first: string, last: string, zone: string): { readonly shifts: readonly Span[]; readonly changes: readonly Span[] } {
  const shifts: Span[] = [];
  for (let on = first; on < last; on = addDays(on, 1)) {
    for (const { days, from, until, people, firstDay, lastDay } of level.shifts) {
      const isOn = days.some((name) => WEEKDAYS.indexOf(name) === weekdayOf(on)) && (firstDay ?? on) <= on && on <= (lastDay ?? on);
      if (isOn) shifts.push({ from: atWallTime(on, from, zone), to: atWallTime(until > from ? on : addDays(on, 1), until, zone), people });
    }
  }
  const changes = level.changes.map(({ from, until, people }) => ({ from: atLocal(from, zone), to: atLocal(until, zone), people }));
  return { shifts, changes };
}

function atLocal(text: string, zone: string): Instant {
  return atWallTime(text.slice(0, 10), text.slice(11, 16), zone);
}

function peopleAt({ shifts, changes }: ReturnType<typeof spansOf>, at: Instant): readonly PersonId[] {
  const covers = ({ from, to }: Span): boolean => from <= at && at < to;
  const instead = changes.filter(covers);
  return [...new Set((instead.length > 0 ? instead : shifts.filter(covers)).flatMap(({ people }) => people))];
}

function boundaries({ shifts, changes }: ReturnType<typeof spansOf>): readonly Instant[] {
  return [...new Set([...shifts, ...changes].flatMap(({ from, to }) => [from, to]))].sort();
}

function joined(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.reduce<Gap[]>((all, gap) => {
    const last = all.at(-1);
    return last?.to === gap.from ? [...all.slice(0, -1), { ...last, to: gap.to }] : [...all, gap];
  }, []);
}

function isSame(one: readonly PersonId[], other: readonly PersonId[]): boolean {
  return one.length === other.length && one.every((person) => other.includes(person));
}

function plain(words: string): string {
  return words.trim().toLowerCase().replaceAll(/\s+/gu, ' ');
}
