import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod/v4';
import type { DrillReport } from '#ports/drills.js';
import { drillLine, drillText, standing } from './drill-print.ts';
import { COMMON_HELP, NoAnswer, answered, askDrill, words } from './q-ask.ts';

const WHO = `For coordinators and reading radiologists; what came of drills auditors read too. You are the person whom people.json maps your
account to (osAccount). Each look and each act is on record as yours. Needs the running service.`;

const LOOK_EVERY_MS = 1000;

const text = { type: 'string' } as const;

export const critical = {
  usage: `radloop drill critical [--site S] [--service NAME] [--category 1|2] [--reason WORDS] [--wait]

Calls a service about a critical result that is none: the same pages, levels, read-back, switchboard and paper as in
earnest, DRILL in every text, and no patient. Nothing goes to the hospital's record, and no figure counts it.
While a real critical result of category 1 or 2 is open that the service may be needed for there is no drill; when one
opens the drill ends at once, and everybody who was called is told so.

  --site S         id of the site, or its folder: the service of another one refuses
  --service NAME   whom it calls; left out: the one service that has agreed to this time (drills.json)
  --category       1 (default) or 2
  --reason WORDS   needed at a time that the service has not agreed to
  --wait           until it has ended; then what came of it. Exit 0: taken in time, read back and closed; 1: not so

${WHO}

${COMMON_HELP}

Example: radloop drill critical --site rehearsal --service neurosurgery --reason "new pagers since Monday" --wait`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {
        ...{ site: text, service: text, reason: text },
        ...{ category: { type: 'string', default: '1' }, wait: { type: 'boolean', default: false } },
      });
      const category = values.category === '1' ? 1 : values.category === '2' ? 2 : null;
      if (positionals.length > 0) throw new NoAnswer(2, critical.usage);
      if (category === null) throw new NoAnswer(2, `--category ${values.category}: give one of 1, 2.`);
      const site = values.site === undefined ? null : siteIn(values.site);
      const request = { ask: 'drill-start', site, service: values.service ?? null, category, reason: values.reason ?? null } as const;
      const reply = await askDrill(values, request);
      if (!reply.ok) throw new NoAnswer(1, reply.text);
      if (reply.answer !== 'said') throw new NoAnswer(1, 'The service gave no answer.');
      const { caseNumber } = reply;
      if (!values.wait) {
        console.log(
          values.json ? JSON.stringify({ caseNumber, text: reply.text }) : `${reply.text}\nWhat comes of it: radloop drill show ${caseNumber}`,
        );
        return 0;
      }
      if (!values.json) console.log(reply.text);
      const drill = await ended(values, caseNumber);
      console.log(values.json ? JSON.stringify(drill) : drillText(drill));
      return drill.outcome === 'passed' ? 0 : 1;
    }),
};

export const list = {
  usage: `radloop drill list

Every drill that was made, the newest first: service, when, how soon it was taken and read back, how it ended.

${WHO}

${COMMON_HELP}

Example: radloop drill list --json`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      if (positionals.length > 0) throw new NoAnswer(2, list.usage);
      const drills = await drillsOf(values, { ask: 'drill-list' });
      if (values.json) for (const drill of drills) console.log(JSON.stringify(drill));
      else console.log(drills.length === 0 ? 'No drill was made yet.' : drills.map(drillLine).join('\n'));
      return 0;
    }),
};

export const show = {
  usage: `radloop drill show NUMBER

One drill: who had agreed to it, each level with how many were called and whom nobody stood for, each way with what it
took, and how soon it was taken and read back.

${WHO}

${COMMON_HELP}

Example: radloop drill show 7KF3QN`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      const [caseNumber, ...more] = positionals;
      if (caseNumber === undefined || more.length > 0) throw new NoAnswer(2, show.usage);
      const [drill] = await drillsOf(values, { ask: 'drill-show', caseNumber });
      if (drill !== undefined) console.log(values.json ? JSON.stringify(drill) : drillText(drill));
      return 0;
    }),
};

export const stop = {
  usage: `radloop drill stop NUMBER

Ends a drill: whoever was called for it is told so by the ways of before.

${WHO}

${COMMON_HELP}

Example: radloop drill stop 7KF3QN`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      const [caseNumber, ...more] = positionals;
      if (caseNumber === undefined || more.length > 0) throw new NoAnswer(2, stop.usage);
      const reply = await askDrill(values, { ask: 'drill-stop', caseNumber });
      if (!reply.ok) throw new NoAnswer(1, reply.text);
      const said = reply.answer === 'said' ? reply.text : '';
      console.log(values.json ? JSON.stringify({ caseNumber, text: said }) : said);
      return 0;
    }),
};

type Where = Parameters<typeof askDrill>[0];

async function drillsOf(where: Where, request: { readonly ask: 'drill-list' } | { readonly ask: 'drill-show'; readonly caseNumber: string }) {
  const reply = await askDrill(where, request);
  if (!reply.ok) throw new NoAnswer(1, reply.text);
  return reply.answer === 'drills' ? reply.drills : [];
}

/** Says on standard error how it goes on. */
async function ended(where: Where, caseNumber: string): Promise<DrillReport> {
  for (let before = ''; ;) {
    const [drill] = await drillsOf(where, { ask: 'drill-show', caseNumber });
    if (drill === undefined) throw new NoAnswer(1, `The drill ${caseNumber} is not there any more.`);
    if (drill.outcome !== 'running') return drill;
    const now = standing(drill);
    if (now !== before) console.error(now);
    before = now;
    await pause(LOOK_EVERY_MS);
  }
}

/** The id of a site: as it is given, or as the site's folder has it. */
function siteIn(given: string): string {
  const file = join(given, 'site.json');
  if (!existsSync(file)) return given;
  const read = z.object({ id: z.string() }).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new NoAnswer(2, `${file} names no site: expected a field "id".`);
  return read.data.id;
}
