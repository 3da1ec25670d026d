import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUse, StoreTooNew, openDatabase } from '#adapters/embedded/database.js';
import { takeOver } from '#adapters/embedded/take-over.js';
import { appendTo, caseNo, effects, embeddedStores, eventFor, later, message, queue, toOrder } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';
import { auditStoreContract } from './audit-store.contract.ts';
import { caseStoreContract } from './case-store.contract.ts';
import { cursorsContract } from './cursors.contract.ts';
import { deadlineStoreContract } from './deadline-store.contract.ts';
import { eventBusContract } from './event-bus.contract.ts';
import { outboxStoreContract } from './outbox-store.contract.ts';
import { rawStoreContract } from './raw-store.contract.ts';
import { viewsContract } from './views.contract.ts';

for (const contract of [
  ...[
    caseStoreContract,
    outboxStoreContract,
    eventBusContract,
    deadlineStoreContract,
    rawStoreContract,
    auditStoreContract,
    viewsContract,
    cursorsContract,
  ],
])
  contract('the embedded store', async () => embeddedStores());

describe('tampering with the audit record', () => {
  let stores: EmbeddedStores;
  beforeEach(async () => {
    stores = embeddedStores();
    const fact = (type: string) => ({ type, fact: { type } });
    for (let n = 1; n <= 6; n += 1) {
      await appendTo(stores, caseNo(n % 2), { facts: [fact(`fact-${n}`)] });
      if (n % 2 === 0) await stores.audit.seal(later(n));
    }
  });
  afterEach(() => stores.close());
  const tampered = async (sql: string) => {
    await stores.db.write(() => {
      for (const statement of sql.split(';')) stores.db.run(statement);
    });
    return stores.audit.verify();
  };

  it.each([
    ['a changed row', "UPDATE audit SET action = 'orderRejected' WHERE seq = 3"],
    ['a changed actor', `UPDATE audit SET actor = '{"kind":"person","person":"dr-x"}' WHERE seq = 1`],
    ['a changed time', "UPDATE audit SET at = '2026-11-25T09:00:00.000Z' WHERE seq = 2"],
    ['a changed hash', 'UPDATE audit SET hash = prev WHERE seq = 2'],
    ['a row that was taken out', 'DELETE FROM audit WHERE seq = 3'],
    ['a row that was taken out, those behind it closing up', 'DELETE FROM audit WHERE seq = 3;UPDATE audit SET seq = seq - 1 WHERE seq > 3'],
    [
      'two rows that changed places',
      'UPDATE audit SET seq = 99 WHERE seq = 2;UPDATE audit SET seq = 2 WHERE seq = 4;UPDATE audit SET seq = 4 WHERE seq = 99',
    ],
    ['rows that changed cases', "UPDATE audit SET case_id = 'site' WHERE seq = 2"],
    ['a tail that was cut off', 'DELETE FROM audit WHERE seq > 4'],
    ['a last row that was cut off', 'DELETE FROM audit WHERE seq = 6'],
    ['a tail that was cut off with its seal', 'DELETE FROM audit WHERE seq > 4;DELETE FROM seals WHERE upto > 4'],
    ['a case that vanished whole', `DELETE FROM audit WHERE case_id = '${caseNo(1)}'`],
    ['a seal that was taken out', 'DELETE FROM seals WHERE id = 2'],
    ['a last seal that was taken out', 'DELETE FROM seals WHERE id = 3'],
    ['a changed seal', "UPDATE seals SET hash = '0' WHERE id = 2"],
  ])('%s is found', async (_name, sql) => {
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 6 });
    expect(await tampered(sql)).toMatchObject({ ok: false, firstBad: { what: expect.any(String) } });
  });
});

