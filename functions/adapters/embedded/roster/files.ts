import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { rosterOf } from '#domain/roster.js';
import type { LevelShifts, Roster } from '#domain/roster.js';
import { readCalendar, RosterFault } from './calendar.ts';
import { levelsOfCsv } from './csv.ts';
import { eventsOf } from './event.ts';
import { levelsOf } from './shifts.ts';
import { zoneClock } from './wall.ts';

/** Of one service, as its file says. */
export interface RosterFile {
  /** Id of the service: the file's name. */
  readonly service: string;
  /** `roster/neuro.ics` */
  readonly file: string;
  readonly levels: readonly LevelShifts[];
}

export interface Rosters {
  readonly files: readonly RosterFile[];
  readonly roster: Roster;
  /** What can't be used, each as `roster/neuro.ics: where: what, how to mend`. Of such a file nothing is used. */
  readonly faults: readonly string[];
}

const FOLDER = 'roster';
const MOST_BYTES = 4_000_000;
const MOST_FAULTS = 20;

/** The rosters of a site's folder; none where it has no folder `roster`. @param zone of the site, IANA */
export function readRosters(dir: string, zone: string): Rosters {
  const { names, faults: misnamed } = rosterNames(dir);
  const faults = [...misnamed];
  const files = names.flatMap((name) => {
    const read = readRosterFile(dir, name, zone);
    faults.push(...read.faults);
    return read.faults.length > 0 ? [] : [read.file];
  });
  return { files, roster: rosterFrom(files), faults };
}

export function rosterFrom(files: readonly RosterFile[]): Roster {
  return rosterOf(new Map(files.map(({ service, levels }) => [service, levels])));
}

/** When each roster file last changed. */
export function rosterFiles(dir: string): readonly { readonly service: string; readonly changedAt: Instant }[] {
  return rosterNames(dir).names.flatMap((name) => {
    const found = statSync(join(dir, FOLDER, name), { throwIfNoEntry: false });
    return found === undefined ? [] : [{ service: serviceOf(name), changedAt: toInstant(Math.floor(found.mtimeMs)) }];
  });
}

/** Names of roster files, and what is wrong with them: what is neither a calendar nor a table is not looked at. */
export function rosterNames(dir: string): { readonly names: readonly string[]; readonly faults: readonly string[] } {
  let all: string[];
  try {
    all = readdirSync(join(dir, FOLDER)).filter((name) => /^[^.].*\.(?:ics|csv)$/iu.test(name)).sort(); // prettier-ignore
  } catch (error) {
    if (isMissing(error)) return { names: [], faults: [] };
    throw error;
  }
  const names = all.filter((name) => /^[a-z0-9-]+\.(?:ics|csv)$/u.test(name));
  const faults = all
    .filter((name) => !names.includes(name))
    .map((name) => `${FOLDER}/${name}: expected the id of a service in small letters as its name, such as neuro.ics`);
  const twice = names.filter((name) => name.endsWith('.csv') && names.includes(name.replace(/csv$/u, 'ics')));
  faults.push(...twice.map((name) => `${FOLDER}/${name}: the service has ${name.replace(/csv$/u, 'ics')} too: keep one of them`));
  return { names: names.filter((name) => !twice.includes(name)), faults };
}

export interface ReadRoster {
  readonly file: RosterFile;
  readonly faults: readonly string[];
  /** As it was read; null: it could not be. */
  readonly text: string | null;
}

/** @param name such as `neuro.ics` */
export function readRosterFile(dir: string, name: string, zone: string): ReadRoster {
  try {
    const path = join(dir, FOLDER, name);
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new RosterFault(`has ${(size / 1e6).toFixed(1)} MB: expected ${MOST_BYTES / 1e6} at most: leave out past years`);
    return readRosterText(name, new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)), zone);
  } catch (error) {
    return { ...made(name, [], [whyNot(error)]), text: null };
  }
}

/** What the file said, or says. @param name such as `neuro.ics` */
export function readRosterText(name: string, text: string, zone: string): ReadRoster {
  const faults: string[] = [];
  const levels = levelsIn(name, text, zone, faults);
  return { ...made(name, levels, faults), text };
}

function made(name: string, levels: readonly LevelShifts[], faults: readonly string[]): Pick<ReadRoster, 'file' | 'faults'> {
  const file = `${FOLDER}/${name}`;
  const shown = faults.slice(0, MOST_FAULTS).map((fault) => `${file}: ${fault}`);
  if (faults.length > MOST_FAULTS) shown.push(`${file}: ${faults.length - MOST_FAULTS} more`);
  const people = ({ people: all }: LevelShifts) => all.map((one) => ({ ...one, where: `${file}: ${one.where}` }));
  return {
    file: { service: serviceOf(name), file, levels: levels.map((level) => ({ ...level, people: people(level) })) },
    faults: shown,
  };
}

/** @param name of a file */
export function serviceOf(name: string): string {
  return name.replace(/\.\w+$/u, '');
}

function levelsIn(name: string, text: string, zone: string, faults: string[]): readonly LevelShifts[] {
  const site = zoneClock(zone);
  try {
    if (site === null) throw new RosterFault(`the site’s time zone "${zone}" is unknown: site.json, zone`);
    return name.endsWith('.csv') ? levelsOfCsv(text, site, faults) : levelsOf(eventsOf(readCalendar(text), site, faults), faults);
  } catch (error) {
    faults.push(whyNot(error));
    return [];
  }
}

function whyNot(error: unknown): string {
  if (error instanceof RosterFault) return error.message;
  if (isMissing(error)) return 'is missing';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8: save it as UTF-8';
  if (code === '') throw error;
  return `cannot be read (${code})`;
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
