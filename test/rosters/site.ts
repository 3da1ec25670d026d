import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRosters } from '#adapters/embedded/roster/files.js';
import type { Rosters } from '#adapters/embedded/roster/files.js';
import { instant } from '#core/time.js';

/** A VEVENT of these lines; `UID` is made where none is given. */
let uids = 0;
export function event(...lines: readonly string[]): string {
  const uid = lines.some((line) => line.startsWith('UID')) ? [] : [`UID:made-${(uids += 1)}`];
  return ['BEGIN:VEVENT', ...uid, 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'].join('\r\n');
}

export function calendar(...components: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...components, 'END:VCALENDAR', ''].join('\r\n');
}

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** A folder with rosters by file name, and what a site needs for them to be read. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>, zone: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'roster-'));
  made.push(dir);
  mkdirSync(join(dir, 'roster'));
  writeFileSync(join(dir, 'site.json'), JSON.stringify({ zone }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'roster', name), text);
  return dir;
}

export function rostersOf(files: Readonly<Record<string, string | Buffer>>, zone: string): Rosters {
  return readRosters(folderWith(files, zone), zone);
}

/** Of one calendar `x.ics`, which must be without a fault. */
export function rosterOfEvents(zone: string, ...components: readonly string[]): Rosters['roster'] {
  const { roster, faults } = rostersOf({ 'x.ics': calendar(...components) }, zone);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return roster;
}

/** `2026-03-28T19:00Z` */
export const at = (text: string) => instant.parse(new Date(text).toISOString());

/** People of each level, in order of their names: `a+b / c`; `-`: nobody. */
export function shown(roster: Rosters['roster'], when: string, service = 'x'): string {
  return (roster.at(service, at(when)) ?? []).map(({ people }) => (people.length === 0 ? '-' : [...people].sort().join('+'))).join(' / '); // prettier-ignore
}
