import { setTimeout as sleep } from 'node:timers/promises';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import type { Effect, PagingChannel } from '#core/effect.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import { desk } from '#engine/desk.js';
import { startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import type { Pager } from '#ports/pager.js';
import { registry } from '#workflows/registry.js';
import { criticalPolicy } from '../../functions/critical-policy.ts';
import type { PagingSide } from '../../infra/rehearsal/paging-side.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';
import { testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';
import { appendTo, effects } from '../support/store-fixture.ts';

/** An open critical result of the rehearsal site, and all that its pages go to, on real sockets. */
const site = readSite(testSite);
const people = directory(site.people);
const radiologist = site.people.find(({ id }) => id === 'dr-okafor')!;
const called = site.people.find(({ roles }) => roles.includes('oncall'))!;
const onCall = { level: 1, people: [called.id], until: null };
const roster = { services: () => [], at: () => [onCall], gaps: () => [], nextHandOff: () => null, named: () => [] };

let fixture: EngineFixture;
let engine: Engine | null;
let side: PagingSide;
let alert: { readonly caseId: CaseId; readonly caseNumber: CaseNumber; readonly revision: number };
/** Lines of the side's ledger from before the engine started. */
let before: number;
/** Sends under way at one moment, at most. */
const most = new Map<PagingChannel, number>();

/** The side's channels; how many are under way by each is counted. */
function pagerBy(...channels: readonly PagingChannel[]): Pager {
  const { pager } = pagerFor(settingsFor(side, channels), 10);
  const underWay = new Map<PagingChannel, number>();
  const count = (channel: PagingChannel, by: 1 | -1): void => {
    const now = (underWay.get(channel) ?? 0) + by;
    underWay.set(channel, now);
    most.set(channel, Math.max(now, most.get(channel) ?? 0));
  };
  return {
    channels: pager.channels,
    send(page) {
      count(page.channel, 1);
      return pager.send(page).finally(() => {
        count(page.channel, -1);
      });
    },
  };
}

beforeEach(async () => {
  engine = null;
  side = await startSide();
  fixture = startEngineFixture('assist');
  const { parts } = fixture;
  const policy = criticalPolicy({ site, content: readContent(testSite), people, roster });
  if (policy === null) throw new Error('the rehearsal site has no critical results');
  Object.assign(parts, {
    directory: people,
    workflows: registry({ protocoling: shippedPolicy, criticalResults: policy }),
    wake: () => engine?.wake(),
    pager: pagerBy('pager', 'sms', 'voice', 'email', 'print'),
  });
  await fixture.bring(orderBytes());
  await fixture.settle();
  alert = await sent('tension pneumothorax');
  before = side.lines.length;
  most.clear();
});

/** Declared on the order and sent. */
async function sent(finding: string): Promise<typeof alert> {
  const { parts, stores } = fixture;
  const [order] = await stores.views.open('protocoling');
  const at = desk(parts, []);
  const declared = await at.declare({ person: radiologist, of: { caseNumber: order!.caseNumber }, finding, category: 1, side: 'left', via: 'words' });
  if (!declared.ok) throw new Error(declared.why);
  const { caseNumber } = declared;
  const { current: revision = 1 } = (await at.shown(radiologist.id, caseNumber)) ?? {};
  const answer = await at.answer({ person: radiologist, caseNumber, revision, verb: 'release-critical' });
  if (answer.outcome !== 'won') throw new Error(answer.text);
  await fixture.settle();
  const open = (await stores.views.open('critical-results')).find((row) => row.caseNumber === caseNumber);
  return { caseId: (await parts.cases.findByNumber(caseNumber))!.caseId, caseNumber, revision: open!.revision };
}
afterEach(async () => {
  const stopped = engine?.stop();
  // What hangs there ends with it.
  await stopSides();
  await stopped;
  await fixture.close();
});

/** Leaves pages of the open alert waiting, in this order, as a process that was killed does, and starts the next one. */
async function startWith(...pages: readonly (readonly [channel: PagingChannel, count: number])[]): Promise<void> {
  const wanted = pages.flatMap(([channel, count]) => Array.from({ length: count }, () => pageBy(channel)));
  const waiting = wanted.map((effect) => ({ effect, suppressed: false }));
  const appended = await appendTo(fixture.stores, alert.caseId, { workflow: 'critical-results', effects: waiting, at: fixture.now });
  if (!appended.ok) throw new Error(appended.code);
  engine = startEngine(fixture.parts);
}

function pageBy(channel: PagingChannel): Effect {
  const page = effects.page(channel, alert.revision);
  return page.kind === 'page' && channel === 'print' ? { ...page, to: 'switchboard' } : page;
}

const arrived = (channel: PagingChannel): number =>
  side.lines.slice(before).filter((line) => line.event === 'arrived' && line.channel === channel).length;

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const begun = Date.now(); !isSo(); await sleep(5)) if (Date.now() - begun > 20_000) throw new Error(`not within 20 s: ${what}`);
}

