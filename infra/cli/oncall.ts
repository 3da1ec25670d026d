import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod/v4';
import { readRosters } from '#adapters/embedded/roster/files.js';
import { zoneClock } from '#adapters/embedded/roster/wall.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { offsetAt } from '#core/zone.js';
import { onCallRules, serviceNamed } from '#domain/on-call.js';
import type { OnCallRules, OnCallService } from '#domain/on-call.js';
import { addDays, atWallTime, dayIn } from '#domain/on-call-time.js';
import { unknownPeople } from '#domain/on-call-check.js';
import type { OnCallGap } from '#domain/on-call-gap.js';
import { pagingSettings } from '#domain/paging.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Gap, OnCallLevel, Roster } from '#domain/roster.js';
import { lacksIn, saidOf } from './on-call-lacks.ts';

const COMMON = `Rosters are roster/SERVICE.ics (iCalendar) or roster/SERVICE.csv (person,level,from,until,override) in the site's folder. Reads them,
site.json for the time zone, and on-call.json and people.json for names. A roster that can't be read is named, and the command ends with 2
when it was the only one asked for, else with 1.

  --site DIR         the site's folder (default: the rehearsal hospital's)
  --service S        one service: its id, or what on-call.json calls it (default: all)
  --json             one JSON object a line`;

const whoUsage = `radloop oncall who [--site DIR] [--service S] [--at INSTANT] [--json]

Who is on call, level by level, and until when that holds.
${COMMON}
  --at INSTANT       2026-11-26T02:30:00Z, or 2026-11-25T20:30 by the site's clock (default: now)

Example: radloop oncall who --service neurosurgery --at 2026-11-26T06:00`;

const gapsUsage = `radloop oncall gaps [--site DIR] [--service S] [--from DATE] [--to DATE] [--json]

Hours at which a level has nobody. A level counts from its first shift to its last. Without --from also what else is wanting within a day, as the
service tells coordinators: a roster that can't be used, is missing or is too old, a level that nobody is on, and whoever is on call and is unknown or
is woken by nothing. Whether they have the app in Teams, radloop doctor says. Exit 0 also when there are some.
${COMMON}
  --from DATE        first day of the site's calendar (default: today)
  --to DATE          the day after the last (default: 28 days after --from)

Example: radloop oncall gaps --from 2026-12-01 --to 2027-01-01`;

export const who = { usage: whoUsage, run: (args: string[]) => run(args, whoUsage, sayWho) };
export const gaps = { usage: gapsUsage, run: (args: string[]) => run(args, gapsUsage, sayGaps) };

const rehearsalSite = fileURLToPath(new URL('../rehearsal/site', import.meta.url));
const DEFAULT_DAYS = 28;
const MOST_DAYS = 3660;

class Usage extends Error {
  override readonly name = 'Usage';
}

interface Asked {
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly json: boolean;
}

interface Read {
  readonly roster: Roster;
  readonly zone: string;
  /** Ids. */
  readonly services: readonly string[];
  readonly nameOf: (person: string) => string;
  readonly titleOf: (service: string) => string;
  readonly lacks: () => readonly OnCallGap[];
}

/** What it was asked, and what it says a service; a line each. */
type Saying = (read: Read, asked: Asked) => readonly string[];

function run(args: string[], usage: string, saying: Saying): Promise<number> {
  try {
    return Promise.resolve(answer(args, saying));
  } catch (error) {
    const isOption = error instanceof TypeError && 'code' in error;
    if (!isOption && !(error instanceof Usage)) throw error;
    console.error(isOption ? `${error.message}\n\n${usage}` : error.message);
    return Promise.resolve(2);
  }
}

