import type { z } from 'zod/v4';
import type { Action } from './action.ts';
import type { Subject } from './authorise.ts';
import type { BoardRow } from './board.ts';
import type { Posting, RenderedCard } from './card.ts';
import type { Effect, PagingChannel } from './effect.ts';
import type { Calling } from './drill.ts';
import type { CaseId, CaseNumber, EventId, PersonId } from './ids.ts';
import type { Likeness } from './likeness.ts';
import type { Language } from './language.ts';
import type { StoryHeading, StoryLine } from './story.ts';
import type { Instant } from './time.ts';
import type { Actor } from './event.ts';
import type { PaperCase } from './paper.ts';

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
  /** What was to reach a clinician reached none, or it is not known that it did: `text` says whom to phone now, and every surface shows it as an alarm. */
  readonly notSent?: true;
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
  /** What figures across cases need of it (Workflow.figures): no patient data. Left out: nothing. */
  readonly figures?: unknown;
}

/** A line of a list, with its case's number. */
export interface ListedCase extends TaskRow {
  readonly caseNumber: CaseNumber;
}

/** What a person may do with a case that they look at; decided by authorise. */
export interface May {
  readonly decide: boolean;
  readonly ask: boolean;
  readonly answer: boolean;
  /** Something that this person did here still stands. @default false */
  readonly takeBack?: boolean;
  /** Only what the exam needs of the patient is shown (INVARIANTS 3: a technologist). @default false */
  readonly least?: boolean;
  /** May this person do this other thing with the case, as it is now? Left out: nothing else. */
  allows?(action: Action): boolean;
}

/** What a person did on a case and could take back. */
export interface TakeBack {
  /** As a sentence goes on, without patient data: `your approval of 7KF3QN`. */
  readonly says: string;
  /** It has reached the systems of the hospital: what follows, and what stays to be done. Null: nothing has left. */
  readonly sent: string | null;
}

/** What rendering may know besides the state. */
export interface Look<Policy> {
  readonly caseNumber: CaseNumber;
  readonly now: Instant;
  readonly policy: Policy;
  /** PersonId -> name as people read it. */
  readonly names: Readonly<Record<string, string>>;
  /** Of the person who looks; left out: the site's. */
  readonly language?: Language;
  /** Stands at the top of a personal view: why it was opened anew. No patient data. */
  readonly notice?: string;
  /** Who looks at a personal view; left out: it is drawn for nobody in particular. */
  readonly reader?: PersonId;
  /** What this person has typed into a form that was refused, by the name of its field: the form comes back with it. */
  readonly typed?: Readonly<Record<string, string>>;
  /** Other open cases whose patient could be taken for this one's. */
  readonly alike?: Alike;
  /** The other open cases of the workflow: a page that is printed is all that its reader has. */
  readonly others?: readonly ListedCase[];
  /** Whom a note is for, and the revision it was written at: what has been put to somebody else since is not theirs to read. */
  readonly told?: { readonly person: PersonId; readonly revision: number };
}

/** Where a page goes, and by which effect. */
export type PagedTo = Pick<Extract<Effect, { kind: 'page' }>, 'channel' | 'to' | 'key'>;

/** What a page says; no patient data. Channels cut it where they have to, the subject last. */
export interface PageText {
  /** One line: what, how urgent, which case. */
  readonly subject: string;
  /** The same and what to do, for a small screen. */
  readonly text: string;
  /** What is dialled back. */
  readonly callBack: string;
  /** On paper, line by line; of `print` alone. */
  readonly sheet?: readonly string[];
}

export interface Alike {
  readonly cases: readonly CaseNumber[];
  /** Were all open cases compared? */
  readonly complete: boolean;
}

/** What one person is told in private. */
export interface Note extends RenderedCard {
  /** It holds patient data. */
  readonly sensitive: boolean;
  /** Another one takes its place one day: the case is told where it stands. @default false */
  readonly isEdited?: boolean;
}

