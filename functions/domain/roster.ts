import type { PersonId } from '#core/ids.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';

/** Somebody's time at a level, from `from` on, before `to`. Unix time in milliseconds. */
export interface Shift {
  readonly from: number;
  readonly to: number;
  readonly person: PersonId;
  /** In place of the other shifts of its level for the time that it covers. Those that overlap are all on call. */
  readonly isOverride: boolean;
}

/** Somebody whom shifts of a level name. */
export interface Named {
  readonly person: PersonId;
  /** When the last of them ends, Unix time in milliseconds; null: they go on for ever. */
  readonly last: number | null;
  /** Where that stands: `roster/neuro.ics: line 12 (UID x)`. */
  readonly where: string;
}

/** What a roster file says of one level. */
export interface LevelShifts {
  /** 1 is called first. */
  readonly level: number;
  readonly people: readonly Named[];
  /** When its first shift begins and its last ends, Unix time in milliseconds; null: it has no last. */
  readonly first: number;
  readonly last: number | null;
  /** Shifts that cover any of this time; the same for the same file. */
  between(from: number, to: number): readonly Shift[];
}

/** A file that can't be used. */
export interface UnusableRoster {
  /** Id of the service, as the file's name has it. */
  readonly service: string;
  /** `roster/neuro.ics` */
  readonly file: string;
}

export interface OnCallLevel {
  /** 1 is called first. */
  readonly level: number;
  /** Empty: a gap in the roster. */
  readonly people: readonly PersonId[];
  /** When that next changes; null: not within ten years. */
  readonly until: Instant | null;
}

export interface Gap {
  readonly service: string;
  readonly level: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** Who is on call, by service. Pure: of the same files the same answers, for any year. Names of staff only. */
export interface Roster {
  /** Ids of the services that have a roster. */
  services(): readonly string[];
  /** Each level that the roster has, by its number. Null: the service has no roster. */
  at(service: string, at: Instant): readonly OnCallLevel[] | null;
  /** Times in between at which a level has nobody; a level counts from its first shift to its last. @param to exclusive */
  gaps(service: string, from: Instant, to: Instant): readonly Gap[];
  /** When somebody next comes or goes at any level; null: not within ten years, or there is no roster. */
  nextHandOff(service: string, after: Instant): Instant | null;
  /** Everybody whom a level's shifts name, past ones too. */
  named(service: string): readonly { readonly level: number; readonly people: readonly Named[] }[];
}

const DAY_MS = 86_400_000;
/** So much is looked at at once. */
const STEP_MS = 30 * DAY_MS;
/** How far a change of who is on call is looked for. */
const HORIZON_MS = 3653 * DAY_MS;

/** @param files levels by the id of the service */
export function rosterOf(files: ReadonlyMap<string, readonly LevelShifts[]>): Roster {
  const levelsOf = (service: string): readonly LevelShifts[] => [...(files.get(service) ?? [])].sort((a, b) => a.level - b.level);
  const at: Roster['at'] = (service, when) => (files.has(service) ? levelsOf(service).map((level) => onCallAt(level, epochOf(when))) : null);
  return {
    at,
    services: () => [...files.keys()],
    gaps: (service, from, to) =>
      levelsOf(service).flatMap((level) =>
        gapsOf(level, epochOf(from), epochOf(to)).map((gap) => ({
          ...{ service, level: level.level },
          ...{ from: toInstant(gap.from), to: toInstant(gap.to) },
        })),
      ),
    nextHandOff: (service, after) => (at(service, after) ?? []).flatMap(({ until }) => until ?? []).sort()[0] ?? null,
    named: (service) => levelsOf(service).map(({ level, people }) => ({ level, people })),
  };
}

function onCallAt(level: LevelShifts, at: number): OnCallLevel {
  const people = peopleAt(level.between(at, at + 1), at);
  const until = changeAfter(level, at, people);
  return { level: level.level, people, until: until === null ? null : toInstant(until) };
}

function changeAfter(level: LevelShifts, at: number, people: readonly PersonId[]): number | null {
  for (let from = at; from < at + HORIZON_MS; from += STEP_MS) {
    if (level.last !== null && from > level.last) return null;
    const shifts = level.between(from, from + STEP_MS);
    const change = moments(shifts, from, from + STEP_MS).find((moment) => moment > at && !isSame(people, peopleAt(shifts, moment)));
    if (change !== undefined) return change;
  }
  return null;
}

function gapsOf(level: LevelShifts, from: number, to: number): readonly { readonly from: number; readonly to: number }[] {
  const [begin, end] = [Math.max(from, level.first), Math.min(to, level.last ?? to)];
  const gaps: { from: number; to: number }[] = [];
  for (let step = begin; step < end; step += STEP_MS) {
    const until = Math.min(step + STEP_MS, end);
    const shifts = level.between(step, until);
    const all = moments(shifts, step, until);
    for (const [index, moment] of all.entries()) {
      if (peopleAt(shifts, moment).length > 0) continue;
      const next = all[index + 1] ?? until;
      const last = gaps.at(-1);
      if (last?.to === moment) last.to = next;
      else gaps.push({ from: moment, to: next });
    }
  }
  return gaps;
}

/** `from`, and when a shift begins or ends in between, in order. */
function moments(shifts: readonly Shift[], from: number, to: number): readonly number[] {
  const inside = shifts.flatMap((shift) => [shift.from, shift.to]).filter((moment) => moment > from && moment < to);
  return [...new Set([from, ...inside])].sort((a, b) => a - b);
}

function peopleAt(shifts: readonly Shift[], at: number): readonly PersonId[] {
  const covering = shifts.filter(({ from, to }) => from <= at && at < to);
  const instead = covering.filter(({ isOverride }) => isOverride);
  return [...new Set((instead.length > 0 ? instead : covering).map(({ person }) => person))];
}

function isSame(one: readonly PersonId[], other: readonly PersonId[]): boolean {
  return one.length === other.length && one.every((person) => other.includes(person));
}
