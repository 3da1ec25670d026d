import rhea from 'rhea';
import type { Message, Typed } from 'rhea';
import { Refusal } from './refusal.ts';
import type { Broker } from './broker.ts';
import { decoded, incomingOf, longOf, outgoingOf } from './wire.ts';

type Body = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, unknown>> | null;

const LONG = 0x81;
const TIMESTAMP = 0x83;
const array = (values: readonly unknown[], code: number): Typed =>
  (rhea.types as unknown as { wrap_array(v: readonly unknown[], c: number): Typed }).wrap_array(values, code);
const tokenOf = (bytes: unknown): string => rhea.uuid_to_string(bytes as Buffer);
const texts = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** One request to `QUEUE/$management`. Null: there is nothing to say. @throws Refusal */
export function manage(broker: Broker, queue: string, request: Message): Answer {
  const operation = String(request.application_properties?.['operation']);
  const run = operations[operation];
  if (run === undefined) throw new Refusal('amqp:not-implemented', `The peer does not have the operation ${operation}.`);
  broker.rulesOf(queue);
  broker.counts.management += 1;
  return run(broker, queue, request.body as Body);
}

const operations: Readonly<Record<string, (broker: Broker, queue: string, body: Body) => Answer>> = {
  'com.microsoft:renew-lock': (broker, _queue, body) => ({
    expirations: array(
      (body['lock-tokens'] as unknown[]).map((token) => broker.renew(tokenOf(token))),
      TIMESTAMP,
    ),
  }),
  'com.microsoft:schedule-message'(broker, queue, body) {
    const messages = (body['messages'] as Body[]).flatMap((entry) => incomingOf(decoded(entry['message'] as Buffer), undefined));
    // One that is dropped as a duplicate gets a number too; it names nothing.
    return {
      'sequence-numbers': array(
        broker.publish(queue, messages).map((seq) => seq ?? 0),
        LONG,
      ),
    };
  },
  'com.microsoft:cancel-scheduled-message'(broker, queue, body) {
    broker.cancelScheduled(queue, (body['sequence-numbers'] as unknown[]).map(longOf));
    return {};
  },
  'com.microsoft:peek-message'(broker, queue, body) {
    const found = broker.store.peek(queue, longOf(body['from-sequence-number']), texts(body['session-id']), Number(body['message-count']));
    return found.length === 0 ? null : { messages: found.map((stored) => ({ message: rhea.message.encode(outgoingOf(stored, null)) })) };
  },
  'com.microsoft:receive-by-sequence-number'(broker, queue, body) {
    const messages = (body['sequence-numbers'] as unknown[]).map((seq) => {
      const stored = broker.store.get(longOf(seq));
      if (stored?.queue !== queue || stored.state !== 'deferred')
        throw new Refusal('com.microsoft:message-not-found', 'Failed to lock one or more specified messages: it does not exist.');
      const { token, until } = broker.lock(stored);
      return { message: rhea.message.encode(outgoingOf(stored, until)), 'lock-token': rhea.types.wrap_uuid(rhea.string_to_uuid(token)) };
    });
    return { messages };
  },
  'com.microsoft:update-disposition'(broker, _queue, body) {
    const hows: Readonly<Record<string, 'complete' | 'abandon' | 'defer'>> = { completed: 'complete', abandoned: 'abandon', defered: 'defer' };
    const how = hows[String(body['disposition-status'])];
    for (const token of body['lock-tokens'] as unknown[]) {
      const dead = { how: 'dead-letter', reason: texts(body['deadletter-reason']), detail: texts(body['deadletter-description']) } as const;
      broker.settle(tokenOf(token), how === undefined ? dead : { how });
    }
    return {};
  },
  'com.microsoft:renew-session-lock': (broker, queue, body) => ({
    expiration: rhea.types.wrap_timestamp(broker.sessions.renew(queue, String(body['session-id']))),
  }),
  'com.microsoft:set-session-state'(broker, queue, body) {
    const state = body['session-state'];
    broker.store.setSessionState(queue, String(body['session-id']), Buffer.isBuffer(state) ? state : null);
    return {};
  },
  'com.microsoft:get-session-state'(broker, queue, body) {
    const state = broker.store.sessionState(queue, String(body['session-id']));
    return { 'session-state': state === null ? null : rhea.types.wrap_binary(state) };
  },
};
