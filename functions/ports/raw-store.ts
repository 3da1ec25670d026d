import type { Actor } from '#core/event.js';
import type { CaseId, EventId, OrderKey } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { CanaryReceived } from '#domain/canary.js';
import type { CriticalRaised, ReportSaysNoLonger } from '#domain/critical.js';
import type { FollowUpRaised, ReportCorrected } from '#domain/follow-up.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import type { PatientIdentifier } from '#domain/patient.js';
import type { Location } from '#domain/hospital-event.js';
import type { Answers } from './hl7-door.ts';

/** What became of an inbound message. `new`: kept and answered, what it causes is not worked out yet. `released`: an operator has seen to it. */
export type RawState = 'new' | 'used' | 'kept' | 'not-imaging' | 'refused' | 'released';

export interface RawMessage {
  /** Door and sha256 of the bytes (MSH-3, MSH-4 and MSH-10 are among them). The same identity again gets the same answer. */
  readonly identity: string;
  readonly endpoint: string;
  readonly hash: string;
  /** All the bytes; over the limit the first 64 kB. */
  readonly bytes: Buffer;
  readonly length: number;
  readonly controlId: string | null;
  /** MSH-3 and MSH-4, with the control id the sender's name for the message; empty when it does not say. */
  readonly sender: string;
  readonly messageType: string | null;
  /** The exact answers. */
  readonly answers: Answers;
  readonly ackCode: 'AA' | 'AE' | 'AR';
  readonly state: RawState;
  /** Why it was refused or not used; null for what was used. No patient data. */
  readonly reason: string | null;
  readonly receivedAt: Instant;
}

export interface RawEntry extends Omit<RawMessage, 'bytes' | 'answers'> {
  /** The same sender used its control id for other bytes before. */
  readonly controlIdReused: boolean;
  readonly id: string;
}

/** Keys that a case is found by: `finding|ACCESSION|CLASS`, `follow-up||ACCESSION`, `placer|A|N`, `filler|A|N`, `accession||N`, `fhir||ServiceRequest/ID`, `study||UID`, `patient|A|ID`. Kept as keyed hashes. */
export type CaseKey = string;

/** What a message causes beyond being kept. Written with it in one transaction. */
export type Consequence =
  /**
   * To the one case of this order; all its numbers that are new lead to it from now on. A placer number decides; where it is new or missing, the first other
   * number that is known, unless that case has another placer number. Else the order opens a case.
   */
  | {
      readonly kind: 'to-order';
      readonly workflow: string;
      readonly numbers: readonly OrderKey[];
      /**
       * A case of this workflow that has one of these keys already gets it before its numbers are looked at, also when it is closed: of the first key that any has
       * the newest. @default none
       */
      readonly known?: readonly CaseKey[];
      /** It opens no case: nothing is told or written when no case is the order's. @default false */
      readonly onlyIfKnown?: boolean;
      readonly id: EventId;
      readonly actor: Actor;
      readonly input: HospitalEvent | CanaryReceived | CriticalRaised | FollowUpRaised;
    }
  /** To every open case that has one of these keys. */
  | {
      readonly kind: 'to-cases-with';
      /** To those of this workflow alone, ended ones too. @default open ones of all */
      readonly of?: string;
      readonly keys: readonly CaseKey[];
      readonly id: EventId;
      readonly actor: Actor;
      readonly input: HospitalEvent | ReportCorrected | ReportSaysNoLonger;
    }
  /** What is known of a patient for cases that are opened later; an older one (by `sortTime`) never replaces a newer. */
  | {
      readonly kind: 'patient-moved';
      readonly patient: readonly PatientIdentifier[];
      readonly location: Location | null;
      readonly patientClass: string | null;
      readonly sortTime: Instant;
    }
  | {
      readonly kind: 'patients-merged';
      readonly surviving: readonly PatientIdentifier[];
      readonly prior: readonly PatientIdentifier[];
      readonly sortTime: Instant;
    }
  /** A report, a study or an appointment: kept once a version, with the case that it was matched to or why none. A matched one is told to its case when `tell` is set. */
  | { readonly kind: 'arrival'; readonly arrival: Arrival };

