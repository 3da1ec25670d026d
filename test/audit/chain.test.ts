import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anchorLast, anchorRestored } from '#adapters/audit-chain/anchor.js';
import { nextCheckpoint } from '#adapters/audit-chain/checkpoint.js';
import { checkExport } from '#adapters/audit-chain/check-export.js';
import { EVERYTHING } from '#adapters/audit-chain/export.js';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { purgeAudit } from '#adapters/embedded/audit-retention.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { forgetLog, holdCase, shredCase } from '#adapters/embedded/shredding.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { rotateSiteKey } from '#adapters/embedded/key-rotation.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import type { CaseNumber } from '#core/ids.js';
import { appendTo, caseNo, later, t0 } from '../support/store-fixture.ts';
import { chunk, startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

let site: AuditedStore;
beforeEach(() => {
  site = startAudited();
});
afterEach(() => site.close());

/** As version 2 wrote it. */
async function unsignedSeal(): Promise<void> {
  const { db } = site.stores;
  const hashes = db.all<{ hash: string }>('SELECT hash FROM audit ORDER BY seq').map(({ hash }) => hash);
  const { at, upto, rows, prev, hash } = nextCheckpoint(null, later(50), hashes);
  await db.write(() => db.run('INSERT INTO seals (at, upto, rows, prev, hash) VALUES (?, ?, ?, ?, ?)', at, upto, rows, prev, hash));
}

const sql = (text: string) => site.stores.db.write(() => site.stores.db.run(text));

describe('a checkpoint', () => {
  it('joins at most a thousand rows, is signed, and costs nothing of what is older', async () => {
    const { db } = site.stores;
    await Promise.all(
      Array.from({ length: 2300 }, (_, n) =>
        site.audit.record({ caseId: caseNo(n % 9), at: t0, actor: { kind: 'system', part: 'test' }, action: 'view', outcome: 'denied', detail: {} }),
      ),
    );
    await site.seal(false);
    expect(db.all('SELECT rows, signature IS NOT NULL AS signed FROM seals ORDER BY id')).toEqual([
      { rows: 1000, signed: 1 },
      { rows: 1000, signed: 1 },
      { rows: 300, signed: 1 },
    ]);
    expect(await site.audit.verify()).toMatchObject({ ok: true, rows: 2300, signedUpto: 2300, anchoredUpto: 0 });
    expect(await site.audit.unsealed()).toBe(0);
  });

  it('is written once by two instances that seal at once', async () => {
    await site.play(20);
    const other = auditStore(site.stores.db, { key: site.key, anchors: site.anchors });
    await Promise.all([site.audit.seal(later(100)), other.seal(later(101))]);
    expect(await site.audit.verify()).toMatchObject({ ok: true });
    expect(site.stores.db.all('SELECT id FROM seals')).toHaveLength(1);
  });

  it('of before there were signatures stays, what follows is signed, and none loses its signature later', async () => {
    const { db } = site.stores;
    await site.play(10);
    await unsignedSeal();
    await site.play(10);
    await site.seal();
    const signedUpto = db.get<{ n: number }>('SELECT count(*) n FROM audit')!.n;
    expect(await site.audit.verify()).toMatchObject({ ok: true, signedUpto });
    await site.play(5);
    await site.seal(false);
    await sql('UPDATE seals SET key_version = NULL, algorithm = NULL, signature = NULL WHERE id = 2');
    expect(await site.audit.verify()).toMatchObject({ ok: false, firstBad: { what: 'the checkpoint has lost its signature' } });
  });

  it('still holds after the site key was rotated', async () => {
    await site.play(10);
    await site.seal();
    await site.key.rotate();
    await site.play(10);
    await site.seal();
    expect(site.stores.db.all('SELECT DISTINCT key_version FROM seals')).toHaveLength(2);
    expect(await site.audit.verify()).toMatchObject({ ok: true });
  });
});

describe('an anchor', () => {
  it('is added for the last checkpoint, and again while that is still the last', async () => {
    await site.play(10);
    await site.seal();
    expect(await anchorLast(site, later(60))).toBe('anchored');
    await site.play(10);
    await site.seal();
    const files = readdirSync(site.anchors.where);
    expect(files).toEqual(['audit-anchors-2026-11.ndjson']);
    expect(readFileSync(join(site.anchors.where, files[0]!), 'utf8').trim().split('\n')).toHaveLength(3);
    expect(await site.audit.verify()).toMatchObject({ ok: true });
  });

  it('is made of no checkpoint that nobody signed', async () => {
    await site.play(5);
    await unsignedSeal();
    expect(await anchorLast(site, later(60))).toBe('nothing');
  });

  it('shows a tail that was cut off behind it, with checkpoints and SQLite’s own counter (invariant 33)', async () => {
    await site.play(20);
    await site.seal(false);
    const { db } = site.stores;
    const kept = db.get<{ n: number }>('SELECT max(seq) n FROM audit')!.n;
    await site.play(20);
    await site.seal(true);
    await cutAfter(kept);
    expect(await site.audit.verify()).toMatchObject({ ok: false, firstBad: { seq: kept + 1, what: expect.stringContaining('were anchored at') } });
    // Radloop goes on over the cut, and its anchors stay silent rather than vouch for it.
    await site.play(5);
    await site.audit.seal(later(500));
    expect(await anchorLast(site, later(501))).toBe('conflict');
    expect(await site.audit.verify()).toMatchObject({ ok: false });
  });

  it('lets a restored backup go on, and says from where', async () => {
    await site.play(20);
    await site.seal();
    const kept = site.stores.db.get<{ n: number }>('SELECT max(seq) n FROM audit')!.n;
    await site.play(20);
    await site.seal();
    await cutAfter(kept);
    await anchorRestored(site, later(900));
    expect(await site.audit.verify()).toMatchObject({ ok: true, restored: [{ at: later(900), upto: kept }] });
    await site.play(20);
    await site.seal();
    expect(await site.audit.verify()).toMatchObject({ ok: true, restored: [{ upto: kept }] });
  });

  it('that nobody of this site signed is not believed', async () => {
    await site.play(10);
    await site.seal();
    const file = join(site.anchors.where, 'audit-anchors-2026-11.ndjson');
    const line = readFileSync(file, 'utf8');
    writeFileSync(file, line.replace('"restored":false', '"restored":true'));
    expect(await site.audit.verify()).toMatchObject({
      ok: false,
      firstBad: { what: expect.stringContaining('an anchor is not signed by this site') },
    });
  });

  it('that a crash cut off in the middle is no anchor, and the next one stands on a line of its own', async () => {
    await site.play(10);
    await site.seal();
    const file = join(site.anchors.where, 'audit-anchors-2026-11.ndjson');
    appendFileSync(file, '{"height":2,"upto"');
    expect(await anchorFolder(site.anchors.where).last()).toMatchObject({ height: 1 });
    await site.play(10);
    await site.seal();
    expect(await site.anchors.last()).toMatchObject({ height: 2 });
    expect(await site.audit.verify()).toMatchObject({ ok: true });
  });

  async function cutAfter(kept: number): Promise<void> {
    const { db } = site.stores;
    await db.write(() => {
      db.run('DELETE FROM audit WHERE seq > ?', kept);
      db.run('DELETE FROM seals WHERE upto > ?', kept);
      db.run("UPDATE sqlite_sequence SET seq = ? WHERE name = 'audit'", kept);
      db.run("UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM seals) WHERE name = 'seals'");
      db.run('DELETE FROM shown');
      // Facts of rows that are gone go with them.
      db.run("DELETE FROM facts WHERE (case_id, seq) NOT IN (SELECT case_id, detail ->> '$.fact' FROM audit WHERE detail ->> '$.fact' IS NOT NULL)");
      db.run('UPDATE cases SET version = (SELECT count(*) FROM facts WHERE facts.case_id = cases.case_id)');
    });
  }
});

describe('what stands beside the chain in the store', () => {
  beforeEach(async () => {
    await site.play(60);
    await site.seal();
    expect(await site.audit.verify()).toMatchObject({ ok: true });
  });

  it.each([
    [
      'a fact that was changed',
      'UPDATE facts SET fact = zeroblob(length(fact)) WHERE seq = 2',
      'the fact that it stands for is not what was written',
    ],
    ['a fact that was taken out', 'DELETE FROM facts WHERE seq = 3', 'the fact that it stands for is missing'],
    [
      'a fact that nobody wrote',
      `INSERT INTO facts SELECT case_id, seq + 1000, type, at, event_id, fact FROM facts LIMIT 1`,
      'its case has more or fewer facts than the audit says',
    ],
    ['an event that would be heard again', 'DELETE FROM heard WHERE rowid_of = 1', 'its event does not count as heard any more'],
    ['a view that nobody had', `INSERT INTO shown VALUES ('${caseNo(1)}', 'dr-x', 9)`, 'and no view is on record'],
    ['a counter that was set back', "UPDATE sqlite_sequence SET seq = seq - 3 WHERE name = 'audit'", 'counter of rows was changed'],
    ['a counter that was taken out', "DELETE FROM sqlite_sequence WHERE name = 'seals'", 'counter of rows was changed'],
  ])('%s is found (invariant 33)', async (_name, text, what) => {
    await sql(text.replace('WHERE rowid_of = 1', 'WHERE event_id = (SELECT event_id FROM facts LIMIT 1)'));
    expect(await site.audit.verify()).toMatchObject({ ok: false, firstBad: { seq: expect.any(Number), what: expect.stringContaining(what) } });
  });

  it('is whole while the store is written to', async () => {
    const verdicts = await Promise.all([site.play(30), site.audit.verify(), site.seal(), site.audit.verify()]);
    for (const verdict of [verdicts[1], verdicts[3]]) expect(verdict).toMatchObject({ ok: true });
  });
});

describe('the data of a case', () => {
  it('can be shredded: nobody reads its facts again, and its audit, the exports and the anchors hold', async () => {
    await site.play(60);
    await site.seal();
    const { db, cases } = site.stores;
    const by = { actor: { kind: 'system', part: 'retention' }, at: later(400), reason: 'ended before 2020' } as const;
    expect(await db.write(() => shredCase(db, caseNo(1), by))).toBeNull();
    await forgetLog(db);
    await expect(cases.read('protocoling', caseNo(1))).rejects.toThrow();
    await site.seal();
    expect(await site.audit.verify()).toMatchObject({ ok: true, firstBad: null });
    expect(db.get<{ action: string }>('SELECT action FROM audit WHERE case_id = ? ORDER BY seq DESC', caseNo(1))).toEqual({
      action: 'case-shredded',
    });
    expect(await checkExport(chunk(await site.exported('fhir', EVERYTHING)), site.key, site.anchors)).toMatchObject({ ok: true });
    // What is left of the facts still has to be what the audit says.
    await sql(`UPDATE facts SET fact = x'00' WHERE case_id = '${caseNo(1)}' AND seq = 1`);
    expect(await site.audit.verify()).toMatchObject({ ok: false, firstBad: { what: 'the fact that it stands for is not what was written' } });
  });

  it('is signed by the newest version of the site key also by a process that did not rotate it, and a tail under an older one is found (invariant 33)', async () => {
    await site.play(10);
    await site.seal();
    const file = site.key.file;
    const old = siteKeyFile(file);
    siteKeyFile(file).rotateNow();
    await site.play(10);
    await site.seal();
    const versions = () => site.stores.db.all<{ v: string }>('SELECT key_version AS v FROM seals ORDER BY id').map(({ v }) => v);
    expect(versions()).toEqual(['1', '2']);
    expect((await old.sign(Buffer.from('x'))).version).toBe('2');
    // Somebody who got hold of version 1 goes on with the chain: nothing but the version is wrong with it.
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string> };
    const stolen = join(site.folder, 'stolen.key');
    writeFileSync(stolen, JSON.stringify({ ...kept, current: '1', keys: { 1: kept.keys['1'] } }), { mode: 0o600 });
    await site.play(3);
    await auditStore(site.stores.db, { key: siteKeyFile(stolen), anchors: null }).seal(later(600));
    expect(versions()).toEqual(['1', '2', '1']);
    const { rows } = site.stores.db.get<{ rows: number }>('SELECT max(seq) AS rows FROM audit')!;
    expect(await site.audit.verify()).toMatchObject({
      ok: false,
      firstBad: { seq: rows, what: expect.stringContaining('a rotation had left before') },
    });
  });

  it('under another key of the site is the same to the audit', async () => {
    await site.play(30);
    await site.seal();
    const { db } = site.stores;
    await rotateSiteKey(db);
    await site.play(10);
    await site.seal();
    expect(await site.audit.verify()).toMatchObject({ ok: true, firstBad: null });
  });
});

