import type { CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { Declaration, FollowUpLine, PersonAnswer, TypedExam } from './desk.ts';
import type { RenderedCard } from './people.ts';
import type { Caller } from './queue.ts';
import type { CaseRow } from './views.ts';

/** What somebody asks about a case from the command line. `text` is the reason, the question or the answer. */
export type CaseRequest =
  | { readonly ask: 'case-show'; readonly caseNumber: string }
  | {
      readonly ask: 'case-answer';
      readonly caseNumber: string;
      readonly verb: PersonAnswer['verb'];
      readonly protocolId: string | null;
      /** Of `remind` the time, of `hand-over` whom, both as written. */
      readonly text: string | null;
      /** `take-back`: also when it was sent. */
      readonly confirmed?: boolean;
      /** As PersonAnswer.fields. */
      readonly fields?: PersonAnswer['fields'];
      /** Id of who took a call. */
      readonly to?: string;
    }
  | {
      readonly ask: 'case-declare';
      readonly of: { readonly caseNumber: string } | { readonly accession: string; readonly typed?: TypedExam };
      readonly finding: string;
      readonly category: Declaration['category'];
      readonly side: Declaration['side'];
    }
  | { readonly ask: 'case-alerts' }
  | { readonly ask: 'case-follow-ups' };

export type CaseReply =
  | { readonly ok: false; readonly code: 'denied' | 'unknown' | 'not-sent'; readonly text: string }
  | {
      readonly ok: true;
      readonly answer: 'view';
      readonly caseNumber: CaseNumber;
      readonly revision: number;
      readonly title: string;
      readonly view: RenderedCard;
    }
  | ({ readonly ok: true; readonly answer: 'answered' } & Answer)
  | { readonly ok: true; readonly answer: 'declared'; readonly caseNumber: CaseNumber; readonly text: string }
  | { readonly ok: true; readonly answer: 'alerts'; readonly asOf: Instant; readonly alerts: readonly CaseRow[] }
  | { readonly ok: true; readonly answer: 'follow-ups'; readonly asOf: Instant; readonly followUps: readonly FollowUpLine[] };

/** The running service, as `radloop case` speaks to it: the same desk, for the person behind an account of this machine. */
export interface CaseDesk {
  ask(caller: Caller, request: CaseRequest): Promise<CaseReply>;
}