describe('the embedded store’s folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-store-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is for its owner only', async () => {
    const inner = join(folder, 'data');
    const db = openDatabase(inner);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(statSync(join(inner, 'radloop.sqlite')).mode & 0o777).toBe(0o600);
    await db.close();
  });

  it('is refused to a second opener, which is told what to do, and free after the end', async () => {
    const db = openDatabase(folder);
    expect(() => openDatabase(folder)).toThrow(StoreInUse);
    expect(() => openDatabase(folder)).toThrow('--data DIR');
    const looking = openDatabase(folder, { readOnly: true });
    expect(looking.secret).toBe(db.secret);
    await looking.close();
    await db.close();
    await openDatabase(folder).close();
  });

  it('is free again when the process that held it is killed, and what it had under way is due at once', async () => {
    const before = embeddedStores(folder);
    await queue(before, caseNo(1), effects.card());
    await before.bus.publish(eventFor(caseNo(1)));
    await before.outbox.claim(later(1), 60, 9);
    await before.bus.claim(later(1), 60, 9);
    await before.db.close();
    const source = `const { openDatabase } = await import('./functions/adapters/embedded/database.ts'); globalThis.held = openDatabase(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(holder, 'exit');
    try {
      await once(holder.stdout, 'data');
      expect(() => openDatabase(folder)).toThrow(StoreInUse);
    } finally {
      holder.kill('SIGKILL');
    }
    await ended;
    const after = embeddedStores(folder);
    expect(await after.outbox.claim(later(2), 60, 9)).toEqual([]);
    await takeOver(after.db);
    expect(await after.outbox.claim(later(2), 60, 9)).toMatchObject([{ attempt: 2 }]);
    expect(await after.bus.claim(later(2), 60, 9)).toMatchObject([{ attempt: 2 }]);
    await after.db.close();
  });

  it('is refused to a Radloop that is older than what wrote it', async () => {
    const db = openDatabase(folder);
    await db.write(() => db.run("INSERT INTO meta (name, value) VALUES ('x', 'y')"));
    db.get('PRAGMA user_version = 99');
    await db.close();
    expect(() => openDatabase(folder)).toThrow(StoreTooNew);
  });

  it('of version 1 is brought up to date, and all that was in it is there: answers, orders, what was under way', async () => {
    const old = new DatabaseSync(join(folder, 'radloop.sqlite'));
    old.exec(readFileSync(new URL('store-version-1.sql', import.meta.url), 'utf8'));
    old.close();
    const stores = embeddedStores(folder);
    const answers = { commit: null, application: Buffer.from('MSA|AA|M1') };
    expect(await stores.raw.find('mllp:aa')).toEqual({ answers, ackCode: 'AA' });
    expect(await stores.raw.find('mllp:noise:bb')).toEqual({ answers: { commit: null, application: null }, ackCode: 'AR' });
    expect(await stores.raw.list(9, 'used')).toMatchObject([{ hash: 'aa', controlId: 'M1', sender: '', controlIdReused: false }]);
    expect(await stores.raw.unanswered(later(99), 9)).toEqual([]);
    // The order is found by either of its numbers, which are no longer written in plain.
    const filler = toOrder('change', 'filler|RIS|OLD-F1');
    await stores.raw.keep(message(), [filler, toOrder('again', 'placer|HIS|OLD-P1')]);
    const caseId = '361b771c3ac6c28ba224203bce3e5591';
    const [change] = await stores.bus.claim(later(99), 60, 9);
    expect(change?.event).toMatchObject({ id: 'change', caseId });
    expect(await stores.cases.read('protocoling', change!.event.caseId)).toMatchObject({
      caseNumber: '7KF3QN',
      version: 1,
      facts: [{ fact: { n: 1 } }],
    });
    // Which of its numbers is the placer's is known: another order of the placer's is a case of its own.
    await stores.raw.keep(message(), [toOrder('other', 'placer|HIS|NEW-P2', 'filler|RIS|OLD-F1')]);
    const other = (await stores.bus.claim(later(99), 60, 9)).find(({ event }) => event.id === 'other');
    expect(other).toBeDefined();
    expect(other?.event.caseId).not.toBe(caseId);
    expect(await stores.outbox.claim(later(99), 60, 9)).toMatchObject([{ effect: { kind: 'showCard' }, awaited: false }]);
    await stores.db.close();
    const file = readFileSync(join(folder, 'radloop.sqlite')).toString('latin1');
    expect(file).not.toContain('OLD-P1');
  });

  it('undoes what failed and nothing else of the transaction it shared', async () => {
    const db = openDatabase(folder);
    const put = (name: string) => db.write(() => db.run('INSERT INTO meta (name, value) VALUES (?, ?)', name, 'x'));
    const failing = db.write(() => {
      db.run("INSERT INTO meta (name, value) VALUES ('half', 'x')");
      throw new RangeError('no');
    });
    await expect(Promise.all([put('a'), failing])).rejects.toThrow(RangeError);
    await put('b');
    expect(db.all<{ name: string }>("SELECT name FROM meta WHERE name <> 'secret' ORDER BY name").map(({ name }) => name)).toEqual(['a', 'b']);
    await db.close();
  });
});
