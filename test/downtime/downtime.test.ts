import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { newestList } from '#adapters/embedded/downtime-folder.js';
import { listedRows } from '#cards/downtime/sheet.js';
import { build } from '../../infra/build.ts';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { buttonFor, cardIn } from '../../infra/rehearsal/teams-side.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { acknowledgedBy, readPostings, readRisSide, sizeOfLedgers } from '../support/ledgers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';

const ORDERS = 60;
const SEED = 7;

/** Orders that are put before people and that the RIS leaves as they are. */
const undisturbed = plannedOrders(SEED, ORDERS).filter((order) => order.kind === 'imaging' && order.then === null);

let running: TestInstallation;
beforeAll(async () => {
  await build();
  running = await openInstallation();
  await running.openHospital(['--orders', String(ORDERS), '--rate', '0.1', '--seed', String(SEED), '--people', 'none']);
}, 180_000);
// A build that fails leaves none.
afterAll(() => (running as TestInstallation | undefined)?.clear(), 90_000);

const cli = (...args: string[]) => radloop(...args, '--data', running.data);

async function until(fits: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (await fits()) return;
    await pause(250);
  }
  throw new Error(`${what} did not happen`);
}

/** Until nothing outside has moved for two seconds. */
async function untilQuiet(): Promise<void> {
  for (let size = -1, since = 0; since < 8; since += 1) {
    await pause(250);
    const now = sizeOfLedgers(running.data);
    if (now !== size) since = 0;
    size = now;
  }
}

interface Entered {
  readonly line: number;
  readonly case: string;
  readonly outcome: string;
  readonly text: string;
}
async function enter(file: string, ...more: string[]): Promise<Entered[]> {
  const { out, err } = await cli('downtime', 'enter', file, '--json', '--as', 'c-reyes', ...more);
  expect(err).toBe('');
  return out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entered]));
}