describe('rows whose retention is over', () => {
  it('lose their content under a signed purge; chain, exports and anchors hold, and a held case keeps its rows', async () => {
    await site.play(60);
    await site.seal();
    const before = later(40);
    const purged = await purgeAudit(site.stores.db, site.key, { before, at: later(500), held: [caseNo(2)] });
    expect(purged).toBeGreaterThan(10);
    expect(await purgeAudit(site.stores.db, site.key, { before, at: later(501), held: [caseNo(2)] })).toBe(0);
    const left = site.stores.db.all<{ case_id: string }>('SELECT DISTINCT case_id FROM audit WHERE at < ? AND purged IS NULL', before);
    expect(left).toEqual([{ case_id: caseNo(2) }]);
    expect(await site.audit.verify()).toMatchObject({ ok: true, firstBad: null });
    await appendTo(site.stores, caseNo(1), { facts: [{ type: 'later', fact: {} }] });
    await site.seal();
    expect(await site.audit.verify()).toMatchObject({ ok: true });
    for (const format of ['fhir', 'bundle', 'csv'] as const)
      expect(await checkExport(chunk(await site.exported(format, EVERYTHING)), site.key, site.anchors)).toMatchObject({ ok: true });
  });

  it('lose it once when two processes come to them at once, and not when their case came under legal hold just before', async () => {
    await site.play(60);
    await site.seal();
    const other = openDatabase(site.stores.folder);
    try {
      const purge = { before: later(40), at: later(500), held: [] };
      const both = await Promise.all([site.stores.db, other].map((db) => purgeAudit(db, site.key, purge)));
      expect(both.toSorted((a, b) => a - b)).toEqual([0, Math.max(...both)]);
      expect(site.stores.db.all('SELECT 1 FROM purges')).toHaveLength(1);
      expect(await site.audit.verify()).toMatchObject({ ok: true, firstBad: null });
      const { number } = site.stores.db.get<{ number: CaseNumber }>('SELECT number FROM cases WHERE case_id = ?', caseNo(1))!;
      await holdCase(site.stores.db, number, 'letter of 2 May', { at: later(501), actor: { kind: 'system', part: 'test' } });
      expect(await purgeAudit(other, site.key, { ...purge, before: later(55) })).toBe(0);
    } finally {
      await other.close();
    }
  });

  it('are found when somebody else emptied them, changed one again, or took the purge away (invariant 33)', async () => {
    await site.play(30);
    await site.seal();
    const empty = `at = '1970-01-01T00:00:00.000Z', actor = '{"kind":"system","part":"purged"}', action = 'purged', outcome = 'nothing', detail = '{}'`;
    await purgeAudit(site.stores.db, site.key, { before: later(5), at: later(500), held: [] });
    const store = site.stores.db;
    for (const text of [
      `UPDATE audit SET ${empty}, purged = 1 WHERE seq = (SELECT max(seq) FROM audit WHERE purged IS NOT NULL) + 1`,
      `UPDATE audit SET ${empty}, purged = 1 WHERE seq = 20`,
      `UPDATE audit SET ${empty}, purged = 2 WHERE seq = 20`,
      "UPDATE audit SET action = 'view' WHERE seq = 1",
      'UPDATE audit SET purged = NULL WHERE seq = 1',
      'DELETE FROM purges',
      "UPDATE purges SET before = '2026-11-26T00:00:00.000Z'",
      'UPDATE purges SET upto = upto + 5',
    ]) {
      const undo = store.all<Record<string, string | number | null>>('SELECT * FROM audit');
      const purges = store.all<Record<string, string | number | null>>('SELECT * FROM purges');
      await sql(text);
      expect({ text, ok: (await site.audit.verify()).ok }).toEqual({ text, ok: false });
      await store.write(() => {
        for (const [table, rows] of [
          ['audit', undo],
          ['purges', purges],
        ] as const) {
          store.run(`DELETE FROM ${table}`);
          for (const row of rows)
            store.run(
              `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row)
                .map(() => '?')
                .join()})`,
              ...Object.values(row),
            );
        }
      });
      expect(await site.audit.verify()).toMatchObject({ ok: true });
    }
  });
});
