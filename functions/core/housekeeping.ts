import { BREAK_GLASS } from './break-glass.ts';

/** Name of the workflow that says which hours have nobody on call. */
export const ON_CALL_GAPS = 'on-call-gaps';

const workflows: readonly string[] = [BREAK_GLASS, ON_CALL_GAPS];

/** Is it one that keeps Radloop itself in order? Its cases have a number and are nobody's task, and no site switches it off. */
export function isHousekeeping(workflow: string): boolean {
  return workflows.includes(workflow);
}
