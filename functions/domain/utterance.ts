import { z } from 'zod/v4';

/** What a person may want when they write to the bot; `none`: nothing that Radloop knows, or nothing that they ask for themselves. */
export const intent = z.enum([
  'list-waiting',
  'show-case',
  'approve',
  'choose-other',
  'reject',
  'ask-orderer',
  'why',
  'history',
  'who-on-call',
  'declare-critical',
  'acknowledge',
  'read-back',
  'decline-alert',
  'follow-up-status',
  'list-overdue',
  'close-follow-up',
  'propose-schedule-change',
  'hand-over',
  'remind',
  'take-back',
  'numbers',
  'system-status',
  'help',
  'none',
]);
export type Intent = z.infer<typeof intent>;

/** What the text says of it, in its own words; `cases` in upper case. A part that the text does not say is left out. */
export interface Slots {
  readonly cases?: readonly string[];
  readonly protocol?: string;
  readonly reason?: string;
  readonly question?: string;
  readonly action?: string;
  readonly service?: string;
  readonly when?: string;
  readonly person?: string;
  readonly modality?: string;
  readonly urgency?: string;
  readonly subject?: string;
  readonly finding?: string;
}

/** Who asks, as far as understanding goes; what somebody may do is decided by core/authorise. */
export const askerRole = z.enum(['radiologist', 'technologist', 'protocoling-technologist', 'coordinator', 'scheduler', 'oncall', 'operator']);
export type AskerRole = z.infer<typeof askerRole>;

/** One thing that a person wrote, and what it may point at. */
export interface Utterance {
  readonly text: string;
  /** A group chat is a channel. */
  readonly place: 'channel' | 'thread' | 'private';
  /** The case whose card opened the thread. */
  readonly threadCase: string | null;
  /** Cases whose current revision's personal view this person was shown, in that order. */
  readonly lastShown: readonly string[];
  /** As `askerRole` names it. */
  readonly role: AskerRole;
}

/** A protocol of the site's catalogue, as people name it. */
export interface ProtocolName {
  readonly id: string;
  readonly name: string;
}

/** A sentence of the closed grammar that changes something, its case known. Free text is as it was written. */
export type Command =
  | { readonly verb: 'approve'; readonly caseNumber: string }
  | { readonly verb: 'choose-other'; readonly caseNumber: string; readonly protocolId: string; readonly text: string | null }
  | { readonly verb: 'reject'; readonly caseNumber: string; readonly text: string }
  | { readonly verb: 'ask-orderer'; readonly caseNumber: string; readonly text: string }
  /** `when` as domain/when reads it. */
  | { readonly verb: 'remind'; readonly caseNumber: string; readonly when: string };

/** What keeps a sentence from being done by its words. */
export type Hindrance =
  | 'all'
  | 'no-case'
  | 'not-a-case-number'
  | 'needs-reason'
  | 'needs-question'
  | 'needs-time'
  | 'unknown-protocol'
  | 'conditional'
  | 'taken-back'
  | 'too-long';

/** What may leave the house of a sentence, and how to put back what was left out. */
export interface Minimised {
  readonly text: string;
  /** Puts back what the placeholders stood for. */
  restored(words: string): string;
}

/** A name and words of the sentence, from a model that is not ours. */
export interface Named {
  readonly intent: Intent;
  readonly slots: Omit<Slots, 'cases'>;
}

/** By what else than a case number words name the exam of a critical result, as it was written. Patient data: used and shown in a private chat alone. */
export interface ExamSaid {
  readonly accession: string | null;
  /** Its patient's name. */
  readonly patient: string | null;
}

/** What was understood. Only `commands` may ever change anything, and only after the same checks as a button. */
export interface Understood {
  readonly language: 'en' | 'es';
  readonly intent: Intent;
  readonly slots: Slots;
  /** Of several requests those after the first; they are never done. */
  readonly also: readonly { readonly intent: Intent; readonly slots: Slots }[];
  /** The closed grammar read it: one for each case that it names. Empty: nothing may be done by these words. */
  readonly commands: readonly Command[];
  /** Why it is not done by its words; null: nothing that the grammar knows. */
  readonly hindrance: Hindrance | null;
  /** The catalogue's protocol that `slots.protocol` names, where exactly one fits. */
  readonly protocolId: string | null;
  /** A patient's name or number stands where a case should: in a shared place it is not given and not repeated. */
  readonly namesPatient?: true;
  /** Of `declare-critical`; left out: the exam is named by a case number, or not at all. */
  readonly exam?: ExamSaid;
}
