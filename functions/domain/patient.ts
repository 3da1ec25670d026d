import { z } from 'zod/v4';

/** One PID-3 repetition. `assigner` is CX.4 as text (namespace, else universal id); empty when the message does not say. */
export const patientIdentifier = z.object({ id: z.string().min(1), assigner: z.string(), type: z.string() });
export type PatientIdentifier = z.infer<typeof patientIdentifier>;

export const patient = z.object({
  /** The site's preferred assigner's PID-3, else the first. */
  id: z.string().min(1).nullable(),
  assigner: z.string(),
  identifiers: z.array(patientIdentifier),
  /** Family, given; as sent, unescaped. */
  name: z.object({ family: z.string(), given: z.string() }).nullable(),
  /** As sent, YYYY, YYYYMM or YYYYMMDD; null when the message does not say. */
  birthDate: z.string().nullable(),
  /** HL7 table 0001 as sent: F, M, O, U, A, N; null when the message does not say. */
  sex: z.string().nullable(),
});
export type Patient = z.infer<typeof patient>;

/** HL7 table 0203: types that name a patient's record. An insurance, licence or visit number is no record of one patient. */
const RECORD_TYPES: readonly string[] = ['', 'MR', 'PI', 'PT'];

export function isRecordNumber({ type }: PatientIdentifier): boolean {
  return RECORD_TYPES.includes(type);
}

/** Numbers by which a patient is known again, the one that people read first. */
export function recordNumbers({ id, assigner, identifiers }: Patient): readonly PatientIdentifier[] {
  const preferred = identifiers.filter((one) => one.id === id && one.assigner === assigner);
  const others = identifiers.filter((one) => !preferred.includes(one) && isRecordNumber(one));
  return [...preferred, ...others];
}
