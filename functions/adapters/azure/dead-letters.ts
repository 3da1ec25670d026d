import type { ServiceBusClient } from '@azure/service-bus';
import { z } from 'zod/v4';
import { caseId, eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { idOf } from './cosmos-documents.ts';
import type { Cosmos } from './cosmos.ts';
import type { CaseAnnouncer } from './service-bus.ts';

/** A message that the bus gave up on. Nothing is lost with it: its case's events stand in Cosmos DB, and the case is announced again. */
export interface DeadLetter {
  readonly id: string;
  readonly caseId: CaseId | null;
  /** In the bus's words, such as MaxDeliveryCountExceeded. */
  readonly reason: string;
  readonly deliveries: number;
  readonly at: Instant;
}

interface DeadLetterDocument extends DeadLetter {
  readonly part: 'dead-letters';
  /** Seconds. */
  readonly ttl: number;
}

const named = z.object({ caseId });
/** Shown to operators for 30 days. */
const KEPT_SECONDS = 30 * 86_400;

export interface DeadLetters {
  /** Takes over what the bus put aside, to where operators look, and announces its cases again. @returns how many */
  takeOver(now: Instant): Promise<number>;
  /** Newest first. */
  list(most: number): Promise<readonly DeadLetter[]>;
}

export function deadLetters(client: ServiceBusClient, queue: string, cosmos: Cosmos, announcer: Pick<CaseAnnouncer, 'announce'>): DeadLetters {
  return {
    async takeOver(now) {
      const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
      try {
        const found = await receiver.receiveMessages(100, { maxWaitTimeInMs: 500 });
        for (const message of found) {
          const body = named.safeParse(message.body);
          const reason = /^[\w .:-]{1,80}$/u.test(message.deadLetterReason ?? '') ? (message.deadLetterReason ?? '') : 'no reason given';
          const about = { caseId: body.success ? body.data.caseId : null, reason, deliveries: message.deliveryCount ?? 0, at: now };
          const id = idOf(`${String(message.messageId)} ${message.sequenceNumber?.toString() ?? ''}`);
          const document: DeadLetterDocument = { ...about, id, part: 'dead-letters', ttl: KEPT_SECONDS };
          await cosmos.write('site', 'dead-letters', [{ do: 'upsert', document }]);
          if (about.caseId !== null) announcer.announce({ caseId: about.caseId, id: eventId.parse(id) }, `dead:${now}`);
          await receiver.completeMessage(message);
        }
        return found.length;
      } finally {
        await receiver.close();
      }
    },
    async list(most) {
      const found = await cosmos.query<DeadLetterDocument>('site', {
        query: 'SELECT TOP @most * FROM c ORDER BY c.at DESC',
        values: { most },
        partition: 'dead-letters',
      });
      return found.map(({ id, caseId: of, reason, deliveries, at }) => ({ id, caseId: of, reason, deliveries, at }));
    },
  };
}
