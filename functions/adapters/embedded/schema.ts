import type { DatabaseSync } from 'node:sqlite';
import { OUTBOX_BY_CHANNEL, OUTBOX_READY } from './outbox-schema.ts';
import { caseIdKeyedBy, keyedHash, placerHash } from './surroundings.ts';

/** Tables of the embedded store. A change is a new step at the end: what older versions wrote stays, and is read by what is here now. */
export const SCHEMA_VERSION = 7;

/** Brings the store from `version` (0: a new file) to SCHEMA_VERSION; call inside a transaction. */
export function migrate(db: DatabaseSync, version: number): void {
  if (version < 1) db.exec(VERSION_1);
  if (version < 2) {
    const hashed = hashNumbers(db);
    db.exec(VERSION_2);
    const insert = db.prepare('INSERT OR IGNORE INTO order_numbers (number_hash, workflow, case_id, placer) VALUES (?, ?, ?, ?)');
    for (const { number, caseId, placer } of hashed) insert.run(number, 'protocoling', caseId, placer);
  }
  if (version < 3) db.exec(VERSION_3_CLAIMS + VERSION_3_AUDIT + VERSION_3_SEALED + (version > 0 ? VACUUM_DUE : ''));
  if (version < 4) db.exec(VERSION_4);
  if (version < 5) db.exec(OUTBOX_READY);
  if (version < 6) db.exec(VERSION_6);
  if (version < 7) db.exec(OUTBOX_BY_CHANNEL);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

const VERSION_1 = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE raw (
  id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL, length INTEGER NOT NULL,
  control_id TEXT, message_type TEXT, ack BLOB NOT NULL, ack_code TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, received_at TEXT NOT NULL) STRICT;
CREATE INDEX raw_by_state ON raw (state, id);
CREATE TABLE numbers (number TEXT PRIMARY KEY, order_key TEXT NOT NULL) STRICT;
CREATE TABLE cases (case_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, number TEXT NOT NULL UNIQUE, version INTEGER NOT NULL) STRICT;
CREATE TABLE facts (
  case_id TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, event_id TEXT NOT NULL, fact TEXT NOT NULL,
  PRIMARY KEY (case_id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE heard (case_id TEXT NOT NULL, event_id TEXT NOT NULL, answer TEXT, PRIMARY KEY (case_id, event_id)) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, workflow TEXT NOT NULL, event_id TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, due TEXT NOT NULL, lease_until TEXT, reason TEXT, UNIQUE (case_id, event_id)) STRICT;
CREATE INDEX events_by_case ON events (case_id, id);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, workflow TEXT NOT NULL, number TEXT NOT NULL, key TEXT NOT NULL UNIQUE, lane TEXT, kind TEXT NOT NULL,
  destination TEXT, weight TEXT NOT NULL, effect TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, failures TEXT NOT NULL, bytes BLOB,
  due TEXT NOT NULL, lease_until TEXT, receipt TEXT, code TEXT, detail TEXT, written_at TEXT NOT NULL, done_at TEXT) STRICT;
CREATE INDEX outbox_open ON outbox (due, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX outbox_lane ON outbox (case_id, lane, id) WHERE state IN ('waiting', 'leased', 'held');
CREATE TABLE deadlines (
  case_id TEXT NOT NULL, workflow TEXT NOT NULL, name TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (case_id, name)) STRICT, WITHOUT ROWID;
CREATE INDEX deadlines_due ON deadlines (at);
CREATE TABLE rows (
  case_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, number TEXT NOT NULL, open INTEGER NOT NULL, row TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL, case_seq INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX audit_by_case ON audit (case_id, seq);
CREATE TABLE seals (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, upto INTEGER NOT NULL, rows INTEGER NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE shown (case_id TEXT NOT NULL, person TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (case_id, person)) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_conversation ON outbox (receipt ->> '$.conversationId') WHERE kind = 'showCard';
CREATE TABLE conversations (person TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, service_url TEXT NOT NULL) STRICT;
`;

/**
 * What a hospital tells besides orders. `raw.ack` is the application's answer, empty where there is none; it is owed (`owed` 1) from the commit answer until it
 * has left. Numbers and patients are looked up by keyed hashes. `order_numbers.placer`: of a placer number the hash without its assigner, else null.
 * `patients.group_id`: all that merges ever joined; `merged_into`: the number that this one gave way to. `outbox.awaits`: the control id (MSH-10) whose
 * application answer is still to come.
 */
const VERSION_2 = `
ALTER TABLE raw ADD COLUMN commit_ack BLOB;
ALTER TABLE raw ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE raw ADD COLUMN reused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE raw ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX raw_by_control ON raw (control_id, sender);
DROP INDEX events_by_case;
CREATE INDEX raw_owed ON raw (received_at) WHERE owed = 1;
DROP TABLE numbers;
CREATE TABLE order_numbers (
  number_hash BLOB NOT NULL, workflow TEXT NOT NULL, case_id TEXT NOT NULL, placer BLOB, PRIMARY KEY (number_hash, workflow)) STRICT, WITHOUT ROWID;
CREATE INDEX order_numbers_by_case ON order_numbers (case_id);
CREATE TABLE case_keys (key_hash BLOB NOT NULL, case_id TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (key_hash, case_id)) STRICT, WITHOUT ROWID;
CREATE TABLE patients (
  id_hash BLOB PRIMARY KEY, group_id BLOB NOT NULL, identifier TEXT NOT NULL, merged_into BLOB, merged_at TEXT, location TEXT, location_at TEXT,
  patient_class TEXT, class_at TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX patients_by_group ON patients (group_id);
CREATE TABLE arrivals (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL, version_hash BLOB NOT NULL, case_id TEXT, matched_by TEXT, reason TEXT NOT NULL, state TEXT NOT NULL,
  raw_id INTEGER NOT NULL, received_at TEXT NOT NULL, kept TEXT, UNIQUE (what, version_hash)) STRICT;
CREATE INDEX arrivals_by_state ON arrivals (state, id);
CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
ALTER TABLE outbox ADD COLUMN awaits TEXT;
ALTER TABLE outbox ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_awaits ON outbox (awaits) WHERE awaits IS NOT NULL;
CREATE INDEX outbox_gone ON outbox (case_id, lane, id) WHERE state = 'delivered' AND destination IS NOT NULL;
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
CREATE INDEX raw_reused ON raw (id) WHERE reused = 1;
CREATE INDEX rows_noted ON rows (case_id) WHERE row ->> '$.note' IS NOT NULL;
CREATE INDEX audit_operator ON audit (seq) WHERE action >= 'q-' AND action < 'q.';
CREATE TABLE parked (case_id TEXT PRIMARY KEY, by TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bulk (
  id INTEGER PRIMARY KEY, act TEXT NOT NULL, items TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL,
  state TEXT NOT NULL) STRICT;
`;

/**
 * Who holds a claim (`owner`: an instance), and what became of the earlier ones: `failures` that were told, `crashes` that were not (ADR 0026). `attempt` is never
 * counted back: it is the claim's fence.
 */
const VERSION_3_CLAIMS = `
ALTER TABLE events ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN owner TEXT;
ALTER TABLE outbox ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN owner TEXT;
UPDATE events SET failures = attempt WHERE state = 'quarantined';
CREATE INDEX events_suspect ON events (id) WHERE crashes > 0 OR state = 'leased';
CREATE INDEX events_quarantined ON events (id) WHERE state = 'quarantined';
CREATE INDEX outbox_leased ON outbox (owner) WHERE state = 'leased';
CREATE TABLE instances (id TEXT PRIMARY KEY, pid INTEGER NOT NULL, started TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Signed checkpoints of the audit chain (`seals`; ADR 0027), and what was taken out of its rows after their retention (`audit.purged`: by which purge; the row's
 * hashes stay).
 */
const VERSION_3_AUDIT = `
ALTER TABLE seals ADD COLUMN key_version TEXT;
ALTER TABLE seals ADD COLUMN algorithm TEXT;
ALTER TABLE seals ADD COLUMN signature TEXT;
CREATE INDEX seals_unsigned ON seals (id) WHERE signature IS NULL;
ALTER TABLE audit ADD COLUMN purged INTEGER;
CREATE TABLE purges (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, before TEXT NOT NULL, upto INTEGER NOT NULL, rows INTEGER NOT NULL, digest TEXT NOT NULL,
  key_version TEXT NOT NULL, algorithm TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
`;

/**
 * Data keys, and what is sealed under them (ADR 0023 has the table of what is and what is not). What stood in plain is renamed, `raw` to `raw_v2`, and moved row by
 * row (resealing.ts). `raw.sealed`: the answers and the bytes in one piece, under the key of `case_id`, or of the day it came on while it is null; `identity`: the
 * first 16 bytes of the sha256 of what the port calls so, `named`: that name where it is not door and hash. A message is looked for under its control id: these
 * come in order, so that ten thousand a second write to the same few pages of the index. `owed` 2: it was owed, and has left. `raw_cases`: whose data a message
 * brought. `outbox.receipt_hash`: sha256 of the receipt, which stays when its case's key is dropped. Ids of events
 * and deliveries are never given twice: with its attempt an id is the fence of a claim, and one that is told or forgotten is deleted.
 */
const VERSION_3_SEALED = `
CREATE TABLE wrapping_keys (ord INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, version TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE data_keys (scope TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
ALTER TABLE cases ADD COLUMN shredded_at TEXT;
ALTER TABLE cases ADD COLUMN hold TEXT;
DROP INDEX raw_by_state;
DROP INDEX raw_by_control;
DROP INDEX raw_owed;
DROP INDEX raw_reused;
ALTER TABLE raw RENAME TO raw_v2;
CREATE TABLE raw (
  id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, hash BLOB NOT NULL, identity BLOB NOT NULL, named TEXT, sealed BLOB NOT NULL, case_id TEXT,
  length INTEGER NOT NULL, control_id TEXT, sender TEXT NOT NULL, message_type TEXT, ack_code TEXT NOT NULL, owed INTEGER NOT NULL, state TEXT NOT NULL,
  reason TEXT, reused INTEGER NOT NULL, received_at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX raw_by_control ON raw (control_id, identity, sender) WHERE control_id IS NOT NULL;
CREATE UNIQUE INDEX raw_unnamed ON raw (identity) WHERE control_id IS NULL;
CREATE INDEX raw_owed_to ON raw (identity) WHERE owed = 1;
CREATE INDEX raw_new ON raw (id) WHERE state = 'new';
CREATE INDEX raw_aside ON raw (state, id) WHERE state NOT IN ('new', 'used');
CREATE INDEX raw_canary ON raw (id) WHERE endpoint = 'canary';
CREATE INDEX raw_owed ON raw (received_at) WHERE owed = 1;
CREATE INDEX raw_reused ON raw (id) WHERE reused = 1;
CREATE INDEX rows_closed ON rows (updated_at) WHERE open = 0;
CREATE INDEX cases_held ON cases (number) WHERE hold IS NOT NULL;
CREATE TABLE raw_cases (case_id TEXT NOT NULL, raw_id INTEGER NOT NULL, PRIMARY KEY (case_id, raw_id)) STRICT, WITHOUT ROWID;
ALTER TABLE facts RENAME TO facts_v2;
CREATE TABLE facts (
  case_id TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, event_id TEXT NOT NULL, fact BLOB NOT NULL,
  PRIMARY KEY (case_id, seq)) STRICT, WITHOUT ROWID;
DROP INDEX events_suspect;
DROP INDEX events_quarantined;
ALTER TABLE events RENAME TO events_v2;
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL, workflow TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, failures INTEGER NOT NULL, crashes INTEGER NOT NULL, owner TEXT, due TEXT NOT NULL, lease_until TEXT, reason TEXT,
  UNIQUE (case_id, event_id)) STRICT;
CREATE INDEX events_suspect ON events (id) WHERE crashes > 0 OR state = 'leased';
CREATE INDEX events_quarantined ON events (id) WHERE state = 'quarantined';
CREATE INDEX events_timers ON events (id) WHERE event_id >= 'deadline:' AND event_id < 'deadline;';
DROP INDEX outbox_open;
DROP INDEX outbox_lane;
DROP INDEX outbox_by_conversation;
DROP INDEX outbox_awaits;
DROP INDEX outbox_gone;
DROP INDEX outbox_held;
DROP INDEX outbox_leased;
ALTER TABLE outbox RENAME TO outbox_v2;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL, workflow TEXT NOT NULL, number TEXT NOT NULL, key TEXT NOT NULL UNIQUE, lane TEXT, kind TEXT NOT NULL,
  destination TEXT, weight TEXT NOT NULL, effect BLOB NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, failures TEXT NOT NULL, crashes INTEGER NOT NULL,
  retries INTEGER NOT NULL, owner TEXT, bytes BLOB, due TEXT NOT NULL, lease_until TEXT, awaits TEXT, receipt BLOB, receipt_hash BLOB, conversation BLOB,
  code TEXT, detail TEXT, written_at TEXT NOT NULL, done_at TEXT) STRICT;
CREATE INDEX outbox_open ON outbox (due, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX outbox_lane ON outbox (case_id, lane, id) WHERE state IN ('waiting', 'leased', 'held');
CREATE INDEX outbox_awaits ON outbox (awaits) WHERE awaits IS NOT NULL;
CREATE INDEX outbox_gone ON outbox (case_id, lane, id) WHERE state = 'delivered' AND destination IS NOT NULL;
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
CREATE INDEX outbox_leased ON outbox (owner) WHERE state = 'leased';
CREATE INDEX outbox_by_conversation ON outbox (conversation) WHERE conversation IS NOT NULL;
DROP INDEX patients_by_group;
ALTER TABLE patients RENAME TO patients_v2;
CREATE TABLE patients (
  id_hash BLOB PRIMARY KEY, group_id BLOB NOT NULL, identifier BLOB NOT NULL, merged_into BLOB, merged_at TEXT, location BLOB, location_at TEXT,
  patient_class TEXT, class_at TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX patients_by_group ON patients (group_id);
DROP INDEX arrivals_by_state;
ALTER TABLE arrivals RENAME TO arrivals_v2;
CREATE TABLE arrivals (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL, version_hash BLOB NOT NULL, case_id TEXT, matched_by TEXT, reason TEXT NOT NULL, state TEXT NOT NULL,
  raw_id INTEGER NOT NULL, received_at TEXT NOT NULL, kept BLOB, UNIQUE (what, version_hash)) STRICT;
CREATE INDEX arrivals_by_state ON arrivals (state, id);
ALTER TABLE cursors RENAME TO cursors_v2;
CREATE TABLE cursors (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * What the hourly sweep looks for, each by an index; none of these tables is written when a message is received. `patients.seen_at`: when a message last named
 * this number (to the day); null: before that was noted.
 */
const VERSION_4 = `
CREATE INDEX raw_cases_by_raw ON raw_cases (raw_id);
CREATE INDEX case_keys_by_case ON case_keys (case_id);
CREATE INDEX arrivals_by_raw ON arrivals (raw_id, state);
CREATE INDEX audit_kept ON audit (seq) WHERE purged IS NULL;
ALTER TABLE patients ADD COLUMN seen_at TEXT;
`;

/** Whose account the chat belongs to; null: it was learnt before that was noted. */
const VERSION_6 = 'ALTER TABLE conversations ADD COLUMN aad_object_id TEXT;';

/** What an older version deleted in plain is still in pages that are free: once all is sealed, the file is written anew. */
const VACUUM_DUE = "INSERT INTO meta (name, value) VALUES ('vacuum', 'due');";

/** Version 1 kept order numbers in plain, and the order's key in place of its case. */
function hashNumbers(db: DatabaseSync): { readonly number: Uint8Array; readonly caseId: string; readonly placer: Uint8Array | null }[] {
  const secret = (db.prepare("SELECT value FROM meta WHERE name = 'secret'").get() as { value: string } | undefined)?.value;
  if (secret === undefined) return [];
  const hash = keyedHash(secret);
  const caseIdOf = caseIdKeyedBy(secret);
  const rows = db.prepare('SELECT number, order_key FROM numbers').all() as { number: string; order_key: string }[];
  return rows.map(({ number, order_key }) => {
    return { number: hash(number), caseId: caseIdOf('protocoling', order_key), placer: placerHash(hash, number) };
  });
}
