import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreInUse, StoreTooNew, openDatabase } from '#adapters/embedded/database.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { freeDeadClaims } from '#adapters/embedded/take-over.js';
import { appendTo, caseNo, effects, embeddedStores, eventFor, later, message, queue, toOrder } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';
import { auditReaderContract } from './audit-reader.contract.ts';
import { auditStoreContract } from './audit-store.contract.ts';
import { backlogContract } from './backlog.contract.ts';
import { caseStoreContract } from './case-store.contract.ts';
import { conversationsContract } from './conversations.contract.ts';
import { cursorsContract } from './cursors.contract.ts';
import { deadlineStoreContract } from './deadline-store.contract.ts';
import { eventBusContract } from './event-bus.contract.ts';
import { outboxStoreContract } from './outbox-store.contract.ts';
import { pendingCasesContract } from './pending-cases.contract.ts';
import { queueContract } from './queue.contract.ts';
import { rawStoreContract } from './raw-store.contract.ts';
import { storeFiguresContract } from './store-figures.contract.ts';
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
  ...[auditReaderContract, backlogContract, conversationsContract, pendingCasesContract, queueContract, storeFiguresContract],
])
  contract('the embedded store', async (settings) => embeddedStores(undefined, settings));

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
    rmSync(`${folder}.key`, { force: true });
  });

  it('is for its owner only', async () => {
    const inner = join(folder, 'data');
    const db = openDatabase(inner);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(statSync(join(inner, 'radloop.sqlite')).mode & 0o777).toBe(0o600);
    await db.close();
  });

  it('may be opened by several at once: each is an instance of its own, all have the store’s one secret', async () => {
    const [one, two] = [openDatabase(folder), openDatabase(folder)];
    const looking = openDatabase(folder, { readOnly: true });
    expect(new Set([one.secret, two.secret, looking.secret]).size).toBe(1);
    expect(one.instance).not.toBe(two.instance);
    for (const db of [one, two]) await db.write(() => db.run('INSERT INTO meta VALUES (?, ?)', db.instance, 'x'));
    expect(looking.all("SELECT name FROM meta WHERE value = 'x'")).toHaveLength(2);
    for (const db of [looking, one, two]) await db.close();
    expect(readdirSync(join(folder, 'instances'))).toEqual([]);
  });

  function asVersion1(): void {
    const old = new DatabaseSync(join(folder, 'radloop.sqlite'));
    old.exec(readFileSync(new URL('store-version-1.sql', import.meta.url), 'utf8'));
    old.close();
  }

  /** Opens the store in a process of its own, does that with it, and stays. */
  async function holding(source: string) {
    const head =
      "const { openDatabase } = await import('./functions/adapters/embedded/database.ts'); const { DatabaseSync } = await import('node:sqlite');";
    const stay = "console.log('held'); setInterval(() => {}, 1000);";
    const args = ['--conditions=source', '--input-type=module', '-e', `${head} const folder = ${JSON.stringify(folder)}; ${source}; ${stay}`];
    const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(holder, 'exit');
    await once(holder.stdout, 'data');
    return async () => {
      holder.kill('SIGKILL');
      await ended;
    };
  }

  it('gives free what a process had claimed as soon as that is killed, counted as its end, and not while it lives (invariant 30)', async () => {
    const stores = embeddedStores(folder);
    await queue(stores, caseNo(1), effects.card());
    await stores.bus.publish(eventFor(caseNo(1)));
    const imports =
      "const { outboxStore } = await import('./functions/adapters/embedded/outbox-store.ts'); const { eventBus } = await import('./functions/adapters/embedded/event-bus.ts');";
    const claims = `const db = globalThis.db = openDatabase(folder); await outboxStore(db).claim('${later(1)}', 60, 9); await eventBus(db).claim('${later(1)}', 60, 9)`;
    const kill = await holding(`${imports} ${claims}`);
    try {
      await freeDeadClaims(stores.db);
      expect(await stores.outbox.claim(later(2), 60, 9)).toEqual([]);
      expect(await stores.bus.claim(later(2), 60, 9)).toEqual([]);
    } finally {
      await kill();
    }
    expect(await stores.outbox.claim(later(2), 60, 9)).toEqual([]);
    expect(await freeDeadClaims(stores.db)).toBe(1);
    expect(await stores.outbox.claim(later(2), 60, 9)).toMatchObject([{ attempt: 2, crashes: 1 }]);
    expect(await stores.bus.claim(later(2), 60, 9)).toMatchObject([{ attempt: 2, crashes: 1 }]);
    // What is claimed here is ours, and stays so.
    expect(await freeDeadClaims(stores.db)).toBe(0);
    expect(await stores.bus.claim(later(3), 60, 9)).toEqual([]);
    await stores.db.close();
    expect(readdirSync(join(folder, 'instances'))).toEqual([]);
  });

  it('is not changed for a newer Radloop while an older one works on it', async () => {
    asVersion1();
    const kill = await holding(
      "const lock = globalThis.lock = new DatabaseSync(folder + '/service.lock'); lock.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (x)')",
    );
    try {
      expect(() => openDatabase(folder)).toThrow(StoreInUse);
      expect(() => openDatabase(folder)).toThrow('--data DIR');
    } finally {
      await kill();
    }
    await openDatabase(folder).close();
  });

  it('keeps for a person what can’t be read any more, and gives out the rest (invariant 9)', async () => {
    const stores = embeddedStores(folder);
    for (const n of [1, 2, 3]) {
      await stores.bus.publish(eventFor(caseNo(n)));
      await queue(stores, caseNo(n), effects.card());
    }
    await stores.db.write(() => {
      stores.db.run("UPDATE events SET body = x'00' WHERE case_id = ?", caseNo(2));
      stores.db.run("UPDATE outbox SET effect = x'00' WHERE case_id = ?", caseNo(1));
    });
    expect((await stores.bus.claim(later(1), 60, 9)).map(({ event }) => event.caseId)).toEqual([caseNo(1), caseNo(3)]);
    expect((await stores.outbox.claim(later(1), 60, 9)).map(({ caseId }) => caseId)).toEqual([caseNo(2), caseNo(3)]);
    expect(await stores.views.held()).toMatchObject([
      { kind: 'outbox', reason: expect.stringMatching(/^cannot-be-written: it can't be read \(\w+\)$/u) },
      { kind: 'event', reason: expect.stringMatching(/^it can't be read \(\w+\)$/u) },
    ]);
    await stores.db.close();
  });

  it('lets nothing leave that was made of what is committed and not on the disk yet (invariant 1)', async () => {
    const stores = embeddedStores(folder);
    await queue(stores, caseNo(1), effects.card());
    const [item] = await stores.outbox.claim(later(1), 60, 1);
    const order: string[] = [];
    const written = appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { type: 'told' } }] }).then(() => order.push('on the disk'));
    // Its transaction is committed, its sync is under way.
    while (stores.db.get<{ version: number }>('SELECT version FROM cases')?.version !== 2) await new Promise((turn) => setImmediate(turn));
    await stores.outbox.stillHeld(item!, later(2));
    order.push('leaves');
    await written;
    expect(order).toEqual(['on the disk', 'leaves']);
    await stores.db.close();
  });

  it('gives a case another number when the one that it would get is taken', async () => {
    const stores = embeddedStores(folder);
    const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
    await stores.db.write(() => stores.db.run('UPDATE cases SET case_id = ? WHERE case_id = ?', caseNo(2), caseNo(1)));
    const again = await stores.cases.read('protocoling', caseNo(1));
    expect(again.caseNumber).not.toBe(caseNumber);
    expect((await stores.cases.read('protocoling', caseNo(2))).caseNumber).toBe(caseNumber);
    await stores.db.close();
  });

  it('shows an operator a case by its number, of seven characters too', async () => {
    const stores = embeddedStores(folder, { sixCharacterNumbers: 0 });
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: { type: 'told' } }] });
    const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
    expect(caseNumber).toHaveLength(7);
    const asked = await Promise.all([caseNumber, `c${caseNumber}`].map((id) => queueStore(stores.db).find(id)));
    expect(asked).toMatchObject([{ caseNumber }, { caseNumber }]);
    await stores.db.close();
  });

  it('is refused to a Radloop that is older than what wrote it', async () => {
    const db = openDatabase(folder);
    await db.write(() => db.run("INSERT INTO meta (name, value) VALUES ('x', 'y')"));
    db.get('PRAGMA user_version = 99');
    await db.close();
    expect(() => openDatabase(folder)).toThrow(StoreTooNew);
  });

  it('of version 1 is brought up to date, and all that was in it is there: answers, orders, what was under way', async () => {
    asVersion1();
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
    expect(db.all<{ name: string }>("SELECT name FROM meta WHERE value = 'x' ORDER BY name").map(({ name }) => name)).toEqual(['a', 'b']);
    await db.close();
  });
});

