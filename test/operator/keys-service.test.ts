import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '#adapters/embedded/database.js';
import { ofCase } from '#adapters/embedded/sealing.js';
import type { KeysShown } from '#ports/custody.js';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { readRisSide } from '../support/ledgers.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { runNode } from '../support/radloop.ts';
import { caseNo } from '../support/store-fixture.ts';

const ORDERS = 24;
const SEED = 12;
/** So many that a rotation takes a second or two: there is a middle to be killed in. */
const MORE_KEYS = 40_000;
const planned = plannedOrders(SEED, ORDERS);

let installation: TestInstallation;
beforeAll(async () => {
  installation = await openInstallation({ partsOf: 'embedded' });
}, 60_000);
afterAll(() => installation.clear(), 30_000);

const cli = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts'];
const radloop = (...args: string[]) => runNode(...cli, ...args, '--data', installation.data);
const keyFile = (): string => `${installation.store}.key`;

async function shown(): Promise<KeysShown> {
  const { out, err } = await radloop('keys', 'show', '--json');
  if (out === '') throw new Error(err);
  return (JSON.parse(out) as { keys: KeysShown }).keys;
}

/** Cases of long ago: nothing but their keys. */
async function addKeys(count: number): Promise<void> {
  const db = openDatabase(installation.store);
  for (let from = 0; from < count; from += 5000) {
    await db.write(() => {
      for (let n = from; n < from + 5000; n += 1) db.sealing.keyFor(ofCase(caseNo(1_000_000 + n)));
    });
  }
  await db.close();
}

/** `radloop keys rotate`, which goes on for as long as the service wraps; `begun` once it has said how much is left. */
function rotating(): { readonly begun: Promise<void>; readonly ended: Promise<{ readonly code: number | null; readonly err: string }> } {
  const child = spawn(process.execPath, [...cli, 'keys', 'rotate', '--reason', 'yearly', '--data', installation.data]);
  let err = '';
  const begun = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      if (err.includes('still to be wrapped anew')) resolve();
    });
    child.once('close', () => {
      resolve();
    });
  });
  const ended = new Promise<{ code: number | null; err: string }>((resolve) => child.once('close', (code) => resolve({ code, err })));
  return { begun, ended };
}

/** Lines of the service's log, which may be written a moment after the service is ready. */
async function logged(event: string): Promise<Record<string, unknown>[]> {
  for (let tries = 0; ; tries += 1) {
    const text = readFileSync(join(installation.data, 'logs', 'service.log'), 'utf8');
    const found = text.split('\n').filter((line) => line.includes(`"event":"${event}"`));
    if (found.length > 0 || tries > 50) return found.map((line) => JSON.parse(line) as Record<string, unknown>);
    await pause(100);
  }
}

