import type { CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { DrillEnd, DrillRecord } from '#domain/drill.js';
import type { Caller } from './queue.ts';

/** What came of a drill. No patient, and nobody's name but that of who agreed to it: times, levels, ways. */
export interface DrillReport extends Pick<DrillRecord, 'agreed' | 'steps' | 'ways'> {
  readonly caseNumber: CaseNumber;
  /** Id of on-call.json. */
  readonly service: string;
  readonly category: 1 | 2 | 3;
  readonly asOf: Instant;
  /** Null: it was not sent. */
  readonly sentAt: Instant | null;
  /** `passed`: taken in the time of its category, read back and closed. `failed`: not so. `broken-off`: it ended before that could be said. */
  readonly outcome: 'running' | 'passed' | 'failed' | 'broken-off';
  readonly endedAt: Instant | null;
  /** What ended it before it was closed; null: nothing has. */
  readonly ended: DrillEnd | null;
  /** Seconds from the sending; null: not, or not yet. */
  readonly delivered: number | null;
  readonly acknowledged: number | null;
  readonly readBack: number | null;
  readonly failsafe: number | null;
  /** Seconds in which one of its category must be acknowledged. */
  readonly window: number;
}

export type DrillRequest =
  | {
      readonly ask: 'drill-start';
      /** Id of the site that is meant; null: whichever this is. */
      readonly site: string | null;
      /** As people say it; null: the one that has agreed to this moment. */
      readonly service: string | null;
      readonly category: 1 | 2;
      /** Why it is made outside of what was agreed. */
      readonly reason: string | null;
    }
  | { readonly ask: 'drill-stop'; readonly caseNumber: string }
  | { readonly ask: 'drill-show'; readonly caseNumber: string }
  | { readonly ask: 'drill-list' };

export type DrillReply =
  | { readonly ok: false; readonly code: 'denied' | 'not-possible'; readonly text: string }
  | { readonly ok: true; readonly answer: 'said'; readonly caseNumber: CaseNumber; readonly text: string }
  /** Newest first. */
  | { readonly ok: true; readonly answer: 'drills'; readonly drills: readonly DrillReport[] };

/** Drills of critical results, as `radloop drill` asks for them: authorised, and on record. */
export interface DrillDesk {
  ask(caller: Caller, request: DrillRequest): Promise<DrillReply>;
}
