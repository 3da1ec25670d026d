import type { ItemKind, QueueFilter } from '#ports/queue.js';
import { COMMON_HELP, NoAnswer, answered, askOrLook, words } from './q-ask.ts';
import { print } from './q-print.ts';

export const usage = `radloop q list [--kind KIND] [--code CODE] [--destination NAME] [--state STATE] [--limit N] [--data DIR] [--json]

What is held, the oldest first: what it is, why, what to do. No patient data. Every id has a letter:
  o12 a delivery   e5 an event   m33 a message   a7 a study, report or appointment without an order
  r33 our own delayed answer   c7KF3QN a case   b3 an act on many that waits for a second person
  f:orders a feed (a subscription of the EHR, Event Grid, the PACS) that is down, silent or behind

  --kind KIND    delivery, event, message, arrival, answer, case, bulk or feed
  --limit N      messages that were refused or are kept and not used: the newest N (200)
${COMMON_HELP}

Example: radloop q list --destination ris
         id  held     what         case   age    where why                                         what to do
         o12 delivery order-change 7KF3QN 12 min ris   refused: The receiver answered AR (OBR-44 … mend, retry; or skip`;

export const filterOptions = {
  kind: { type: 'string' },
  code: { type: 'string' },
  destination: { type: 'string' },
  state: { type: 'string' },
} as const;

const kinds: readonly string[] = ['delivery', 'event', 'message', 'arrival', 'answer', 'case', 'bulk', 'feed'] satisfies ItemKind[];

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values } = words(args, { ...filterOptions, limit: { type: 'string', default: '200' } });
    const most = Number(values.limit);
    if (!Number.isInteger(most) || most < 1 || most > 10_000) throw new NoAnswer(2, '--limit takes a whole number from 1 to 10000.');
    return print(await askOrLook(values, { ask: 'list', filter: filterOf(values), most }), values.json);
  });
}

/** What the options narrow the queue to. */
export function filterOf({ kind, code, destination, state }: Partial<Record<keyof typeof filterOptions, string | undefined>>): QueueFilter {
  if (kind !== undefined && !kinds.includes(kind)) throw new NoAnswer(2, `--kind takes one of ${kinds.join(', ')}.`);
  return {
    ...(kind === undefined ? {} : { kind: kind as ItemKind }),
    ...(code === undefined ? {} : { code }),
    ...(destination === undefined ? {} : { destination }),
    ...(state === undefined ? {} : { state }),
  };
}
