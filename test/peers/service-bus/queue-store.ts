import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';

/** Epoch milliseconds. */
export type Milliseconds = number;

export interface StoredMessage {
  readonly seq: number;
  readonly queue: string;
  readonly messageId: string | null;
  readonly session: string | null;
  /** The message as it was sent, in AMQP's encoding. */
  readonly bytes: Buffer;
  readonly state: 'active' | 'scheduled' | 'deferred';
  readonly enqueuedAt: Milliseconds;
  /** Of a scheduled one: when it enters the queue. */
  readonly due: Milliseconds;
  readonly expiresAt: Milliseconds | null;
  /** Deliveries that ended without a settlement, so 0 on the first. */
  readonly deliveries: number;
  readonly deadReason: string | null;
  readonly deadDetail: string | null;
}

export type NewMessage = Omit<StoredMessage, 'seq' | 'deliveries' | 'deadReason' | 'deadDetail'> &
  Partial<Pick<StoredMessage, 'deliveries' | 'deadReason' | 'deadDetail'>>;

interface Row {
  readonly seq: number;
  readonly queue: string;
  readonly message_id: string | null;
  readonly session: string | null;
  readonly bytes: Uint8Array;
  readonly state: StoredMessage['state'];
  readonly enqueued_at: number;
  readonly due: number;
  readonly expires_at: number | null;
  readonly deliveries: number;
  readonly dead_reason: string | null;
  readonly dead_detail: string | null;
}

const TABLES = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT, session TEXT, bytes BLOB NOT NULL, state TEXT NOT NULL,
  enqueued_at INTEGER NOT NULL, due INTEGER NOT NULL, expires_at INTEGER, deliveries INTEGER NOT NULL, dead_reason TEXT, dead_detail TEXT) STRICT;
CREATE INDEX IF NOT EXISTS by_session ON messages (queue, state, session, seq);
CREATE INDEX IF NOT EXISTS by_due ON messages (due) WHERE state = 'scheduled';
CREATE INDEX IF NOT EXISTS by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS seen (queue TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (queue, message_id)) STRICT;
CREATE TABLE IF NOT EXISTS sessions (queue TEXT NOT NULL, session TEXT NOT NULL, state BLOB, PRIMARY KEY (queue, session)) STRICT;
`;

/** What the broker must not lose when its process is killed: messages, ids seen of late, session states. Locks are not among it. */
export class QueueStore {
  readonly #db: DatabaseSync;

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec(TABLES);
  }

  close(): void {
    this.#db.close();
  }

  /** All of it is on record, or nothing. */
  atOnce<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  add(message: NewMessage): number {
    const { queue, messageId, session, bytes, state, enqueuedAt, due, expiresAt, deliveries = 0, deadReason = null, deadDetail = null } = message;
    const done = this.#run(
      `INSERT INTO messages (queue, message_id, session, bytes, state, enqueued_at, due, expires_at, deliveries, dead_reason, dead_detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[queue, messageId, session, bytes, state, enqueuedAt, due, expiresAt, deliveries, deadReason, deadDetail],
    );
    return Number(done.lastInsertRowid);
  }

  /** Was this id used since then? It counts as used from now on. */
  seenSince(queue: string, messageId: string, since: Milliseconds, now: Milliseconds): boolean {
    const before = this.#all<{ at: number }>('SELECT at FROM seen WHERE queue = ? AND message_id = ?', queue, messageId)[0];
    if (before !== undefined && before.at >= since) return true;
    this.#run('INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at', queue, messageId, now);
    return false;
  }

  get(seq: number): StoredMessage | null {
    return this.#messages('seq = ?', seq)[0] ?? null;
  }

  /** Oldest first; of one session when it is named. */
  active(queue: string, session: string | null): StoredMessage[] {
    if (session === null) return this.#messages("queue = ? AND state = 'active'", queue);
    return this.#messages("queue = ? AND state = 'active' AND session = ?", queue, session);
  }

  peek(queue: string, from: number, session: string | null, most: number): StoredMessage[] {
    return this.#messages('queue = ? AND seq >= ? AND (?3 IS NULL OR session = ?3) ', queue, from, session).slice(0, most);
  }

  /** Sessions with something to hand out, the longest waiting first. */
  waitingSessions(queue: string): string[] {
    const sql = "SELECT session FROM messages WHERE queue = ? AND state = 'active' AND session IS NOT NULL GROUP BY session ORDER BY min(seq)";
    return this.#all<{ session: string }>(sql, queue).map(({ session }) => session);
  }

  due(now: Milliseconds): StoredMessage[] {
    return this.#messages("state = 'scheduled' AND due <= ?", now);
  }

  expired(now: Milliseconds): StoredMessage[] {
    return this.#messages("expires_at <= ? AND state <> 'scheduled'", now);
  }

  setState(seq: number, state: StoredMessage['state']): void {
    this.#run('UPDATE messages SET state = ? WHERE seq = ?', state, seq);
  }

  countDelivery(seq: number): void {
    this.#run('UPDATE messages SET deliveries = deliveries + 1 WHERE seq = ?', seq);
  }

  /** False: it was gone. */
  remove(seq: number): boolean {
    return this.#run('DELETE FROM messages WHERE seq = ?', seq).changes === 1;
  }

  sessionState(queue: string, session: string): Buffer | null {
    const found = this.#all<{ state: Uint8Array | null }>('SELECT state FROM sessions WHERE queue = ? AND session = ?', queue, session)[0];
    return found?.state ? Buffer.from(found.state) : null;
  }

  setSessionState(queue: string, session: string, state: Buffer | null): void {
    this.#run('INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state', queue, session, state);
  }

  #messages(where: string, ...values: SQLInputValue[]): StoredMessage[] {
    return this.#all<Row>(`SELECT * FROM messages WHERE ${where} ORDER BY seq`, ...values).map((row) => ({
      ...{ seq: row.seq, queue: row.queue, messageId: row.message_id, session: row.session, bytes: Buffer.from(row.bytes), state: row.state },
      ...{ enqueuedAt: row.enqueued_at, due: row.due, expiresAt: row.expires_at, deliveries: row.deliveries },
      ...{ deadReason: row.dead_reason, deadDetail: row.dead_detail },
    }));
  }

  #all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#db.prepare(sql).all(...values) as T[];
  }

  #run(sql: string, ...values: SQLInputValue[]) {
    return this.#db.prepare(sql).run(...values);
  }
}
