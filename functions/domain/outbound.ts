import { z } from 'zod/v4';
import { personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import { order } from './order.ts';
import { protocolChoice } from './protocol.ts';

/** What the two messages that a case sends to a hospital system hold: the `data` of their sendHl7 effects. The workflow fills it, the HL7 adapter parses it. */

/** Names of the outbound messages, as they stand in `message` of a sendHl7 effect. */
export const outboundMessage = z.enum(['protocol-recommendation', 'order-change', 'critical-result']);
export type OutboundMessage = z.infer<typeof outboundMessage>;

/** The part of an order by which the receiver knows it again, and the patient. A whole Order may be given: the rest is left out. */
export const orderReference = order.pick({
  placerOrderNumber: true,
  fillerOrderNumber: true,
  accessionNumber: true,
  patient: true,
  procedure: true,
  priority: true,
  patientClass: true,
  orderingProvider: true,
});
export type OrderReference = z.infer<typeof orderReference>;

/** message 'protocol-recommendation' (advice): what is proposed, before anybody has answered. */
export const recommendationData = z.object({
  order: orderReference,
  protocol: protocolChoice,
  /** 0..1 */
  confidence: z.number().min(0).max(1),
  /** Rules and models that led to it, such as `protocol-catalogue@2026-11`; one OBX each. */
  versions: z.array(z.string()),
});
export type RecommendationData = z.infer<typeof recommendationData>;

/** message 'order-change' (commit): the protocol that a person approved. */
export const orderChangeData = z.object({
  order: orderReference,
  protocol: protocolChoice,
  approvedBy: z.object({ id: personId, name: z.string() }),
  approvedAt: instant,
});
export type OrderChangeData = z.infer<typeof orderChangeData>;

/** message 'critical-result' (commit): what was told to whom, and that it was read back. */
export const criticalResultData = z.object({
  order: orderReference,
  category: z.literal([1, 2, 3]),
  finding: z.string(),
  declaredBy: z.object({ id: personId, name: z.string() }),
  releasedAt: instant,
  receivedBy: z.string(),
  acknowledgedAt: instant,
  /** As the receiver said it. */
  readBack: z.object({ at: instant, finding: z.string(), action: z.string() }),
  /** Text for the report, which the radiologist signs in the RIS. */
  addendum: z.string(),
});
export type CriticalResultData = z.infer<typeof criticalResultData>;

/** The `data` of a writeFhir effect: who approved what, for the EHR's record. */
export const approvalRecordData = orderChangeData.extend({
  /** `ServiceRequest/ID` of the order in that EHR; null when it is not known. */
  serviceRequest: z.string().nullable(),
});
export type ApprovalRecordData = z.infer<typeof approvalRecordData>;
