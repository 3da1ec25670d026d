import type { FindingClass, SectionKind } from '#domain/content.js';

/** A report as it came. `exam` is its name where somebody said it. */
export interface Report {
  readonly text: string;
  readonly exam?: string | undefined;
}

/** How a report speaks of a finding. */
export type Assertion = 'affirmed' | 'uncertain' | 'negated' | 'resolved' | 'stable' | 'historical' | 'hypothetical' | 'other' | 'question';

/** A finding that the report states, with the clause that says it best. Offsets count UTF-16 units of the text. */
export interface CriticalFinding {
  readonly start: number;
  readonly end: number;
  /** The other clauses that state it, in the order of the text: its other side, the findings under the impression. */
  readonly also: readonly { readonly start: number; readonly end: number }[];
  /** The name of its class. */
  readonly finding: string;
  readonly category: FindingClass['category'];
  readonly classId: string;
  readonly side: 'left' | 'right' | 'both' | null;
  readonly assertion: 'affirmed' | 'uncertain';
}

export interface ReportReading {
  readonly sections: readonly { readonly kind: SectionKind; readonly heading: string; readonly start: number; readonly end: number }[];
  /** Stated as present now, one of a class, in the order of the text. */
  readonly critical: readonly CriticalFinding[];
  /** Not excluded, and of a class that asks (category 1, pneumothorax, unstable spine): somebody has to be asked. */
  readonly asks: readonly CriticalFinding[];
}

/** What a sentence says of a concept (NegEx, ConText). */
export interface Negation {
  readonly negated: boolean;
  readonly uncertain: boolean;
  readonly historical: boolean;
}
