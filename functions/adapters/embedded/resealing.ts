import { hash } from 'node:crypto';
import type { CaseId, EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { conversationHash, conversationIn, places } from './case-pieces.ts';
import { identityOf, packed, placeOf, scopeOf } from './raw-piece.ts';
import { OF_SITE, keepSecret, makeSecret, ofCase } from './sealing.ts';
import type { Sealing } from './sealing.ts';
import { keyedHash } from './surroundings.ts';
import { inTransaction } from './tables.ts';
import type { Tables } from './tables.ts';

/** Rows in one transaction. A message has at most 10 MB: a step may then be large, but never the whole store. */
const STEP = 200;

type Row = Readonly<Record<string, string | number | null>>;
type Move = (rows: readonly Row[]) => void;

/**
 * Seals what versions 1 and 2 kept in plain: from each `…_v2` table to the table of its name, a few rows in a transaction, so that a store of any size goes through
 * and a crash costs one step. Then the file is written anew, because pages that were free hold what was deleted before. Before anything else reads the store.
 */
export function reseal(tables: Tables, sealing: Sealing): void {
  if (isUnderWay(tables))
    sealing.erased(() => {
      resealAll(tables, sealing);
    });
  if (tables.get("SELECT 1 FROM meta WHERE name = 'vacuum'") === undefined) return;
  tables.exec('VACUUM');
  tables.run("DELETE FROM meta WHERE name = 'vacuum'");
  tables.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

function resealAll(tables: Tables, sealing: Sealing): void {
  const secret = inTransaction(tables, () => sealSecret(tables, sealing));
  findCasesOfMessages(tables);
  // `raw` last: that it is there says that there is something left to do.
  for (const [name, move] of Object.entries(movesOf(tables, sealing, keyedHash(secret)))) {
    while (holds(tables, `${name}_v2`))
      inTransaction(tables, () => {
        step(tables, name, move);
      });
  }
  inTransaction(tables, () => {
    for (const name of TABLES) tables.exec(`DROP TABLE IF EXISTS ${name}_v2`);
  });
  tables.exec('DROP TABLE temp.message_cases');
}

/** Rows that are read at once. */
const READ = 5000;

/**
 * Which cases a message was told to: the events that it made have its hash in their name. A case's messages go with it when it is erased, and stay while it is open or
 * under legal hold.
 */
function findCasesOfMessages(tables: Tables): void {
  tables.exec('CREATE TEMP TABLE message_cases (hash BLOB NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (hash, case_id)) WITHOUT ROWID');
  for (const table of ['heard', 'events_v2', 'events'].filter((name) => isThere(tables, name)))
    for (let [caseId, eventId] = ['', '']; ;) {
      const rows = tables.all<{ case_id: string; event_id: string }>(
        `SELECT case_id, event_id FROM ${table} WHERE (case_id, event_id) > (?, ?) ORDER BY case_id, event_id LIMIT ${READ}`,
        ...[caseId, eventId],
      );
      for (const { case_id, event_id } of rows) {
        const found = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/u.exec(event_id)?.[0];
        if (found !== undefined) tables.run('INSERT OR IGNORE INTO temp.message_cases VALUES (?, ?)', Buffer.from(found, 'hex'), case_id);
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      [caseId, eventId] = [last.case_id, last.event_id];
    }
}

/** Notes them; one that is one case's alone is sealed under that case's key. */
function caseOfMessage(tables: Tables, rawId: number, hashOfIt: Buffer): CaseId | null {
  const cases = tables.all<{ case_id: CaseId }>('SELECT case_id FROM temp.message_cases WHERE hash = ?', hashOfIt).map(({ case_id }) => case_id);
  for (const caseId of cases) tables.run('INSERT OR IGNORE INTO raw_cases (case_id, raw_id) VALUES (?, ?)', caseId, rawId);
  return cases.length === 1 ? (cases[0] ?? null) : null;
}

const TABLES = ['facts', 'events', 'outbox', 'patients', 'arrivals', 'cursors', 'raw'] as const;
/** By what the rows of a table that has no `id` are told apart. */
const KEYS: Readonly<Record<string, readonly string[]>> = { facts: ['case_id', 'seq'], patients: ['id_hash'], cursors: ['name'] };

function isUnderWay(tables: Tables): boolean {
  return isThere(tables, 'raw_v2');
}

function isThere(tables: Tables, table: string): boolean {
  return tables.get('SELECT 1 FROM sqlite_schema WHERE name = ?', table) !== undefined;
}

function holds(tables: Tables, table: string): boolean {
  return isThere(tables, table) && tables.get(`SELECT 1 FROM ${table} LIMIT 1`) !== undefined;
}

function step(tables: Tables, name: string, move: Move): void {
  // Another process that was started at the same moment may have ended it.
  if (!isThere(tables, `${name}_v2`)) return;
  const key = KEYS[name] ?? ['id'];
  const rows = tables.all<Row>(`SELECT * FROM ${name}_v2 ORDER BY ${key.join(', ')} LIMIT ${STEP}`);
  const last = rows.at(-1);
  if (last === undefined) return;
  move(rows);
  const upTo = key.map((column) => last[column] ?? null);
  tables.run(`DELETE FROM ${name}_v2 WHERE (${key.join(', ')}) <= (${key.map(() => '?').join(', ')})`, ...upTo);
}

function movesOf(tables: Tables, sealing: Sealing, hashed: (text: string) => Uint8Array): Readonly<Record<(typeof TABLES)[number], Move>> {
  const each =
    (table: string, change: (row: Row) => Readonly<Record<string, unknown>>): Move =>
    (rows) => {
      for (const row of rows) {
        const { names, values } = columnsOf({ ...row, ...change(row) });
        tables.run(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, ...values);
      }
    };
  const text = (value: Row[string] | undefined): string => String(value ?? '');
  const bytes = (value: unknown): Buffer => Buffer.from(value as Uint8Array);
  const caseOf = (row: Row) => ofCase(text(row['case_id']) as CaseId);
  const optional = <T>(value: unknown, make: (text: string) => T): T | null => (typeof value === 'string' ? make(value) : null);
  return {
    facts: each('facts', (row) => ({
      fact: sealing.seal(caseOf(row), places.fact(text(row['case_id']) as CaseId, Number(row['seq'])), text(row['fact'])),
    })),
    events: each('events', (row) => ({
      body: sealing.seal(caseOf(row), places.event(text(row['case_id']) as CaseId, text(row['event_id']) as EventId), text(row['body'])),
    })),
    outbox: each('outbox', (row) => {
      const seal = (what: 'effect' | 'bytes' | 'receipt', plain: string | Buffer) => sealing.seal(caseOf(row), places[what](text(row['key'])), plain);
      const conversation = row['kind'] === 'showCard' ? optional(row['receipt'], conversationIn) : null;
      return {
        effect: seal('effect', text(row['effect'])),
        bytes: row['bytes'] === null ? null : seal('bytes', bytes(row['bytes'])),
        receipt: optional(row['receipt'], (receipt) => seal('receipt', receipt)),
        receipt_hash: optional(row['receipt'], (receipt) => hash('sha256', receipt, 'buffer')),
        conversation: conversation === null ? null : conversationHash(hashed, conversation),
      };
    }),
    patients: each('patients', (row) => {
      const place = (what: string) => `${what}|${bytes(row['id_hash']).toString('hex')}`;
      return {
        identifier: sealing.seal(OF_SITE, place('identifier'), text(row['identifier'])),
        location: optional(row['location'], (location) => sealing.seal(OF_SITE, place('location'), location)),
      };
    }),
    arrivals: each('arrivals', (row) => ({
      kept: optional(row['kept'], (kept) =>
        sealing.seal(OF_SITE, `arrival|${text(row['what'])}|${bytes(row['version_hash']).toString('hex')}`, kept),
      ),
    })),
    cursors: each('cursors', (row) => ({ value: sealing.seal(OF_SITE, `cursor|${text(row['name'])}`, text(row['value'])) })),
    raw: each('raw', (row) => {
      const identity = identityOf(text(row['identity']));
      const answers = { commit: row['commit_ack'] === null ? null : bytes(row['commit_ack']), application: filled(bytes(row['ack'])) };
      const both = answers.commit !== null && answers.application !== null;
      const piece = packed({ answers, bytes: bytes(row['bytes']) });
      const hashOfIt = Buffer.from(text(row['hash']), 'hex');
      const caseId = caseOfMessage(tables, Number(row['id']), hashOfIt);
      return {
        ...{ hash: hashOfIt, case_id: caseId },
        identity,
        named: row['identity'] === `${text(row['endpoint'])}:${text(row['hash'])}` ? null : row['identity'],
        sealed: sealing.seal(scopeOf({ case_id: caseId, received_at: text(row['received_at']) as Instant }), placeOf(identity), piece),
        owed: row['owed'] === 1 ? 1 : both ? 2 : 0,
        ...{ bytes: undefined, ack: undefined, commit_ack: undefined },
      };
    }),
  };
}

function columnsOf(row: Readonly<Record<string, unknown>>) {
  const kept = Object.entries(row).filter(([, value]) => value !== undefined) as [string, string | number | null | Uint8Array][];
  return { names: kept.map(([name]) => name), values: kept.map(([, value]) => value) };
}

function filled(bytes: Buffer): Buffer | null {
  return bytes.length === 0 ? null : bytes;
}

/** @returns the secret */
function sealSecret(tables: Tables, sealing: Sealing): string {
  const plain = tables.get<{ value: string }>("SELECT value FROM meta WHERE name = 'secret'");
  if (plain !== undefined) {
    keepSecret(tables, sealing, plain.value);
    tables.run("DELETE FROM meta WHERE name = 'secret'");
    return plain.value;
  }
  return makeSecret(tables, sealing);
}