/** A workflow: pure, and the same few functions each. */
export interface Workflow<State, Input, Fact extends { readonly type: string }, Policy> {
  readonly name: string;
  readonly inputs: z.ZodType<Input>;
  readonly facts: z.ZodType<Fact>;
  /** What a person can do with a case of it (personAnswered). Left out: nothing. */
  readonly verbs?: readonly Action[];
  readonly initial: State;
  /** Never throws; a clinical "no" is data. */
  readonly decide: (state: State, input: Input, moment: Moment<Policy>) => Decision<Fact>;
  readonly evolve: (state: State, fact: Fact) => State;
  /** Null while there is no case to speak of (a cancel before its order). */
  readonly row: (state: State) => TaskRow | null;
  readonly subject: (state: State) => Subject;
  /** By what the case's patient is told from others; null: nobody is named yet. Left out: cases of this workflow are not compared. */
  readonly likeness?: (state: State) => Likeness | null;
  /** What the case is, as its row says it, in a language (left out: the site's); null where there is none. Left out: the row's own. */
  readonly kind?: (state: State, language: Language | undefined, policy: Policy) => string | null;
  /** What this case is found by (ports/raw-store CaseKey), such as `placer|HIS|P1`, `patient|MRN|123`: patient data, kept only as keyed hashes. */
  readonly keys: (state: State) => readonly string[];
  /** Where the case's card stands; null when there is none. */
  readonly posting: (state: State) => Posting | null;
  /** The card in the channel: no patient data. Null where the case has none. */
  readonly sharedCard: (state: State, look: Look<Policy>) => RenderedCard | null;
  /** One person's own view, after authorisation. */
  readonly personalView: (state: State, look: Look<Policy>, may: May) => RenderedCard | null;
  /** What stands of it on the list for a downtime; null where there is no case to speak of. */
  readonly paper: (state: State, look: Look<Policy>) => PaperCase | null;
  /** Counts what was handed over and taken back; an act of these that rests on an older count changes nothing. Left out: 0. */
  readonly round?: (state: State) => number;
  /** The last thing that this person did and could take back; null: nothing. Left out: nothing of this workflow can be taken back. */
  readonly takeBack?: (state: State, person: PersonId, look: Look<Policy>) => TakeBack | null;
  /** Who was made to look at the case and has not opened it yet: their opening is told to it as `caseOpened`. Left out: nobody. */
  readonly awaited?: (state: State) => readonly PersonId[];
  /** Will a view of it that is shown now be over one day? Where it stands in a private chat is told to the case then, as `viewShown`. Left out: no. */
  readonly viewsEnd?: (state: State) => boolean;
  /** What one person is told in private. */
  readonly note: (note: string, state: State, look: Look<Policy>) => Note | null;
  /** What one page says (effect `page`); null: there is nothing to page about any more. Left out: it pages nobody. */
  readonly page?: (note: string, state: State, look: Look<Policy>, to: PagedTo) => PageText | null;
  /** When this channel last took a page of the case for this person, as it was by then, while somebody has still to take it; null: never. Left out: never. */
  readonly pagedAt?: (state: State, person: PersonId, channel: PagingChannel, by: Instant) => Instant | null;
  /** What holds for this case where the site has this mode: what a person has declared is never silenced. Left out: the site's. */
  readonly modeFor?: (state: State, mode: Mode) => Mode;
  /** What others than the workflow need to know of it (cases about the same order), as its domain has it. May be patient data. Left out, or null: nothing. */
  readonly about?: (state: State) => unknown;
  /** Whom an open case calls for, so that no drill is in the way of it; null: nobody. Left out: its cases call for nobody. */
  readonly calling?: (state: State, look: Look<Policy>) => Calling | null;
  /** The case on a board of what is open; null: it is none of it. No patient data. Left out: it has no board. */
  readonly board?: (state: State, look: Look<Policy>) => BoardRow | null;
  /**
   * What figures across cases need, made of the facts one after the other and kept with the row: no patient data. Left out: nothing.
   * @param before what it was; undefined: this is the first fact @param after the state with this fact
   */
  readonly figures?: (before: unknown, fact: Fact, after: State) => unknown;
  /** The case on a time line. Left out: it has none. */
  readonly story?: {
    /** Null while no patient is known. */
    readonly heading: (state: State, look: Look<Policy>) => StoryHeading | null;
    /** Null for what says nothing to a person. @param least without what people wrote in their own words */
    readonly line: (fact: Fact, look: Look<Policy>, least: boolean) => StoryLine | null;
  };
}

