import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Answer } from '#core/workflow.js';
import type { RenderedCard } from './people.ts';
import type { Caller } from './queue.ts';
import type { CaseRow } from './views.ts';

/** A person's answer to a case, from a button or in words. Nothing in it is trusted but `person`, who comes from the checked token. */
export interface PersonAnswer {
  readonly person: Person;
  readonly caseNumber: CaseNumber;
  /** The revision the person was shown. */
  readonly revision: number;
  readonly verb: 'approve' | 'choose-other' | 'reject' | 'ask-orderer' | 'answer-question';
  readonly protocolId?: string;
  /** Reason, question or answer: free text as written. */
  readonly text?: string;
}

export type Opened =
  | { readonly ok: true; readonly caseNumber: CaseNumber; readonly revision: number; readonly title: string; readonly view: RenderedCard }
  | { readonly ok: false; readonly why: string };

/** No patient data. */
export interface Next {
  readonly row: CaseRow;
  /** With this one. */
  readonly waiting: number;
  /** Some cases were not looked at: there may be more. */
  readonly orMore: boolean;
}

/** What a person at Teams can ask of the engine. Every view and every denial is audited before this returns. */
export interface Desk {
  /** Open tasks that this person may see, most urgent and oldest first; no patient data. */
  waiting(person: Person): Promise<readonly CaseRow[] | { readonly denied: string }>;
  /** The person's own view of the case; after it words may act on this revision. @param notice stands at its top: why it is opened anew */
  open(person: Person, caseNumber: CaseNumber, notice?: string): Promise<Opened>;
  /** The case that waits longest of the most urgent ones that this person may decide, and how many those are; null: none. @param after this one not */
  next(person: Person, after: CaseNumber): Promise<Next | null>;
  /** The case's shared card, without patient data; null when there is no such case. */
  shared(caseNumber: CaseNumber): Promise<RenderedCard | null>;
  /** Highest revision whose personal view this person was shown; 0: none. And the one the case has now. */
  shown(person: PersonId, caseNumber: CaseNumber): Promise<{ readonly shown: number; readonly current: number } | null>;
  answer(answer: PersonAnswer): Promise<Answer>;
  /** The case whose shared card opened this thread (the posting's conversation id); null: none. */
  caseOfConversation(conversationId: string): Promise<CaseNumber | null>;
  /**
   * A hostile or unknown sender, a refused activity. `check` and `from` in the detail are what a flood is counted by: then there is a row a minute
   * for all of it, and what is `counted` has none of its own.
   */
  deny(what: string, detail: Readonly<Record<string, string | number | boolean | null>>): Promise<'recorded' | 'counted'>;
  /** For look-ups of free text in private: catalogue ids as the site has them. */
  protocolIds(): readonly string[];
}

/** What somebody asks about a case from the command line. `text` is the reason, the question or the answer. */
export type CaseRequest =
  | { readonly ask: 'case-show'; readonly caseNumber: string }
  | {
      readonly ask: 'case-answer';
      readonly caseNumber: string;
      readonly verb: PersonAnswer['verb'];
      readonly protocolId: string | null;
      readonly text: string | null;
    };

export type CaseReply =
  | { readonly ok: false; readonly code: 'denied' | 'unknown'; readonly text: string }
  | {
      readonly ok: true;
      readonly answer: 'view';
      readonly caseNumber: CaseNumber;
      readonly revision: number;
      readonly title: string;
      readonly view: RenderedCard;
    }
  | { readonly ok: true; readonly answer: 'answered'; readonly outcome: Answer['outcome']; readonly text: string };

/** The running service, as `radloop case` speaks to it: the same desk, for the person behind an account of this machine. */
export interface CaseDesk {
  ask(caller: Caller, request: CaseRequest): Promise<CaseReply>;
}
