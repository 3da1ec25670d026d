import { runnable } from '#core/workflow.js';
import type { Runnable } from '#core/workflow.js';
import { protocoling } from './protocoling/index.ts';
import type { Policy as ProtocolingPolicy } from './protocoling/policy.ts';

/** What the site and its content say, by workflow. */
export interface Policies {
  readonly protocoling: ProtocolingPolicy;
}

/** One line per workflow. */
export function registry(policies: Policies): readonly Runnable[] {
  return [
    runnable(protocoling, policies.protocoling),
  ]; // prettier-ignore
}
