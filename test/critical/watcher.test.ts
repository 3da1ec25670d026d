import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { addSeconds, toInstant } from '#core/time.js';
import { caseNo, eventFor } from '../support/store-fixture.ts';
import { FASTER, PATIENT, ago, openStand, until } from './watcher-stand.ts';
import type { Stand } from './watcher-stand.ts';

// Watchers in processes of their own over a real store that nobody works on; everything goes a hundred times as fast: 30 s overdue are 0.3 s.
let stand: Stand;
beforeEach(async () => {
  stand = await openStand();
});
afterEach(() => stand.close());
const faster = (seconds: number): number => (seconds * 1000) / FASTER;
const arrived = () => stand.side.lines.filter(({ event }) => event === 'arrived');
const allArrived = async (rounds = 1): Promise<void> => {
  // Two who can phone, by mail, and the switchboard's printer.
  await until(() => arrived().length >= 3 * rounds);
};
/** A watcher writes of what it has done only after that has come here, and what it writes comes by a pipe and a file. */
const logged = async (what: string): Promise<void> => {
  await until(() => stand.log().includes(what));
};

it('pages who can phone about every alert that nobody goes on with, and about no other, with nothing of the patient (invariant 24, invariant 19)', async () => {
  const timer = await stand.alert(1, ago(60));
  const held = await stand.alert(2, addSeconds(toInstant(Date.now()), 600));
  const silent = await stand.alert(3, null, { updatedAt: ago(60) });
  const unheard = await stand.alert(4, addSeconds(toInstant(Date.now()), 600));
  const fine = await stand.alert(5, addSeconds(toInstant(Date.now()), 600));
  const { bus, db, views } = stand.stores;
  await bus.publish({ ...eventFor(caseNo(2), 'poison', ago(50)), workflow: 'critical-results' });
  const [claim] = await bus.claim(ago(50), 60, 9);
  await bus.quarantine(claim!, 'poison', ago(50));
  await bus.publish({ ...eventFor(caseNo(4), 'unheard', ago(45)), workflow: 'critical-results' });
  await stand.watch();
  await allArrived();
  expect(arrived().map(({ channel, to }) => `${channel} ${to}`).sort()).toEqual([
    'email c-reyes@example.invalid',
    'email w-dubois@example.invalid',
    'print printer',
  ]); // prettier-ignore
  const mail = arrived().find(({ channel }) => channel === 'email');
  expect(mail?.subject).toBe(`ALERTS OVERDUE ${[timer, silent, held].join(', ')} and 1 more: phone`);
  expect(mail?.text).toContain('+1 555 0100');
  const sheet = arrived().find(({ channel }) => channel === 'print')?.text ?? '';
  for (const number of [timer, held, silent, unheard]) expect(sheet).toContain(`${number}, category 1: stands still for 1 min`);
  expect(sheet).toMatch(/called last: .*, \+1 555 555 0111/u);
  expect(sheet).not.toContain(fine);
  // The mark that the service looks for, and a row of the site for each.
  await until(async () => (await stand.stores.cursors.read('watcher')) !== null);
  const rows = () => db.all<{ detail: string }>("SELECT detail FROM audit WHERE case_id = 'site' AND action = 'alert-overdue' AND outcome = 'done'");
  await until(() => rows().length === 4);
  expect(rows().map(({ detail }) => (JSON.parse(detail) as { why: string }).why)).toEqual(['timer', 'nothing', 'held', 'event']);
  expect(await views.open('critical-results')).toHaveLength(5);
  await logged('"event":"watcher.alert-overdue"');
  const everything = JSON.stringify([stand.side.lines, rows(), stand.asked, stand.log()]);
  for (const secret of PATIENT) expect(everything).not.toContain(secret);
});