describe('counting what waits in the outbox', () => {
  it('goes on in steps, others work between them, and what waits for a receiver that fails hides nothing (invariant 7)', async () => {
    const stores = embeddedStores();
    const { db, outbox } = stores;
    const row = `INSERT INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, state, attempt, failures, crashes, retries, due, written_at)
      VALUES (?, 'protocoling', 'AAAAAA', ?, NULL, 'sendHl7', ?, 'advice', x'00', 'waiting', 0, '{}', 0, 0, ?, ?)`;
    await db.write(() => {
      // Most fell due in one moment, and all of them go to one that fails.
      for (let n = 0; n < 5000; n += 1) db.run(row, `case-${n}`, `a${n}`, 'ris', n < 4000 ? later(0) : later(n), later(0));
      for (let n = 0; n < 1500; n += 1) db.run(row, `case-${n}`, `b${n}`, 'lab', n < 700 ? later(0) : later(n), later(0));
    });
    let turns = 0;
    let isCounting = true;
    const others = (): void => {
      turns += 1;
      if (isCounting) setImmediate(others);
    };
    setImmediate(others);
    expect(await outbox.waiting(9999, { notDestinations: ['ris'], notKinds: [] })).toBe(1500);
    isCounting = false;
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(await outbox.waiting(9999, { notDestinations: [], notKinds: [] })).toBe(6500);
    expect(await outbox.waiting(1200, { notDestinations: ['ris'], notKinds: [] })).toBe(1200);
    expect(await outbox.waiting(9999, { notDestinations: ['ris'], notKinds: ['sendHl7'] })).toBe(0);
    await stores.close();
  });
});
