import type { Person } from '#core/people.js';

/** A task that waits, without patient data. */
export interface OutsideTask {
  readonly caseNumber: string;
  readonly kind: string;
  readonly urgency: string;
  readonly status: string;
  /** UTC. */
  readonly since: string;
  readonly owner: string | null;
  readonly note: string | null;
}

/** Open tasks that this person may see, most urgent and oldest first; `all` is how many there are. */
export interface OutsideList {
  readonly all: number;
  readonly tasks: readonly OutsideTask[];
}

export interface OutsideCase extends OutsideTask {
  readonly revision: number;
  readonly open: boolean;
  /** What its card in the channel says, in a sentence. */
  readonly says: string | null;
}

/** What happened to a case, oldest first: closed words, times, and people of the site. */
export interface OutsideHistory {
  readonly caseNumber: string;
  readonly facts: readonly { readonly at: string; readonly what: string; readonly by: string | null }[];
}

export interface OutsideStatus {
  /** Does the service get work done? */
  readonly working: boolean;
  readonly missing: readonly string[];
  /** Tasks that wait, by urgency. */
  readonly waiting: Readonly<Record<string, number>>;
}

export type OutsideAnswer<Found> = { readonly ok: true; readonly found: Found } | { readonly ok: false; readonly why: string };

/**
 * What an outside orchestrator can ask for the person who is signed in at it (DEP-09): it reads, and no answer holds patient data. Nothing here decides, and nothing
 * counts as having shown a case to somebody. Each call is an audit row before it is answered.
 */
export interface OutsideDesk {
  waiting(person: Person): Promise<OutsideAnswer<OutsideList>>;
  /** @param number as it was typed */
  show(person: Person, number: string): Promise<OutsideAnswer<OutsideCase>>;
  history(person: Person, number: string): Promise<OutsideAnswer<OutsideHistory>>;
  status(person: Person): Promise<OutsideAnswer<OutsideStatus>>;
  /** A call that is none of these: on record as the others are, without what was sent. */
  refused(person: Person, check: 'unknown-tool' | 'arguments'): Promise<void>;
}
