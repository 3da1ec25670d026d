import type { Approval } from '#core/approval.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Context } from '#domain/context.js';
import type { Priority } from '#domain/modality.js';
import type { Order } from '#domain/order.js';
import type { Flag, Phrase, PriorityAnswer, ProtocolAnswer } from '#domain/protocol.js';
import type { EventId } from '#core/ids.js';
import type { Appointment, Arrived, Images, NamedPerson, OnPaper, Posting, LookReason } from './events.ts';
import type { Account, Message, Stamps } from './told.ts';

/** What came back, or why it did not. Null: not asked yet or not back yet. */
export type Got<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string } | null;

/** What is known of an order that has come in, whatever its status. */
export interface Known {
  readonly order: Order;
  readonly account: Account;
  /** Which message each field is from. */
  readonly stamps: Stamps;
  /** Why it was put again: what had changed since it was put before. */
  readonly changed: readonly string[];
  /** When records of this patient were last found to be one patient's. */
  readonly mergedAt: Instant | null;
  /** One each appointment, as last heard. */
  readonly appointments: readonly Appointment[];
  /** One each study whose images have arrived. */
  readonly images: readonly Images[];
  readonly orderer: PersonId | null;
  readonly openedAt: Instant;
  /** Counts what was put before a person; 0 before the first card. */
  readonly revision: number;
  /** When the question was last put: by then and the site's time its answer is due. */
  readonly putAt: Instant | null;
  /** When the question was first put; the task's age counts from here, through questions and new revisions. */
  readonly askedAt: Instant | null;
  readonly context: Got<Context>;
  readonly protocol: Got<ProtocolAnswer>;
  readonly priorityAnswer: Got<PriorityAnswer>;
  readonly priority: Priority | null;
  readonly priorityPhrases: readonly Phrase[];
  readonly prioritySource: 'model' | 'ordered';
  readonly flags: readonly Flag[];
  /** Questions to the orderer that were answered, oldest first. */
  readonly exchanges: readonly { readonly question: string; readonly by: NamedPerson; readonly answer: string; readonly answeredBy: NamedPerson }[];
  /** `revision`: of the case when it was asked; a card of before shows another question. */
  readonly question: {
    readonly by: NamedPerson;
    readonly of: PersonId;
    readonly text: string;
    readonly at: Instant;
    readonly revision: number;
  } | null;
  /** Deadlines carry the epoch of the wait they belong to. */
  readonly epoch: number;
  readonly posting: Posting | null;
  /** What stands in private chats with patient data. */
  readonly privateCards: readonly PrivateCard[];
  readonly overdueSince: Instant | null;
  /** Who wants to be reminded. */
  readonly reminders: readonly Reminder[];
  readonly reminderEpoch: number;
  /** Counts hand-overs and take-backs. */
  readonly round: number;
  /** The last hand-over that stands. */
  readonly handedOver: HandedOver | null;
  /** The last decision that was taken back, until the next one. */
  readonly takenBack: TakenBackDecision | null;
  readonly lapsedQuestions: number;
  /** A time of which nothing is known of this case: a backup was put back. */
  readonly missing: { readonly from: Instant; readonly until: Instant | null } | null;
  /** Messages under this number that were held, with why. */
  readonly held: readonly { readonly reason: string; readonly at: Instant; readonly rawHash: string }[];
  /** Null: nobody was, for what is put now. */
  readonly look: Look | null;
  readonly failures: readonly {
    readonly kind: string;
    readonly message: string;
    readonly code: string;
    readonly detail: string;
    readonly at: Instant;
  }[];
}

/** A card with patient data that stands in somebody's private chat. */
export interface PrivateCard {
  readonly person: PersonId;
  readonly shows: 'question' | 'view' | 'view-of-decided';
  /** Of the case when it was shown. */
  readonly revision: number;
  readonly posting: Posting;
}

export interface Reminder {
  readonly person: PersonId;
  readonly due: Instant;
  readonly setAt: Instant;
  /** Of its deadline. */
  readonly epoch: number;
}