/** Facts, effects and what can be said of the case after them. */
export interface Step {
  readonly facts: readonly { readonly type: string; readonly fact: unknown }[];
  readonly effects: readonly Effect[];
  readonly answer: Answer | undefined;
  readonly row: TaskRow | null;
  readonly keys: readonly string[];
  readonly modality: string | null;
  /** As Workflow.modeFor, after this step. Left out: the site's. */
  modeFor?(mode: Mode): Mode;
}

/** A case as it stands, to be looked at. */
export interface Seen {
  readonly row: TaskRow | null;
  readonly subject: Subject;
  readonly likeness: Likeness | null;
  readonly posting: Posting | null;
  readonly round: number;
  /** Left out: nothing. */
  readonly verbs?: readonly Action[];
  /** Left out: nobody. */
  readonly awaited?: readonly PersonId[];
  /** Left out: no. */
  readonly viewsEnd?: boolean;
  /** As Workflow.keys: patient data. */
  readonly keys: readonly string[];
  takeBack(person: PersonId, look: Omit<Look<never>, 'policy'>): TakeBack | null;
  /** Null where only the row says it. @param language left out: the site's */
  kind(language?: Language): string | null;
  sharedCard(look: Omit<Look<never>, 'policy'>): RenderedCard | null;
  personalView(look: Omit<Look<never>, 'policy'>, may: May): RenderedCard | null;
  paper(look: Omit<Look<never>, 'policy'>): PaperCase | null;
  note(note: string, look: Omit<Look<never>, 'policy'>): Note | null;
  /** As Workflow.page. Left out: null. */
  page?(note: string, look: Omit<Look<never>, 'policy'>, to: PagedTo): PageText | null;
  /** As Workflow.pagedAt. Left out: never. */
  pagedAt?(person: PersonId, channel: PagingChannel, by: Instant): Instant | null;
  /** As Workflow.modeFor. Left out: the site's. */
  modeFor?(mode: Mode): Mode;
  /** As Workflow.about. */
  readonly about?: unknown;
  /** As Workflow.calling. Left out: null. */
  calling?(look: Omit<Look<never>, 'policy'>): Calling | null;
  /** As Workflow.board. Left out: it has no board. */
  board?(look: Omit<Look<never>, 'policy'>): BoardRow | null;
  /** Left out: the case has no time line. */
  heading?(look: Omit<Look<never>, 'policy'>): StoryHeading | null;
}

/** What a workflow makes of a case's facts; only that workflow knows what is in it. */
export interface CaseState {
  /** Name of the workflow. */
  readonly of: string;
}

/** A workflow with its policy, its types behind it: what the engine runs. */
export interface Runnable {
  readonly name: string;
  /** @param before the state after the facts that came before these; null: these are the first */
  fold(before: CaseState | null, facts: readonly unknown[]): CaseState;
  step(before: CaseState, input: unknown, moment: Omit<Moment<never>, 'policy'>): Step;
  see(state: CaseState): Seen;
  /** A stored fact on the case's time line. Left out: its cases have none. */
  line?(fact: unknown, look: Omit<Look<never>, 'policy'>, least: boolean): StoryLine | null;
}

