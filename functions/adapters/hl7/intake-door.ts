import { createHash } from 'node:crypto';
import { orderKey } from '#core/ids.js';
import type { OrderKey } from '#core/ids.js';
import type { AssignedNumber } from '#domain/order.js';
import type { Hl7Door } from '#ports/hl7-door.js';
import { ackControlId, buildAck } from './ack.ts';
import { judge } from './door.ts';
import { decode } from './message.ts';
import type { OrderSite } from './to-event.ts';

/** HL7 v2 as the intake sees it: judged and answered by the code that `radloop hl7 read` uses. */
export function hl7Door(site: OrderSite): Hl7Door {
  return {
    hash: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    judge(bytes, receivedAt) {
      const verdict = judge(bytes, site, receivedAt);
      const { ackCode, errors, rawHash, controlId, messageType, sendingFacility, orderEvent, numbers, reason } = verdict;
      const ack = buildAck(verdict.message, ackCode, errors, receivedAt, ackControlId(rawHash, receivedAt));
      return { ackCode, ack, controlId, messageType, sendingFacility, order: orderEvent, numbers: keysOf(numbers), reason };
    },
    refuse(bytes, code, why, at) {
      const hash = createHash('sha256').update(bytes).digest('hex');
      const { segment, field, code: condition, text } = why;
      return buildAck(decode(bytes).message, code, [{ segment, field: field ?? 0, code: condition, text }], at, ackControlId(hash, at));
    },
  };
}

/** Placer first: by it an order is known; the filler's number leads to the same case (DECISIONS 3). */
function keysOf(numbers: { readonly placer: AssignedNumber | null; readonly filler: AssignedNumber | null }): OrderKey[] {
  const key = (kind: string, number: AssignedNumber | null): OrderKey[] =>
    number === null ? [] : [orderKey.parse(`${kind}|${number.assigner}|${number.id}`)];
  return [...key('placer', numbers.placer), ...key('filler', numbers.filler)];
}
