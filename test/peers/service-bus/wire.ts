import type { Socket } from 'node:net';
import rhea from 'rhea';
import type { Connection, Message, Sender } from 'rhea';
import { DEAD } from './broker.ts';
import type { Incoming } from './broker.ts';
import type { StoredMessage } from './queue-store.ts';

/** What of rhea's insides this peer must touch (3.0.5): see the comments where it does. */
export interface RawLink {
  _process?: () => void;
  _draining?: boolean;
  _get_drain?: () => boolean;
  issue_flow: boolean;
  credit: number;
  delivery_count: number;
  readonly local: { readonly attach: { snd_settle_mode?: number; properties?: unknown; max_message_size?: number } };
  readonly session: { readonly outgoing: { process(): void } };
  readonly connection: { _register(): void };
}
export const raw = (link: unknown): RawLink => link as RawLink;

/** The socket of a connection: rhea tells of a lost one late, its own `close` at once. */
export const socketOf = (connection: Connection): Socket => (connection as unknown as { socket: Socket }).socket;

/** On links a lock token is a .NET GUID: the first three groups have their bytes reversed. */
export function guidBytes(uuid: string): Buffer {
  const b = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return Buffer.concat([b.subarray(0, 4).reverse(), b.subarray(4, 6).reverse(), b.subarray(6, 8).reverse(), b.subarray(8)]);
}

/** 100 ns since the year 1, as link properties say times. */
export function ticks(at: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(at) * 10_000n + 621_355_968_000_000_000n);
  return bytes;
}

/** Long as a number, or as rhea gives what is too large for one. */
export const longOf = (value: unknown): number => (Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value));

export const decoded = (bytes: Buffer): Message => rhea.message.decode(bytes) as unknown as Message;

const BATCH = 0x80013700;

/** One transfer: a message, or a batch of them. */
export function incomingOf(message: Message | Buffer, format: number | undefined): Incoming[] {
  if (!Buffer.isBuffer(message)) return [oneOf(message)];
  const batch = decoded(message).body as { readonly multiple?: boolean; readonly content: Buffer | Buffer[] };
  if (format !== BATCH) throw new TypeError(`a message in format ${format}`);
  const parts = Array.isArray(batch.content) ? batch.content : [batch.content];
  return parts.map((bytes) => oneOf(decoded(bytes)));
}

function oneOf(message: Message): Incoming {
  const scheduled: unknown = message.message_annotations?.['x-opt-scheduled-enqueue-time'];
  return {
    messageId: message.message_id === undefined ? null : String(message.message_id),
    session: message.group_id ?? null,
    bytes: rhea.message.encode(message),
    ttlMs: message.ttl ?? null,
    scheduledFor: scheduled === undefined || scheduled === null ? null : Number(scheduled),
  };
}

const STATES = { active: 0, deferred: 1, scheduled: 2 };

/** The stored message with what the broker writes on it. */
export function outgoingOf(stored: StoredMessage, lockedUntil: number | null): Message {
  const message = decoded(stored.bytes);
  const { types } = rhea;
  message.delivery_count = stored.deliveries;
  message.message_annotations = {
    ...message.message_annotations,
    'x-opt-sequence-number': types.wrap_long(stored.seq),
    'x-opt-enqueued-time': types.wrap_timestamp(stored.enqueuedAt),
    'x-opt-message-state': types.wrap_int(STATES[stored.state]),
    ...(lockedUntil === null ? {} : { 'x-opt-locked-until': types.wrap_timestamp(lockedUntil) }),
    ...(stored.queue.endsWith(DEAD) ? { 'x-opt-deadletter-source': stored.queue.slice(0, -DEAD.length) } : {}),
  };
  if (stored.queue.endsWith(DEAD)) {
    message.application_properties = {
      ...message.application_properties,
      ...(stored.deadReason === null ? {} : { DeadLetterReason: stored.deadReason }),
      ...(stored.deadDetail === null ? {} : { DeadLetterErrorDescription: stored.deadDetail }),
    };
  }
  return message;
}

/** The queue that an address names: `sb://HOST/` in front is left out, the dead-letter queue is told by its name in any case. */
export function queueOf(address: string): string {
  const path = address.replace(/^(sb|amqps?):\/\/[^/]+\//u, '');
  return path.replace(/\/\$deadletterqueue/iu, DEAD);
}

/** A reply on a request-response link; the SDK reads the status under either name. */
export function reply(
  to: Sender,
  request: Message,
  status: { readonly code: number; readonly text: string; readonly condition?: string },
  body?: unknown,
): void {
  to.send({
    correlation_id: request.message_id ?? '',
    application_properties: {
      ...{ 'status-code': status.code, statusCode: status.code, 'status-description': status.text, statusDescription: status.text },
      ...(status.condition === undefined ? {} : { 'error-condition': status.condition, errorCondition: status.condition }),
    },
    body: body ?? '',
  });
}
