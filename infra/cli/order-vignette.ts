import { z } from 'zod/v4';
import type { Context, Measured } from '#domain/context.js';
import { modality } from '#domain/modality.js';
import type { Order } from '#domain/order.js';

/** One line of a file of orders. Lists that are left out are empty: the line is the EHR, so what it does not hold, the EHR has not. */
export const vignette = z.object({
  id: z.string(),
  order: z.object({
    procedureCode: z.string().default(''),
    procedureText: z.string().default(''),
    modality: modality.nullish(),
    indication: z.string().nullish(),
    icd10: z.array(z.string()).default([]),
    orderedPriority: z.string().nullish(),
    patientClass: z.string().nullish(),
  }),
  patient: z.object({
    ageYears: z.number().nonnegative().nullish(),
    sex: z.string().nullish(),
    weightKg: z.number().positive().nullish(),
    pregnant: z.boolean().nullish(),
  }),
  labs: z
    .array(
      z.object({
        loinc: z.string().default(''),
        name: z.string().default(''),
        value: z.number(),
        unit: z.string(),
        daysAgo: z.number().nonnegative(),
      }),
    )
    .default([]),
  allergies: z.array(z.string()).default([]),
  meds: z.array(z.string()).default([]),
  conditions: z.array(z.string()).default([]),
  notes: z.string().nullish(),
  priors: z.array(z.object({ text: z.string(), monthsAgo: z.number().nonnegative() })).default([]),
});
export type Vignette = z.infer<typeof vignette>;

/** An order as HL7 would have brought it, and the context as the EHR would have given it. `today`: YYYY-MM-DD. */
export function asOrder(given: Vignette, today: string): { readonly order: Order; readonly context: Context } {
  const { order, patient } = given;
  const notes = given.notes ?? '';
  return {
    order: {
      placerOrderNumber: { id: given.id, assigner: '' },
      fillerOrderNumber: null,
      accessionNumber: null,
      patient: { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: patient.sex ?? null },
      procedure: { code: order.procedureCode, text: order.procedureText, system: '' },
      procedures: [],
      kind: 'imaging',
      modality: order.modality ?? null,
      priority: order.orderedPriority ?? null,
      indication: order.indication ?? null,
      reasonCodes: order.icd10,
      patientClass: order.patientClass ?? null,
      orderingProvider: null,
      orderedAt: today,
    },
    context: {
      ageYears: patient.ageYears ?? null,
      sex: patient.sex ?? null,
      weightKg: patient.weightKg == null ? null : { value: patient.weightKg, unit: 'kg', date: today },
      pregnant: patient.pregnant ?? null,
      allergies: given.allergies,
      medications: given.meds,
      problems: given.conditions,
      egfr: labs(given, today, /egfr|gfr|glomerular/iu)[0] ?? null,
      creatinine: labs(given, today, /^creat/iu).slice(0, 5),
      priors: given.priors.map((prior) => ({
        text: prior.text,
        modality: modalityIn(prior.text),
        date: daysBefore(today, prior.monthsAgo * 30.4375),
      })),
      notes: notes.trim() === '' ? [] : [notes],
      missing: [],
    },
  };
}

/** Newest first. */
function labs(given: Vignette, today: string, name: RegExp): Measured[] {
  return given.labs
    .filter((lab) => name.test(lab.name))
    .toSorted((a, b) => a.daysAgo - b.daysAgo)
    .map((lab) => ({ value: lab.value, unit: lab.unit, date: daysBefore(today, lab.daysAgo) }));
}

function daysBefore(today: string, days: number): string {
  return new Date(Date.parse(today) - Math.round(days) * 86_400_000).toISOString().slice(0, 10);
}

function modalityIn(text: string): string {
  const words: readonly (readonly [RegExp, string])[] = [
    [/\bpet|\bnm\b|bone scan|hida|v\/?q/iu, 'NM'],
    [/\bmr|\bmri|\bmra/iu, 'MR'],
    [/\bct|\bhrct|\bldct/iu, 'CT'],
    [/\bus\b|ultraso|doppler|duplex|sono/iu, 'US'],
    [/\bmam|\bmg\b/iu, 'MG'],
    [/\bfl\b|fluoro|vcug|ugi|esophagram/iu, 'FL'],
    [/\bxr|x-?ray|cxr|kub|dexa|dxa/iu, 'XR'],
  ];
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}
