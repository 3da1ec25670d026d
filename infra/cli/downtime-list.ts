import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { newestList, usualDowntimeFolder } from '#adapters/embedded/downtime-folder.js';
import type { NewestList } from '#adapters/embedded/downtime-folder.js';
import { recordOpening } from '#adapters/embedded/downtime-openings.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { listedRows } from '#cards/downtime/sheet.js';
import type { Opening } from '#ports/downtime.js';
import { USUAL_DATA } from './store-folder.ts';

export const usage = `radloop downtime list [--html | --csv | --open | --json] [--folder DIR | --data DIR]

The newest list of open cases, as the service wrote it outside its store; the service need not run. It holds patient
data: that you open it, when and under which account is noted before you see it, and the service takes that into its
audit. Without an option it is shown on the screen.

  --html         the page to print, to standard output
  --csv          the table that "radloop downtime enter" takes back filled in, to standard output
  --open         the page in this machine's browser
  --json         one JSON object a line
  --folder DIR   where the lists lie (RADLOOP_DOWNTIME), when the site has set that
  --data DIR     the folder that npm start was given (${USUAL_DATA}); the lists lie beside its store

Run it under the account of the service, such as: sudo -u radloop radloop downtime list --html > /tmp/list.html

Example: radloop downtime list
         As of 25 Nov 2026 04:40, the site's time (America/Chicago), as every time here. 2 open cases.
         7KF3QN STAT   CT  CT HEAD WO CONTRAST  Waiting for a radiologist since 25 Nov 04:38  due 25 Nov 04:48`;

const options = {
  html: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  open: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  folder: { type: 'string' },
  data: { type: 'string', default: USUAL_DATA },
} as const;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options });
  const ways = [values.html && 'html', values.csv && 'csv', values.open && 'browser', values.json && 'json'] as const;
  const asked = ways.filter((way) => way !== false);
  if (asked.length > 1) {
    console.error('Take one of --html, --csv, --open and --json.');
    return 2;
  }
  const folder = values.folder === undefined ? folderBeside(values.data) : resolve(values.folder);
  const list = newestList(folder);
  if (list === null) {
    console.error(`There is no list in ${folder}. The service writes one every five minutes; --folder DIR names another folder (RADLOOP_DOWNTIME).`);
    return 2;
  }
  const how = asked[0] ?? 'screen';
  note(folder, list, how);
  return show(list, how);
}

/** Beside the store as npm start lays it, or beside the folder itself. The store need not be there: its disk may be what failed. */
function folderBeside(data: string): string {
  const folders = [join(resolve(data), 'store'), resolve(data)].map(usualDowntimeFolder);
  return folders.find((folder) => existsSync(folder)) ?? folders[0] ?? data;
}

/** What can't be noted is shown all the same: patients wait. */
function note(folder: string, list: NewestList, how: Opening['how']): void {
  const [first] = rowsOf(list);
  try {
    const lentBy = process.env['SUDO_USER'] ?? null;
    recordOpening(folder, { at: wallClock.now(), account: userInfo().username, lentBy, how, asOf: first?.['as_of'] ?? '' });
  } catch (error) {
    console.error(
      `That this list was opened could not be noted (${error instanceof Error ? error.message : 'unknown'}). Write down by hand who opened it and when.`,
    );
  }
}

function rowsOf({ csv }: NewestList): ReturnType<typeof listedRows> {
  return listedRows(readFileSync(csv, 'utf8'));
}

async function show(list: NewestList, how: Opening['how']): Promise<number> {
  switch (how) {
    case 'html':
    case 'csv':
      process.stdout.write(readFileSync(list[how]));
      return 0;
    case 'json':
      for (const row of rowsOf(list)) console.log(JSON.stringify(row));
      return 0;
    case 'browser':
      return openInBrowser(list.html);
    case 'screen':
      onScreen(rowsOf(list), list);
      return 0;
    default:
      return how satisfies never;
  }
}

function onScreen(rows: ReturnType<typeof listedRows>, { html }: NewestList): void {
  const [first] = rows;
  const asOf = first?.['as_of'];
  // A list of an older Radloop does not name it.
  const zone = first?.['zone'] ?? '';
  const local = (at: string | undefined, year: 'year' | 'no year' = 'no year'): string => timeIn(zone, at ?? '', year);
  const where = zone === '' ? "UTC; times within the text are the site's own" : `the site's time (${zone}), as every time here`;
  const count = rows.length === 1 ? 'One open case' : `${rows.length} open cases`;
  console.log(asOf === undefined ? 'No case was open.' : `As of ${local(asOf, 'year')}, ${where}. ${count}.`);
  for (const row of rows) {
    const cells = ['case', 'urgency', 'group', 'patient', 'patient_number', 'exam', 'state'].map((name) => row[name] ?? '');
    const due = row['deadline'] === '' ? '' : `due ${local(row['deadline'])}`;
    console.log([...cells, due].map((cell) => cell.replaceAll(/\p{C}/gu, ' ')).join('  ').trimEnd()); // prettier-ignore
  }
  console.log(`The page to print: ${html}`);
}

/** `25 Nov 04:40`; what is no time as it stands. */
function timeIn(zone: string, text: string, year: 'year' | 'no year'): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const parts = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const timeZone = zone === '' ? 'UTC' : zone;
  const written = new Intl.DateTimeFormat('en-GB', { ...parts, ...(year === 'year' ? { year: 'numeric' } : {}), timeZone }).format(at);
  return written.replace('Sept', 'Sep').replace(',', '');
}

function openInBrowser(file: string): Promise<number> {
  const others = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const [command, words] = process.platform === 'win32' ? (['cmd', ['/c', 'start', '']] as const) : ([others, []] as const);
  return new Promise((done) => {
    const browser = spawn(command, [...words, file], { stdio: 'ignore', detached: true });
    browser.on('error', () => {
      console.error(`No browser could be opened. The page is ${file}; --html writes it to standard output.`);
      done(2);
    });
    browser.on('spawn', () => {
      browser.unref();
      console.log(`The page is ${file}.`);
      done(0);
    });
  });
}
