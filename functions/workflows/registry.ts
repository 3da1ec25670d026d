import { runnable } from '#core/workflow.js';
import type { Runnable } from '#core/workflow.js';
import { breakGlass } from './break-glass/index.ts';
import type { Policy as BreakGlassPolicy } from './break-glass/policy.ts';
import { protocoling } from './protocoling/index.ts';
import type { Policy as ProtocolingPolicy } from './protocoling/policy.ts';

/** What the site and its content say, by workflow. */
export interface Policies {
  readonly protocoling: ProtocolingPolicy;
  /** Left out: nobody could be told of an emergency access, and so none is opened. */
  readonly breakGlass?: BreakGlassPolicy;
}

/** One line per workflow. */
export function registry({ protocoling: ofProtocoling, breakGlass: ofBreakGlass = nobodyIsTold }: Policies): readonly Runnable[] {
  return [
    runnable(protocoling, ofProtocoling),
    runnable(breakGlass, ofBreakGlass),
  ]; // prettier-ignore
}

const nobodyIsTold: BreakGlassPolicy = { auditors: [], coordinators: [], zone: 'UTC' };