/** Stored facts and inputs are parsed here; inside the workflow the types are trusted. */
export function runnable<State, Input, Fact extends { readonly type: string }, Policy>(
  workflow: Workflow<State, Input, Fact, Policy>,
  policy: Policy,
): Runnable {
  /** A state, and what Workflow.figures has made of the facts before it. */
  interface Inside {
    readonly state: State;
    readonly figures: unknown;
  }
  const states = new WeakMap<CaseState, Inside>();
  const inside = (known: CaseState): Inside => {
    const found = states.get(known);
    if (found === undefined) throw new TypeError(`a state of ${known.of} was not made by this ${workflow.name}`);
    return found;
  };
  const withFact = ({ state, figures }: Inside, fact: Fact): Inside => {
    const after = workflow.evolve(state, fact);
    return { state: after, figures: workflow.figures?.(figures, fact, after) };
  };
  return {
    name: workflow.name,
    fold(before, facts) {
      const from: Inside = before === null ? { state: workflow.initial, figures: undefined } : inside(before);
      const made: CaseState = { of: workflow.name };
      states.set(made, facts.map((stored) => workflow.facts.parse(stored)).reduce(withFact, from));
      return made;
    },
    step(known, input, moment) {
      const before = inside(known);
      const { facts, effects, answer } = workflow.decide(before.state, workflow.inputs.parse(input), { ...moment, policy });
      const { state: after, figures } = facts.reduce(withFact, before);
      const row = workflow.row(after);
      const modality = workflow.subject(after).modality;
      return {
        facts: facts.map((fact) => ({ type: fact.type, fact })),
        effects,
        answer,
        row: row === null || figures === undefined ? row : { ...row, figures },
        keys: workflow.keys(after),
        modality,
        modeFor: (mode) => workflow.modeFor?.(after, mode) ?? mode,
      };
    },
    see(known) {
      const { state } = inside(known);
      return {
        row: workflow.row(state),
        subject: workflow.subject(state),
        likeness: workflow.likeness?.(state) ?? null,
        posting: workflow.posting(state),
        round: workflow.round?.(state) ?? 0,
        verbs: workflow.verbs ?? [],
        awaited: workflow.awaited?.(state) ?? [],
        viewsEnd: workflow.viewsEnd?.(state) ?? false,
        get keys() {
          return workflow.keys(state);
        },
        takeBack: (person, look) => workflow.takeBack?.(state, person, { ...look, policy }) ?? null,
        kind: (language) => workflow.kind?.(state, language, policy) ?? null,
        sharedCard: (look) => workflow.sharedCard(state, { ...look, policy }),
        personalView: (look, may) => workflow.personalView(state, { ...look, policy }, may),
        paper: (look) => workflow.paper(state, { ...look, policy }),
        note: (note, look) => workflow.note(note, state, { ...look, policy }),
        page: (note, look, to) => workflow.page?.(note, state, { ...look, policy }, to) ?? null,
        pagedAt: (person, channel, by) => workflow.pagedAt?.(state, person, channel, by) ?? null,
        modeFor: (mode) => workflow.modeFor?.(state, mode) ?? mode,
        get about() {
          return workflow.about?.(state) ?? null;
        },
        calling: (look) => workflow.calling?.(state, { ...look, policy }) ?? null,
        board: (look) => workflow.board?.(state, { ...look, policy }) ?? null,
        heading: (look) => workflow.story?.heading(state, { ...look, policy }) ?? null,
      };
    },
    line: (stored, look, least) => workflow.story?.line(workflow.facts.parse(stored), { ...look, policy }, least) ?? null,
  };
}

/** One worked case of a workflow: specification, test and documentation at once. Run by test/workflows/examples.test.ts. */
export interface Example<Fact extends { readonly type: string }, Input> {
  /** A plain sentence that a clinician can judge. */
  readonly name: string;
  readonly given: readonly Fact[];
  readonly now: Instant;
  readonly when: Input;
  /** Facts that follow, in order, each with at least these fields; empty: nothing changes. */
  readonly then: readonly Partial<Fact>[];
  /** What is asked of the world, in any order: `showCard`, `tellPerson dr-x overdue`, `sendHl7 order-change commit`, `wake answer 10:43:00`, `forget answer`. */
  readonly effects: readonly string[];
  readonly answer?: Answer['outcome'];
  /** Words that the answering person reads. */
  readonly says?: string;
}
