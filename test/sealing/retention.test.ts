import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { retentionOf } from '#adapters/embedded/retention.js';
import { Shredded } from '#adapters/embedded/sealing.js';
import { holdCase, shredCase } from '#adapters/embedded/shredding.js';
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
    expect(await queueStore(stores.db).list({ kind: 'event' }, 9, later(9))).toMatchObject([{ what: 'orderReceived', caseNumber: numberOf(id) }]);
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
