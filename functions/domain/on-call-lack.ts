import { addMinutes } from '#core/time.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { AHEAD_MINUTES } from './on-call-gap.ts';
import type { OnCallGap, OnCallLack } from './on-call-gap.ts';
import type { LadderRule } from './critical.ts';
import type { OnCallRules } from './on-call.ts';
import type { Roster, UnusableRoster } from './roster.ts';

const DAY_MINUTES = 24 * 60;
/** Changes of who is on call that are followed within a day. */
const MOST_CHANGES = 200;

/** Somebody who is on call within the day, from then on at the earliest. */
export interface OnDuty {
  readonly service: string;
  readonly level: number;
  readonly person: PersonId;
  readonly from: Instant;
}

/** What a service is looked at with. */
export interface Looked {
  readonly roster: Roster;
  /** With the levels at which somebody is called (`levelsCalled`). */
  readonly services: ReadonlyMap<string, readonly number[]>;
  readonly unusable: readonly UnusableRoster[];
  /** The roster files, as they stand in the folder. */
  readonly files: readonly { readonly service: string; readonly changedAt: Instant }[];
  /** Null: no roster is too old. */
  readonly olderThanDays: number | null;
  /** Of people.json. */
  readonly knows: (person: PersonId) => boolean;
  /** Has this person a channel besides Teams that wakes people? Null: the site pages nobody. */
  readonly isWoken: ((person: PersonId) => boolean) | null;
  /** Left out: nobody was asked. */
  readonly withoutApp?: ReadonlySet<PersonId>;
}

/** Levels of each service at which somebody is called: for a STAT task, and of a service with wards by the ladders. @param ladders empty: the site calls nobody by them */
export function levelsCalled({ services, madeToLook }: OnCallRules, ladders: readonly LadderRule[]): ReadonlyMap<string, readonly number[]> {
  const looked = madeToLook.steps.flatMap(({ to }) => (to === 'coordinator' ? [] : [to.level]));
  const targets = new Set(ladders.flatMap(({ levels }) => levels.flat()));
  const byLadder = ([1, 2] as const).filter((level) => targets.has(`on-call-${level}`));
  const isLooked = new Set<string>(Object.values(madeToLook.services));
  const levelsOf = (id: string, wards: readonly string[]): readonly number[] => [
    ...new Set([...(isLooked.has(id) ? looked : []), ...(wards.length > 0 ? byLadder : [])]),
  ];
  return new Map(services.map(({ id, pointsOfCare }) => [id, levelsOf(id, pointsOfCare)]));
}

/** Each once a service and level, the first first. */
export function onDutyWithin(roster: Roster, services: Iterable<string>, now: Instant): readonly OnDuty[] {
  return [...services].flatMap((service) => onDutyOf(roster, service, now)).toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

function onDutyOf(roster: Roster, service: string, now: Instant): readonly OnDuty[] {
  const soon = addMinutes(now, AHEAD_MINUTES);
  const found = new Map<string, OnDuty>();
  let at: Instant | undefined = now;
  for (let n = 0; n < MOST_CHANGES && at !== undefined && at < soon; n += 1) {
    const from: Instant = at;
    const levels = roster.at(service, from) ?? [];
    for (const { level, people } of levels)
      for (const person of people) {
        const key = `${level}|${person}`;
        if (!found.has(key)) found.set(key, { service, level, person, from });
      }
    at = levels.flatMap(({ until }) => until ?? []).toSorted()[0];
  }
  return [...found.values()];
}

/** What is wanting within the day of each service, beside hours without anybody: one gap a service, with all of it. */
export function lacksAhead(looked: Looked, now: Instant): readonly OnCallGap[] {
  const { services, unusable, roster } = looked;
  const onDuty = onDutyWithin(roster, services.keys(), now);
  const names = new Set([...services.keys(), ...unusable.map(({ service }) => service)]);
  return [...names].flatMap((service) => {
    const lacks = [
      ...(unusable.some((one) => one.service === service) ? [ofService('unusable-roster', now)] : []),
      ...levelLacks(looked, service, now),
      ...ageLacks(looked, service, now),
      ...onDuty.filter((one) => one.service === service).flatMap((one) => personLacks(looked, one)),
    ];
    const [first] = lacks.map(({ from }) => from).toSorted();
    return first === undefined ? [] : [{ service, level: 0, from: first, to: null, lacks }];
  });
}

function levelLacks({ services, roster }: Looked, service: string, now: Instant): readonly OnCallLack[] {
  const called = services.get(service);
  const there = roster.named(service).map(({ level }) => level);
  if (called === undefined) return [];
  if (there.length === 0) return [ofService('no-roster', now)];
  return called.filter((level) => !there.includes(level)).map((level) => ({ why: 'no-level', level, person: null, from: now }));
}

function ageLacks({ files, olderThanDays }: Looked, service: string, now: Instant): readonly OnCallLack[] {
  if (olderThanDays === null) return [];
  return files
    .filter((one) => one.service === service)
    .map(({ changedAt }) => ofService('old-roster', addMinutes(changedAt, olderThanDays * DAY_MINUTES)))
    .filter(({ from }) => from <= addMinutes(now, AHEAD_MINUTES));
}

function personLacks({ knows, isWoken, withoutApp }: Looked, { level, person, from }: OnDuty): readonly OnCallLack[] {
  if (!knows(person)) return [{ why: 'unknown-person', level, person, from }];
  return [
    ...(isWoken === null || isWoken(person) ? [] : [{ why: 'no-second-channel', level, person, from } as const]),
    ...(withoutApp?.has(person) === true ? [{ why: 'no-app', level, person, from } as const] : []),
  ];
}

function ofService(why: OnCallLack['why'], from: Instant): OnCallLack {
  return { why, level: null, person: null, from };
}
