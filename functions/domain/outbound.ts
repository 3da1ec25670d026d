import { z } from 'zod/v4';
import { caseNumber, personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import { order } from './order.ts';
import { protocolChoice } from './protocol.ts';

/** What the messages that a case sends to a hospital system hold: the `data` of their effects. The workflow fills it, the adapter parses it. */

/** Names of the outbound messages, as they stand in `message` of a sendHl7 effect. */
export const outboundMessage = z.enum(['protocol-recommendation', 'order-change', 'critical-result', 'critical-document', 'reading-priority']);
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

/** What a site's systems take of a critical result that was read back: results or a document in the RIS, a Communication in the EHR. */
export const criticalRecord = z.enum(['ORU^R01', 'MDM^T02', 'Communication']);
export type CriticalRecord = z.infer<typeof criticalRecord>;

const named = z.object({ id: personId, name: z.string() });

/** What the hospital's record is told of one critical result, whichever message says it. */
const communicated = z.object({
  order: orderReference,
  /** By which, with `version`, the receiver knows it again; null: a release before this one wrote it. */
  caseNumber: caseNumber.nullable().default(null),
  /** 1 is the first that was told; each later one takes the place of the one before it. */
  version: z.number().int().positive().default(1),
  category: z.literal([1, 2, 3]),
  declaredBy: named,
  releasedAt: instant,
  /** Text for the report, which the radiologist signs in the RIS. */
  addendum: z.string(),
});

/** messages 'critical-result' and 'critical-document', and a Communication (commit): what was told to whom, and that it was read back. */
export const criticalResultData = communicated.extend({
  finding: z.string(),
  receivedBy: z.string(),
  /** Null: a release before this one wrote it. */
  receiver: personId.nullable().default(null),
  via: z.enum(['form', 'phone']).default('form'),
  acknowledgedAt: instant,
  /** As the receiver said it. */
  readBack: z.object({ at: instant, finding: z.string(), action: z.string() }),
});
export type CriticalResultData = z.infer<typeof criticalResultData>;

/** The same messages (commit): what they said before holds no more. It says nothing of the finding: what was wrong is not told a second time. */
export const criticalWithdrawnData = communicated.extend({
  withdrawn: z.object({ at: instant, by: named, why: z.enum(['withdrawn', 'wrong-patient', 'corrected']) }),
});
export type CriticalWithdrawnData = z.infer<typeof criticalWithdrawnData>;

export const criticalRecordData = z.union([criticalWithdrawnData, criticalResultData]);
export type CriticalRecordData = z.infer<typeof criticalRecordData>;

/** message 'reading-priority' (advice): a model alone says it, and nobody has read the exam. Whoever keeps the reading list may put it higher, never lower. */
export const readingPriorityData = z.object({
  order: orderReference,
  /** HL7 table 0485: S stat, A as soon as possible. */
  priority: z.enum(['S', 'A']),
  finding: z.object({ classId: z.string(), text: z.string() }),
  model: z.object({ name: z.string(), version: z.string(), confidence: z.number().min(0).max(1).nullable() }),
});
export type ReadingPriorityData = z.infer<typeof readingPriorityData>;

/** The `data` of a writeFhir effect of Task or Provenance: who approved what, for the EHR's record. */
export const approvalRecordData = orderChangeData.extend({
  /** `ServiceRequest/ID` of the order in that EHR; null when it is not known. */
  serviceRequest: z.string().nullable(),
});
export type ApprovalRecordData = z.infer<typeof approvalRecordData>;
