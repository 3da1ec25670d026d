import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import { location } from '#domain/hospital-event.js';
import type { Order, OrderReceived } from '#domain/order.js';
import { clearable, order, orderVerb } from '#domain/order.js';
import { qualityFinding } from '#domain/quality.js';

/** Everything that a message may say of an order or its patient, each decided by the newest message that says it. */
export const field = z.enum([
  'placerOrderNumber', 'fillerOrderNumber', 'accessionNumber', 'serviceRequest', 'procedure', 'modality', 'priority', 'indication', 'reasonCodes',
  'patientClass', 'orderingProvider', 'orderedAt', 'orderStatus', 'identity', 'survivor', 'name', 'birthDate', 'sex', 'location', 'present',
]); // prettier-ignore
export type Field = z.infer<typeof field>;

/**
 * By what messages are put in order: their own time, often of whole seconds. Of the same time the one that `opens` the order is before what changes it, and all others
 * stand by the hash of the message. `arrival`: it carries no time, `at` is when it came.
 */
export const stamp = z.object({ at: instant, hash: z.string(), arrival: z.boolean(), opens: z.literal(true).optional() });
export type Stamp = z.infer<typeof stamp>;

/** Which message decided which fields. Facts of releases that took messages as they came do not have it. */
export const decidedBy = z.array(stamp.extend({ fields: z.array(field) }));
export type DecidedBy = z.infer<typeof decidedBy>;

/** What is known of an order beside the order itself. */
export const account = z.object({
  /** ORC-5 (HL7 table 0038) or the ServiceRequest's status, as sent. */
  orderStatus: z.string().nullable(),
  /** `ServiceRequest/ID` of the site's EHR. */
  serviceRequest: z.string().nullable(),
  location: location.nullable(),
  /** Is the patient in the house? null: nobody said. */
  present: z.boolean().nullable(),
  /** What was found wrong or missing, each with the message it was found in. */
  quality: z.array(qualityFinding.extend({ hash: z.string() })),
});
export type Account = z.infer<typeof account>;

/** One message about one order, as far as it counts. */
export const message = z.object({
  verb: orderVerb,
  stamp,
  order,
  cleared: z.array(clearable),
  orderStatus: z.string().nullable(),
  serviceRequest: z.string().nullable(),
  quality: z.array(qualityFinding),
});
export type Message = z.infer<typeof message>;

export function messageOf(input: OrderReceived): Message {
  const { verb, order, cleared, orderStatus, serviceRequest, quality } = input;
  const stamp = { ...stampOf(input), ...(verb === 'new' && { opens: true as const }) };
  return { verb, stamp, order, cleared, orderStatus, serviceRequest, quality };
}

export function stampOf({ sortTime, receivedAt, rawHash }: Pick<OrderReceived, 'sortTime' | 'receivedAt' | 'rawHash'>): Stamp {
  return { at: sortTime ?? receivedAt, hash: rawHash, arrival: sortTime === null };
}

/** Undefined is older than everything. */
export function isNewer(one: Stamp, other: Stamp | undefined): boolean {
  if (other === undefined) return true;
  if (one.at !== other.at) return one.at > other.at;
  return one.opens === other.opens ? one.hash > other.hash : other.opens === true;
}

export type Stamps = Readonly<Partial<Record<Field, Stamp>>>;

/** An order with what is known beside it, and which message each field is from. */
export interface Told {
  readonly order: Order;
  readonly account: Account;
  readonly stamps: Stamps;
}

export const nobodySaid: Account = { orderStatus: null, serviceRequest: null, location: null, present: null, quality: [] };

/** What a fact records of the messages that it rests on. */
export function recorded({ order, account }: Told, decided: DecidedBy): { order: Order; account: Account; decidedBy: DecidedBy } {
  return { order, account, decidedBy: decided };
}
