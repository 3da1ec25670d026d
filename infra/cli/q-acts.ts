import type { QueueRequest } from '#ports/queue.js';
import { COMMON_HELP, NoAnswer, answered, ask, words } from './q-ask.ts';
import { filterOf, filterOptions } from './q-list.ts';
import { only } from './q-look.ts';
import { print } from './q-print.ts';

const actOptions = { reason: { type: 'string', default: '' }, 'dry-run': { type: 'boolean', default: false }, ...filterOptions } as const;

const ACT_HELP = `  --reason TEXT  why; stands in the audit with your name. No patient data in it
  --dry-run      says what would happen and changes nothing
  --kind, --code, --destination, --state   in place of ids: all that fit, as in "radloop q list"
${COMMON_HELP}

More than one item is not done at once: it waits 30 minutes for "radloop q confirm" by another person.
Needs the running service, which decides.`;

export const retry = {
  usage: `radloop q retry ID... --reason TEXT [--dry-run]

Tries again what is held. A delivery: the same bytes under the same control id (MSH-10), so that a receiver that has
it already does nothing twice. An event: told to its case again. A message: judged again by the door as it is now,
under the same event ids. A study, report or appointment: its order is looked for again.

${ACT_HELP}

Example: radloop q retry o12 --reason "RIS knows the code now, INC-4711"`,
  run: acting('retry'),
};

export const skip = {
  usage: `radloop q skip ID... --reason TEXT [--dry-run]

A delivery is never sent, the next of its lane goes, and the case's card says that an operator skipped it. An event is
never told to its case. Order is kept for the rest (a skip is the only way past a held change of an order).

${ACT_HELP}

Example: radloop q skip o12 --reason "entered in the RIS by hand, INC-4711"`,
  run: acting('skip'),
};

export const release = {
  usage: `radloop q release ID... --reason TEXT [--dry-run]

A message, arrival or owed answer: seen to, not listed any more. A case that was parked: its events and deliveries go
on.

${ACT_HELP}

Example: radloop q release m33 --reason "sender has mended it and sent it again"
         radloop q release 7KF3QN --reason "RIS is back"`,
  run: acting('release'),
};

export const park = {
  usage: `radloop q park CASE --reason TEXT [--dry-run]

Sets a whole case aside: its events and deliveries wait until "radloop q release CASE". No other case waits with it.

  --reason TEXT  why; stands in the audit with your name. No patient data in it
  --dry-run      says what would happen and changes nothing
${COMMON_HELP}

Example: radloop q park 7KF3QN --reason "RIS merges these orders until 14:00"`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, { reason: { type: 'string', default: '' }, 'dry-run': { type: 'boolean', default: false } });
      const caseNumber = upper(only(positionals, park.usage));
      return print(await ask(values, { ask: 'park', caseNumber, reason: values.reason, dryRun: values['dry-run'] }), values.json);
    }),
};

export const confirm = {
  usage: `radloop q confirm BULK

Does what another person has asked for on more than one item ("radloop q show b3" says what). Within 30 minutes, and
never by the person who asked.

${COMMON_HELP}

Example: radloop q confirm b3`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      return print(await ask(values, { ask: 'confirm', bulk: only(positionals, confirm.usage) }), values.json);
    }),
};

function acting(act: 'retry' | 'skip' | 'release') {
  return (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, actOptions);
      const filter = filterOf(values);
      const isFiltered = Object.keys(filter).length > 0;
      if (isFiltered === positionals.length > 0) {
        const why = isFiltered
          ? 'Name ids, or narrow with options: not both.'
          : 'Name at least one id, or narrow with --kind, --code, --destination or --state.';
        throw new NoAnswer(2, `${why} "radloop q ${act} --help" shows how.`);
      }
      const request: QueueRequest = {
        ask: act,
        which: { ids: positionals.map(upper), filter: isFiltered ? filter : null },
        reason: values.reason,
        dryRun: values['dry-run'],
      };
      return print(await ask(values, request), values.json);
    });
}

/** Case numbers are upper case, however they are typed; the letter before an id, and the name of a feed, is not. */
function upper(id: string): string {
  if (/^(?:[oemarb]\d+|f:.*)$/iu.test(id)) return id.toLowerCase();
  return /^c[0-9a-z]{6,7}$/iu.test(id) ? `c${id.slice(1).toUpperCase()}` : id.toUpperCase();
}
