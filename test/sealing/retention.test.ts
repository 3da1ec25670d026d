import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { retentionOf } from '#adapters/embedded/retention.js';
import { Shredded } from '#adapters/embedded/sealing.js';
import { forgetLog, holdCase, isLogKept, shredCase } from '#adapters/embedded/shredding.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { retention } from '#domain/retention.js';
import type { RetentionPolicy } from '#domain/retention.js';
import { appendTo, caseNo, effects, embeddedStores, eventFor, later, message, queue, row, t0, toOrder } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

const DAY = 86_400;
const policy: RetentionPolicy = { ...retention.parse({}), rawDays: 30, caseDays: 60 };
const by = { at: t0, actor: { kind: 'system', part: 'test' }, reason: 'asked for' } as const;

let work: string;
let folder: string;
let stores: EmbeddedStores;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'radloop-retention-'));
  folder = join(work, 'store');
  stores = embeddedStores(folder);
});
afterEach(async () => {
  await stores.db.close();
  rmSync(work, { recursive: true });
});

const close = (id: CaseId) =>
  appendTo(stores, id, { facts: [{ type: 'ended', fact: { type: 'ended' } }], row: { ...row, open: false, waiting: false } });
const numberOf = (id: CaseId) => stores.db.get<{ number: CaseNumber }>('SELECT number FROM cases WHERE case_id = ?', id)!.number;
const shred = (id: CaseId) => stores.db.write(() => shredCase(stores.db, id, by));
const sweep = (days: number, of = policy) => retentionOf(stores.db, of).sweep(later(days * DAY));
const left = (table: string) => stores.db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)!.n;
const keep = (n: number, more = {}, ...consequences: Parameters<typeof stores.raw.keep>[1] & object) =>
  stores.raw.keep(message({ identity: `mllp:${n}`, controlId: `M${n}`, ...more }), consequences);

