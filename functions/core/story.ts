import type { Instant } from './time.ts';

/** Where a line of a case's story is from: what came in, what was worked out, what was shown or sent, what a person did, what did not succeed. */
export type StoryKind = 'message' | 'check' | 'card' | 'sent' | 'person' | 'trouble';

/** One thing that happened to a case, in the words of whoever reads it. Patient data: only after authorisation. */
export interface StoryLine {
  readonly kind: StoryKind;
  readonly title: string;
  readonly lines: readonly string[];
  /** The person of the site who did it; null: nobody did. */
  readonly who: string | null;
  /** Message, model, rule, card or receipt that it rests on; null: the person's own word. */
  readonly source: string | null;
}

export interface DatedLine extends StoryLine {
  readonly at: Instant;
}

/** By whom the case is told from others: two identifiers, and what makes a mix-up be noticed. Written out. */
export interface StoryHeading {
  readonly name: string;
  /** Record number with its assigner. */
  readonly number: string;
  /** Birth date, age, sex. */
  readonly person: string;
}