describe('the service is down for an hour', () => {
  let sheet = '';
  let file = '';
  /** Decided on paper: placer numbers. */
  const decided: string[] = [];

  it('leaves a list that is complete to its as-of time, judged by the RIS, at 0600 in a folder of 0700', async () => {
    // In the middle of the stream: the RIS goes on, and nobody answers it.
    await until(() => readRisSide(running.data).acknowledged.size >= 35 && readPostings(running.data, 'protocoling').length >= 20, 'the orders');
    await running.stopService();
    const list = newestList(`${running.store}-downtime`)!;
    expect([list.html, list.csv].map((name) => statSync(name).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(statSync(`${running.store}-downtime`).mode & 0o777).toBe(0o700);
    const rows = listedRows(readFileSync(list.csv, 'utf8'));
    const asOf = rows[0]!['as_of']!;
    // Every imaging order that the RIS knows to be acknowledged before then, and has not cancelled, is on it.
    const imaging = new Set(plannedOrders(SEED, ORDERS).filter((order) => order.kind !== 'not-imaging').map((order) => numbersOf(order.n).placer)); // prettier-ignore
    const ris = readRisSide(running.data);
    const due = [...acknowledgedBy(running.data, asOf)].filter((placer) => imaging.has(placer) && !ris.cancelled.has(placer));
    expect(due.length).toBeGreaterThan(10);
    expect(due.filter((placer) => !rows.some((row) => row['order'] === placer))).toEqual([]);
    const page = readFileSync(list.html, 'utf8');
    expect(due.filter((placer) => !page.includes(placer))).toEqual([]);
  }, 120_000);

  it('is read without the service, and that it was opened is noted', async () => {
    const page = await cli('downtime', 'list', '--html');
    expect(page).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Open cases, for a downtime') });
    const shown = await cli('downtime', 'list');
    expect(shown.out).toMatch(/^As of \d.* \(America\/Chicago\), as every time here\. .*open cases\.\n/u);
    sheet = (await cli('downtime', 'list', '--csv')).out;
    expect((await cli('downtime', 'list', '--json')).out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))).toEqual(listedRows(sheet)); // prettier-ignore
    expect(
      readFileSync(join(`${running.store}-downtime`, 'openings.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(4);
    expect((await cli('downtime', 'enter', 'x.csv')).code).toBe(2);
    file = join(running.data, 'filled.csv');
    writeFileSync(file, sheet);
    expect(await cli('downtime', 'enter', file)).toMatchObject({ code: 0, out: expect.stringContaining('nothing was entered') });
  }, 60_000);

  it('takes what was decided on paper back in: dry run first, then each once, by the RIS’s own ledger', async () => {
    const rows = listedRows(sheet);
    const byPaper = rows
      .filter((row) => row['proposal'] !== '' && undisturbed.some((order) => numbersOf(order.n).placer === row['order']))
      .slice(0, 8);
    expect(byPaper).toHaveLength(8);
    const lines = sheet.split('\r\n');
    const at = new Date().toISOString();
    // The first is in the RIS already; the last two are decided in Teams meanwhile.
    byPaper.forEach((row, index) => {
      const line = lines.findIndex((text) => text.includes(row['case']!));
      lines[line] = lines[line]!.replace(
        /,{6}$/u,
        `,approve,,${index % 2 === 0 ? 'dr-okafor' : 'Maja Lindqvist'},${at},${index === 0 ? 'yes' : ''},on paper`,
      );
    });
    writeFileSync(file, lines.join('\r\n'));
    await pause(1100);
    expect(await cli('downtime', 'enter', file, '--as', 'c-reyes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('The service does not run'),
    });
    await running.startService();
    expect((await enter(file, '--dry-run')).map(({ outcome }) => outcome)).toEqual(byPaper.map(() => 'would'));
    for (const row of byPaper.slice(6)) await approveInTeams(row['case']!);
    const first = await enter(file);
    expect(first.map(({ outcome }) => outcome).toSorted()).toEqual([...Array<string>(2).fill('conflict'), ...Array<string>(6).fill('done')]);
    expect(first.find(({ outcome }) => outcome === 'conflict')?.text).toMatch(/^Ngozi Okafor approved this order at/u);
    decided.push(...byPaper.map((row) => row['order']!));
    await untilQuiet();
    const { writeBacks, conflicts } = readRisSide(running.data);
    expect(decided.map((placer) => writeBacks.get(placer)?.length ?? 0)).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
    expect(conflicts).toBe(0);
  }, 120_000);

  it('the same file again, also after a kill, does nothing twice', async () => {
    const before = JSON.stringify([...readRisSide(running.data).writeBacks]);
    const again = await enter(file);
    expect(again.map(({ outcome }) => outcome).toSorted()).toEqual([...Array<string>(6).fill('before'), ...Array<string>(2).fill('conflict')]);
    await running.killAndRestart();
    expect(await enter(file)).toEqual(again);
    await untilQuiet();
    expect(JSON.stringify([...readRisSide(running.data).writeBacks])).toBe(before);
    expect(readRisSide(running.data).conflicts).toBe(0);
  }, 120_000);

  it('has in its audit who opened the list, who decided and who entered it, and the chain holds', async () => {
    await running.stop();
    const verdict = await radloop('audit', 'verify', '--data', running.data, '--json');
    expect(JSON.parse(verdict.out)).toMatchObject({ ok: true });
    const log = readFileSync(join(running.data, 'logs', 'service.log'), 'utf8');
    expect(log).toContain('"downtime.written"');
    expect(log).toContain('"downtime.same-disk"');
    const db = new DatabaseSync(join(running.store, 'radloop.sqlite'), { readOnly: true });
    const rows = (action: string) => db.prepare('SELECT actor, outcome FROM audit WHERE action = ?').all(action) as { actor: string }[];
    expect(rows('downtime-opened')).toHaveLength(4);
    expect(rows('downtime-openings-gap')).toEqual([]);
    expect(rows('protocolApproved').filter(({ actor }) => actor.includes('"enteredBy":"c-reyes"'))).toHaveLength(6);
    db.close();
  }, 60_000);
});

async function approveInTeams(caseNumber: string): Promise<void> {
  const posting = readPostings(running.data, 'protocoling').findLast((one) => one.caseNumber === caseNumber)!;
  const { conversationId, activityId, open } = posting;
  const acted = await running.teams.act({
    ...{ person: 'dr-okafor', kind: 'invoke', name: 'task/fetch', conversationId, replyToId: activityId },
    value: { data: open, context: { theme: 'default' } },
  });
  expect(acted?.status).toBe(200);
  const { data } = buttonFor(cardIn(acted?.body), 'approve')!;
  const answered = await running.teams.act({
    ...{ person: 'dr-okafor', kind: 'invoke', name: 'task/submit', conversationId, replyToId: activityId },
    value: { data, context: { theme: 'default' } },
  });
  expect(JSON.stringify(answered?.body)).toContain('Approved');
}
