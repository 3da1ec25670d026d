import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../infra/build.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { until } from '../support/instances.ts';
import { testSite } from '../support/planned-orders.ts';

// The rosters are looked at once a minute; judged by what the Teams side was told.
const PATIENCE_SECONDS = 180;
const HOUR_MS = 3_600_000;

let site: string;
let on: TestInstallation | undefined;
beforeAll(async () => {
  await build();
  site = join(mkdtempSync(join(tmpdir(), 'radloop-test-site-')), 'site');
  cpSync(testSite, site, { recursive: true });
}, 180_000);
afterAll(async () => {
  await on?.clear();
  rmSync(join(site, '..'), { recursive: true, force: true });
}, 90_000);

/** As a calendar program exports it: a new file in the place of the old one. */
function rosterUntil(end: number): void {
  const utc = (epoch: number): string => new Date(epoch).toISOString().replaceAll(/[-:]|\.\d+/gu, '');
  const event = ['UID:1', 'DTSTAMP:20260101T000000Z', `DTSTART:${utc(Date.now() - 24 * HOUR_MS)}`, `DTEND:${utc(end)}`, 'SUMMARY:dr-fujita'];
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', 'BEGIN:VEVENT', ...event, 'END:VEVENT', 'END:VCALENDAR', ''];
  writeFileSync(join(site, 'new.ics'), lines.join('\r\n'));
  renameSync(join(site, 'new.ics'), join(site, 'roster', 'general-surgery.ics'));
}

function told(kind: 'personal' | 'updated', text: string): readonly string[] {
  const lines = readFileSync(join(on?.data ?? '', 'ledgers', 'teams.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.filter((line) => line.includes(`"kind":"${kind}"`) && line.includes('"place":"c-reyes"') && line.includes(text));
}

it('a roster that ends today is told to the coordinator once, over a stop and a kill of the service too, and the card says when it goes on again; a file that can’t be used stops no start', async () => {
  rosterUntil(Date.now() + 3 * HOUR_MS);
  on = await openInstallation({ site });
  const gap = 'Nadie está de guardia: General Surgery';
  await until(() => told('personal', gap).length > 0, PATIENCE_SECONDS);
  // Killed before it has written down that Teams took it, the service would send it again (ADR 0014): it stops first.
  await on.stopService();
  await on.startService();
  await on.killAndRestart();
  rosterUntil(Date.now() + 30 * 24 * HOUR_MS);
  await until(() => told('updated', 'Vuelve a haber alguien de guardia: General Surgery').length > 0, PATIENCE_SECONDS);
  expect(told('personal', gap)).toHaveLength(1);
  // A night's export that can't be used: the service starts all the same, on what it knew, and the coordinator is told of the files.
  writeFileSync(join(site, 'roster', 'general-surgery.ics'), 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n');
  writeFileSync(join(site, 'roster', 'Neuro 2026.ics'), '');
  await on.killAndRestart();
  await until(() => told('personal', 'guardia: Neuro 2026').length > 0, PATIENCE_SECONDS);
  await until(() => told('updated', 'Su archivo de guardias no se puede usar').length > 0, PATIENCE_SECONDS);
  expect(told('personal', gap)).toHaveLength(1);
}, 600_000);
