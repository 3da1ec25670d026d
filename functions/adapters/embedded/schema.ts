/** Tables of the embedded store. A change here raises SCHEMA_VERSION and keeps what older versions wrote readable. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS raw (
  id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL, length INTEGER NOT NULL,
  control_id TEXT, message_type TEXT, ack BLOB NOT NULL, ack_code TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, received_at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS raw_by_state ON raw (state, id);
CREATE TABLE IF NOT EXISTS numbers (number TEXT PRIMARY KEY, order_key TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS cases (case_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, number TEXT NOT NULL UNIQUE, version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS facts (
  case_id TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, event_id TEXT NOT NULL, fact TEXT NOT NULL,
  PRIMARY KEY (case_id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (case_id TEXT NOT NULL, event_id TEXT NOT NULL, answer TEXT, PRIMARY KEY (case_id, event_id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, workflow TEXT NOT NULL, event_id TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, due TEXT NOT NULL, lease_until TEXT, reason TEXT, UNIQUE (case_id, event_id)) STRICT;
CREATE INDEX IF NOT EXISTS events_by_case ON events (case_id, id);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, workflow TEXT NOT NULL, number TEXT NOT NULL, key TEXT NOT NULL UNIQUE, lane TEXT, kind TEXT NOT NULL,
  destination TEXT, weight TEXT NOT NULL, effect TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, failures TEXT NOT NULL, bytes BLOB,
  due TEXT NOT NULL, lease_until TEXT, receipt TEXT, code TEXT, detail TEXT, written_at TEXT NOT NULL, done_at TEXT) STRICT;
CREATE INDEX IF NOT EXISTS outbox_open ON outbox (due, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX IF NOT EXISTS outbox_lane ON outbox (case_id, lane, id) WHERE state IN ('waiting', 'leased', 'held');
CREATE TABLE IF NOT EXISTS deadlines (
  case_id TEXT NOT NULL, workflow TEXT NOT NULL, name TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (case_id, name)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deadlines_due ON deadlines (at);
CREATE TABLE IF NOT EXISTS rows (
  case_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, number TEXT NOT NULL, open INTEGER NOT NULL, row TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, case_id TEXT NOT NULL, case_seq INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS audit_by_case ON audit (case_id, seq);
CREATE TABLE IF NOT EXISTS seals (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, upto INTEGER NOT NULL, rows INTEGER NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS shown (case_id TEXT NOT NULL, person TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (case_id, person)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_by_conversation ON outbox (receipt ->> '$.conversationId') WHERE kind = 'showCard';
CREATE TABLE IF NOT EXISTS conversations (person TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, service_url TEXT NOT NULL) STRICT
`;