export interface HandedOver {
  readonly by: NamedPerson;
  readonly to: NamedPerson;
  readonly at: Instant;
  /** Whose it was by a hand-over before. */
  readonly before: HandedOver | null;
}

export interface TakenBackDecision {
  readonly by: NamedPerson;
  readonly at: Instant;
  readonly answer: EventId | undefined;
  /** The RIS had it by then, or took it after all. */
  readonly inRis: boolean;
}

/** Who was made to look at what is put now, in their order. */
export interface Look {
  readonly revision: number;
  readonly asked: readonly { readonly step: number; readonly people: readonly PersonId[]; readonly at: Instant; readonly because: LookReason }[];
  /** When the next are asked; null: there are none after these. */
  readonly until: Instant | null;
  /** Who of them has opened it, first first. */
  readonly openedBy: readonly { readonly by: PersonId; readonly at: Instant }[];
  /** Somebody's opening ended it. */
  readonly stopped: boolean;
  /** Who of the last step could not be told. */
  readonly unreached: readonly PersonId[];
}

export interface Decided {
  readonly approval: Approval;
  readonly protocolId: string;
  readonly changedFrom: string | null;
  readonly reason: string | null;
  readonly paper?: OnPaper | undefined;
}

/** What came before its order. */
export interface Early {
  readonly at: Instant;
  /** Changes, status and numbers that wait for their order, as they came. */
  readonly parked: readonly Message[];
  /** Appointments and studies that wait for it too, as they came. */
  readonly arrivals: readonly Arrived[];
  readonly held: Known['held'];
}

export type State =
  | { readonly status: 'none' }
  /** The tombstone. `order` is what the cancel says of it, the patient first of all; null where a release wrote it that kept neither. */
  | (Early & { readonly status: 'cancelled-before-order'; readonly order: Order | null; readonly cancel: string })
  /** `surfaced`: the order did not come in time, a person looks for it. */
  | (Early & { readonly status: 'changed-before-order'; readonly surfaced: boolean })
  /** The EHR is being asked. */
  | (Known & { readonly status: 'gathering' })
  /** The models are being asked. */
  | (Known & { readonly status: 'proposing' })
  /** A person is expected to decide. */
  | (Known & { readonly status: 'waiting'; readonly since: Instant })
  /** The orderer is expected to answer a question. */
  | (Known & { readonly status: 'asking'; readonly since: Instant })
  | (Known & {
      readonly status: 'approved';
      readonly decided: Decided;
      readonly written: 'not-yet' | 'written' | 'failed';
      readonly writtenAt: Instant | null;
    })
  | (Known & {
      readonly status: 'rejected';
      readonly by: NamedPerson;
      readonly at: Instant;
      readonly reason: string;
      readonly paper?: OnPaper | undefined;
    })
  | (Known & { readonly status: 'cancelled'; readonly at: Instant; readonly decided: Decided | null });

/** States that have an order. */
export type Opened = Extract<State, Known>;

export function isOpened(state: State): state is Opened {
  return 'revision' in state;
}

/** Is a person still to decide, now or when EHR and models have answered? */
export function isUndecided(state: State): state is Extract<Opened, { status: 'gathering' | 'proposing' | 'waiting' | 'asking' }> {
  return state.status === 'gathering' || state.status === 'proposing' || state.status === 'waiting' || state.status === 'asking';
}

/** Is somebody still expected to act, or a write-back still under way? */
export function isOpenTask(state: State): boolean {
  switch (state.status) {
    case 'gathering':
    case 'proposing':
    case 'waiting':
    case 'asking':
      return true;
    case 'approved':
      return state.written !== 'written';
    case 'changed-before-order':
      return state.surfaced || state.held.length > 0;
    case 'cancelled-before-order':
      return state.held.length > 0;
    case 'none':
    case 'rejected':
    case 'cancelled':
      return false;
    default:
      return state satisfies never;
  }
}
