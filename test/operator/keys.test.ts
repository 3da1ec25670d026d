import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '#adapters/embedded/database.js';
import { keyCustody } from '#adapters/embedded/key-rotation.js';
import { siteKeyOf } from '#adapters/embedded/site-key-place.js';
import { startCustody } from '#engine/custody.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import type { CustodyReply, CustodyRequest, KeysShown } from '#ports/custody.js';
import { directoryOf } from '../support/clinic.ts';
import { radloop } from '../support/radloop.ts';
import { appendTo, caseNo, t0 } from '../support/store-fixture.ts';
import { said, startCustodyFixture } from './custody-fixture.ts';
import type { CustodyFixture } from './custody-fixture.ts';

let desk: CustodyFixture;
beforeEach(() => {
  desk = startCustodyFixture();
});
afterEach(() => desk.close());

const rotate: CustodyRequest = { ask: 'keys-rotate', reason: 'yearly', dryRun: false };
const never = new AbortController().signal;

function keysIn(reply: CustodyReply): KeysShown {
  if (!reply.ok || reply.answer !== 'keys') throw new Error(said(reply));
  return reply.keys;
}
const shown = async (): Promise<KeysShown> => keysIn(await desk.ask({ ask: 'keys-show' }, 'akim'));
const cases = async (count: number): Promise<void> => {
  for (let n = 1; n <= count; n += 1) await appendTo(desk.stores, caseNo(n), { facts: [{ type: 'told', fact: { n } }] });
};

