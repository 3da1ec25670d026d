import type { Answers } from '#ports/hl7-door.js';
import type { Instant } from '#core/time.js';
import type { Consequence, RawEntry, RawMessage, RawState, RawStore, Unrouted } from '#ports/raw-store.js';
import { arrivalsOf, keepArrival } from './arrivals.ts';
import { caseOfOrder, openCasesWith } from './case-keys.ts';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';
import { keeper } from './keeper.ts';
import type { Keeping } from './keeper.ts';
import { mergePatients, movePatient, patientNow } from './patients.ts';

interface Row {
  readonly id: number;
  readonly identity: string;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly control_id: string | null;
  readonly sender: string;
  readonly message_type: string | null;
  readonly ack_code: RawMessage['ackCode'];
  readonly state: RawState;
  readonly reason: string | null;
  readonly received_at: Instant;
  readonly reused: number;
}

const COLUMNS = 'id, identity, endpoint, hash, length, control_id, sender, message_type, ack_code, state, reason, received_at, reused';

const INSERT = `INSERT INTO raw
  (identity, endpoint, hash, bytes, length, control_id, sender, message_type, commit_ack, ack, owed, ack_code, state, reason, received_at, reused)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

export function rawStore(db: Database): RawStore {
  const keeping = keeper(db);
  return {
    find: (identity) => Promise.resolve(find(db, identity)),
    keep: (message, consequences) =>
      db.write(() => {
        const { controlId, sender, hash, receivedAt } = message;
        const reused =
          controlId !== null &&
          db.get('SELECT 1 FROM raw WHERE control_id = ? AND sender = ? AND hash <> ? LIMIT 1', controlId, sender, hash) !== undefined;
        const { changes, lastInsertRowid } = insert(db, message, reused);
        if (changes === 0) {
          const known = find(db, message.identity);
          if (known === null) throw new Error('a message is neither new nor known');
          return { ...known, fresh: false, controlIdReused: false };
        }
        if (consequences !== 'later') for (const consequence of consequences) carryOut(keeping, consequence, lastInsertRowid, receivedAt);
        return { answers: message.answers, ackCode: message.ackCode, fresh: true, controlIdReused: reused };
      }),
    unrouted(most) {
      const rows = db.all<{ id: number; length: number }>("SELECT id, length FROM raw WHERE state = 'new' ORDER BY id LIMIT ?", most);
      let bytes = 0;
      const few = rows.filter(({ length }, index) => (bytes += length) <= ROUTED_BYTES || index === 0);
      return Promise.resolve(few.map(({ id }) => unroutedOf(db, id)));
    },
    async route(routes) {
      await db.write(() => {
        for (const { id, state, reason, consequences } of routes) {
          const found = db.get<{ received_at: Instant }>("SELECT received_at FROM raw WHERE id = ? AND state = 'new'", id);
          if (found === undefined) continue;
          for (const consequence of consequences) carryOut(keeping, consequence, id, found.received_at);
          db.run('UPDATE raw SET state = ?, reason = ? WHERE id = ?', state, reason, id);
        }
      });
    },
    list(most, state) {
      const rows = state
        ? db.all<Row>(`SELECT ${COLUMNS} FROM raw WHERE state = ? ORDER BY id DESC LIMIT ?`, state, most)
        : db.all<Row>(`SELECT ${COLUMNS} FROM raw ORDER BY id DESC LIMIT ?`, most);
      return Promise.resolve(rows.map(entryOf));
    },
    read(id) {
      const row = db.get<{ bytes: Uint8Array }>('SELECT bytes FROM raw WHERE id = ?', id);
      return Promise.resolve(row ? Buffer.from(row.bytes) : null);
    },
    arrivals: (most, state) => Promise.resolve(arrivalsOf(db, most, state)),
    patientNow: (identifiers) => Promise.resolve(patientNow(keeping, identifiers)),
    async answered(identity) {
      await db.write(() => db.run('UPDATE raw SET owed = 0 WHERE identity = ? AND owed = 1', identity));
    },
    async unanswered(before, most, endpoints) {
      const wanted = endpoints === undefined ? null : JSON.stringify(endpoints);
      const owed = await db.write(() =>
        db.all<{ identity: string; endpoint: string; ack: Uint8Array }>(
          `SELECT identity, endpoint, ack FROM raw WHERE owed = 1 AND received_at < ?1 AND (?2 IS NULL OR endpoint IN (SELECT value FROM json_each(?2)))
           ORDER BY received_at, id LIMIT ?3`,
          ...[before, wanted, most],
        ),
      );
      return owed.map(({ identity, endpoint, ack }) => ({ identity, endpoint, application: Buffer.from(ack) }));
    },
  };
}

function insert(db: Database, message: RawMessage, reused: boolean) {
  const { identity, endpoint, hash, bytes, length, controlId, sender, messageType, answers, ackCode, state, reason, receivedAt } = message;
  const { commit, application } = answers;
  const owed = commit !== null && application !== null ? 1 : 0;
  return db.run(
    INSERT,
    ...[identity, endpoint, hash, bytes, length, controlId, sender, messageType, commit, application ?? NOTHING, owed, ackCode, state, reason],
    ...[receivedAt, reused ? 1 : 0],
  );
}

const NOTHING = Buffer.alloc(0);
/** How much is worked out in one turn, beside the first message: so that a few large ones do not hold up the rest. */
const ROUTED_BYTES = 1024 * 1024;

function unroutedOf(db: Database, id: number): Unrouted {
  const row = db.get<{ endpoint: string; hash: string; bytes: Uint8Array; received_at: Instant }>(
    'SELECT endpoint, hash, bytes, received_at FROM raw WHERE id = ?',
    id,
  );
  if (row === undefined) throw new Error('a message that was listed is gone');
  return { id, endpoint: row.endpoint, hash: row.hash, bytes: Buffer.from(row.bytes), receivedAt: row.received_at };
}

function find(db: Database, identity: string): { readonly answers: Answers; readonly ackCode: RawMessage['ackCode'] } | null {
  const row = db.get<{ commit_ack: Uint8Array | null; ack: Uint8Array; ack_code: RawMessage['ackCode'] }>(
    'SELECT commit_ack, ack, ack_code FROM raw WHERE identity = ?',
    identity,
  );
  if (row === undefined) return null;
  const { commit_ack: commit, ack, ack_code: ackCode } = row;
  return { answers: { commit: commit && Buffer.from(commit), application: ack.length === 0 ? null : Buffer.from(ack) }, ackCode };
}

export function carryOut(keeping: Keeping, consequence: Consequence, rawId: number, at: Instant): void {
  const { db } = keeping;
  switch (consequence.kind) {
    case 'to-order': {
      const { id, workflow, actor, input } = consequence;
      const caseId = caseOfOrder(keeping, workflow, consequence.numbers, consequence.onlyIfKnown);
      if (caseId !== null) publishEvent(db, { id, workflow, caseId, occurredAt: at, actor, input }, at);
      return;
    }
    case 'to-cases-with': {
      const { id, actor, input } = consequence;
      for (const { caseId, workflow } of openCasesWith(keeping, consequence.keys)) {
        publishEvent(db, { id, workflow, caseId, occurredAt: at, actor, input }, at);
      }
      return;
    }
    case 'patient-moved':
      movePatient(keeping, consequence);
      return;
    case 'patients-merged':
      mergePatients(keeping, consequence);
      return;
    case 'arrival':
      keepArrival(keeping, consequence.arrival, rawId, at);
      return;
    default:
      consequence satisfies never;
  }
}

function entryOf(row: Row): RawEntry {
  const { id, identity, endpoint, hash, length, sender, state, reason } = row;
  return {
    ...{ id, identity, endpoint, hash, length, sender, state, reason, controlId: row.control_id, messageType: row.message_type },
    ...{ ackCode: row.ack_code, receivedAt: row.received_at, controlIdReused: row.reused === 1 },
  };
}
