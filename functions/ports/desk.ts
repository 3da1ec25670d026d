import type { CriticalAction, FollowUpAction } from '#core/action.js';
import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { Answer, TakeBack } from '#core/workflow.js';
import type { FollowUpOwner } from '#domain/follow-up.js';
import type { ExamSaid } from '#domain/utterance.js';
import type { Posting, RenderedCard } from './people.ts';
import type { CaseRow } from './views.ts';

/** What can be done with a critical result that has been written. */
export type CriticalVerb = Exclude<CriticalAction, 'declare-critical'>;

/** A person's answer to a case, from a button or in words. Nothing in it is trusted but `person`, who comes from the checked token. */
export interface PersonAnswer {
  readonly person: Person;
  readonly caseNumber: CaseNumber;
  /** The revision the person was shown. */
  readonly revision: number;
  readonly verb:
    'approve' | 'choose-other' | 'reject' | 'ask-orderer' | 'answer-question' | 'remind' | 'hand-over' | 'take-back' | CriticalVerb | FollowUpAction;
  readonly protocolId?: string;
  /** Reason, question or answer: free text as written. */
  readonly text?: string;
  /** When to be reminded. */
  readonly due?: Instant;
  /** What else the form of a critical result asks for, by the name of its field. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whom it is handed over to, or who took a call. */
  readonly to?: PersonId;
  /** The case's round (Standing) that the person was shown; left out: the one of now. */
  readonly round?: number;
  /** The person has read that what they take back was sent already, and what follows. */
  readonly confirmed?: boolean;
}

/** How a case stands to one person. */
export interface Standing {
  /** Highest revision whose personal view this person was shown; 0: none. */
  readonly shown: number;
  readonly current: number;
  /** Counts hand-overs and take-backs. */
  readonly round: number;
}

/** Whom a case can be handed over to. */
export interface Receivers {
  /** Who was meant and may decide the case. */
  readonly people: readonly Person[];
  /** Who was meant and may not: why, a sentence each. */
  readonly refused: readonly string[];
  /** Nobody at all was meant: everybody else who may decide it. */
  readonly others: readonly Person[];
}

export type Opened =
  | {
      readonly ok: true;
      readonly caseNumber: CaseNumber;
      readonly revision: number;
      readonly title: string;
      readonly view: RenderedCard;
      /** The case will go on, and then this view is not to stand anywhere. @default false */
      readonly ends?: boolean;
    }
  | {
      readonly ok: false;
      readonly why: string;
      /** Of a critical result that this person was not called for, and may take over, with a reason: the revision that is open now. */
      readonly mayTakeOver?: { readonly caseNumber: CaseNumber; readonly revision: number };
    };

/** A case that a search found, with what tells its patient from another. Patient data: for a private place alone. */
export interface Match {
  readonly row: CaseRow;
  readonly name: string;
  /** As sent. */
  readonly birthDate: string | null;
  /** The patient's number that people read first; null: none. */
  readonly number: string | null;
}

export interface Search {
  /** Most urgent first. */
  readonly matches: readonly Match[];
  /** How many more there are. */
  readonly more: number;
  /** Were all open cases looked at? */
  readonly complete: boolean;
}

/** No patient data. */
export interface Next {
  readonly row: CaseRow;
  /** With this one. */
  readonly waiting: number;
  /** Some cases were not looked at: there may be more. */
  readonly orMore: boolean;
}

/** An exam as a person types it who knows of no other place that has it. Patient data. */
export interface TypedExam {
  readonly recordNumber: string;
  readonly family: string;
  readonly given: string;
  /** YYYY-MM-DD; null: not said. */
  readonly birthDate: string | null;
  readonly exam: string;
}

/** An exam whose patient is called so, with what tells it from another. Patient data: for a private place alone. */
export interface NamedExam {
  /** A case of it. */
  readonly caseNumber: CaseNumber;
  readonly revision: number;
  /** Family, given. */
  readonly name: string;
  /** As sent. */
  readonly birthDate: string | null;
  /** The number of the patient's record that people read first; null: none. */
  readonly number: string | null;
  readonly exam: string;
  /** Since when the case is known here. */
  readonly since: Instant;
}

/** Of a patient's name the exams that it may mean; more than one, or one that is not certain, is for the person to choose from. */
export type NamedExams =
  | {
      readonly ok: true;
      /** The newest first. */
      readonly exams: readonly [NamedExam, ...NamedExam[]];
      /** How many more there are. */
      readonly more: number;
      /** There is one, called exactly so, and all were looked at. */
      readonly certain: boolean;
      /** Were all open cases, and those of the last days, looked at? */
      readonly complete: boolean;
    }
  | Extract<Declared, { ok: false }>;

/** A critical result as somebody says it: what, how grave, of which case or exam. */
export interface Declaration {
  readonly person: Person;
  /** A case of the exam, or the exam's accession number; with it, where no case and not the EHR knows it, whose exam it is. */
  readonly of: { readonly caseNumber: CaseNumber } | { readonly accession: string; readonly typed?: TypedExam };
  readonly finding: string;
  /** Null: that of the finding's class, the gravest where there is none. */
  readonly category: 1 | 2 | 3 | null;
  readonly side: 'left' | 'right' | 'both' | null;
  readonly via: 'button' | 'words' | 'link' | 'tab' | 'command-line';
  /** What else was said of the exam and its patient: of another one nothing is written. @default nothing */
  readonly also?: ExamSaid;
}

/** Who is phoned where Radloop can send nothing. */
export interface PhoneNow {
  readonly name: string;
  /** As it is dialled. */
  readonly phone: string;
}

