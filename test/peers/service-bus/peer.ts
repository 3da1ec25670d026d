import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import rhea from 'rhea';
import type { Connection, EventContext, Receiver, Sender } from 'rhea';
import { Broker } from './broker.ts';
import { Refusal } from './refusal.ts';
import type { QueueRules } from './broker.ts';
import { openConsumer } from './consumer-link.ts';
import type { Counts, Faults } from './faults.ts';
import { manage } from './management.ts';
import { QueueStore } from './queue-store.ts';
import { incomingOf, queueOf, raw, reply, socketOf } from './wire.ts';

export interface PeerSettings {
  /** By name; `*`: every other name. */
  readonly queues: Readonly<Record<string, QueueRules>>;
  /** @default 0: any that is free */
  readonly port?: number;
  /** A path; what was accepted outlives the process. @default in memory */
  readonly file?: string;
  /** Epoch milliseconds. @default the machine's clock */
  readonly now?: () => number;
}

export interface ServiceBusPeer {
  readonly port: number;
  readonly connectionString: string;
  readonly faults: Faults;
  readonly counts: Counts;
  readonly broker: Broker;
  /** Drops every connection, as a broker does that moves to another machine. */
  readonly cutAll: () => void;
  close(): Promise<void>;
}

const MANAGEMENT = '/$management';
/** Azure's Standard tier; Premium takes more. */
const MOST_BYTES = 256 * 1024;

/** A Service Bus on loopback: queues and sessions over AMQP 1.0, as the client library speaks it. */
export async function startServiceBusPeer({ queues, port = 0, file = ':memory:', now = Date.now }: PeerSettings): Promise<ServiceBusPeer> {
  const store = new QueueStore(file);
  const broker = new Broker(store, queues, now);
  const container = rhea.create_container({
    id: 'service-bus-peer',
    receiver_options: { autoaccept: false, max_message_size: MOST_BYTES },
    sender_options: { autosettle: false, treat_modified_as_released: false },
  });
  (container.sasl_server_mechanisms as unknown as { enable_anonymous(): void }).enable_anonymous();
  const connections = new Set<Connection>();
  serve(container, broker, connections);
  const server = container.listen({ port, host: '127.0.0.1' });
  if (!server.listening) await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const cutAll = () => {
    for (const connection of connections) socketOf(connection).destroy();
  };
  return {
    ...{ port: bound, faults: broker.faults, counts: broker.counts, broker, cutAll },
    connectionString: `Endpoint=sb://127.0.0.1:${bound};SharedAccessKeyName=local;SharedAccessKey=none;UseDevelopmentEmulator=true`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cutAll();
      await closed;
      broker.close();
      store.close();
    },
  };
}

/** Links that answers to requests go out by, under the names that requests give. */
type Replies = Map<string, Sender>;

function serve(container: ReturnType<typeof rhea.create_container>, broker: Broker, connections: Set<Connection>): void {
  const replies = new WeakMap<Connection, Replies>();
  container.on('connection_open', ({ connection }: EventContext) => {
    connections.add(connection);
    broker.counts.connections += 1;
    // Each link of the connection listens to its end.
    socketOf(connection).setMaxListeners(0);
    replies.set(connection, new Map());
    socketOf(connection).on('close', () => connections.delete(connection));
  });
  container.on('sender_open', ({ sender, connection }: EventContext) => {
    if (sender === undefined) return;
    orRefuse(sender, () => {
      const address = queueOf(addressOf(sender.source));
      if (address !== '$cbs' && !address.endsWith(MANAGEMENT)) return openConsumer(broker, address, sender);
      sender.set_source({ address });
      for (const name of [sender.name, addressOf(sender.target)]) if (name !== '') replies.get(connection)?.set(name, sender);
    });
  });
  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver === undefined) return;
    orRefuse(receiver, () => {
      const address = queueOf(addressOf(receiver.target));
      receiver.set_target({ address });
      if (address !== '$cbs') broker.rulesOf(address.replace(MANAGEMENT, ''));
    });
  });
  container.on('message', (context: EventContext) => {
    const answer = () => {
      take(broker, context, replies.get(context.connection) ?? new Map<string, Sender>());
    };
    if (broker.faults.slowMs === 0) answer();
    else setTimeout(answer, broker.faults.slowMs);
  });
  for (const lost of ['disconnected', 'connection_error', 'session_error', 'protocol_error', 'error']) container.on(lost, () => undefined);
}

function addressOf(terminus: unknown): string {
  const address = (terminus as { address?: unknown } | undefined)?.address;
  return typeof address === 'string' ? address : '';
}

/** The link is attached and ended again with the reason. */
function orRefuse(link: Sender | Receiver, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    link.close({ condition: error.condition, description: error.message });
  }
}

function take(broker: Broker, { receiver, connection, delivery, message, ...rest }: EventContext, replies: Replies): void {
  if (receiver === undefined || delivery === undefined || message === undefined) return;
  const address = queueOf(addressOf(receiver.target));
  if (address === '$cbs' || address.endsWith(MANAGEMENT)) {
    delivery.accept();
    const to = replies.get(String(message.reply_to));
    if (to === undefined) return;
    try {
      const body = address === '$cbs' ? {} : manage(broker, address.slice(0, -MANAGEMENT.length), message);
      reply(to, message, body === null ? { code: 204, text: 'No content' } : { code: 200, text: 'OK' }, body ?? undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply(to, message, {
        code: error.condition === 'com.microsoft:message-not-found' ? 404 : 410,
        text: error.message,
        condition: error.condition,
      });
    }
    return;
  }
  if (broker.faults.happens('cut-on-send')) {
    socketOf(connection).destroy();
    return;
  }
  try {
    broker.publish(address, incomingOf(message, (rest as { format?: number }).format));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    delivery.reject({ condition: error.condition, description: error.message });
    return;
  }
  if (broker.faults.happens('accept-then-cut')) {
    socketOf(connection).destroy();
    return;
  }
  delivery.accept();
  raw(receiver).connection._register();
  setImmediate(() => {
    broker.sessions.wake(address);
  });
}
