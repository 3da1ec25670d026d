import { FunctionHostError } from './worker.ts';

/** A schedule as Functions write it (NCRONTAB): second, minute, hour, day, month, day of the week; for each the values that fit. */
export type TimerSchedule = readonly [second: ReadonlySet<number>, minute: ReadonlySet<number>, hour: ReadonlySet<number>, day: ReadonlySet<number>, month: ReadonlySet<number>, weekday: ReadonlySet<number>]; // prettier-ignore

const FIELDS = [
  { what: 'second', least: 0, most: 59, names: [] },
  { what: 'minute', least: 0, most: 59, names: [] },
  { what: 'hour', least: 0, most: 23, names: [] },
  { what: 'day', least: 1, most: 31, names: [] },
  { what: 'month', least: 1, most: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { what: 'weekday', least: 0, most: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;
type Field = (typeof FIELDS)[number];

/** @param text six fields, or five (the second is then 0), such as `0 30 4 * * mon`; `%NAME%` is taken from the environment */
export function timerSchedule(text: string, environment: NodeJS.ProcessEnv = process.env): TimerSchedule {
  const written = text.replace(/^%(\w+)%$/u, (_, name: string) => environment[name] ?? '');
  const given = written.trim().split(/\s+/u);
  const parts = given.length === 5 ? ['0', ...given] : given;
  const bad = (why: string): FunctionHostError => new FunctionHostError(`Timer schedule "${text}": ${why}`);
  if (parts.length !== 6) throw bad('six fields are needed (second minute hour day month weekday).');
  const read = (at: 0 | 1 | 2 | 3 | 4 | 5): ReadonlySet<number> => {
    const values = fieldValues(FIELDS[at], (parts[at] ?? '').toLowerCase());
    if (values === null) throw bad(`"${parts[at] ?? ''}" is no ${FIELDS[at].what}.`);
    return values;
  };
  return [read(0), read(1), read(2), read(3), read(4), read(5)];
}

function fieldValues(field: Field, text: string): ReadonlySet<number> | null {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/u.exec(item);
    if (match === null) return null;
    const [, from = '', to, every] = match;
    const step = every === undefined ? 1 : Number(every);
    const first = from === '*' ? field.least : number(field, from);
    // NCRONTAB: `10/20` counts on from 10 to the end of the field.
    const openEnd = from === '*' || every !== undefined;
    const last = to !== undefined ? number(field, to) : openEnd ? field.most : first;
    if (first === null || last === null || last < first || step < 1) return null;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function number(field: Field, text: string): number | null {
  const named = field.names.findIndex((name) => name === text);
  if (named >= 0) return named + field.least;
  const value = Number(text);
  return /^\d+$/u.test(text) && value >= field.least && value <= field.most ? value : null;
}

/**
 * The first moment after `after` that fits, in UTC as on Azure; day and weekday must both fit.
 * Null when none comes within nine years (30 February).
 */
export function nextRun([second, minute, hour, day, month, weekday]: TimerSchedule, after: Date): Date | null {
  const at = new Date(after);
  at.setUTCMilliseconds(0);
  at.setUTCSeconds(at.getUTCSeconds() + 1);
  const end = at.getUTCFullYear() + 9;
  while (at.getUTCFullYear() <= end) {
    if (!month.has(at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0, 0);
    } else if (!day.has(at.getUTCDate()) || !weekday.has(at.getUTCDay())) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0, 0);
    } else if (!hour.has(at.getUTCHours())) {
      at.setUTCHours(at.getUTCHours() + 1, 0, 0);
    } else if (!minute.has(at.getUTCMinutes())) {
      at.setUTCMinutes(at.getUTCMinutes() + 1, 0);
    } else if (!second.has(at.getUTCSeconds())) {
      at.setUTCSeconds(at.getUTCSeconds() + 1);
    } else {
      return at;
    }
  }
  return null;
}