export interface Arrival {
  /** `unsigned-report`: preliminary, or of no status that is known; by releases before it was told apart: `report`. */
  readonly what: 'report' | 'unsigned-report' | 'study' | 'appointment';
  /** Once a version: the same again is no second arrival. */
  readonly version: string;
  /** Tried in this order; the first group of which a key is known to exactly one case matches, when that case is about this patient. */
  readonly by: readonly {
    readonly name: string;
    readonly keys: readonly CaseKey[];
    /** Counts only for cases that have had the key since at most so many days before or after. */
    readonly near?: { readonly at: Instant; readonly days: number };
  }[];
  /**
   * Whose cases are orders. A case of another workflow under the same key (a critical result) is no second order: it stands in no order's way where both are of one
   * patient, and is told nothing. Left out: any case is an order, as for what releases before this one have kept.
   */
  readonly workflow?: string;
  /** Keys of its patient; empty: it names none. */
  readonly patient: readonly CaseKey[];
  readonly id: EventId;
  readonly actor: Actor;
  readonly input: HospitalEvent;
  readonly tell: boolean;
}

/** How an arrival found its order. `reason` says it in words, without patient data. */
export interface ArrivalEntry {
  readonly id: string;
  readonly what: Arrival['what'];
  readonly caseId: CaseId | null;
  /** Such as `accession`, `study`, `patient-and-time`; null: unmatched, a person must look. */
  readonly matchedBy: string | null;
  readonly reason: string;
  readonly state: 'matched' | 'unmatched' | 'released';
  readonly receivedAt: Instant;
}

export interface Kept {
  readonly answers: Answers;
  readonly ackCode: RawMessage['ackCode'];
  readonly fresh: boolean;
  /** The same sender used the same MSH-10 for other bytes before (INVARIANTS 4). */
  readonly controlIdReused: boolean;
}

export type Unrouted = Pick<RawMessage, 'endpoint' | 'hash' | 'bytes' | 'receivedAt'> & { readonly id: string };

export interface Route extends Pick<RawMessage, 'state' | 'reason'> {
  readonly id: string;
  readonly consequences: readonly Consequence[];
}

/** The inbox: every inbound message with its hash, answer bytes and state. */
export interface RawStore {
  /** @param controlId as the message has it, null: it has none. Left out: it is not known, and looked for the longer. */
  find(identity: string, controlId?: string | null): Promise<Pick<Kept, 'answers' | 'ackCode'> | null>;
  /**
   * Writes message and consequences in one synced transaction; resolves when all are on disk.
   * When the identity is there already nothing is written and the stored answers come back. `later`: what it causes is worked out afterwards, from the bytes.
   */
  keep(message: RawMessage, consequences: readonly Consequence[] | 'later'): Promise<Kept>;
  /** Messages in state `new`, whose consequences are still to be worked out, oldest first. */
  unrouted(most: number): Promise<readonly Unrouted[]>;
  /** Writes what they cause, and that it is done, in one transaction. */
  route(routes: readonly Route[]): Promise<void>;
  /**
   * Messages in state `new`, and events that were not told to their case yet; each counted up to `most`, so that it costs little however much waits.
   * What is held for a person, and what stands behind it in its case, is not among them.
   */
  waiting(most: number): Promise<{ readonly messages: number; readonly events: number }>;
  list(most: number, state?: RawState): Promise<readonly RawEntry[]>;
  read(id: string): Promise<Buffer | null>;
  arrivals(most: number, state?: ArrivalEntry['state']): Promise<readonly ArrivalEntry[]>;
  /** How many signed reports were received from `from` on and before `to`; each version counts once. */
  signedReports(from: Instant, to: Instant): Promise<number>;
  /** What is known of a patient from ADT: every identifier that is theirs by merges, where they are. */
  patientNow(identifiers: readonly PatientIdentifier[]): Promise<{
    readonly identifiers: readonly PatientIdentifier[];
    /** The number that remained when the first of these was merged away; null: it was not. */
    readonly surviving: PatientIdentifier | null;
    readonly location: Location | null;
    readonly patientClass: string | null;
    readonly asOf: Instant | null;
  }>;
  /** Enhanced mode: the application answer has left on its own connection. */
  answered(identity: string): Promise<void>;
  /** Application answers whose connection was gone before they left, older than `before`, oldest first; of these doors only. @default all doors */
  unanswered(
    before: Instant,
    most: number,
    endpoints?: readonly string[],
  ): Promise<readonly { readonly identity: string; readonly endpoint: string; readonly application: Buffer }[]>;
}
