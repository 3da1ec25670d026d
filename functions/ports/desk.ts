import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Answer } from '#core/workflow.js';
import type { RenderedCard } from './people.ts';
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

/** What a person at Teams can ask of the engine. Every view and every denial is audited before this returns. */
export interface Desk {
  /** Open tasks that this person may see, most urgent and oldest first; no patient data. */
  waiting(person: Person): Promise<readonly CaseRow[] | { readonly denied: string }>;
  /** The person's own view of the case; after it words may act on this revision. */
  open(person: Person, caseNumber: CaseNumber): Promise<Opened>;
  /** The case's shared card, without patient data; null when there is no such case. */
  shared(caseNumber: CaseNumber): Promise<RenderedCard | null>;
  /** Highest revision whose personal view this person was shown; 0: none. And the one the case has now. */
  shown(person: PersonId, caseNumber: CaseNumber): Promise<{ readonly shown: number; readonly current: number } | null>;
  answer(answer: PersonAnswer): Promise<Answer>;
  /** The case whose shared card opened this thread (the posting's conversation id); null: none. */
  caseOfConversation(conversationId: string): Promise<CaseNumber | null>;
  /** A hostile or unknown sender, a refused activity. */
  deny(what: string, detail: Readonly<Record<string, string | number | boolean | null>>): Promise<void>;
  /** For look-ups of free text in private: catalogue ids as the site has them. */
  protocolIds(): readonly string[];
}
