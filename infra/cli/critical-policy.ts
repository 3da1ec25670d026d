import type { CustodyRequest } from '#ports/custody.js';
import { COMMON_HELP, NoAnswer, answered, askCustody, words } from './q-ask.ts';
import { NEEDS_SERVICE, REASON_HELP, printCustody, reasonOptions } from './retention-print.ts';

export const usage = `radloop critical policy [show]
radloop critical policy change --reason TEXT [--dry-run]
radloop critical policy confirm BULK

The policy of critical results (content/critical and content/ladders of the site). A stricter one counts from the next start on.
One by which people are called later, by fewer ways or not at all does not before two people have agreed: until then all of the
policy of before stands. show says what waits for that; change asks for it (a radiologist or a coordinator), confirm agrees
within 30 minutes (a radiologist, never who asked). Then start Radloop again.

${REASON_HELP}
${COMMON_HELP}

${NEEDS_SERVICE}

Example: radloop critical policy change --reason "decided by the safety board, 2 May"`;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = words(args, reasonOptions);
    const request = requestOf(positionals, { reason: values.reason, dryRun: values['dry-run'] });
    const reply = await askCustody(values, request);
    if (reply === null) throw new NoAnswer(1, `The service does not run on ${values.data}. ${NEEDS_SERVICE}`);
    return printCustody(reply, values.json, 'critical policy');
  });
}

function requestOf([act = 'show', bulk, ...more]: readonly string[], asked: { readonly reason: string; readonly dryRun: boolean }): CustodyRequest {
  if (act === 'show' && bulk === undefined) return { ask: 'critical-policy-show' };
  if (act === 'change' && bulk === undefined) return { ask: 'critical-policy-change', ...asked };
  if (act === 'confirm' && bulk !== undefined && more.length === 0) return { ask: 'critical-policy-confirm', bulk: bulk.toLowerCase() };
  throw new NoAnswer(2, usage);
}
