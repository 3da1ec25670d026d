import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { checkExport } from '#adapters/audit-chain/check-export.js';
import { checkpointHash } from '#adapters/audit-chain/checkpoint.js';
import { EVERYTHING } from '#adapters/audit-chain/export.js';
import { lineOf, recordOf } from '#adapters/audit-chain/export-lines.js';
import type { ExportFormat } from '#adapters/audit-chain/export-lines.js';
import { SITE, START, hashOf, sha256 } from '#adapters/audit-chain/row.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { purgeAudit } from '#adapters/embedded/audit-retention.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { AuditFilter, AuditRow, AuditVerdict } from '#ports/audit-store.js';
import { okafor } from '../support/clinic.ts';
import { caseNo, later } from '../support/store-fixture.ts';
import { chunk, startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

/** All of them: RADLOOP_TAMPER=full. Half in exports, half by SQL in the store. */
const EDITS = process.env['RADLOOP_TAMPER'] === 'full' ? 5000 : 200;

let site: AuditedStore;
/** A closed copy of the store: every edit is made in a copy of its own. */
let pristine: string;
/** Where the last anchor stands, and the end. */
let anchored = 0;
let rows = 0;

beforeAll(async () => {
  site = startAudited();
  await site.play(40);
  await site.seal();
  await purgeAudit(site.stores.db, site.key, { before: later(35), at: later(300), held: [0, 1, 2, 3, 4].map(caseNo) });
  await site.play(60);
  await site.seal();
  await site.play(20);
  await site.seal(false);
  await site.play(8);
  const verdict = await site.audit.verify();
  expect(verdict).toMatchObject({ ok: true });
  ({ anchoredUpto: anchored, rows } = verdict);
  expect(anchored).toBeLessThan(verdict.signedUpto);
  site.stores.db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  pristine = mkdtempSync(join(tmpdir(), 'radloop-pristine-'));
  copyFileSync(join(site.stores.folder, 'radloop.sqlite'), join(pristine, 'radloop.sqlite'));
});
afterAll(async () => {
  rmSync(pristine, { recursive: true });
  await site.close();
});

describe('an export', () => {
  const filters: readonly AuditFilter[] = [EVERYTHING, { ...EVERYTHING, person: okafor.id }, { ...EVERYTHING, action: 'view', outcome: 'done' }];
  const exported = new Map<string, Buffer>();
  beforeAll(async () => {
    for (const format of ['fhir', 'bundle', 'csv'] as const)
      for (const [index, filter] of filters.entries()) exported.set(`${format} ${index}`, await site.exported(format, filter));
  });

  const verdictOn = (bytes: Uint8Array) => checkExport(chunk(bytes), site.key, site.anchors);
  const aFile = fc.constantFrom(...['fhir', 'bundle', 'csv'].flatMap((format) => filters.map((_, index) => `${format} ${index}`)));
  /** Anywhere alike: a double of fast-check is nearly always next to 0. */
  const aShare = fc.noBias(fc.integer({ min: 0, max: 0x7fff_ffff })).map((n) => n / 0x8000_0000);
  const anEdit = fc.record({
    kind: fc.constantFrom('flip', 'delete-bytes', 'insert-bytes', 'swap-lines', 'delete-line', 'repeat-line', 'cut-bytes', 'cut-lines', 'forge'),
    a: aShare,
    b: aShare,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  });

  it('holds as it is', async () => {
    for (const bytes of exported.values()) expect(await verdictOn(bytes)).toMatchObject({ ok: true, firstBad: null });
  });

  it(`is found changed by each of ${EDITS} random edits: flip, insert, delete, swap, cut, forge (invariant 33)`, async () => {
    const by: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(aFile, anEdit, async (file, edit) => {
        const before = exported.get(file)!;
        const after = edited(before, edit, file.split(' ')[0] as ExportFormat);
        fc.pre(after !== null && !after.equals(before));
        by[edit.kind] = (by[edit.kind] ?? 0) + 1;
        const { ok, firstBad } = await verdictOn(after);
        return !ok && firstBad !== null && firstBad.what.length > 0;
      }),
      { numRuns: EDITS, seed: 33 },
    );
    expect(Object.keys(by)).toHaveLength(9);
  }, 900_000);

  /** Null: nothing to change. */
  function edited(
    bytes: Buffer,
    { kind, a, b, bytes: other }: { kind: string; a: number; b: number; bytes: Uint8Array },
    format: ExportFormat,
  ): Buffer | null {
    const at = Math.floor(a * bytes.length);
    const lines = bytes.toString().split('\n').slice(0, -1);
    const one = Math.floor(a * lines.length);
    const two = Math.floor(b * lines.length);
    const joined = (changed: readonly string[]): Buffer => Buffer.from(changed.map((line) => `${line}\n`).join(''));
    switch (kind) {
      case 'flip': {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(b * 8));
        return flipped;
      }
      case 'delete-bytes':
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + other.length)]);
      case 'insert-bytes':
        return Buffer.concat([bytes.subarray(0, at), other, bytes.subarray(at)]);
      case 'swap-lines':
        return joined(lines.map((line, index) => (index === one ? lines[two]! : index === two ? lines[one]! : line)));
      case 'delete-line':
        return joined(lines.filter((_, index) => index !== one));
      case 'repeat-line':
        return joined(lines.flatMap((line, index) => (index === one ? [line, line] : [line])));
      case 'cut-bytes':
        return bytes.subarray(0, at);
      case 'cut-lines':
        return joined(lines.slice(0, one));
      default:
        return forged(lines, one, format, joined);
    }
  }

  /** By somebody who knows the format: another person, all hashes of that case made to fit, and the digest at the end. */
  function forged(lines: readonly string[], one: number, format: ExportFormat, joined: (changed: readonly string[]) => Buffer): Buffer | null {
    let caseId: string | null = null;
    let prev = '';
    const hashes: string[] = [];
    const rewritten = (line: string, index: number): string => {
      const record = recordOf(line, format);
      if (record?.kind === 'end') return lineOf({ kind: 'end', end: { ...record.end, digest: sha256(hashes.join('')) } }, format);
      if (record?.kind !== 'row') return line;
      const isTouched = record.row.purged === null && index >= one && (caseId === null || record.row.caseId === caseId);
      if (!isTouched) {
        hashes.push(record.row.hash);
        return line;
      }
      const row: AuditRow = caseId === null ? { ...record.row, actor: '{"kind":"person","person":"dr-other"}' } : { ...record.row, prev };
      caseId = row.caseId;
      prev = hashOf(row);
      hashes.push(prev);
      return lineOf({ kind: 'row', row: { ...row, hash: prev } }, format);
    };
    return joined(lines.map(rewritten));
  }
});

