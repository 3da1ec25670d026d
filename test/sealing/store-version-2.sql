-- A store as schema version 2 wrote it: never changed.
PRAGMA journal_mode = WAL;
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
INSERT INTO meta VALUES ('secret', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef');
PRAGMA user_version = 2;
