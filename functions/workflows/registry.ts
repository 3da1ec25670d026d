import { runnable } from '#core/workflow.js';
import type { Runnable } from '#core/workflow.js';
import { breakGlass } from './break-glass/index.ts';
import type { Policy as BreakGlassPolicy } from './break-glass/policy.ts';
import { criticalResults } from './critical-results/index.ts';
import type { Policy as CriticalResultsPolicy } from './critical-results/policy.ts';
import { followUp } from './follow-up/index.ts';
import { onCallGaps } from './on-call-gaps/index.ts';
import type { Policy as OnCallGapsPolicy } from './on-call-gaps/policy.ts';
import { protocoling } from './protocoling/index.ts';
import type { Policy as ProtocolingPolicy } from './protocoling/policy.ts';

/** What the site and its content say, by workflow. */
export interface Policies {
  readonly protocoling: ProtocolingPolicy;
  /** Left out: nobody could be told of an emergency access, and so none is opened. */
  readonly breakGlass?: BreakGlassPolicy;
  /** Left out or null: the site has set up nobody who could be reached without Teams, and there are no critical results. */
  readonly criticalResults?: CriticalResultsPolicy | null;
  /** Left out or null: the site has nobody on call. */
  readonly onCallGaps?: OnCallGapsPolicy | null;
}

/** One line per workflow. */
export function registry({
  protocoling: ofProtocoling,
  breakGlass: ofBreakGlass = nobodyIsTold,
  criticalResults: ofCritical = null,
  onCallGaps: ofGaps = null,
}: Policies): readonly Runnable[] {
  return [
    runnable(protocoling, ofProtocoling),
    runnable(breakGlass, ofBreakGlass),
    ...(ofCritical === null ? [] : [runnable(criticalResults, ofCritical), runnable(followUp, ofCritical)]),
    ...(ofGaps === null ? [] : [runnable(onCallGaps, ofGaps)]),
  ]; // prettier-ignore
}

const nobodyIsTold: BreakGlassPolicy = { auditors: [], coordinators: [], zone: 'UTC' };
