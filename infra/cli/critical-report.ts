import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { readContent } from '#adapters/embedded/content.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { directory } from '#adapters/embedded/directory.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { siteKeyOf } from '#adapters/embedded/site-key-place.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { views } from '#adapters/embedded/views.js';
import { generalRules } from '#domain/critical-rules.js';
import { pictureOf } from '#engine/critical-picture.js';
import { reportDesk } from '#engine/critical-report.js';
import type { CriticalReport, ReportReply, ReportRequest } from '#ports/critical-report.js';
import { svgOf } from './critical-picture-svg.ts';
import { csvOf, htmlOf, textOf } from './critical-report-print.ts';
import { NoAnswer, answered, askReport } from './q-ask.ts';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop critical report --from DATE --to DATE [--json | --csv FILE | --html FILE | --picture FILE.svg] [--data DIR] [--as PERSON]

How long critical results took to reach a person, to be acknowledged and to be read back (Joint Commission NPSG.02.03.01,
National Performance Goal 1): by category with percentiles, by service, by hour of the day, and every miss with why; and how many questions signed
reports put to radiologists, per 100 of them.
The clock begins with the earliest of declaration, model result and signed report. Percentiles are by nearest rank over all
alerts of a group: one that nobody has taken counts as longer than every other ("-"). Calls that were recorded and alerts at
the failsafe are in the figures and counted; drills, withdrawn and not critical ones are left out and counted.
No patient and nobody's name is in it. For coordinators, auditors and reading radiologists; each report is a row of the audit.
May run while the service does, and without it.

  --from DATE      first day of the site's calendar
  --to DATE        the day after the last
  --json           one JSON object
  --csv FILE       one line an alert, with all its times
  --html FILE      the tables as a page that can be printed
  --picture FILE   SVG: percentiles by category with their windows, misses by service and by hour
  --data DIR       the folder that npm start was given (${USUAL_DATA})
  --site DIR       with the service stopped: the site's folder
  --site-key FILE  with the service stopped: the site key, where it lies elsewhere than usual
  --as PERSON      rehearsal site only: play this person of people.json

Example: radloop critical report --from 2026-11-01 --to 2026-12-01 --csv november.csv`;

const text = { type: 'string' } as const;

interface Where {
  readonly data: string;
  readonly site: string;
  readonly 'site-key'?: string | undefined;
  readonly as?: string | undefined;
}

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{ from: text, to: text, csv: text, html: text, picture: text, as: text, 'site-key': text, json: { type: 'boolean', default: false } },
        ...{ data: { type: 'string', default: USUAL_DATA }, site: { type: 'string', default: 'infra/rehearsal/site' } },
      },
    });
    const { from, to, csv, html, picture, json } = values;
    if (from === undefined || to === undefined || positionals.length > 0) throw new NoAnswer(2, usage);
    const request = { ask: 'critical-report', from, to } as const;
    const reply = (await askReport(values, request)) ?? (await ofStopped(values, request));
    if (!reply.ok) throw new NoAnswer(reply.code === 'denied' ? 1 : 2, reply.text);
    const { report } = reply;
    if (csv !== undefined) write(csv, csvOf(report), report);
    if (html !== undefined) write(html, htmlOf(report), report);
    if (picture !== undefined) write(picture, svgOf(pictureOf(report)), report);
    if (json) console.log(JSON.stringify(report));
    else if (csv === undefined && html === undefined && picture === undefined) console.log(textOf(report));
    return 0;
  });
}

function write(file: string, content: string, { alerts }: CriticalReport): void {
  writeFileSync(file, content);
  console.error(`${file}: ${alerts.length} alert${alerts.length === 1 ? '' : 's'}`);
}

/** The same desk that the service has, in this process: it needs to write the row of who asked. */
async function ofStopped(where: Where, request: ReportRequest): Promise<ReportReply> {
  const store = storeFolder(where.data);
  if (store === null)
    throw new NoAnswer(2, `${where.data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR.`);
  const { people, settings } = readSite(where.site);
  const db = openDatabase(store, { keyFile: siteKeyOf(store, where['site-key']) });
  try {
    const parts = { views: views(db), raw: rawStore(db), audit: auditStore(db), directory: directory(people), clock: wallClock };
    const desk = reportDesk({ parts, rules: generalRules(readContent(where.site).critical), zone: settings.zone, rehearsal: settings.rehearsal });
    return await desk.ask({ account: userInfo().username, as: where.as ?? null }, request);
  } finally {
    await db.close();
  }
}
