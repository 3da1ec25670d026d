import { z } from 'zod/v4';

/** A measured value as the EHR has it. `date` is ISO 8601 as sent (YYYY-MM-DD or longer); `unit` as sent. */
export const measured = z.object({ value: z.number(), unit: z.string(), date: z.string().nullable() });
export type Measured = z.infer<typeof measured>;

export const priorStudy = z.object({ text: z.string(), modality: z.string(), date: z.string().nullable() });
export type PriorStudy = z.infer<typeof priorStudy>;

/** What the EHR said of the patient for one order. A null or an empty list that is also named in `missing` means "not known", never "none". */
export const context = z.object({
  ageYears: z.number().nullable(),
  sex: z.string().nullable(),
  weightKg: measured.nullable(),
  /** true pregnant, false not pregnant, null not known. */
  pregnant: z.boolean().nullable(),
  allergies: z.array(z.string()),
  medications: z.array(z.string()),
  problems: z.array(z.string()),
  egfr: measured.nullable(),
  /** Creatinine, newest first; at most the last five, so that a rise can be seen. */
  creatinine: z.array(measured),
  priors: z.array(priorStudy),
  /** Free text: notes, MR safety forms. */
  notes: z.array(z.string()),
  /** What was asked for and not had, by the names above. Always a subset of CONTEXT_PARTS. */
  missing: z.array(z.string()),
});
export type Context = z.infer<typeof context>;

/** Everything that is asked for (ING-05, ING-06). */
export const CONTEXT_PARTS = ['age', 'weight', 'pregnancy', 'allergies', 'medications', 'problems', 'egfr', 'creatinine', 'priors', 'notes'] as const;