describe('a new version of the site key', () => {
  it('is made for an administrator with a reason, and shown with what hangs on which version', async () => {
    await cases(3);
    await desk.stores.audit.seal(t0);
    const signed = (await shown()).versions[0]?.signatures;
    expect(await desk.ask({ ...rotate, reason: '' }, 'akim')).toMatchObject({ ok: false, code: 'no-reason' });
    expect(said(await desk.ask({ ...rotate, dryRun: true }, 'akim'))).toMatch(
      /^version 2 of the site key is made in .*, and 4 data keys are wrapped anew/u,
    );
    expect((await shown()).versions).toHaveLength(1);
    expect(said(await desk.ask(rotate, 'akim'))).toContain('version 2 of the site key wraps and signs from now on');
    expect(desk.begun).toBe(1);
    expect(await shown()).toMatchObject({ file: `${desk.folder}.key`, waiting: 4 });
    expect(await desk.custody.keys.rewrap(never)).toEqual({ dataKeys: 4, done: true });
    const { versions, waiting } = await shown();
    expect({ versions, waiting }).toEqual({
      versions: [
        { version: '1', isCurrent: false, made: expect.stringMatching(/Z$/u), dataKeys: 0, signatures: signed },
        { version: '2', isCurrent: true, made: expect.stringMatching(/Z$/u), dataKeys: 4, signatures: 0 },
      ],
      waiting: 0,
    });
    expect(desk.audited()).toMatchObject([{ who: 'a-kim', action: 'keys-rotate', outcome: 'done', detail: { reason: 'yearly', version: '2' } }]);
    const { keys } = JSON.parse(readFileSync(`${desk.folder}.key`, 'utf8')) as { keys: Record<string, string> };
    for (const key of Object.values(keys)) expect(JSON.stringify(await shown())).not.toContain(key);
  });

  it.each(['vmoreau', 'mbrandt', 'drokafor', 'nobody'])('is not made for %s, which is a row', async (account) => {
    expect(await desk.ask(rotate, account)).toMatchObject({ ok: false, code: 'denied' });
    expect(desk.audited()).toMatchObject([{ action: 'keys-rotate', outcome: 'denied' }]);
    expect((await shown()).versions).toHaveLength(1);
    expect((await desk.ask({ ask: 'keys-show' }, account)).ok).toBe(account === 'vmoreau');
  });

  it('is not made while the last one is not at its end; the next start brings that to its end', async () => {
    await cases(450);
    await desk.ask(rotate, 'akim');
    expect(said(await desk.ask(rotate, 'akim'))).toContain('451 keys are still to be wrapped anew');
    // Ended after the first step of 200: as a process that is stopped.
    const ending = new AbortController();
    const part = desk.custody.keys.rewrap(ending.signal);
    setImmediate(() => ending.abort());
    expect(await part).toMatchObject({ done: false });
    const { waiting } = await shown();
    expect(waiting).toBeGreaterThan(0);
    const { stores, custody, log, wanted } = desk;
    const parts = { audit: stores.audit, directory: directoryOf([]), clock: { now: () => t0 }, log };
    const work = startCustody({ parts, queue: queueStore(stores.db), custody, wanted, rehearsal: false });
    for (let tries = 0; tries < 200 && !log.lines.some(({ event }) => event === 'site-key.rewrapped'); tries += 1)
      await new Promise((resume) => setTimeout(resume, 10));
    await work.stop();
    expect(await shown()).toMatchObject({ waiting: 0, versions: [{ dataKeys: 0 }, { dataKeys: 451 }] });
    expect(log.lines.find(({ event }) => event === 'site-key.rewrapped')?.fields).toEqual({ keys: waiting, done: true });
    expect(stores.db.all('SELECT version FROM wrapping_keys')).toEqual([{ version: '2' }]);
    for (const n of [1, 450]) expect((await stores.cases.read('protocoling', caseNo(n))).facts).toHaveLength(1);
  });

  it('is not made in a file that others can read, and says how to mend that', async () => {
    chmodSync(`${desk.folder}.key`, 0o644);
    expect(said(await desk.ask(rotate, 'akim'))).toMatch(/can be read by others than its owner \(mode 644\): chmod 600 .* Nothing was done/u);
    expect(desk.audited()).toMatchObject([{ action: 'keys-rotate', outcome: 'nothing' }]);
    chmodSync(`${desk.folder}.key`, 0o600);
    expect((await shown()).versions).toHaveLength(1);
  });

  it('is not made by Radloop where Key Vault has the keys', async () => {
    desk.onAzure = true;
    expect(said(await desk.ask(rotate, 'akim'))).toContain('On Azure Key Vault keeps the keys');
    expect(await desk.ask(rotate, 'mbrandt')).toMatchObject({ code: 'denied' });
  });

  it('is shown without the service too, and never made then', async () => {
    await cases(2);
    const data = ['--data', desk.folder];
    const show = await radloop('keys', 'show', ...data);
    expect(show).toMatchObject({ code: 0, err: '' });
    expect(show.out).toMatch(/^site key .*[.]key\nversion 1 {4}made \d{4}-.* UTC {2}3 data keys +0 signatures +current\n$/u);
    expect(keysIn({ ok: true, ...(JSON.parse((await radloop('keys', 'show', '--json', ...data)).out) as object) } as CustodyReply).waiting).toBe(0);
    const no = await radloop('keys', 'rotate', '--reason', 'x', ...data);
    expect(no).toMatchObject({ code: 1, out: '', err: expect.stringContaining('The service does not run') });
    const kept = await radloop('retention', 'show', ...data);
    expect(kept).toMatchObject({ code: 0, out: 'The service has not noted a retention yet.\nNo case is under legal hold.\n' });
    for (const act of ['hold', 'shred', 'unhold']) {
      const { code, err } = await radloop('retention', act, 'NONONO', '--reason', 'x', ...data);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('The service does not run') });
    }
    expect((await shown()).versions).toHaveLength(1);
  }, 60_000);

  it.each([
    'keys show',
    'keys rotate',
    'retention show',
    'retention hold',
    'retention unhold',
    'retention shred',
    'retention shorten',
    'retention confirm',
  ])(
    '%s has help with one worked example',
    async (command) => {
      const { code, out } = await radloop(...command.split(' '), '--help');
      expect(code).toBe(0);
      expect(out).toContain(`\nExample: radloop ${command}`);
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    },
    20_000,
  );
});

describe('where the site key of a store lies', () => {
  it('is one place for the service and every command: what is given, what the store names, beside the store', async () => {
    const { db } = desk.stores;
    expect(siteKeyOf(desk.folder, undefined)).toBe(db.siteKey.file);
    expect(siteKeyOf(desk.folder, '/elsewhere/site.key')).toBe('/elsewhere/site.key');
    const moved = join(desk.folder, '..', 'moved');
    mkdirSync(moved);
    const file = join(moved, 'site.key');
    writeFileSync(file, readFileSync(`${desk.folder}.key`), { mode: 0o600 });
    const again = openDatabase(desk.folder, { keyFile: file });
    expect(siteKeyOf(desk.folder, undefined)).toBe(file);
    expect((await keyCustody(again).show()).file).toBe(file);
    await again.close();
    // Without an option: verify and doctor look where the store says.
    expect((await radloop('audit', 'verify', '--data', desk.folder)).code).toBe(0);
  }, 30_000);
});