function answer(args: string[], saying: Saying): number {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { site: text, service: text, at: text, from: text, to: text, json: { type: 'boolean', default: false } },
  });
  const site = siteIn(values.site ?? rehearsalSite);
  const { roster, faults, files } = readRosters(site.dir, site.zone);
  const asked = values.service === undefined ? null : (serviceNamed(site.services, values.service)?.id ?? values.service);
  const broken = faults.map((message) => ({ message, service: /^roster\/([^:/]+)\.\w+:/u.exec(message)?.[1] ?? '' }));
  const mine = broken.filter(({ service }) => asked === null || service === asked);
  if (asked !== null && mine.length > 0) throw new Usage(mine.map(({ message }) => message).join('\n'));
  if (asked !== null && !roster.services().includes(asked)) throw new Usage(unknown(asked, roster));
  if (asked === null && files.length + faults.length === 0) throw new Usage(`${site.dir} has no roster: put calendars there as roster/SERVICE.ics`);
  const read: Read = {
    ...{ roster, zone: site.zone, services: asked === null ? roster.services() : [asked] },
    nameOf: (id) => site.people?.find((one) => one.id === id)?.name ?? id,
    titleOf: (id) => site.services.find((one) => one.id === id)?.name ?? id,
    lacks: () => lacksOf(site, asked),
  };
  for (const line of saying(read, values)) console.log(line);
  for (const { service, message } of mine) {
    if (values.json) console.log(JSON.stringify({ service, error: { code: 'unusable-roster', message, at: message.split(': ')[0] } }));
    else console.error(message);
  }
  const strangers = site.people === null ? [] : unknownPeople(roster, site.people, Date.now());
  for (const one of strangers.filter((text) => asked === null || text.startsWith(`roster/${asked}.`))) console.error(one);
  return mine.length > 0 ? 1 : 0;
}

function lacksOf({ dir, zone, rules, people, paging, rehearsal }: SiteRead, asked: string | null): readonly OnCallGap[] {
  if (rules === null || people === null) return [];
  const all = lacksIn({ dir, zone, rules, people, paging, rehearsal }, toInstant(Date.now()));
  return all.filter(({ service }) => asked === null || service === asked);
}

function unknown(service: string, roster: Roster): string {
  const known = roster.services().join(', ');
  return `No roster for "${service}". ${known === '' ? 'The site has none: put calendars into its folder as roster/SERVICE.ics.' : `The site has: ${known}.`}`;
}

function sayWho({ roster, zone, services, nameOf, titleOf }: Read, { at: given, from, to, json }: Asked): readonly string[] {
  if (from !== undefined || to !== undefined) throw new Usage('--from and --to belong to "radloop oncall gaps"; "who" takes --at.');
  const at = given === undefined ? toInstant(Date.now()) : momentOf(given, zone);
  return services.map((service) => {
    const levels = roster.at(service, at) ?? [];
    if (json) return JSON.stringify({ service, at, levels });
    const lines = levels.map(({ level, people, until }: OnCallLevel) => {
      const named = people.length === 0 ? 'NOBODY' : people.map((id) => (nameOf(id) === id ? id : `${nameOf(id)} (${id})`)).join(', ');
      return `  ${level}. ${named}${until === null ? '' : `, until ${local(until, zone)}`}`;
    });
    return [`${titleOf(service)}, ${local(at, zone)} (${zone})`, ...(lines.length === 0 ? ['  no shift at all'] : lines)].join('\n');
  });
}

