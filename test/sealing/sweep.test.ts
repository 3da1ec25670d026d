import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dataCustody } from '#adapters/embedded/data-custody.js';
import type { Database } from '#adapters/embedded/database.js';
import { retentionOf } from '#adapters/embedded/retention.js';
import { holdCase, shredCase } from '#adapters/embedded/shredding.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { retention } from '#domain/retention.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { Consequence } from '#ports/raw-store.js';
import { appendTo, caseNo, embeddedStores, later, message, row, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

const DAY = 86_400;
const policy: RetentionPolicy = { ...retention.parse({}), rawDays: 30, caseDays: 60 };
const actor = { kind: 'system', part: 'test' } as const;
const by = { at: t0, actor, reason: 'asked for' } as const;
const [X, Y] = [caseNo(1), caseNo(2)];

let work: string;
let stores: EmbeddedStores;
let db: Database;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'radloop-sweep-'));
  stores = embeddedStores(join(work, 'store'));
  db = stores.db;
});
afterEach(async () => {
  await db.close();
  rmSync(work, { recursive: true });
});

const sweep = (days: number, of = policy) => retentionOf(db, of).sweep(later(days * DAY));
const known = (id: CaseId, ...keys: string[]) => appendTo(stores, id, { facts: [{ type: 'told', fact: {} }], keys, row });
const ended = (id: CaseId, ...keys: string[]) =>
  appendTo(stores, id, { facts: [{ type: 'ended', fact: {} }], keys, row: { ...row, open: false, waiting: false } });
const shred = (id: CaseId) => db.write(() => shredCase(db, id, by));
const numberOf = (id: CaseId) => db.get<{ number: CaseNumber }>('SELECT number FROM cases WHERE case_id = ?', id)!.number;

it('a sweep, and what it says before it, walk none of the large tables', async () => {
  await known(X, 'accession||A1');
  await stores.raw.keep(message({ identity: 'one', controlId: 'ONE' }), [report('r1', 'accession||A1')]);
  await ended(X);
  await ended(Y, 'accession||A2');
  const asked = new Set<string>();
  const seen = <T extends 'all' | 'get' | 'run'>(what: T): Database[T] =>
    ((sql: string, ...values: []) => (asked.add(sql), db[what](sql, ...values))) as Database[T];
  const watched: Database = { ...db, all: seen('all'), get: seen('get'), run: seen('run') };
  const of = retentionOf(watched, policy);
  await of.due(later(99 * DAY));
  expect(await of.sweep(later(99 * DAY))).toMatchObject({ cases: 2, messages: 0 });
  await stores.raw.keep(message({ identity: 'two', controlId: 'TWO' }), []);
  await stores.audit.seal(later(99 * DAY));
  expect(await of.sweep(later(4000 * DAY))).toMatchObject({ messages: 1, auditRows: expect.any(Number) });
  expect(asked.size).toBeGreaterThan(15);
  const plans = [...asked]
    .filter((sql) => /^\s*(?:SELECT|UPDATE|DELETE|WITH)\b/u.test(sql))
    .flatMap((sql) => db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => `${detail} <- ${sql.slice(0, 90)}`));
  // Small ones: cases under legal hold, the values of a list; and what ends at the first row that it finds.
  const few = /SCAN (?:json_each|cases USING (?:COVERING )?INDEX cases_held|CONSTANT ROW|\(subquery|seals$|young USING INDEX audit_kept)/u;
  const walks = plans.filter((plan) => /\bSCAN\b/u.test(plan) && !few.test(plan.split(' <- ')[0] ?? ''));
  expect(walks).toEqual([]);
});

it('a store of version 3 has what it looks by, and all that is in it, once it was opened', async () => {
  await known(X, 'accession||A1');
  await db.close();
  const old = new DatabaseSync(join(db.folder, 'radloop.sqlite'));
  const indexes = ['raw_cases_by_raw', 'case_keys_by_case', 'arrivals_by_raw', 'audit_kept'];
  const triggers = old.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string }[];
  const since3 = `${triggers.map(({ name }) => `DROP TRIGGER ${name};`).join('')} DROP TABLE outbox_ready; ALTER TABLE outbox DROP COLUMN rank; ALTER TABLE conversations DROP COLUMN aad_object_id;`;
  old.exec(`${since3} ${indexes.map((name) => `DROP INDEX ${name};`).join('')} ALTER TABLE patients DROP COLUMN seen_at; PRAGMA user_version = 3`);
  old.close();
  stores = embeddedStores(db.folder);
  ({ db } = stores);
  expect(db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'index'").map(({ name }) => name)).toEqual(
    expect.arrayContaining(indexes),
  );
  expect(await sweep(99)).toEqual({ messages: 0, cases: 0, days: 0, auditRows: 0 });
  expect((await stores.cases.read('protocoling', X)).facts).toHaveLength(1);
});