describe('dropping a case’s data key', () => {
  it('makes its patient data unreadable for good, while audit, number and the receipts’ hashes stay', async () => {
    const id = caseNo(1);
    await appendTo(stores, id, { facts: [{ type: 'told', fact: { name: 'Abara^Vera' } }], keys: ['patient|MRN|1'] });
    await queue(stores, id, effects.card());
    const [item] = await stores.outbox.claim(later(1), 60, 9);
    await stores.outbox.delivered(item!, { conversationId: 'conversation-1' }, later(2));
    await close(id);
    const number = numberOf(id);
    const wrapped = stores.db.get<{ wrapped: Uint8Array }>('SELECT wrapped FROM data_keys WHERE scope = ?', `case:${id}`)!.wrapped;
    const before = await stores.audit.verify();
    expect(await shred(id)).toBeNull();

    await expect(stores.cases.read('protocoling', id)).rejects.toThrow(Shredded);
    expect(await stores.cases.findByNumber(number)).toEqual({ workflow: 'protocoling', caseId: id });
    expect(await stores.cases.findByConversation('conversation-1')).toBe(number);
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: before.rows + 1, firstBad: null });
    const receipt = stores.db.get<{ state: string; hash: string }>('SELECT state, lower(hex(receipt_hash)) AS hash FROM outbox')!;
    expect(receipt).toEqual({ state: 'delivered', hash: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    expect([left('case_keys'), left('facts')]).toEqual([0, 2 + 1]);
    // The wrapped key itself is nowhere in the file any more: not in a free page, not in the log.
    stores.db.get('PRAGMA wal_checkpoint(TRUNCATE)');
    for (const name of ['radloop.sqlite', 'radloop.sqlite-wal']) expect(readFileSync(join(folder, name)).includes(Buffer.from(wrapped))).toBe(false);
  });

  it('leaves no copy of a key where pages were divided, however many cases there are', async () => {
    const cases = Array.from({ length: 300 }, (_, n) => caseNo(n + 1));
    await Promise.all(cases.map(close));
    const wrapped = stores.db.all<{ wrapped: Uint8Array }>("SELECT wrapped FROM data_keys WHERE scope LIKE 'case:%'").map((row) => row.wrapped);
    expect(wrapped).toHaveLength(300);
    await stores.db.write(() => cases.map((id) => shredCase(stores.db, id, by)));
    await forgetLog(stores.db);
    const file = readFileSync(join(folder, 'radloop.sqlite'));
    expect(wrapped.filter((bytes) => file.includes(Buffer.from(bytes)))).toEqual([]);
  });

  describe('and its patient’s number', () => {
    const mrn = (id: string) => ({ id, assigner: 'MRN', type: 'MR' });
    const location = { pointOfCare: 'CANARY-WARD', room: '', bed: '', facility: '' };
    const patients = () =>
      stores.db.all<{ known: number; place: number }>('SELECT length(identifier) > 0 AS known, location IS NOT NULL AS place FROM patients');
    const merged = { kind: 'patients-merged', prior: [mrn('1')], surviving: [mrn('2')], sortTime: later(1) } as const;
    const moved = { kind: 'patient-moved', patient: [mrn('2')], location, patientClass: 'I', sortTime: later(2) } as const;
    const ended = (id: CaseId, keys: readonly string[]) =>
      appendTo(stores, id, { facts: [{ type: 'ended', fact: {} }], keys: keys, row: { ...row, open: false, waiting: false } });

    it('goes with it, with number and place of all that are theirs by merges, and leaves keyed hashes alone', async () => {
      await keep(1, {}, merged, moved);
      await ended(caseNo(1), ['patient|MRN|1']);
      const sealed = stores.db.all<{ identifier: Uint8Array }>('SELECT identifier FROM patients').map(({ identifier }) => Buffer.from(identifier));
      expect(await shred(caseNo(1))).toBeNull();
      expect(patients()).toEqual([{ known: 0, place: 0 }, { known: 0, place: 0 }]); // prettier-ignore
      await forgetLog(stores.db);
      const file = readFileSync(join(folder, 'radloop.sqlite'));
      expect(sealed.filter((bytes) => file.includes(bytes))).toEqual([]);
      expect(await stores.raw.patientNow([mrn('1')])).toEqual({
        identifiers: [mrn('1')],
        surviving: null,
        location: null,
        patientClass: null,
        asOf: null,
      });
      // It comes again: what it was merged with still holds.
      await ended(caseNo(2), ['patient|MRN|1']);
      await keep(2, {}, { ...moved, sortTime: later(9) });
      expect(await stores.raw.patientNow([mrn('1')])).toMatchObject({ surviving: mrn('2'), patientClass: 'I' });
    });

    it('stays while another case needs it', async () => {
      await keep(1, {}, merged, moved);
      await ended(caseNo(1), ['patient|MRN|1']);
      await ended(caseNo(2), ['patient|MRN|2']);
      expect(await shred(caseNo(1))).toBeNull();
      expect(patients()).toContainEqual({ known: 1, place: 1 });
      expect(await shred(caseNo(2))).toBeNull();
      expect(patients().some(({ known }) => known === 1)).toBe(false);
    });
  });

  it('is refused while the case is open, waits for something, is held for a person or for a court', async () => {
    const [open, waiting, told, court, gone] = [1, 2, 3, 4, 5].map(caseNo) as [CaseId, CaseId, CaseId, CaseId, CaseId];
    await appendTo(stores, open, { facts: [{ type: 'told', fact: {} }], row });
    await queue(stores, waiting, effects.card());
    await appendTo(stores, told, { facts: [{ type: 'told', fact: {} }] });
    await stores.bus.publish(eventFor(told));
    await close(court);
    expect(await holdCase(stores.db, numberOf(court), 'letter of 2 May', by)).toBe(true);
    expect([await shred(open), await shred(waiting), await shred(told), await shred(court), await shred(gone)]).toEqual([
      ...['not ended', 'not ended', 'not ended', 'under legal hold', 'unknown'],
    ]);
    expect(await holdCase(stores.db, numberOf(court), null, by)).toBe(true);
    expect([await shred(court), await shred(court)]).toEqual([null, 'shredded already']);
    const acts = stores.db.all<{ action: string }>("SELECT action FROM audit WHERE case_id = ? AND action <> 'ended' ORDER BY seq", court);
    expect(acts.map(({ action }) => action)).toEqual(['legal-hold', 'legal-hold-lifted', 'case-shredded']);
  });

  it('leaves what comes for it later to a person, and shows it', async () => {
    const placer = 'placer|HIS|P1';
    await keep(1, {}, toOrder('order', placer));
    const [claimed] = await stores.bus.claim(later(1), 60, 9);
    const id = claimed!.event.caseId;
    await appendTo(stores, id, { facts: [{ type: 'told', fact: {} }], claimed: claimed!, row: { ...row, open: false } });
    expect(await shred(id)).toBeNull();
    expect(left('raw')).toBe(0);
    await keep(2, {}, toOrder('late', placer));
    const [late] = await stores.bus.claim(later(9), 60, 9);
    expect(late!.event.caseId).toBe(id);
    await expect(stores.cases.read('protocoling', id)).rejects.toThrow('was taken away');
    await stores.bus.quarantine(late!, 'its case is gone', later(9));
    expect(await queueStore(stores.db).list({ kind: 'event' }, 9, later(9))).toMatchObject([
      { what: 'orderReceived', caseNumber: numberOf(id), reason: expect.stringContaining('its order number was used again, or this came late') },
    ]);
  });
});

