import type { CaseNumber } from '#core/ids.js';

/** What a sentence says. `caseNumber` null: none was named, the thread may say which. */
export type Heard =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'help' }
  | { readonly kind: 'show'; readonly caseNumber: CaseNumber | null }
  | { readonly kind: 'approve'; readonly caseNumber: CaseNumber | null }
  | { readonly kind: 'use'; readonly caseNumber: CaseNumber | null; readonly protocolId: string; readonly reason: string | null }
  | { readonly kind: 'reject'; readonly caseNumber: CaseNumber | null; readonly reason: string }
  | { readonly kind: 'ask'; readonly caseNumber: CaseNumber | null; readonly question: string }
  /** It wants something that is not done by these words; nothing is done. */
  | { readonly kind: 'refused'; readonly why: RefusedWhy }
  /** Nothing of the closed grammar. */
  | { readonly kind: 'unclear' };

export type RefusedWhy =
  | 'all'
  | 'several'
  | 'not-a-case-number'
  | 'check-character'
  | 'needs-reason'
  | 'needs-question'
  | 'unknown-protocol'
  | 'conditional'
  | 'taken-back'
  | 'too-long';

/** Sentences that change something. */
export type Act = Extract<Heard, { kind: 'approve' | 'use' | 'reject' | 'ask' }>;

/** What somebody seems to want, in words outside the closed grammar: never acted on, only asked back. */
export interface Guess {
  readonly kind: Act['kind'] | 'show' | 'waiting';
  readonly caseNumber: CaseNumber | null;
}