/** `not-sent`: nothing was written, `why` says whom to phone now. `unknown`: there is no such exam, or none that this person may see. */
export type Declared =
  | { readonly ok: true; readonly caseNumber: CaseNumber; readonly text: string }
  | { readonly ok: false; readonly code: 'denied' | 'unknown' | 'not-sent'; readonly why: string };

/**
 * The exam of an accession number and whose it is, as whoever declares a critical result compares it with what they read. Patient data: for a private place alone.
 */
export type ExamLook =
  | {
      readonly ok: true;
      readonly accession: string;
      readonly exam: string;
      /** Family, given; null: not said. */
      readonly name: string | null;
      /** As sent. */
      readonly birthDate: string | null;
      readonly sex: string | null;
      /** The number of the patient's record that people read first. */
      readonly number: { readonly id: string; readonly assigner: string } | null;
      /** Whom to phone should a critical result of it not be sent; null: the site has said nobody. */
      readonly phoneNow: PhoneNow | null;
    }
  | Extract<Declared, { ok: false }>;

/** Something that a signed report says and can wait for days, and is not dealt with yet. No patient data. */
export interface FollowUpLine {
  readonly caseNumber: CaseNumber;
  /** Of the exam's order; null: Radloop has none. */
  readonly orderCase: CaseNumber | null;
  /** Null: the coordinators of the site. */
  readonly owner: { readonly id: PersonId; readonly name: string } | null;
  readonly as: FollowUpOwner['as'];
  /** Class of the finding. */
  readonly finding: string;
  readonly since: Instant;
  readonly due: Instant;
  readonly overdue: boolean;
}

/** What a person at Teams can ask of the engine. Every view and every denial is audited before this returns. */
export interface Desk {
  /** Open tasks that this person may see, most urgent and oldest first; no patient data. */
  waiting(person: Person): Promise<readonly CaseRow[] | { readonly denied: string }>;
  /**
   * The person's own view of the case; after it words may act on this revision. @param notice stands at its top: why it is opened anew
   * @param counts false: it is still to be sent, and counts once `seen` says that it was. @default true
   * @param typed what they had typed into the form that was refused, by the name of its field
   */
  open(person: Person, caseNumber: CaseNumber, notice?: string, counts?: boolean, typed?: Readonly<Record<string, string>>): Promise<Opened>;
  /**
   * A view that was opened without counting has reached this person: from now on words may act on its revision. @param posting where it stands in their private chat,
   * of one that ends (Opened): it loses its patient data there once the case has gone on
   */
  seen(person: Person, caseNumber: CaseNumber, revision: number, posting?: Posting): Promise<void>;
  /** The case that waits longest of the most urgent ones that this person may decide, and how many those are; null: none. @param after this one not */
  next(person: Person, after: CaseNumber): Promise<Next | null>;
  /** The case's shared card, without patient data; null when there is no such case. */
  shared(caseNumber: CaseNumber): Promise<RenderedCard | null>;
  shown(person: PersonId, caseNumber: CaseNumber): Promise<Standing | null>;
  answer(answer: PersonAnswer): Promise<Answer>;
  /**
   * Keeps an answer whose own work takes too long: once this resolves true it is on disk and will be heard, once, whatever becomes of that work. False: it could not
   * count as the case stands, and nothing was kept.
   */
  keep(answer: PersonAnswer): Promise<boolean>;
  /**
   * Open cases of a patient of this name, or with this number of patient, order or study, of those that this person may see. Each one that is shown is audited as a
   * view. @param modality only these; null: any
   */
  search(person: Person, words: string, modality: string | null): Promise<Search | { readonly denied: string }>;
  /** Writes a critical result, which is not sent yet: its case is opened, shown and sent by itself. Answers within a second, and throws nothing. */
  declare(declaration: Declaration): Promise<Declared>;
  /** Exams of patients of this name, before a critical result of one is written. Audited as a search, and what is given to choose from as views. */
  examsCalled(person: Person, name: string): Promise<NamedExams>;
  /** Which exam has this accession number, by a case of it or else in the EHR, looked at before a critical result of it is written. Audited as a view. */
  exam(person: Person, accession: string): Promise<ExamLook>;
  /** Open critical results of those that this person may see, or take in hand at the failsafe; most urgent and oldest first; no patient data. */
  alerts(person: Person): Promise<readonly CaseRow[] | { readonly denied: string }>;
  /** Follow-ups that are open, of those that this person may see; the first due first; no patient data. */
  followUps(person: Person): Promise<readonly FollowUpLine[] | { readonly denied: string }>;
  /** What a radiologist reads where nothing could be written or sent: whom to phone now. @param isLate it may still go out */
  notSent(person: Person, isLate?: boolean): string;
  /** Who that would be. Reads no store. @param about the exam (Workflow.about); null: none is known */
  phoneNow(about: unknown): PhoneNow | null;
  /** Something in this person's private chat names the patient of the case: it is taken away there once the case has gone on. Counts as no view. */
  stands(person: Person, caseNumber: CaseNumber, revision: number, posting: Posting): Promise<void>;
  /** The moment that words mean, in the site's zone; null: none that is ahead. */
  due(words: string): Instant | null;
  /** Who is meant by words: a name, an id of people.json, a role, a service on call. */
  receivers(person: Person, caseNumber: CaseNumber, words: string): Promise<Receivers | { readonly denied: string }>;
  /** The last thing that this person did on the case, which a take-back would undo. */
  takeBack(person: Person, caseNumber: CaseNumber): Promise<TakeBack | { readonly denied: string }>;
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