describe('an administrator beside the running service', () => {
  it('finds the site key beside the store, and the log says that it was made', async () => {
    expect(existsSync(keyFile())).toBe(true);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(await logged('site-key.made')).toHaveLength(1);
    expect(await shown()).toMatchObject({ file: keyFile(), versions: [{ version: '1', isCurrent: true }] });
  }, 30_000);

  it('changes the site key while orders run; killed in the middle, the next start brings it to its end and no order is lost', async () => {
    await installation.stopService();
    await addKeys(MORE_KEYS);
    await installation.startService();
    await installation.openHospital(['--orders', String(ORDERS), '--rate', '0.2', '--seed', String(SEED), '--people', 'scripted']);
    const rotation = rotating();
    await rotation.begun;
    await installation.killAndRestart();
    const { code, err } = await rotation.ended;
    expect(err).toMatch(/still to be wrapped anew/u);
    // Whether it saw the service end or the new one finish, it says which.
    expect(code === 0 || /has ended meanwhile|did not answer/u.test(err)).toBe(true);
    let keys = await shown();
    for (let tries = 0; tries < 100 && keys.waiting > 0; tries += 1) {
      await pause(200);
      keys = await shown();
    }
    expect(keys).toMatchObject({
      waiting: 0,
      versions: [
        { version: '1', dataKeys: 0 },
        { version: '2', isCurrent: true },
      ],
    });
    expect(keys.versions[1]?.dataKeys).toBeGreaterThan(MORE_KEYS);
    // Not the one that was killed: the one after it, which had not all of them to do.
    const finished = await logged('site-key.rewrapped');
    expect(finished).toMatchObject([{ done: true }]);
    expect(finished[0]?.['keys']).toBeGreaterThan(0);
    expect(finished[0]?.['keys']).toBeLessThan(MORE_KEYS);
    const messages = planned.length + planned.filter((order) => order.then !== null).length;
    for (let tries = 0; tries < 200 && readRisSide(installation.data).messages.accepted < messages; tries += 1) await pause(200);
    expect(readRisSide(installation.data).messages.accepted).toBe(messages);
  }, 120_000);

  it('is denied where it is not theirs: an operator’s account changes no key, an administrator deletes nothing alone', async () => {
    expect(await radloop('keys', 'rotate', '--reason', 'x', '--as', 'm-brandt')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no role'),
    });
    expect(await radloop('retention', 'shred', 'NONONO', '--reason', 'x', '--as', 'a-kim')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no role'),
    });
    expect((await shown()).versions).toHaveLength(2);
    // Whoever sits at a rehearsal laptop is its administrator for what is an administrator's.
    const nothing = await radloop('retention', 'shorten', '--reason', 'x');
    expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('asks for nothing shorter') });
  }, 30_000);
});

describe('a privacy auditor beside the running service', () => {
  it('deletes a case that has ended with a second person, after a dry run that changes nothing', async () => {
    const ended = await endedCase();
    const show = await radloop('retention', 'show', ended);
    expect(show).toMatchObject({ code: 0, out: expect.stringContaining('its data may be deleted') });
    const dry = await radloop('retention', 'shred', ended, '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('would: GONE for good') });
    expect(await radloop('retention', 'shred', ended)).toMatchObject({ code: 1, err: expect.stringContaining('Say why with --reason') });
    const asked = await radloop('retention', 'shred', ended, '--reason', 'the patient asked for it');
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is done yet') });
    const bulk = /radloop retention confirm (b\d+)/u.exec(asked.out)?.[1] ?? '';
    expect(await radloop('retention', 'confirm', bulk)).toMatchObject({ code: 1, err: expect.stringContaining('another person has to confirm it') });
    expect(await radloop('q', 'confirm', bulk)).toMatchObject({ code: 1, err: expect.stringContaining(`radloop retention confirm ${bulk}`) });
    expect(await radloop('retention', 'confirm', bulk, '--as', 'a-kim')).toMatchObject({
      code: 0,
      out: expect.stringContaining('can not be read by anybody'),
    });
    expect((await radloop('retention', 'show', ended)).out).toContain('its patient data was deleted at');
    await installation.stop();
    expect((await radloop('audit', 'verify')).code).toBe(0);
    expect((await radloop('retention', 'show')).out).toMatch(/^Messages are kept 90 days, cases for good, the audit 7 years/u);
    const { out } = await radloop('audit', 'query', '--action', 'case-shredded');
    expect(out).toMatch(/v-moreau +case-shredded +done .*confirmedBy a-kim/u);
  }, 90_000);
});

/** The number of a case whose order was written back, or is rejected, or cancelled, and of which nothing waits any more. */
async function endedCase(): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const db = openDatabase(installation.store, { readOnly: true });
    const rows = db.all<{ number: string }>('SELECT number FROM rows WHERE open = 0');
    await db.close();
    for (const { number } of rows) if ((await radloop('retention', 'show', number)).out.includes('may be deleted')) return number;
    await pause(300);
  }
  throw new Error('no case has ended');
}
