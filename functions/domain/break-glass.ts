import { z } from 'zod/v4';
import { breakGlassFinding, breakGlassReason } from '#core/break-glass.js';
import type { BreakGlassFinding, BreakGlassReason } from '#core/break-glass.js';
import { caseId, caseNumber, personId } from '#core/ids.js';
import type { CaseId, PersonId } from '#core/ids.js';
import { addMinutes, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';

export const namedPerson = z.object({ id: personId, name: z.string() });
export type NamedPerson = z.infer<typeof namedPerson>;

/** The case that is looked at; one access is of one person to one case. */
export const target = z.object({ caseId, caseNumber });
export type Target = z.infer<typeof target>;

/** Free text of a person, cut where nobody would read on. */
export const said = z.string().max(1000);

const at = { at: instant, v: z.literal(1) };

/** Facts: past tense, never changed. */
export const accessFact = z.discriminatedUnion('type', [
  /** `opening` counts from 1. */
  z.object({
    type: z.literal('glassBroken'),
    ...at,
    opening: z.number().int(),
    by: namedPerson,
    target,
    reason: breakGlassReason,
    text: said,
    signedInAt: instant,
    until: instant,
  }),
  z.object({ type: z.literal('glassClosed'), ...at, opening: z.number().int(), why: z.enum(['time', 'person']) }),
  z.object({ type: z.literal('longerAsked'), ...at, opening: z.number().int(), by: namedPerson, text: said, until: instant }),
  z.object({ type: z.literal('longerConfirmed'), ...at, opening: z.number().int(), by: namedPerson, until: instant }),
  z.object({ type: z.literal('accessReviewed'), ...at, opening: z.number().int(), by: namedPerson, finding: breakGlassFinding, text: said }),
  z.object({ type: z.literal('reviewOverdue'), ...at, opening: z.number().int() }),
  z.object({ type: z.literal('noticeGiven'), ...at, person: personId, note: z.string() }),
  z.object({ type: z.literal('noticeFailed'), ...at, note: z.string(), code: z.string() }),
]);
export type AccessFact = z.infer<typeof accessFact>;

/** One time that the glass was broken. */
export interface Opening {
  readonly n: number;
  readonly reason: BreakGlassReason;
  readonly text: string;
  readonly at: Instant;
  readonly until: Instant;
  /** A longer time that waits for a second person. */
  readonly longer: { readonly text: string; readonly until: Instant } | null;
  readonly confirmedBy: NamedPerson | null;
  readonly closedAt: Instant | null;
  readonly review: { readonly by: NamedPerson; readonly at: Instant; readonly finding: BreakGlassFinding } | null;
  readonly overdue: boolean;
}

/** An access: of one person to one case, as often as it was needed. */
export type Access =
  | { readonly status: 'none' }
  | {
      readonly status: 'known';
      readonly by: NamedPerson;
      readonly target: Target;
      readonly openings: readonly Opening[];
      /** Notices that nobody could be given. */
      readonly notTold: readonly string[];
    };
export type KnownAccess = Extract<Access, { status: 'known' }>;

export function withAccess(state: Access, fact: AccessFact): Access {
  switch (fact.type) {
    case 'glassBroken': {
      const { opening: n, by, target, reason, text, at, until } = fact;
      const before = state.status === 'known' ? state : { openings: [], notTold: [] };
      const opening: Opening = { n, reason, text, at, until, longer: null, confirmedBy: null, closedAt: null, review: null, overdue: false };
      return { status: 'known', by, target, notTold: before.notTold, openings: [...before.openings, opening] };
    }
    case 'glassClosed':
      return changed(state, fact.opening, { closedAt: fact.at, longer: null });
    case 'longerAsked':
      return changed(state, fact.opening, { longer: { text: fact.text, until: fact.until } });
    case 'longerConfirmed':
      return changed(state, fact.opening, { longer: null, until: fact.until, confirmedBy: fact.by });
    case 'accessReviewed':
      return changed(state, fact.opening, { review: { by: fact.by, at: fact.at, finding: fact.finding } });
    case 'reviewOverdue':
      return changed(state, fact.opening, { overdue: true });
    case 'noticeFailed':
      return state.status === 'known' ? { ...state, notTold: [...state.notTold, `${fact.note} ${fact.code}`] } : state;
    case 'noticeGiven':
      return state;
    default:
      return fact satisfies never;
  }
}

function changed(state: Access, n: number, change: Partial<Opening>): Access {
  if (state.status === 'none') return state;
  return { ...state, openings: state.openings.map((opening) => (opening.n === n ? { ...opening, ...change } : opening)) };
}

/** Minutes by which clocks may differ. One that was set back further does not make an access longer: it is opened anew. */
const CLOCKS_APART_MINUTES = 5;

/** The one that shows the case at this moment. What the clock says counts, also before anybody was told that it is over. */
export function activeOf(state: Access, now: Instant): Opening | null {
  const last = state.status === 'known' ? state.openings.at(-1) : undefined;
  return last !== undefined && last.closedAt === null && addMinutes(last.at, -CLOCKS_APART_MINUTES) <= now && now < last.until ? last : null;
}

/** Has a longer time been asked for that a second person may still confirm? */
export function waitsForSecond(opening: Opening, at: Instant): opening is Opening & { readonly longer: NonNullable<Opening['longer']> } {
  return opening.longer !== null && at < opening.longer.until;
}

/** The access of a person to a case: its case id, from the case's own, which is a keyed hash, and the person's id (FNV-1a, four times with other beginnings). */
export function accessIdOf(of: CaseId, person: PersonId): CaseId {
  const parts = [0, 1, 2, 3].map((n) => {
    let hash = 0x811c9dc5 ^ n;
    for (const character of `break-glass ${person}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return ((Number.parseInt(of.slice(n * 8, n * 8 + 8), 16) ^ hash) >>> 0).toString(16).padStart(8, '0');
  });
  return caseId.parse(parts.join(''));
}