function sayGaps({ roster, zone, services, titleOf, lacks }: Read, { at, from: first, to: last, json }: Asked): readonly string[] {
  if (at !== undefined) throw new Usage('--at belongs to "radloop oncall who"; "gaps" takes --from and --to.');
  const from = first === undefined ? dayIn(toInstant(Date.now()), zone) : dayOf('--from', first);
  const to = last === undefined ? addDays(from, DEFAULT_DAYS) : dayOf('--to', last);
  if (to <= from) throw new Usage(`--to ${to} is not after --from ${from}: it is the day after the last.`);
  if (addDays(from, MOST_DAYS) < to) throw new Usage(`--from ${from} to ${to} is more than ten years: ask for less.`);
  const [begin, end] = [atWallTime(from, '00:00', zone), atWallTime(to, '00:00', zone)];
  const found = services.flatMap((service) => roster.gaps(service, begin, end));
  const wanting = first === undefined ? lacks() : [];
  if (json)
    return [
      ...found.map((gap) => JSON.stringify({ ...gap, fromLocal: wallAt(gap.from, zone), toLocal: wallAt(gap.to, zone) })),
      ...wanting.flatMap(({ service, lacks: all = [] }) => all.map((one) => JSON.stringify({ service, ...one, fromLocal: wallAt(one.from, zone) }))),
    ];
  const hours = found.map((gap: Gap) => `${titleOf(gap.service)} level ${gap.level}: nobody from ${local(gap.from, zone)} to ${local(gap.to, zone)}`);
  return [
    ...(hours.length === 0 ? [`Nobody is missing from ${from} to ${to}: ${services.join(', ')}.`] : hours),
    ...wanting.flatMap(({ service, lacks: all = [] }) => saidOf(all).map((line) => `${titleOf(service)}: ${line}`)),
  ];
}

function momentOf(text: string, zone: string): Instant {
  const [, day, time, second = '00', fraction = '', offset] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/u.exec(text) ?? [];
  const isTime = day !== undefined && time !== undefined && isDay(day) && !Number.isNaN(Date.parse(`${day}T${time}:${second}Z`));
  const found = isTime && offset !== undefined ? Date.parse(`${day}T${time}:${second}${fraction}${offset}`) : NaN;
  if (isTime && offset === undefined) return toInstant(epochOf(atWallTime(day, time, zone)) + Number(second) * 1000);
  if (Number.isNaN(found))
    throw new Usage(`--at: expected a moment such as 2026-11-26T02:30:00Z, or 2026-11-25T20:30 by the site's clock, got "${text}".`);
  return toInstant(found);
}

function dayOf(option: string, text: string): string {
  if (!isDay(text)) throw new Usage(`${option}: expected a day such as 2026-12-01, got "${text}".`);
  return text;
}

/** Years 1000 to 8999. */
function isDay(text: string): boolean {
  return /^[1-8]\d{3}-\d\d-\d\d$/u.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
}

interface SiteRead {
  readonly dir: string;
  readonly zone: string;
  readonly services: readonly OnCallService[];
  /** Null: the folder has no people.json that can be read. */
  readonly people: readonly Person[] | null;
  readonly rules: OnCallRules | null;
  readonly paging: PagingSettings | null;
  readonly rehearsal: boolean;
}

/** As much of the site's folder as is needed: an operator may try a roster before the rest of the site is there. */
function siteIn(dir: string): SiteRead {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) throw new Usage(`--site: there is no folder ${dir}.`);
  const settings = partOf(dir, 'site.json', z.object({ zone: z.string(), rehearsal: z.boolean().default(false) }));
  if (settings === null) throw new Usage(`${join(dir, 'site.json')}: expected a file with "zone": an IANA time zone such as Europe/Berlin.`);
  if (zoneClock(settings.zone) === null) throw new Usage(`${join(dir, 'site.json')}: zone: expected an IANA time zone, got "${settings.zone}".`);
  const rules = partOf(dir, 'on-call.json', onCallRules);
  const [people, paging] = [partOf(dir, 'people.json', z.array(person)), partOf(dir, 'paging.json', pagingSettings)];
  return { dir, zone: settings.zone, services: rules?.services ?? [], people, rules, paging, rehearsal: settings.rehearsal };
}

/** Null: it is not there, or can't be used. `radloop doctor` says what is wrong with it. */
function partOf<T>(dir: string, file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(readFileSync(join(dir, file), 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function wallAt(at: Instant, zone: string): string {
  return new Date(epochOf(at) + offsetAt(epochOf(at), zone)).toISOString().slice(0, 16);
}

function local(at: Instant, zone: string): string {
  const format = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const; // prettier-ignore
  return new Intl.DateTimeFormat('en-GB', format).format(new Date(at));
}