describe('retention', () => {
  it('takes messages away after their days, with the key of their day, and never what is held, owed or not worked on (invariant 31)', async () => {
    await keep(1);
    await keep(2, { state: 'refused', controlId: null });
    await keep(3, { state: 'new' });
    await keep(4, { answers: { commit: Buffer.from('CA'), application: Buffer.from('AA') } });
    await keep(5, { state: 'kept', receivedAt: later(DAY) });
    await keep(6, { receivedAt: later(40 * DAY) });
    expect(await sweep(29)).toEqual({ messages: 0, cases: 0, days: 0, auditRows: 0 });
    expect(await sweep(45)).toEqual({ messages: 2, cases: 0, days: 1, auditRows: 0 });
    expect((await stores.raw.list(9)).map(({ id }) => id)).toEqual(['6', '4', '3', '2']);
    for (const id of ['2', '3', '4', '6']) expect(await stores.raw.read(id)).toEqual(Buffer.from('MSH|'));
    await stores.db.write(() => stores.db.run("UPDATE raw SET state = 'released', owed = 2"));
    expect(await sweep(45)).toMatchObject({ messages: 3, days: 1 });
    expect(await sweep(90)).toMatchObject({ messages: 1, days: 1 });
    expect(left('raw')).toBe(0);
  });

  it('is stopped by no clock that was ahead, and takes nothing that one that was behind made look old (invariant 31)', async () => {
    const run = (from: number, count: number, seconds: number) =>
      Promise.all(Array.from({ length: count }, (_, n) => keep(from + n, { receivedAt: later(seconds) })));
    await run(1, 3, 0);
    // For a while the clock was a year ahead: more rows than one step looks at.
    await run(10, 600, 365 * DAY);
    await run(1000, 3, DAY);
    await keep(1003, { state: 'refused', controlId: null, receivedAt: later(DAY) });
    await run(2000, 600, 40 * DAY);
    // And for a while 20 years behind, also for what is still held.
    await run(3000, 2, -7000 * DAY);
    await keep(3003, { state: 'refused', controlId: null, receivedAt: later(-7000 * DAY) });
    expect(await retentionOf(stores.db, policy).due(later(45 * DAY))).toEqual({ messages: 606, cases: 0, auditRows: 0 });
    expect(await sweep(45)).toMatchObject({ messages: 606 });
    const all = await stores.raw.list(999);
    expect(all.map(({ identity }) => identity).filter((name) => !/:2\d{3}$/u.test(name))).toEqual([3003, 3001, 3000, 1003].map((n) => `mllp:${n}`));
    for (const { id } of [...all.slice(0, 9), ...all.slice(-2)]) expect(await stores.raw.read(id)).toEqual(Buffer.from('MSH|'));
    expect(await sweep(75)).toMatchObject({ messages: 602 });
    expect((await stores.raw.list(9)).map(({ identity }) => identity)).toEqual(['mllp:3003', 'mllp:1003']);
    for (const { id } of await stores.raw.list(9)) expect(await stores.raw.read(id)).toEqual(Buffer.from('MSH|'));
  });

  it('keeps a case whose end was written under a clock that was behind, and the audit of that time', async () => {
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: {} }], at: later(99 * DAY) });
    await appendTo(stores, caseNo(1), { facts: [{ type: 'ended', fact: {} }], row: { ...row, open: false, waiting: false }, at: later(-7000 * DAY) });
    const audit = auditStore(stores.db, { key: stores.db.siteKey, anchors: null });
    await audit.seal(later(100 * DAY));
    expect(await sweep(100)).toEqual({ messages: 0, cases: 0, days: 0, auditRows: 0 });
    expect((await stores.cases.read('protocoling', caseNo(1))).facts).toHaveLength(2);
  });

  it('empties the log without standing still for who reads', async () => {
    await close(caseNo(1));
    const reader = new DatabaseSync(join(folder, 'radloop.sqlite'), { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM audit');
    reader.prepare('SELECT count(*) FROM audit').get();
    await shred(caseNo(1));
    let slowest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      slowest = Math.max(slowest, performance.now() - last);
      last = performance.now();
    }, 10);
    const forgotten = forgetLog(stores.db);
    await new Promise((resume) => setTimeout(resume, 400));
    expect(isLogKept(stores.db)).toBe(true);
    reader.close();
    await forgotten;
    clearInterval(beat);
    expect(isLogKept(stores.db)).toBe(false);
    expect(slowest).toBeLessThan(2500);
    expect(statSync(join(folder, 'radloop.sqlite-wal')).size).toBe(0);
  });

  it('leaves a message alone while its case is open or under legal hold', async () => {
    await keep(1, {}, toOrder('order', 'placer|HIS|P1'));
    expect(await sweep(99)).toMatchObject({ messages: 0 });
    const [claimed] = await stores.bus.claim(later(1), 60, 9);
    const id = claimed!.event.caseId;
    await appendTo(stores, id, { facts: [{ type: 'told', fact: {} }], claimed: claimed!, row: { ...row, open: false } });
    await holdCase(stores.db, numberOf(id), 'letter of 2 May', by);
    expect(await sweep(99)).toMatchObject({ messages: 0, cases: 0 });
    await holdCase(stores.db, numberOf(id), null, by);
    expect(await sweep(59)).toMatchObject({ messages: 1, cases: 0 });
    expect(await sweep(99)).toMatchObject({ messages: 0, cases: 1 });
    expect(await sweep(999)).toEqual({ messages: 0, cases: 0, days: 0, auditRows: 0 });
  });

  it('drops what is no case any more, and lets a site keep its cases until it says otherwise', async () => {
    await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: {} }], row });
    await appendTo(stores, caseNo(1), { facts: [{ type: 'cancelled', fact: {} }], row: null });
    await close(caseNo(2));
    expect(await sweep(9999, { ...policy, caseDays: null })).toMatchObject({ cases: 0 });
    expect(await sweep(61)).toMatchObject({ cases: 2 });
  });

  it('empties audit rows after their years, except those of a case under legal hold, and the chain holds', async () => {
    const audit = auditStore(stores.db, { key: stores.db.siteKey, anchors: null });
    for (const n of [1, 2]) await close(caseNo(n));
    await holdCase(stores.db, numberOf(caseNo(2)), 'letter of 2 May', by);
    await audit.seal(t0);
    expect(await sweep(6 * 365)).toMatchObject({ auditRows: 0 });
    expect((await sweep(8 * 366)).auditRows).toBe(1);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it.each([[{ rawDays: 10 }], [{ auditYears: 3 }], [{ caseDays: 1 }]])('refuses %j of a site', (wrong) => {
    expect(retention.safeParse(wrong).success).toBe(false);
  });
});
