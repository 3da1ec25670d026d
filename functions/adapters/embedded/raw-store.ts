import type { OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { RawEntry, RawMessage, RawState, RawStore } from '#ports/raw-store.js';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';

interface Row {
  readonly id: number;
  readonly identity: string;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly control_id: string | null;
  readonly message_type: string | null;
  readonly ack_code: RawMessage['ackCode'];
  readonly state: RawState;
  readonly reason: string | null;
  readonly received_at: Instant;
}

const COLUMNS = 'id, identity, endpoint, hash, length, control_id, message_type, ack_code, state, reason, received_at';

export function rawStore(db: Database): RawStore {
  const find = (identity: string) => {
    const row = db.get<{ ack: Uint8Array; ack_code: RawMessage['ackCode'] }>('SELECT ack, ack_code FROM raw WHERE identity = ?', identity);
    return row ? { ack: Buffer.from(row.ack), ackCode: row.ack_code } : null;
  };
  return {
    find: (identity) => Promise.resolve(find(identity)),
    keep: (message, event) =>
      db.write(() => {
        const known = find(message.identity);
        if (known) return { ack: known.ack, fresh: false };
        const { identity, endpoint, hash, bytes, length, controlId, messageType, ack, ackCode, state, reason, receivedAt } = message;
        db.run(
          'INSERT INTO raw (identity, endpoint, hash, bytes, length, control_id, message_type, ack, ack_code, state, reason, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          ...[identity, endpoint, hash, bytes, length, controlId, messageType, ack, ackCode, state, reason, receivedAt],
        );
        if (event) publishEvent(db, event, receivedAt);
        return { ack, fresh: true };
      }),
    orderKeyOf: (numbers) => db.write(() => claimKey(db, numbers)),
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
  };
}

/** The first number that is known gives the key; else the first number is it. All of them lead to it from now on (DECISIONS 3). */
function claimKey(db: Database, numbers: readonly OrderKey[]): OrderKey {
  const [first] = numbers;
  if (first === undefined) throw new RangeError('an order without a number has no key');
  const known = numbers.map((number) => db.get<{ order_key: OrderKey }>('SELECT order_key FROM numbers WHERE number = ?', number)?.order_key);
  const key = known.find((found) => found !== undefined) ?? first;
  for (const number of numbers) db.run('INSERT OR IGNORE INTO numbers (number, order_key) VALUES (?, ?)', number, key);
  return key;
}

function entryOf(row: Row): RawEntry {
  const { id, identity, endpoint, hash, length, control_id, message_type, ack_code, state, reason, received_at } = row;
  return {
    id,
    identity,
    endpoint,
    hash,
    length,
    controlId: control_id,
    messageType: message_type,
    ackCode: ack_code,
    state,
    reason,
    receivedAt: received_at,
  };
}