it('pages about any of its timers that stands still, and not about what is closed and was changed while its reminder goes on', async () => {
  const later = addSeconds(toInstant(Date.now()), 600);
  const changed = await stand.alert(1, null, { status: 'changed', timers: { seen: later }, updatedAt: ago(60) });
  const overdue = [
    await stand.alert(2, null, { status: 'changed', timers: { seen: ago(60) } }),
    await stand.alert(3, later, { timers: { seen: ago(60) } }),
    await stand.alert(4, later, { timers: { 'hand-off': ago(60) } }),
    await stand.alert(5, null, { timers: { 'hand-off': later }, updatedAt: ago(60) }),
    await stand.alert(6, null, { status: 'changed', updatedAt: ago(60) }),
  ];
  await stand.watch();
  await allArrived();
  const sheet = arrived().find(({ channel }) => channel === 'print')?.text ?? '';
  for (const number of overdue) expect(sheet).toContain(`${number}, category 1: stands still for 1 min`);
  expect(sheet).not.toContain(changed);
});

it('pages again every five minutes while it lasts, and no more once it goes on; two watchers page twice at most', async () => {
  const number = await stand.alert(1, ago(60), { drill: true });
  await Promise.all([stand.watch(), stand.watch()]);
  await until(() => arrived().length > 6, 30);
  // By the watchers' own clock: how long one takes to start, or a page to arrive, is not counted. Of three pages two are of the same watcher.
  const paged = () =>
    [...stand.log().matchAll(/"event":"watcher\.alert-overdue"[^\n]*"duration":(?<ms>\d+)/gu)].map(({ groups }) => Number(groups?.['ms']));
  await until(() => paged().length > 2);
  const [first, , third] = paged().sort((a, b) => a - b);
  expect(third! - first!).toBeGreaterThan(faster(300) * 0.8);
  const subjects = new Set(arrived().flatMap(({ subject }) => subject ?? []));
  expect([...subjects]).toEqual([`DRILL ALERT OVERDUE ${number}: phone`]);
  await stand.stores.db.write(() => stand.stores.db.run('UPDATE rows SET open = 0'));
  await pause(faster(30));
  const before = arrived().length;
  // Of each page every watcher sends one to each.
  expect(before).toBeLessThanOrEqual(12);
  await pause(faster(330));
  expect(arrived()).toHaveLength(before);
});

it('tries a page again that failed for a passing reason, and pings nobody while no page of an overdue alert was taken', async () => {
  stand.side.fault({ channel: 'all', what: 'down' });
  await stand.watch();
  await until(() => stand.pings.length > 0);
  await stand.alert(1, ago(60));
  await logged('"because":"pager"');
  const before = stand.pings.length;
  await pause(faster(90));
  expect(stand.pings).toHaveLength(before);
  stand.side.fault({ channel: 'all', what: 'none' });
  await allArrived();
  await until(() => stand.pings.length > before);
  await logged('"event":"watcher.ping-goes-on"');
});

it('pings for as long as all is proven: not when the service says no, not when the store can not be read, not when it is ended', async () => {
  const watching = await stand.watch();
  const goesOn = async (): Promise<void> => {
    const before = stand.pings.length;
    await until(() => stand.pings.length > before);
  };
  /** Seconds of a hospital until the last ping came, and that none came for as long again. */
  const stops = async (): Promise<void> => {
    await pause(faster(90));
    const before = stand.pings.length;
    await pause(faster(90));
    expect(stand.pings).toHaveLength(before);
  };
  await goesOn();
  expect(stand.asked[0]).toBe(`GET /alive host ${new URL(stand.deadmanUrl).host} connection close`);
  stand.says = 503;
  await stops();
  await logged('"because":"service"');
  stand.says = 200;
  await goesOn();
  const file = join(stand.data, 'store', 'radloop.sqlite');
  renameSync(file, `${file}.away`);
  await stops();
  await logged('"event":"watcher.not-looked"');
  await logged('"because":"store"');
  renameSync(`${file}.away`, file);
  await goesOn();
  await watching.kill();
  await stops();
});
