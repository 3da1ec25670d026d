import type { BreakGlassFinding, BreakGlassReason } from '#core/break-glass.js';
import type { BoardPerson, BoardRow } from '#core/board.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Person } from '#core/people.js';
import type { DatedLine, StoryHeading } from '#core/story.js';
import type { Instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { CriticalReport, Picture } from './critical-report.ts';
import type { Declaration, Declared, ExamLook, PersonAnswer, PhoneNow, TypedExam } from './desk.ts';
import type { RenderedCard } from './people.ts';
import type { CaseRow } from './views.ts';

/** Who asks, as the checked token says it. */
export interface SignedIn {
  readonly person: Person;
  /** When this person last proved who they are (`auth_time`); null: the token does not say. */
  readonly signedInAt: Instant | null;
  /** Was a second factor asked for? */
  readonly withSecondFactor: boolean;
}

/** A task as the tab shows it: no patient data. */
export interface TabTask extends Pick<CaseRow, 'workflow' | 'caseNumber' | 'kind' | 'urgency' | 'status' | 'since' | 'note' | 'waiting'> {
  /** Written out. */
  readonly owner: string | null;
}

export interface TabTasks {
  readonly asOf: Instant;
  readonly tasks: readonly TabTask[];
}

/** A case from its beginning to now, for one person. */
export interface CaseStory {
  readonly caseNumber: CaseNumber;
  readonly title: string;
  readonly revision: number;
  readonly asOf: Instant;
  /** Null while no patient is known. */
  readonly heading: StoryHeading | null;
  /** Oldest first. */
  readonly lines: readonly DatedLine[];
  /** The person's own view of the case as it is now. */
  readonly view: RenderedCard;
  /** Set when it is seen by an emergency access: until when, and a longer time that waits for a second person. */
  readonly emergency: { readonly until: Instant; readonly longerUntil: Instant | null } | null;
  /** Of whoever may declare or send a critical result of it: whom they phone should that not be sent. Left out: nobody is named. */
  readonly phoneNow?: PhoneNow;
}

/** One emergency access, for who confirms a longer one or judges it. No patient data. */
export interface AccessRow {
  /** Of the access itself. */
  readonly access: CaseNumber;
  /** The case that was opened. */
  readonly caseNumber: CaseNumber;
  readonly opening: number;
  readonly person: string;
  readonly reason: BreakGlassReason;
  /** What the person wrote; null for who does not judge it. */
  readonly text: string | null;
  readonly at: Instant;
  readonly until: Instant;
  readonly closedAt: Instant | null;
  readonly longer: { readonly text: string; readonly until: Instant } | null;
  /** Judged by then. */
  readonly judgeBy: Instant;
  readonly review: { readonly by: string; readonly finding: BreakGlassFinding } | null;
  readonly mayConfirm: boolean;
  readonly mayReview: boolean;
}

/** An open critical result on the board. No patient data. */
export interface BoardAlert extends BoardRow {
  readonly caseNumber: CaseNumber;
  /** What this person opens it as: their own view of the case, or what the switchboard has of it, which never names the patient. */
  readonly opens: 'case' | 'failsafe';
}

/** Who is on call for a service now. */
export interface BoardService {
  readonly service: string;
  readonly levels: readonly {
    /** 1 is called first. */
    readonly level: number;
    /** Empty: nobody is. */
    readonly people: readonly Pick<BoardPerson, 'name' | 'phone'>[];
    readonly until: Instant | null;
  }[];
}

export interface Board {
  /** The service's clock when this was read: what the page's own clock says counts for nothing. */
  readonly asOf: Instant;
  /** Gravest first, of those the oldest; drills last. */
  readonly alerts: readonly BoardAlert[];
  readonly onCall: readonly BoardService[];
  /** May this person take an untaken one in hand by the code on the print? */
  readonly takesFailsafe: boolean;
  /** Does this person see those at the failsafe alone? Then an empty board says nothing of the others. */
  readonly isFailsafeAlone: boolean;
}

/** What the switchboard has of an alert: whom to phone, never the patient. */
export interface FailsafeView {
  readonly caseNumber: CaseNumber;
  readonly asOf: Instant;
  readonly alert: BoardAlert;
  /** With the buttons of whoever may take it in hand. */
  readonly view: RenderedCard;
}

/** How long critical results took. No patient data and nobody's name. */
export interface TabReport {
  readonly report: Omit<CriticalReport, 'alerts'>;
  readonly picture: Picture;
}

/** What the tab asks, besides the buttons of a view; nothing in it is trusted. */
export type TabAsk =
  | { readonly ask: 'me' }
  | { readonly ask: 'tasks' }
  | { readonly ask: 'story'; readonly caseNumber: string }
  /** Which exam a link from the PACS, or a person, means by its accession number. */
  | { readonly ask: 'exam'; readonly accession: string }
  /** `of`: as Declaration. `via`: a link from the PACS named it, or the button of its case. */
  | ({
      readonly ask: 'declare';
      readonly of: { readonly caseNumber: string } | { readonly accession: string; readonly typed?: TypedExam };
      readonly via: 'tab' | 'link' | 'button';
    } & Pick<Declaration, 'finding' | 'category' | 'side'>)
  | { readonly ask: 'break-glass'; readonly caseNumber: string; readonly reason: BreakGlassReason; readonly text: string }
  | { readonly ask: 'break-glass-end'; readonly caseNumber: string }
  | { readonly ask: 'break-glass-longer'; readonly caseNumber: string; readonly text: string }
  | { readonly ask: 'accesses' }
  | { readonly ask: 'board' }
  | { readonly ask: 'failsafe'; readonly caseNumber: string }
  | { readonly ask: 'failsafe-take'; readonly caseNumber: string }
  /** Days of the site's calendar, `to` the day after the last. */
  | { readonly ask: 'critical-report'; readonly from: string; readonly to: string }
  | { readonly ask: 'access-confirm'; readonly access: string }
  | { readonly ask: 'access-review'; readonly access: string; readonly opening: number; readonly finding: BreakGlassFinding; readonly text: string };

/** `denied`: may not. `unknown`: there is no such case. `sign-in`: a fresh sign-in with a second factor is needed first. */
export type TabReply<Found> =
  | { readonly ok: true; readonly found: Found }
  | {
      readonly ok: false;
      readonly code: 'denied' | 'unknown' | 'sign-in';
      readonly why: string;
      readonly mayBreakGlass?: boolean;
      readonly mayTakeOver?: TakeOver;
    };

/** A critical result that this person was not called for and may take over: its number and the revision of now. */
export interface TakeOver {
  readonly caseNumber: CaseNumber;
  readonly revision: number;
}

export interface Me {
  readonly name: string;
  readonly language: Language;
  /** IANA zone of the site. */
  readonly zone: string;
  readonly site: string;
  /** Pages that this person has something to see on. */
  readonly pages: readonly ('tasks' | 'accesses' | 'board' | 'report')[];
  /** Does this person ever open a case? The switchboard does not. */
  readonly opensCases: boolean;
  /** May this person declare a critical result? */
  readonly declares: boolean;
  /** Whom they phone should one of an exam that is not known yet not be sent. Left out: nobody is named. */
  readonly phoneNow?: PhoneNow;
}

/** What the tab can ask of the engine, each authorised and audited as a click in the dialog is. */
export interface TabDesk {
  me(of: SignedIn): Me;
  tasks(of: SignedIn): Promise<TabReply<TabTasks>>;
  story(of: SignedIn, caseNumber: string): Promise<TabReply<CaseStory>>;
  /** A button of the view, pressed on the tab: the same command, with the same checks, as in the dialog. */
  answer(answer: PersonAnswer): Promise<TabReply<Answer>>;
  /** Which exam it is and whose, before anything of it is written. Where it is not known, why, and whom to phone. */
  exam(of: SignedIn, accession: string): Promise<TabReply<ExamLook>>;
  /** Writes a critical result, which is not sent yet: its story is opened and sent by its button. Where nothing was written it says so, and whom to phone. */
  declare(of: SignedIn, asked: Extract<TabAsk, { ask: 'declare' }>): Promise<TabReply<Declared>>;
  breakGlass(of: SignedIn, asked: Extract<TabAsk, { ask: 'break-glass' }>): Promise<TabReply<Answer>>;
  endBreakGlass(of: SignedIn, caseNumber: string): Promise<TabReply<Answer>>;
  longerBreakGlass(of: SignedIn, asked: Extract<TabAsk, { ask: 'break-glass-longer' }>): Promise<TabReply<Answer>>;
  accesses(of: SignedIn): Promise<TabReply<readonly AccessRow[]>>;
  confirmAccess(of: SignedIn, access: string): Promise<TabReply<Answer>>;
  /** Open critical results: those that this person may open, and for the switchboard those at the failsafe. */
  board(of: SignedIn): Promise<TabReply<Board>>;
  failsafe(of: SignedIn, caseNumber: string): Promise<TabReply<FailsafeView>>;
  /** By the code on the print: the case number. */
  takeFailsafe(of: SignedIn, caseNumber: string): Promise<TabReply<Answer>>;
  /** Null: these days are no period. */
  report(of: SignedIn, asked: Extract<TabAsk, { ask: 'critical-report' }>): Promise<TabReply<TabReport | null>>;
  reviewAccess(of: SignedIn, asked: Extract<TabAsk, { ask: 'access-review' }>): Promise<TabReply<Answer>>;
}
