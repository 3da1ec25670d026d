import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import { modality } from './modality.ts';
import { patient } from './patient.ts';
import { quality } from './quality.ts';

/** HL7 EI: entity identifier and its assigner (EI.2, else EI.3; empty when the message does not say). */
export const assignedNumber = z.object({ id: z.string().min(1), assigner: z.string() });
export type AssignedNumber = z.infer<typeof assignedNumber>;

/** One OBR-4: code, text, coding system as sent; empty strings where not said. */
export const procedure = z.object({ code: z.string(), text: z.string(), system: z.string() });
export type Procedure = z.infer<typeof procedure>;

/** XCN: its number as sent, and the name. */
export const provider = z.object({ id: z.string(), name: z.string() });
export type Provider = z.infer<typeof provider>;

/** What the site's map says of a procedure. `unknown`: a person decides. */
export const procedureKind = z.enum(['imaging', 'not-imaging', 'unknown']);
export type ProcedureKind = z.infer<typeof procedureKind>;

/** An order as the workflows see it: what one ORM^O01 or OMI^O23 says, each field null where the message does not say. */
export const order = z.object({
  placerOrderNumber: assignedNumber.nullable(),
  fillerOrderNumber: assignedNumber.nullable(),
  /** From where the site's field map says; else OBR-18, OBR-20, IPC-1. */
  accessionNumber: z.string().nullable(),
  patient,
  procedure: procedure.nullable(),
  /** Further OBR of the same ORC, in order. */
  procedures: z.array(procedure),
  kind: procedureKind,
  /** From the site's map, else OBR-24 / IPC-5 where it names one that is protocolled. */
  modality: modality.nullable(),
  /** As ordered, HL7 table 0485 or 0027 letters: S, A, R, P, C, T; from TQ1-9, else OBR-27.6, ORC-7.6, OBR-5. */
  priority: z.string().nullable(),
  /** OBR-31 texts, else OBR-13; joined with "; ". */
  indication: z.string().nullable(),
  /** ICD-10 codes of OBR-31 and DG1-3, as sent; left out when the message names none. */
  reasonCodes: z.array(z.string()).optional(),
  /** IPC-3, else ZDS-1: the study that images of this order will be (0020,000D); left out when the message names none. */
  studyInstanceUid: z.string().optional(),
  /** PV1-2: E, I, O, P, R, B; null when not said. */
  patientClass: z.string().nullable(),
  /** ORC-12, else OBR-16: XCN.1 and the name. */
  orderingProvider: provider.nullable(),
  /** ORC-9, else MSH-7: as sent. */
  orderedAt: z.string().nullable(),
});
export type Order = z.infer<typeof order>;

/**
 * What an order message wants. HL7 ORC-1: NW new; XO, RP, RO change; CA, DC, OC cancel; SC status (ORC-5); NA, and the like, numbers: it says the numbers
 * that another system gave. A FHIR ServiceRequest is new, change or cancel by its status and history.
 */
export const orderVerb = z.enum(['new', 'change', 'cancel', 'status', 'numbers']);
export type OrderVerb = z.infer<typeof orderVerb>;

/** Fields of Order that a message may set, keep or clear. */
export const clearable = z.enum(['accessionNumber', 'priority', 'indication', 'patientClass', 'orderingProvider', 'procedure']);
export type Clearable = z.infer<typeof clearable>;

/** What every event that a hospital system causes carries: where it came from and when. */
export const origin = z.object({
  /** sha256 of the raw message or body, hexadecimal: evidence, and the way back to its bytes. */
  rawHash: z.string(),
  /** MSH-3 and MSH-4; for FHIR and DICOM the name of the source. */
  sendingApplication: z.string(),
  sendingFacility: z.string(),
  /** MSH-7 or meta.lastUpdated as sent: offset and precision are kept. */
  messageTime: z.string().nullable(),
  receivedAt: instant,
  quality: quality.default([]),
});
export type Origin = z.infer<typeof origin>;

/** The event that an order message becomes. */
export const orderReceived = origin.extend({
  type: z.literal('orderReceived'),
  verb: orderVerb,
  order,
  /** By what messages of one order are put in order: ORC-9, else MSH-7, as an instant (without an offset in the site's zone); null: neither is there, arrival decides. */
  sortTime: instant.nullable().default(null),
  timeSource: z.enum(['ORC-9', 'MSH-7', 'fhir', 'arrival']).default('arrival'),
  /** What the message deletes (HL7 `""`), apart from what it does not say (null). */
  cleared: z.array(clearable).default([]),
  /** ORC-5 (HL7 table 0038) or the ServiceRequest's status as sent; null when not said. */
  orderStatus: z.string().nullable().default(null),
  source: z.enum(['hl7', 'fhir']).default('hl7'),
  /** `ServiceRequest/ID` of the site's EHR, one more number of this order; null: it came by HL7. */
  serviceRequest: z.string().nullable().default(null),
});
export type OrderReceived = z.infer<typeof orderReceived>;
