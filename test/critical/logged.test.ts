import type { BoardAlert, CaseStory } from '#ports/tab.js';
import type { Page } from '#ports/pager.js';
import { boardFor } from '#engine/board.js';
import { desk as deskOf } from '#engine/desk.js';
import { tabDesk } from '#engine/story-desk.js';
import { drillText } from '../../infra/cli/drill-print.ts';
import { personOf, site } from '../tab/board-fixture.ts';
import { openDrillWard } from './drill-fixture.ts';
import type { DrillWard } from './drill-fixture.ts';

/** A pager that is a line in the log: nobody is reached by it, and whoever reads what was tried is told so. */
let on: DrillWard;
beforeEach(async () => {
  on = await openDrillWard();
  const { pager } = on.ward.engine.parts;
  const send = async (page: Page) => (page.channel === 'pager' ? ({ ok: true, receipt: { id: null, logged: true } } as const) : pager!.send(page));
  Object.assign(on.ward.engine.parts, { pager: { channels: pager!.channels, send } });
});
afterEach(() => on.close());

const NOBODY = 'a line in the log, reaches nobody';
const FIRST = 'dr-marchetti';

it('the time line says “Could not be reached”, and never “Paged”, of that way alone', async () => {
  const alert = await on.real('neurosurgery');
  const { parts } = on.ward.engine;
  const { name, zone, language } = site.settings;
  const tab = tabDesk({ parts, desk: deskOf(parts, []), site: { name, zone, language } });
  const told = await tab.story({ person: personOf('dr-okafor'), signedInAt: on.ward.engine.now, withSecondFactor: true }, alert);
  const { lines } = (told as { readonly found: CaseStory }).found;
  const of = (title: string) => lines.filter((line) => line.title === title).flatMap((line) => [line.kind, ...line.lines]);
  expect(of('Could not be reached')).toEqual(['trouble', expect.stringMatching(new RegExp(`^pager → .*: ${NOBODY}$`, 'u'))]);
  expect(of('Paged').some((line) => line.startsWith('pager'))).toBe(false);
  expect(of('Paged').some((line) => line.startsWith('sms'))).toBe(true);
});

it('“what was tried” on the view, and the board, say that it reaches nobody', async () => {
  const alert = await on.real('neurosurgery');
  const { parts } = on.ward.engine;
  const opened = await deskOf(parts, []).open(personOf('dr-okafor'), alert);
  expect(opened.ok && JSON.stringify(opened.view)).toContain(NOBODY);
  const board = await boardFor(parts, on.ward.rota, personOf('dr-okafor'));
  const { alerts } = (board as { readonly found: { readonly alerts: readonly BoardAlert[] } }).found;
  expect(alerts[0]?.called[0]?.pages).toEqual([{ channel: 'pager', delivered: false, at: on.ward.engine.now, logged: true }]);
});

it('a drill counts it as taken by nobody, and whoever is reached by nothing else was not reached', async () => {
  const drill = await on.begun();
  expect((await on.report(drill)).ways).toEqual(expect.arrayContaining([{ way: 'pager', taken: 0, failed: 0, logged: 1 }]));
  expect(drillText(await on.report(drill))).toContain('pager  0 taken, 1 to the log alone: REACHES NOBODY');
  expect(on.of(drill).some(({ way, to }) => way === 'chat' && to === FIRST)).toBe(true);
});
