import { z } from 'zod/v4';
import { breakGlassFinding, breakGlassReason } from '#core/break-glass.js';
import { personId } from '#core/ids.js';
import { language } from '#core/language.js';
import { instant } from '#core/time.js';
import { namedPerson, said, target } from '#domain/break-glass.js';

/** Of whoever asks; left out: English. */
const asked = { by: namedPerson, language: language.optional() };

/** What an access hears. The desk has authorised each of a person's before it is told. */
export const input = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accessAsked'), ...asked, target, reason: breakGlassReason, text: said, signedInAt: instant }),
  z.object({ type: z.literal('accessEndAsked'), ...asked }),
  z.object({ type: z.literal('longerAsked'), ...asked, text: said }),
  z.object({ type: z.literal('longerConfirmed'), ...asked }),
  z.object({ type: z.literal('reviewGiven'), ...asked, opening: z.number().int(), finding: breakGlassFinding, text: said }),
  z.object({ type: z.literal('deadlinePassed'), name: z.string(), epoch: z.number().int() }),
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int() }),
  z.object({ type: z.literal('effectFailed'), kind: z.string(), message: z.string(), code: z.string(), detail: z.string() }),
  /** What every open case is told; it changes nothing here. */
  z.object({ type: z.literal('historyMissing'), from: instant, until: instant.nullable() }),
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

/** Facts stand in domain: the desk reads them at each view. */
export { accessFact as fact } from '#domain/break-glass.js';
export type { AccessFact as Fact } from '#domain/break-glass.js';
