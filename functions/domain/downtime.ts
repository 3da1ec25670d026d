import type { CaseNumber } from '#core/ids.js';
import type { PaperCase } from '#core/paper.js';
import type { Instant } from '#core/time.js';

/** One case on the list for a downtime. Holds patient data. */
export interface ListedCase extends PaperCase {
  readonly caseNumber: CaseNumber;
  /** What a decision on paper is about: the case as it was listed. */
  readonly revision: number;
  readonly changedAt: Instant;
}

/** Open cases as they stood at `asOf`: all that was acknowledged before it is in here or done. */
export interface DowntimeList {
  readonly site: string;
  /** IANA zone of the site: people read times in it. */
  readonly zone: string;
  readonly asOf: Instant;
  readonly writtenAt: Instant;
  readonly cases: readonly ListedCase[];
  /** What an operator had to see to. */
  readonly held: readonly {
    readonly kind: 'outbox' | 'event';
    readonly caseNumber: CaseNumber | null;
    readonly reason: string;
    readonly since: Instant;
  }[];
}

/** One filled-in line of the list, as it was written. */
export interface PaperRow {
  readonly caseNumber: string;
  readonly revision: string;
  readonly asOf: string;
  /** The patient's number and the order's, as listed: a row whose cells were mixed up is found by them. */
  readonly patient: string;
  readonly order: string;
  readonly decision: string;
  readonly protocol: string;
  readonly person: string;
  readonly decidedAt: string;
  readonly inRis: string;
  readonly note: string;
}