describe('a message that two cases came by', () => {
  const raws = () => db.all<{ case_id: string | null }>('SELECT case_id FROM raw').map(({ case_id }) => case_id);
  const seen = { caseId: null, at: t0, actor, action: 'q-retry', outcome: 'done', detail: {} } as const;
  const both = (...keys: string[]) =>
    stores.raw.keep(
      message({ identity: 'two', controlId: 'TWO' }),
      keys.map((key, n) => report(`r${n}`, key)),
    );

  it('stays for the other one when the first is erased, is that one’s from then on, and goes with it', async () => {
    await known(X, 'accession||A1');
    await both('accession||A1', 'accession||A2');
    expect(raws()).toEqual([X]);
    await known(Y, 'accession||A2');
    const sought = db.get<{ id: number }>("SELECT id FROM arrivals WHERE state = 'unmatched'")!;
    await stores.operators.apply({ change: 'match-again', id: String(sought.id) }, seen);
    await ended(X);
    await holdCase(db, numberOf(Y), 'letter of 2 May', by);
    expect(await dataCustody(db).find(numberOf(X))).toMatchObject({ messages: 0, shared: 1 });
    expect(await shred(X)).toBeNull();
    expect(raws()).toEqual([Y]);
    expect(await stores.raw.read('1')).toEqual(Buffer.from('MSH|'));
    expect(await dataCustody(db).find(numberOf(Y))).toMatchObject({ messages: 1, shared: 0 });
    await holdCase(db, numberOf(Y), null, by);
    await ended(Y);
    expect(await shred(Y)).toBeNull();
    expect(raws()).toEqual([]);
  });

  it('or of which a part has not found its order stays, under the key of its day, until a person has seen to that', async () => {
    await known(X, 'accession||A1');
    await both('accession||A1', 'accession||A2');
    await ended(X);
    expect(await dataCustody(db).find(numberOf(X))).toMatchObject({ messages: 0, shared: 1 });
    expect(await sweep(65)).toMatchObject({ cases: 1, messages: 0 });
    const [item] = await stores.operators.list({ kind: 'arrival' }, 9, later(99));
    expect((await stores.operators.find(item!.id))?.related).toHaveLength(1);
    expect(await stores.raw.read('1')).toEqual(Buffer.from('MSH|'));
    await stores.operators.apply({ change: 'release-arrival', id: item!.id.slice(1) }, seen);
    expect(await sweep(65)).toMatchObject({ messages: 1, days: 1 });
  });
});

describe('a patient of whom no message tells any more', () => {
  const mrn = (id: string) => ({ id, assigner: 'MRN', type: 'MR' });
  const location = { pointOfCare: 'WARD-7', room: '', bed: '', facility: '' };
  let messages = 0;
  const told = (days: number, ...consequences: Consequence[]) =>
    stores.raw.keep(message({ identity: `m${(messages += 1)}`, controlId: `M${messages}`, receivedAt: later(days * DAY) }), consequences);
  // The sender's clock is years ahead: what counts is when the message came.
  const moved = (id: string): Consequence => ({
    kind: 'patient-moved',
    patient: [mrn(id)],
    location,
    patientClass: 'I',
    sortTime: later(4000 * DAY),
  });
  const left = () => db.get<{ n: number }>("SELECT count(*) AS n FROM patients WHERE identifier <> x''")!.n;
  const wardOf = async (id: string) => (await stores.raw.patientNow([mrn(id)])).location?.pointOfCare;

  it('is forgotten as soon as the messages are, also one who was erased before and came again', async () => {
    await told(0, moved('1'));
    await ended(X, 'patient|MRN|1');
    expect(await shred(X)).toBeNull();
    expect(left()).toBe(0);
    await told(1, moved('1'), moved('2'), { kind: 'patients-merged', prior: [mrn('3')], surviving: [mrn('4')], sortTime: later(0) });
    await told(20, moved('2'));
    await sweep(30);
    expect(left()).toBe(4);
    await sweep(32.5);
    expect([left(), await wardOf('1'), await wardOf('2')]).toEqual([1, undefined, 'WARD-7']);
    await sweep(51.5);
    expect(left()).toBe(0);
  });

  it('is not while a case needs one of their numbers, nor because nothing says when they were heard of', async () => {
    await told(0, moved('1'), { kind: 'patients-merged', prior: [mrn('1')], surviving: [mrn('2')], sortTime: later(0) });
    await known(X, 'patient|MRN|2');
    await told(0, moved('3'));
    // As an older version left it.
    await db.write(() => db.run('UPDATE patients SET seen_at = NULL'));
    await sweep(300);
    expect(left()).toBe(3);
    await sweep(331.5);
    expect([left(), await wardOf('1'), await wardOf('3')]).toEqual([2, 'WARD-7', undefined]);
  });
});

it('the first sweep after a start empties the log, whatever the process before it came to', async () => {
  await ended(X);
  const next = embeddedStores(db.folder);
  // The one that did it ends before it has emptied the log.
  await shred(X);
  const log = join(db.folder, 'radloop.sqlite-wal');
  expect(statSync(log).size).toBeGreaterThan(0);
  await retentionOf(next.db, policy).sweep(later(1));
  expect(statSync(log).size).toBe(0);
  await next.db.close();
});

const report = (version: string, key: string): Consequence => ({
  kind: 'arrival',
  arrival: {
    what: 'report',
    version,
    by: [{ name: 'accession', keys: [key] }],
    patient: [],
    tell: false,
    id: 'x',
    actor,
    input: { type: 'told' },
  } as never,
});
