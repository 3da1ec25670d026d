import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient, isServiceBusError } from '@azure/service-bus';
import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { CaseId, EventId } from '#core/ids.js';
import type { DueDeadline } from '#ports/deadline-store.js';
import { idOf } from './cosmos-documents.ts';

export interface ServiceBusSettings {
  /** Such as radloop.servicebus.windows.net: reached with managed identity. */
  readonly namespace?: string;
  /** Of an emulator or a peer, in place of the namespace. */
  readonly connectionString?: string;
  /** Of a user-assigned identity. @default the system's */
  readonly identityClientId?: string;
  /** A queue with sessions. @default case-events */
  readonly queue?: string;
}

/** What goes over the bus: ids and times of our own. Patient data stays in Cosmos DB. */
export interface CaseMessage {
  readonly caseId: CaseId;
  /** A due time that has come; absent: an event waits in the case's queue. */
  readonly timer?: DueDeadline;
}

/** Something about the bus that an operator would want to know, in a closed word. */
export type BusTrouble = (what: 'send-failed' | 'too-many-unsent' | 'session-lost' | 'receive-failed', fault: string) => void;

/** Announcements to the workers of this site: hints, never waited for. What does not get through is found by the sweep. */
export interface CaseAnnouncer {
  /** @param occasion tells a repeated announcement from the first, which the bus would take for a duplicate */
  announce(event: { readonly caseId: CaseId; readonly id: EventId }, occasion?: string): void;
  /** The bus brings it back when its time has come. Armed anew it has another epoch, and what the old one brings changes nothing. */
  arm(deadline: DueDeadline): void;
  /** Resolves when nothing waits to be sent. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for one try of one operation; a send in flight when its connection drops waits as long. */
const TIMEOUT_MS = 5000;
const MOST_UNSENT = 10_000;
/** Messages of one batch, at most: about 300 bytes each, well under the 256 kB of the Standard tier. */
const BATCH = 200;

export const DEFAULT_QUEUE = 'case-events';

export function openServiceBus({ namespace, connectionString, identityClientId }: ServiceBusSettings): ServiceBusClient {
  const options = { retryOptions: { timeoutInMs: TIMEOUT_MS, maxRetries: 2, retryDelayInMs: 200 } };
  if (connectionString !== undefined) return new ServiceBusClient(connectionString, options);
  if (namespace === undefined) throw new TypeError('Service Bus needs a namespace, or the connection string of an emulator.');
  const identity = identityClientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId: identityClientId });
  return new ServiceBusClient(namespace, identity, options);
}

export function caseAnnouncer(client: ServiceBusClient, queue: string, trouble: BusTrouble): CaseAnnouncer {
  const sender = client.createSender(queue);
  const unsent: ServiceBusMessage[] = [];
  let sending: Promise<void> | null = null;
  const put = (message: ServiceBusMessage): void => {
    if (unsent.length >= MOST_UNSENT) {
      unsent.shift();
      trouble('too-many-unsent', 'dropped');
    }
    unsent.push(message);
    sending ??= send();
  };
  const send = async (): Promise<void> => {
    // What is said in one turn goes in one batch.
    await Promise.resolve();
    while (unsent.length > 0) await sendBatch(sender, unsent.splice(0, BATCH), trouble);
    // In one step with the last look: what is put after it finds nobody sending.
    sending = null;
  };
  return {
    announce({ caseId, id }, occasion = '') {
      put(messageOf({ caseId }, `e:${idOf(`${caseId} ${id}`)}:${occasion}`));
    },
    arm(timer) {
      const { caseId, name, epoch, at } = timer;
      put({ ...messageOf({ caseId, timer }, `t:${idOf(`${caseId} ${name}`)}:${epoch}:${at}`), scheduledEnqueueTimeUtc: new Date(at) });
    },
    async flushed() {
      while (sending !== null) await sending;
    },
    async close() {
      unsent.length = 0;
      // Closed under a request of its own the library throws into nowhere when that request's time is over.
      await sending;
      await sender.close();
    },
  };
}

function messageOf(body: CaseMessage, messageId: string): ServiceBusMessage {
  return { body, messageId, sessionId: body.caseId, contentType: 'application/json' };
}

/** Never rejects: a batch that the library gave up on is dropped, its rows stand in Cosmos DB. */
async function sendBatch(sender: ServiceBusSender, batch: ServiceBusMessage[], trouble: BusTrouble): Promise<void> {
  try {
    await sender.sendMessages(batch);
  } catch (error) {
    trouble('send-failed', faultWord(error));
  }
}

/** A closed word: what the library says may quote what it carried. */
export function faultWord(error: unknown): string {
  if (isServiceBusError(error)) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
