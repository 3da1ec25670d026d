import { z } from 'zod/v4';
import { pagingChannel } from '#core/effect.js';
import { personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import { onCallGap } from '#domain/on-call-gap.js';

const posting = z.object({ place: z.string(), conversationId: z.string(), activityId: z.string() });

/** What a gap hears. */
export const input = z.discriminatedUnion('type', [
  /** The roster says so, for the first time or with other hours than before. */
  z.object({ type: z.literal('gapFound'), gap: onCallGap }),
  /** The roster does not say so any more. */
  z.object({ type: z.literal('gapGone') }),
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int(), posting: posting.optional() }),
  z.object({ type: z.literal('paged'), channel: pagingChannel, to: z.string(), note: z.string(), revision: z.number().int(), receipt: z.string() }),
  z.object({ type: z.literal('effectFailed'), kind: z.string(), message: z.string(), code: z.string(), detail: z.string() }),
  /** What every open case is told. */
  z.object({ type: z.literal('historyMissing'), from: instant, until: instant.nullable() }),
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

const at = { at: instant, v: z.literal(1) };

/** Facts: past tense, never changed. */
export const fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('gapOpened'), ...at, gap: onCallGap }),
  z.object({ type: z.literal('gapChanged'), ...at, gap: onCallGap }),
  /** Coordinators were called about what is near; `what`: as `beginningBy` names it. */
  z.object({ type: z.literal('gapPaged'), ...at, what: z.array(z.string()) }),
  /** `mended`: somebody is on call then; `over`: its hours have passed. */
  z.object({ type: z.literal('gapClosed'), ...at, why: z.enum(['mended', 'over']) }),
  z.object({ type: z.literal('noticeGiven'), ...at, person: personId, posting }),
  z.object({ type: z.literal('noticeFailed'), ...at, note: z.string(), code: z.string() }),
]);
export type Fact = z.infer<typeof fact>;
