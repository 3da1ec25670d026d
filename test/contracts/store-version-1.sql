-- A store as schema version 1 wrote it: never changed. Invented contents.
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
INSERT INTO meta VALUES ('secret', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef');
INSERT INTO raw (identity, endpoint, hash, bytes, length, control_id, message_type, ack, ack_code, state, reason, received_at) VALUES
  ('mllp:aa', 'mllp', 'aa', CAST('MSH|' AS BLOB), 4, 'M1', 'ORM^O01', CAST('MSA|AA|M1' AS BLOB), 'AA', 'used', NULL, '2026-11-25T10:00:00.000Z'),
  ('mllp:noise:bb', 'mllp', 'bb', CAST('GET /' AS BLOB), 5, NULL, NULL, CAST('' AS BLOB), 'AR', 'refused', 'noise', '2026-11-25T10:00:00.000Z');
INSERT INTO numbers VALUES ('placer|HIS|OLD-P1', 'placer|HIS|OLD-P1'), ('filler|RIS|OLD-F1', 'placer|HIS|OLD-P1');
INSERT INTO cases VALUES ('361b771c3ac6c28ba224203bce3e5591', 'protocoling', '7KF3QN', 1);
INSERT INTO facts VALUES ('361b771c3ac6c28ba224203bce3e5591', 1, 'orderOpened', '2026-11-25T10:00:00.000Z', 'hl7:aa', '{"type":"orderOpened","n":1}');
INSERT INTO outbox (case_id, workflow, number, key, lane, kind, weight, effect, state, attempt, failures, due, written_at) VALUES
  ('361b771c3ac6c28ba224203bce3e5591', 'protocoling', '7KF3QN', 'k1', 'card', 'showCard', 'advice', '{"key":"k1","weight":"advice","kind":"showCard","place":"protocoling","revision":1}', 'waiting', 0, '{}', '2026-11-25T10:00:00.000Z', '2026-11-25T10:00:00.000Z');
PRAGMA user_version = 1;
