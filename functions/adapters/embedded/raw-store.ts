import type { Instant } from '#core/time.js';
import type { DataKey } from '#adapters/sealing/key-chain.js';
import type { Answers } from '#ports/hl7-door.js';
import type { RawEntry, RawMessage, RawState, RawStore, Unrouted } from '#ports/raw-store.js';
import { arrivalsOf, signedReports } from './arrivals.ts';
import { carryOutAll } from './consequences.ts';
import type { Database } from './database.ts';
import { keeper } from './keeper.ts';
import { patientNow } from './patients.ts';
import { readable } from './readable.ts';
import { ASIDE, SEALED_COLUMNS, hexOf, identityOf, openPiece, packed, pieceOf, placeOf } from './raw-piece.ts';
import type { SealedRow } from './raw-piece.ts';
import { ofDay } from './sealing.ts';
import type { Scope } from './sealing.ts';

interface Row {
  readonly id: number;
  readonly named: string | null;
  readonly endpoint: string;
  readonly hash: Uint8Array;
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

const COLUMNS = 'id, named, endpoint, hash, length, control_id, sender, message_type, ack_code, state, reason, received_at, reused';

const INSERT = `INSERT INTO raw
  (endpoint, hash, identity, named, sealed, length, control_id, sender, message_type, ack_code, owed, state, reason, reused, received_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

export function rawStore(db: Database): RawStore {
  const keeping = keeper(db);
  const days = dayKeys(db);
  return {
    async find(identity, controlId) {
      await db.settled();
      return find(db, identityOf(identity), controlId);
    },
    async keep(message, consequences) {
      const { controlId, sender, receivedAt, hash } = message;
      const identity = identityOf(message.identity);
      const key = await days.of(receivedAt);
      // Before the transaction: whoever shares it does not wait for the cipher.
      const sealed = key.seal(placeOf(identity), packed(message));
      return db.write(() => {
        const reused = controlId !== null && db.get(REUSED, controlId, Buffer.from(hash, 'hex'), sender) !== undefined;
        const { changes, lastInsertRowid } = insert(db, message, identity, sealed, reused);
        if (changes === 0) {
          const known = find(db, identity, controlId);
          if (known === null) throw new Error('a message is neither new nor known');
          return { ...known, fresh: false, controlIdReused: false };
        }
        if (consequences !== 'later') carryOutAll(keeping, consequences, lastInsertRowid, receivedAt);
        return { answers: message.answers, ackCode: message.ackCode, fresh: true, controlIdReused: reused };
      });
    },
    async unrouted(most) {
      const rows = db.all<{ id: number; length: number }>("SELECT id, length FROM raw WHERE state = 'new' ORDER BY id LIMIT ?", most);
      let bytes = 0;
      const few = rows.filter(({ length }, index) => (bytes += length) <= ROUTED_BYTES || index === 0);
      const read = few.map(({ id }) => ({ id, ...readable(() => unroutedOf(db, id)) }));
      const broken = read.filter((one) => !one.ok);
      // It was answered: a person must look, and what came after it is worked on.
      if (broken.length > 0)
        await db.write(() => broken.map(({ id, why }) => db.run("UPDATE raw SET state = 'refused', reason = ? WHERE id = ?", why, id)));
      return read.flatMap((one) => (one.ok ? one.value : []));
    },
    async route(routes) {
      await db.write(() => {
        for (const { id, state, reason, consequences } of routes) {
          const found = db.get<{ received_at: Instant }>("SELECT received_at FROM raw WHERE id = ? AND state = 'new'", id);
          if (found === undefined) continue;
          carryOutAll(keeping, consequences, Number(id), found.received_at);
          db.run('UPDATE raw SET state = ?, reason = ? WHERE id = ?', state, reason, id);
        }
      });
    },
    waiting: (most) => Promise.resolve(waiting(db, most)),
    list(most, state) {
      const wanted = state === 'new' ? "state = 'new'" : state === undefined || state === 'used' ? 'TRUE' : ASIDE;
      const rows = db.all<Row>(
        `SELECT ${COLUMNS} FROM raw WHERE ${wanted} AND (?1 IS NULL OR state = ?1) ORDER BY id DESC LIMIT ?2`,
        state ?? null,
        most,
      );
      return Promise.resolve(rows.map(entryOf));
    },
    read: (id) => Promise.resolve(pieceOf(db, id)?.bytes ?? null),
    arrivals: (most, state) => Promise.resolve(arrivalsOf(db, most, state)),
    signedReports: (from, to) => Promise.resolve(signedReports(db, from, to)),
    patientNow: (identifiers) => Promise.resolve(patientNow(keeping, identifiers)),
    async answered(identity) {
      await db.write(() => db.run('UPDATE raw SET owed = 2 WHERE identity = ? AND owed = 1', identityOf(identity)));
    },
    async unanswered(before, most, endpoints) {
      const wanted = endpoints === undefined ? null : JSON.stringify(endpoints);
      const owed = await db.write(() =>
        db.all<SealedRow & Pick<Row, 'named' | 'endpoint' | 'hash'>>(
          `SELECT ${SEALED_COLUMNS}, named, endpoint, hash FROM raw
           WHERE owed = 1 AND received_at < ?1 AND (?2 IS NULL OR endpoint IN (SELECT value FROM json_each(?2))) ORDER BY received_at, id LIMIT ?3`,
          ...[before, wanted, most],
        ),
      );
      return owed.flatMap((row) => {
        const { application } = openPiece(db.sealing, row).answers;
        return application === null ? [] : [{ identity: nameOf(row), endpoint: row.endpoint, application }];
      });
    },
  };
}

/** The same sender used its name for this message for other bytes. */
const REUSED = 'SELECT 1 FROM raw WHERE control_id = ? AND hash <> ? AND sender = ? LIMIT 1';

function insert(db: Database, message: RawMessage, identity: Buffer, sealed: Buffer, reused: boolean) {
  const { endpoint, hash, length, controlId, sender, messageType, answers, ackCode, state, reason, receivedAt } = message;
  const owed = answers.commit !== null && answers.application !== null ? 1 : 0;
  const named = message.identity === `${endpoint}:${hash}` ? null : message.identity;
  return db.run(
    INSERT,
    ...[endpoint, Buffer.from(hash, 'hex'), identity, named, sealed, length, controlId, sender, messageType, ackCode, owed, state, reason],
    ...[reused ? 1 : 0, receivedAt],
  );
}

function waiting(db: Database, most: number): { readonly messages: number; readonly events: number } {
  const count = (sql: string, ...values: number[]): number => db.get<{ n: number }>(`SELECT count(*) AS n FROM (${sql})`, ...values)?.n ?? 0;
  const messages = count("SELECT 1 FROM raw WHERE state = 'new' LIMIT ?", most);
  const held = count(HELD);
  // Without a condition it is counted in an index, whose rows are short.
  return { messages, events: Math.max(0, count('SELECT 1 FROM events LIMIT ?', most + held) - held) };
}

/** Events of cases that wait for a person. */
const HELD = "SELECT 1 FROM events WHERE case_id IN (SELECT case_id FROM events WHERE state = 'quarantined' UNION SELECT case_id FROM parked)";

/** The key of a day. It is on the disk before anything is sealed under it, so that no transaction that is undone takes it away again. */
function dayKeys(db: Database): { of(at: Instant): DataKey | Promise<DataKey> } {
  let today: { readonly scope: Scope; readonly key: DataKey } | null = null;
  const made = async (scope: Scope): Promise<DataKey> => {
    const key = db.sealing.keyOf(scope) ?? (await db.write(() => db.sealing.keyFor(scope)));
    today = { scope, key };
    return key;
  };
  return {
    of(at) {
      const scope = ofDay(at);
      return today?.scope === scope ? today.key : made(scope);
    },
  };
}

/** How much is worked out in one turn, beside the first message: so that a few large ones do not hold up the rest. */
const ROUTED_BYTES = 1024 * 1024;

function unroutedOf(db: Database, id: number): Unrouted {
  const row = db.get<SealedRow & Pick<Row, 'endpoint' | 'hash'>>(`SELECT ${SEALED_COLUMNS}, endpoint, hash FROM raw WHERE id = ?`, id);
  if (row === undefined) throw new Error('a message that was listed is gone');
  const { endpoint, hash, received_at: receivedAt } = row;
  return { id: String(id), endpoint, hash: hexOf(hash), bytes: openPiece(db.sealing, row).bytes, receivedAt };
}

/** By its control id where that is known; else only what has none is found by an index. */
function find(
  db: Database,
  identity: Buffer,
  controlId?: string | null,
): { readonly answers: Answers; readonly ackCode: RawMessage['ackCode'] } | null {
  const columns = `SELECT ${SEALED_COLUMNS}, ack_code FROM raw WHERE`;
  type Found = SealedRow & Pick<Row, 'ack_code'>;
  const row =
    typeof controlId === 'string'
      ? db.get<Found>(`${columns} control_id = ? AND identity = ?`, controlId, identity)
      : (db.get<Found>(`${columns} control_id IS NULL AND identity = ?`, identity) ??
        (controlId === null ? undefined : db.get<Found>(`${columns} control_id IS NOT NULL AND identity = ?`, identity)));
  return row === undefined ? null : { answers: openPiece(db.sealing, row).answers, ackCode: row.ack_code };
}

function entryOf(row: Row): RawEntry {
  const { id, endpoint, length, sender, state, reason } = row;
  return {
    ...{ id: String(id), identity: nameOf(row), endpoint, hash: hexOf(row.hash), length, sender, state, reason, controlId: row.control_id },
    ...{ messageType: row.message_type, ackCode: row.ack_code, receivedAt: row.received_at, controlIdReused: row.reused === 1 },
  };
}

/** The identity as the port has it. */
function nameOf({ named, endpoint, hash }: Pick<Row, 'named' | 'endpoint' | 'hash'>): string {
  return named ?? `${endpoint}:${hexOf(hash)}`;
}
