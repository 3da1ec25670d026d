import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import { modality } from './modality.ts';
import { patient } from './patient.ts';

/** HL7 EI: entity identifier and its assigner (EI.2, else EI.3; empty when the message does not say). */
export const assignedNumber = z.object({ id: z.string().min(1), assigner: z.string() });
export type AssignedNumber = z.infer<typeof assignedNumber>;

/** One OBR-4: code, text, coding system as sent; empty strings where not said. */
export const procedure = z.object({ code: z.string(), text: z.string(), system: z.string() });
export type Procedure = z.infer<typeof procedure>;

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
  /** PV1-2: E, I, O, P, R, B; null when not said. */
  patientClass: z.string().nullable(),
  /** ORC-12, else OBR-16: XCN.1 and the name. */
  orderingProvider: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** ORC-9, else MSH-7: as sent. */
  orderedAt: z.string().nullable(),
});
export type Order = z.infer<typeof order>;

/** What an order message wants: ORC-1 NW; XO and its like; CA, DC, OC. */
export const orderVerb = z.enum(['new', 'change', 'cancel']);
export type OrderVerb = z.infer<typeof orderVerb>;

/** The event that an order message becomes. */
export const orderReceived = z.object({
  type: z.literal('orderReceived'),
  verb: orderVerb,
  order,
  /** sha256 of the raw message: evidence, and the way back to its bytes. */
  rawHash: z.string(),
  sendingApplication: z.string(),
  sendingFacility: z.string(),
  messageTime: z.string().nullable(),
  receivedAt: instant,
});
export type OrderReceived = z.infer<typeof orderReceived>;
