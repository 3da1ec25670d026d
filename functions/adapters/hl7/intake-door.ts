import { hash } from 'node:crypto';
import type { Hl7Door } from '#ports/hl7-door.js';
import { answersTo } from './ack.ts';
import { batchOf, splitBatch } from './batch.ts';
import { judge } from './door.ts';
import { decode } from './message.ts';
import type { DoorSite } from './reading.ts';

/** HL7 v2 as the intake sees it: judged and answered by the code that `radloop hl7 read` uses. */
export function hl7Door(site: DoorSite): Hl7Door {
  return {
    hash: (bytes) => hashOf(bytes),
    judge(bytes, receivedAt, wide = false) {
      const judged = judge(bytes, site, receivedAt, { wide });
      const { message, errors, rawHash, ackCode, controlId, messageType, sendingApplication, sendingFacility, tells, acknowledgement, reason } =
        judged;
      return {
        ackCode,
        answers: answersTo(message, { code: ackCode, errors }, rawHash, receivedAt),
        ...{ controlId, messageType, sendingApplication, sendingFacility, tells, acknowledgement, reason },
        get events() {
          return judged.events;
        },
      };
    },
    split(bytes) {
      const batch = splitBatch(bytes);
      return batch && { messages: batch.messages, problem: batch.problem?.text ?? null };
    },
    batchOf,
    refuse(bytes, code, why, at) {
      const { segment, field, code: condition, text } = why;
      const errors = [{ segment, field: field ?? 0, code: condition, text }];
      return answersTo(decode(bytes).message, { code, errors, notKept: code === 'AE' }, hashOf(bytes), at);
    },
  };
}

function hashOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex');
}