describe('the store', () => {
  const aRow = fc.integer({ min: 1, max: 1000 });
  const anEdit = fc.record({
    kind: fc.constantFrom(
      ...[
        'flip',
        'delete',
        'insert',
        'swap',
        'cut',
        'counter',
        'seal',
        'drop-seal',
        'strip',
        'fact',
        'fact-gone',
        'heard-gone',
        'shown',
        'purge',
        'case-gone',
      ],
      ...['rewritten', 'cut-clean', 'case-gone-clean'],
    ),
    one: aRow,
    two: aRow,
    letter: fc.integer({ min: 0, max: 200 }),
    column: fc.nat(20),
  });
  type Edit = { kind: string; one: number; two: number; letter: number; column: number };

  it('holds as it is', async () => {
    expect(await verdictAfter(() => true)).toMatchObject({ ok: true, rows });
  });

  it(`is found changed by each of ${EDITS} random edits by SQL: flip, insert, delete, swap, cut, also with the hashes made to fit (invariant 33)`, async () => {
    const by: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(anEdit, async (edit) => {
        const verdict = await verdictAfter((db) => {
          const before = digestOf(db);
          tamper(db, edit);
          return digestOf(db) !== before;
        });
        fc.pre(verdict !== null);
        by[edit.kind] = (by[edit.kind] ?? 0) + 1;
        return !verdict.ok && verdict.firstBad !== null;
      }),
      { numRuns: EDITS, seed: 33 },
    );
    expect(Object.keys(by)).toHaveLength(18);
  }, 1_800_000);

  /** Null when nothing was changed. */
  async function verdictAfter(change: (db: DatabaseSync) => boolean): Promise<AuditVerdict | null> {
    const folder = mkdtempSync(join(tmpdir(), 'radloop-tampered-'));
    mkdirSync(folder, { recursive: true });
    try {
      copyFileSync(join(pristine, 'radloop.sqlite'), join(folder, 'radloop.sqlite'));
      const db = new DatabaseSync(join(folder, 'radloop.sqlite'));
      db.exec('PRAGMA synchronous = OFF');
      const isChanged = change(db);
      db.close();
      if (!isChanged) return null;
      const looking = openDatabase(folder, { readOnly: true, keyFile: site.key.file });
      const verdict = await auditStore(looking, { key: site.key, anchors: site.anchors }).verify();
      await looking.close();
      return verdict;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  function digestOf(db: DatabaseSync): string {
    const tables = ['audit', 'seals', 'purges', 'facts', 'shown', 'cases'].map((table) => db.prepare(`SELECT * FROM ${table}`).all());
    const heard = db.prepare('SELECT case_id, event_id FROM heard').all();
    return sha256(JSON.stringify([tables, heard, db.prepare("SELECT * FROM sqlite_sequence WHERE name IN ('audit', 'seals') ORDER BY name").all()]));
  }

  /** Another text that differs in one character. */
  function flipped(value: unknown, letter: number): string | number {
    if (typeof value === 'number') return value + 1 + (letter % 3);
    const text = typeof value === 'string' ? value : '';
    const at = text.length === 0 ? 0 : letter % text.length;
    return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
  }

  function flip(db: DatabaseSync, table: string, { one, letter, column }: Edit): void {
    const all = db.prepare(`SELECT rowid AS rid, * FROM ${table}`).all() as Record<string, unknown>[];
    const row = all[one % all.length];
    if (row === undefined) return;
    const names = Object.keys(row).filter((name) => name !== 'rid');
    const name = names[column % names.length]!;
    try {
      db.prepare(`UPDATE ${table} SET ${name} = ? WHERE rowid = ?`).run(flipped(row[name], letter), row['rid'] as number);
    } catch {
      // Two rows can't have one key: nothing was changed.
    }
  }

  function tamper(db: DatabaseSync, edit: Edit): void {
    const { kind, one, two } = edit;
    const first = (one % rows) + 1;
    const second = (two % rows) + 1;
    const run = (sql: string, ...values: (string | number)[]) => db.prepare(sql).run(...values);
    switch (kind) {
      case 'flip':
        return flip(db, 'audit', edit);
      case 'seal':
        return flip(db, 'seals', edit);
      case 'purge':
        return flip(db, 'purges', edit);
      case 'delete':
        run('DELETE FROM audit WHERE seq BETWEEN ? AND ?', first, first + (two % 5));
        if (two % 2 === 0) run('UPDATE audit SET seq = seq - ? WHERE seq > ?', (two % 5) + 1, first + (two % 5));
        return;
      case 'insert':
        for (let seq = rows; seq >= first; seq -= 1) run('UPDATE audit SET seq = seq + 1 WHERE seq = ?', seq);
        run(
          'INSERT INTO audit SELECT ?, case_id, case_seq, at, actor, action, outcome, detail, prev, hash, purged FROM audit WHERE seq = ?',
          first,
          second >= first ? second + 1 : second,
        );
        return;
      case 'swap':
        run('UPDATE audit SET seq = -1 WHERE seq = ?', first);
        run('UPDATE audit SET seq = ? WHERE seq = ?', first, second);
        run('UPDATE audit SET seq = ? WHERE seq = -1', second);
        return;
      case 'cut':
        run('DELETE FROM audit WHERE seq >= ?', first);
        return;
      case 'counter':
        run('UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?', (two % 9) - 4, one % 2 === 0 ? 'audit' : 'seals');
        return;
      case 'drop-seal':
        run('DELETE FROM seals WHERE id = ?', (one % 3) + 1);
        return;
      case 'strip':
        run('UPDATE seals SET key_version = NULL, algorithm = NULL, signature = NULL WHERE id = ? OR ? = 0', (one % 3) + 1, two % 4);
        return;
      case 'fact': {
        const { case_id, seq } = db.prepare('SELECT case_id, seq FROM facts LIMIT 1 OFFSET ?').get(one % factsOf(db)) as {
          case_id: string;
          seq: number;
        };
        const column = ['type', 'at', 'event_id', 'fact'][edit.column % 4]!;
        const { was } = db.prepare(`SELECT ${column} AS was FROM facts WHERE case_id = ? AND seq = ?`).get(case_id, seq) as { was: unknown };
        if (was instanceof Uint8Array) {
          was[edit.letter % was.length]! ^= 1;
          db.prepare(`UPDATE facts SET ${column} = ? WHERE case_id = ? AND seq = ?`).run(was, case_id, seq);
        } else run(`UPDATE facts SET ${column} = ? WHERE case_id = ? AND seq = ?`, flipped(was, edit.letter), case_id, seq);
        return;
      }
      case 'fact-gone':
        run('DELETE FROM facts WHERE (case_id, seq) = (SELECT case_id, seq FROM facts LIMIT 1 OFFSET ?)', one % factsOf(db));
        return;
      case 'heard-gone':
        run(
          "DELETE FROM heard WHERE (case_id, event_id) = (SELECT case_id, detail ->> '$.event' FROM audit WHERE detail ->> '$.event' IS NOT NULL LIMIT 1 OFFSET ?)",
          one % 20,
        );
        return;
      case 'shown':
        run('UPDATE OR IGNORE shown SET revision = revision + ? WHERE person = (SELECT person FROM shown LIMIT 1 OFFSET ?)', 1000 + two, one % 2);
        return;
      case 'case-gone':
        return caseGone(db, one, false);
      case 'case-gone-clean':
        return caseGone(db, one, true);
      case 'rewritten':
        return rewritten(db, ((one - 1) % (lastSigned(db) - 1)) + 1);
      default:
        return cutClean(db, one % anchored);
    }
  }

  function factsOf(db: DatabaseSync): number {
    return (db.prepare('SELECT count(*) AS n FROM facts').get() as { n: number }).n;
  }

  function lastSigned(db: DatabaseSync): number {
    return (db.prepare('SELECT max(upto) AS n FROM seals').get() as { n: number }).n;
  }

  /** By somebody who knows all but the site key: another person in one row, every hash after it and every checkpoint's made to fit. */
  function rewritten(db: DatabaseSync, seq: number): void {
    const isPurged = (db.prepare('SELECT purged FROM audit WHERE seq = ?').get(seq) as { purged: number | null }).purged !== null;
    db.prepare('UPDATE audit SET actor = ?, purged = NULL WHERE seq = ?').run('{"kind":"person","person":"dr-other"}', seq);
    if (isPurged) db.prepare('UPDATE purges SET rows = rows - 1').run();
    rehash(db);
  }

  function caseGone(db: DatabaseSync, one: number, isClean: boolean): void {
    const cases = db.prepare('SELECT DISTINCT case_id FROM audit WHERE case_id <> ? AND seq <= ?').all(SITE, anchored) as { case_id: string }[];
    const { case_id } = cases[one % cases.length]!;
    for (const table of ['audit', 'facts', 'heard', 'cases', 'shown']) db.prepare(`DELETE FROM ${table} WHERE case_id = ?`).run(case_id);
    if (isClean) rehash(db);
  }

  /** Everything after a row of before the anchor, with checkpoints, facts and counters. */
  function cutClean(db: DatabaseSync, seq: number): void {
    db.prepare('DELETE FROM audit WHERE seq > ?').run(seq);
    db.exec(`
      DELETE FROM seals WHERE upto > ${seq};
      DELETE FROM facts WHERE (case_id, seq) NOT IN (SELECT case_id, detail ->> '$.fact' FROM audit WHERE detail ->> '$.fact' IS NOT NULL);
      DELETE FROM shown; UPDATE cases SET version = (SELECT count(*) FROM facts f WHERE f.case_id = cases.case_id);
      UPDATE sqlite_sequence SET seq = coalesce((SELECT max(seq) FROM audit), 0) WHERE name = 'audit';
      UPDATE sqlite_sequence SET seq = coalesce((SELECT max(id) FROM seals), 0) WHERE name = 'seals'`);
  }

  /** Numbers and hashes of rows and checkpoints as if nothing had happened; only signatures are what they were. */
  function rehash(db: DatabaseSync): void {
    const heads = new Map<string, { caseSeq: number; hash: string }>();
    const all = db
      .prepare('SELECT seq, case_id AS caseId, case_seq AS caseSeq, at, actor, action, outcome, detail, prev, hash, purged FROM audit ORDER BY seq')
      .all() as unknown as AuditRow[];
    const hashes: string[] = [];
    db.exec('DELETE FROM audit');
    for (const [index, row] of all.entries()) {
      const head = heads.get(row.caseId);
      const next = { ...row, seq: index + 1, caseSeq: (head?.caseSeq ?? 0) + 1, prev: head?.hash ?? START };
      const hash = row.purged === null ? hashOf(next) : row.hash;
      heads.set(row.caseId, { caseSeq: next.caseSeq, hash });
      hashes.push(hash);
      db.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
        ...[next.seq, row.caseId, next.caseSeq, row.at, row.actor, row.action, row.outcome, row.detail, next.prev, hash, row.purged],
      );
    }
    let prev = START;
    let from = 0;
    for (const seal of db.prepare('SELECT id, at, upto FROM seals ORDER BY id').all() as { id: number; at: string; upto: number }[]) {
      const upto = Math.min(seal.upto, hashes.length);
      const joined = hashes.slice(from, upto);
      const hash = checkpointHash(prev, seal.at, upto, joined);
      db.prepare('UPDATE seals SET upto = ?, rows = ?, prev = ?, hash = ? WHERE id = ?').run(upto, joined.length, prev, hash, seal.id);
      prev = hash;
      from = upto;
    }
    db.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'audit'").run(hashes.length);
  }
});
