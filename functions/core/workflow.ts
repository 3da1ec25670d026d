import type { z } from 'zod/v4';
import type { Subject } from './authorise.ts';
import type { Effect } from './effect.ts';
import type { CaseId, CaseNumber, EventId } from './ids.ts';
import type { Instant } from './time.ts';
import type { Actor } from './event.ts';

/** off: the order is kept and listed, nothing more. silent: decide and record, send nothing. assist: advice goes out, a commit waits for a person. auto: as assist, and what the policy lists goes without one. */
export type Mode = 'off' | 'silent' | 'assist' | 'auto';

/** All that `decide` may know besides state and input. */
export interface Moment<Policy> {
  readonly now: Instant;
  readonly caseId: CaseId;
  /** Reserved for this case; the same on a retry. */
  readonly caseNumber: CaseNumber;
  /** Id of the event being decided. */
  readonly event: EventId;
  readonly actor: Actor;
  readonly policy: Policy;
}

/** What an answering person is told at once. Never holds patient data. */
export interface Answer {
  /** `won` and `noted` changed the state; the rest changed nothing. */
  readonly outcome: 'won' | 'noted' | 'already' | 'stale' | 'closed' | 'denied' | 'invalid';
  readonly text: string;
}

export interface Decision<Fact> {
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  readonly answer?: Answer;
}

/** Nothing to record, nothing to do. */
export const nothing = { facts: [], effects: [] } as const;

/** One line about one case for lists: no patient data. */
export interface TaskRow {
  readonly status: string;
  /** Is somebody expected to act? */
  readonly waiting: boolean;
  /** Closed cases are kept but not listed as open. */
  readonly open: boolean;
  readonly kind: string;
  readonly urgency: string;
  readonly since: Instant;
  readonly owner: string | null;
  readonly note: string | null;
  readonly revision: number;
}

/** A workflow: pure, and the same few functions each. */
export interface Workflow<State, Input, Fact, Policy> {
  readonly name: string;
  readonly inputs: z.ZodType<Input>;
  readonly facts: z.ZodType<Fact>;
  readonly initial: State;
  /** Never throws; a clinical "no" is data. */
  readonly decide: (state: State, input: Input, moment: Moment<Policy>) => Decision<Fact>;
  readonly evolve: (state: State, fact: Fact) => State;
  /** Null while there is no case to speak of (a cancel before its order). */
  readonly row: (state: State) => TaskRow | null;
  readonly subject: (state: State) => Subject;
  /** For the mode: which modality this case belongs to; null when not known. */
  readonly modality: (state: State) => string | null;
}

export function fold<State, Fact>(initial: State, evolve: (state: State, fact: Fact) => State, facts: readonly Fact[]): State {
  return facts.reduce(evolve, initial);
}
