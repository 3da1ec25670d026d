import { personId } from '#core/ids.js';
import type { LevelShifts, Named, Shift } from '#domain/roster.js';
import { RosterFault, short } from './calendar.ts';
import { toMoment } from './wall.ts';
import type { WallClock } from './wall.ts';

const COLUMNS = ['person', 'level', 'from', 'until', 'override'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;
const MOST_ROWS = 20_000;
const MOST_LEVELS = 20;

interface Read extends Shift {
  readonly level: number;
  readonly where: string;
}

/**
 * A roster without a calendar: a header with `person`, `from` and `until` (and, if wanted, `level` and `override`), then one shift a line, by the clock on the site's wall.
 * Comma or semicolon; a field may stand in quotes. Throws RosterFault for a file that is none. @param faults what is wrong with a line is added to it
 */
export function levelsOfCsv(text: string, site: WallClock, faults: string[]): readonly LevelShifts[] {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u); // prettier-ignore
  const separator = (lines[0] ?? '').includes(';') ? ';' : ',';
  const header = (lines[0] ?? '')
    .replaceAll('"', '')
    .split(separator)
    .map((cell) => cell.trim())
    .map((cell) => cell.toLowerCase());
  const missing = ['person', 'from', 'until'].filter((column) => !header.includes(column));
  const unknown = header.filter((cell) => !COLUMNS.some((column) => column === cell));
  if (missing.length > 0) throw new RosterFault(`line 1: expected a header with ${COLUMNS.join(',')}: ${missing.join(', ')} is missing`);
  if (unknown.length > 0) throw new RosterFault(`line 1: the column "${short(unknown[0] ?? '')}" is unknown: expected ${COLUMNS.join(',')}`);
  if (lines.length > MOST_ROWS) throw new RosterFault(`line ${MOST_ROWS}: more than ${MOST_ROWS} lines: leave out past years`);
  const shifts = lines.slice(1).flatMap((line, index): Read[] => {
    if (line.trim() === '') return [];
    const where = `line ${index + 2}`;
    try {
      return [shiftOf(rowOf(cellsOf(line, separator), header), where, site)];
    } catch (error) {
      if (!(error instanceof RosterFault)) throw error;
      faults.push(`${where}: ${error.message}`);
      return [];
    }
  });
  const levels = [...new Set(shifts.map(({ level }) => level))].sort((a, b) => a - b);
  return levels.map((level) => levelOf(level, shifts.filter((one) => one.level === level))); // prettier-ignore
}

function levelOf(level: number, shifts: readonly Read[]): LevelShifts {
  const named = new Map<string, Named>();
  for (const { person, to, where } of shifts) if ((named.get(person)?.last ?? 0) < to) named.set(person, { person, last: to, where });
  return {
    ...{ level, people: [...named.values()] },
    first: shifts.reduce((least, { from }) => Math.min(least, from), Infinity),
    last: shifts.reduce((most, { to }) => Math.max(most, to), 0),
    between: (from, to) => shifts.filter((one) => one.from < to && one.to > from),
  };
}

function rowOf(cells: readonly string[], header: readonly string[]): Row {
  if (cells.length > header.length) throw new RosterFault(`has ${cells.length} fields, the header ${header.length}`);
  const of = (column: Row[keyof Row]): string => cells[header.indexOf(column)] ?? '';
  return { person: of('person'), level: of('level'), from: of('from'), until: of('until'), override: of('override') };
}

function shiftOf(row: Row, where: string, site: WallClock): Read {
  const person = personId.safeParse(row.person);
  if (!person.success) throw new RosterFault('person: expected the id of a person in people.json, such as dr-okafor');
  const level = row.level === '' ? 1 : Number(row.level);
  if (!Number.isInteger(level) || level < 1 || level > MOST_LEVELS)
    throw new RosterFault(`level: expected a number from 1 (called first) to ${MOST_LEVELS}, got "${short(row.level)}"`);
  const isOverride = /^(?:yes|true|1|x|override)$/iu.test(row.override);
  if (!isOverride && !/^(?:no|false|0)?$/iu.test(row.override)) throw new RosterFault(`override: expected yes or no, got "${short(row.override)}"`);
  const [begin, end] = [wallOf('from', row.from), wallOf('until', row.until)];
  if (end <= begin) throw new RosterFault('until: the shift ends before it begins');
  const [from, to] = [toMoment(site, begin), toMoment(site, end)];
  return { from, to: Math.max(from, to), person: person.data, isOverride, level, where };
}

function wallOf(column: string, text: string): number {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00)?$/u.exec(text) ?? [];
  const wall = Date.parse(`${day ?? ''}T${time ?? ''}:00.000Z`);
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${day ?? ''}T${time ?? ''}`))
    throw new RosterFault(`${column}: expected a day and a time of the site’s clock such as 2026-12-24T07:30, got "${short(text)}"`);
  return wall;
}

function cellsOf(line: string, separator: string): readonly string[] {
  const cells = [''];
  let isQuoted = false;
  for (const sign of line) {
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === separator && !isQuoted) cells.push('');
    else cells.push(`${cells.pop() ?? ''}${sign}`);
  }
  if (isQuoted) throw new RosterFault('a quote is not closed');
  return cells.map((cell) => cell.trim());
}
