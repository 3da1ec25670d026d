import { z } from 'zod/v4';
import { posting } from '#core/effect.js';
import { personId } from '#core/ids.js';
import { language } from '#core/language.js';
import { instant } from '#core/time.js';
import { about, finding } from '#domain/critical.js';
import { followUpOwner, followUpSource as source } from '#domain/follow-up.js';
import { patientMerged, patientUpdated } from '#domain/hospital-event.js';
import { patientIdentifier } from '#domain/patient.js';

export const verbs = ['follow-up-done'] as const;

/** What a follow-up hears. The desk has authorised a person's answer before it is told. */
export const input = z.discriminatedUnion('type', [
  z.object({ type: z.literal('followUpRaised'), about, finding, source, since: instant }),
  z.object({ type: z.literal('reportCorrected'), version: z.string(), reportedAt: z.string().nullable(), classes: z.array(z.string()) }),
  z.object({
    type: z.literal('personAnswered'),
    verb: z.enum(verbs),
    person: personId,
    name: z.string(),
    revision: z.number().int(),
    text: z.string().nullable(),
    language: language.optional(),
  }),
  patientMerged,
  z.object({ type: z.literal('viewShown'), person: personId, revision: z.number().int(), posting }),
  /** What every open case is told, or every case of the patient; it changes nothing here. */
  patientUpdated,
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int() }),
  z.object({ type: z.literal('effectFailed'), kind: z.string(), message: z.string(), code: z.string(), detail: z.string() }),
  z.object({ type: z.literal('historyMissing'), from: instant, until: instant.nullable() }),
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

const at = { at: instant, v: z.literal(1) };

export const fact = z.discriminatedUnion('type', [
  /** Again where it was over and a report says it anew. */
  z.object({ type: z.literal('followUpOpened'), ...at, about, finding, source, since: instant, due: instant, owner: followUpOwner }),
  z.object({ type: z.literal('sourceJoined'), ...at, source }),
  z.object({ type: z.literal('followUpDone'), ...at, by: z.object({ id: personId, name: z.string() }), text: z.string().min(1).max(1000) }),
  /** `version`: of the corrected report that says it no longer. */
  z.object({ type: z.literal('followUpWithdrawn'), ...at, version: z.string() }),
  z.object({ type: z.literal('patientJoined'), ...at, identifiers: z.array(patientIdentifier) }),
  z.object({ type: z.literal('viewShown'), ...at, person: personId, posting }),
  z.object({ type: z.literal('privateCardOver'), ...at, person: personId, posting }),
]);
export type Fact = z.infer<typeof fact>;
export type FactOf<Type extends Fact['type']> = Extract<Fact, { type: Type }>;
