import { hash } from 'node:crypto';
import type { Answers, Hl7Door, Verdict } from '#ports/hl7-door.js';
import { answersTo } from './ack.ts';
import { batchOf, splitBatch } from './batch.ts';
import { judge } from './door.ts';
import type { Judged } from './door.ts';
import { decode } from './message.ts';
import type { DoorSite } from './reading.ts';

/** HL7 v2 as the intake sees it: judged and answered by the code that `radloop hl7 read` uses. */
export function hl7Door(site: DoorSite): Hl7Door {
  // The intake names a message by its hash before it has it judged.
  let hashed: { readonly bytes: Buffer; readonly hash: string } | null = null;
  return {
    hash(bytes) {
      const found = hashOf(bytes);
      hashed = bytes.length > LONGEST_REMEMBERED ? null : { bytes, hash: found };
      return found;
    },
    judge(bytes, receivedAt, wide = false) {
      const known = hashed?.bytes === bytes ? hashed.hash : hashOf(bytes);
      hashed = null;
      const judged = judge(bytes, site, receivedAt, { wide, hash: known });
      const { message, errors, rawHash, ackCode } = judged;
      return new OfDoor(judged, answersTo(message, { code: ackCode, errors }, rawHash, receivedAt));
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

/** What is longer is hashed again when it is judged: what is never judged must not stay in memory. */
const LONGEST_REMEMBERED = 64 * 1024;

class OfDoor implements Verdict {
  readonly ackCode: Verdict['ackCode'];
  readonly answers: Answers;
  readonly controlId: string | null;
  readonly messageType: string | null;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly tells: boolean;
  readonly acknowledgement: Verdict['acknowledgement'];
  readonly reason: string | null;
  readonly #judged: Judged;

  constructor(judged: Judged, answers: Answers) {
    this.ackCode = judged.ackCode;
    this.answers = answers;
    this.controlId = judged.controlId;
    this.messageType = judged.messageType;
    this.sendingApplication = judged.sendingApplication;
    this.sendingFacility = judged.sendingFacility;
    this.tells = judged.tells;
    this.acknowledgement = judged.acknowledgement;
    this.reason = judged.reason;
    this.#judged = judged;
  }

  get events(): Verdict['events'] {
    return this.#judged.events;
  }
}

function hashOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex');
}