it('a pager that hangs, with a hundred pages waiting for it, holds up no mail, SMS, call or sheet for a second (invariants 19, 20)', async () => {
  side.fault({ channel: 'pager', what: 'hang' });
  const others = ['email', 'sms', 'voice', 'print'] as const;
  await startWith(['pager', 100], ...others.map((channel) => [channel, 1] as const));
  const started = Date.now();
  await until('the others arrive', () => others.every((channel) => arrived(channel) === 1));
  expect(Date.now() - started).toBeLessThan(1000);
  await until('as many as may be hang at the pager', () => most.get('pager') === 8);
  expect(arrived('pager')).toBe(0);
});

it('eight pages are on their way by a channel at once, and one sheet to a printer, which takes one connection at a time', async () => {
  side.fault({ channel: 'pager', what: 'slow', ms: 200 });
  await startWith(['print', 5], ['pager', 20]);
  await until('all have arrived', () => arrived('pager') === 20 && arrived('print') === 5);
  expect(Object.fromEntries(most)).toEqual({ pager: 8, print: 1 });
});

it('a page by a channel that paging.json no longer sets up goes to a person', async () => {
  Object.assign(fixture.parts, { pager: pagerBy('email') });
  await startWith(['sms', 1], ['email', 1]);
  const held = () => fixture.stores.db.all<{ code: string }>("SELECT DISTINCT code FROM outbox WHERE state = 'held'");
  await until('it is held, and the mail has arrived', () => held().length > 0 && arrived('email') > 0);
  expect(held()).toEqual([{ code: 'not-allowed' }]);
});

it('mail and a printer that are back after three quarters of an hour say it once to each person, and print one sheet', async () => {
  side.fault({ channel: 'email', what: 'unavailable' });
  side.fault({ channel: 'print', what: 'down' });
  const goOn = async (minutes: number): Promise<void> => {
    fixture.now = addMinutes(fixture.now, minutes);
    await fixture.settle();
  };
  for (let minute = 0; minute < 45; minute += 5) await goOn(5);
  const waiting = () => fixture.stores.db.all<{ queue: string; count: number }>("SELECT queue, count(*) AS count FROM outbox_ready WHERE queue IN ('page:email', 'page:print') GROUP BY queue ORDER BY queue"); // prettier-ignore
  expect(waiting().filter(({ count }) => count > 1)).toHaveLength(2);
  side.fault({ channel: 'email', what: 'none' });
  side.fault({ channel: 'print', what: 'none' });
  await goOn(1);
  expect(waiting()).toEqual([]);
  const mails = side.lines
    .slice(before)
    .filter((line) => line.event === 'arrived' && line.channel === 'email')
    .map(({ to }) => to);
  expect(mails.toSorted()).toEqual([...new Set(mails)].toSorted());
  expect(arrived('print')).toBe(1);
});

it('the sheet of an untaken alert lists what else waits at the switchboard, the longest first; what was withdrawn is not on it', async () => {
  const minute = async (minutes: number): Promise<void> => {
    fixture.now = addMinutes(fixture.now, minutes);
    await fixture.settle();
  };
  await minute(2);
  const second = await sent('aortic dissection');
  await minute(2);
  const third = await sent('testicular torsion');
  for (let n = 0; n < 20; n += 1) await minute(1);
  const sheetOf = (caseNumber: string): string =>
    side.lines.findLast(({ event, channel, text }) => event === 'arrived' && channel === 'print' && text.includes(`category 1: ${caseNumber}`))
      ?.text ?? '';
  const listed = (caseNumber: string) =>
    [...sheetOf(caseNumber).matchAll(/^ ?UNTAKEN critical result cat 1 (\w+), (\d+) min/gmu)].map(([, number]) => number);
  expect(sheetOf(third.caseNumber)).toContain('ALSO UNTAKEN NOW');
  expect(listed(third.caseNumber)).toEqual([alert.caseNumber, second.caseNumber]);
  const at = desk(fixture.parts, []);
  const { current: revision = 1 } = (await at.shown(radiologist.id, second.caseNumber)) ?? {};
  const answer = await at.answer({ person: radiologist, caseNumber: second.caseNumber, revision, verb: 'withdraw-critical', text: 'another exam' });
  expect(answer.outcome).toBe('won');
  for (let n = 0; n < 6; n += 1) await minute(1);
  expect(listed(third.caseNumber)).toEqual([alert.caseNumber]);
});
