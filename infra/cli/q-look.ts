import { COMMON_HELP, NoAnswer, answered, ask, askOrLook, words } from './q-ask.ts';
import { print } from './q-print.ts';

export const show = {
  usage: `radloop q show ID [--data DIR] [--json]

Everything about one item: why it is held, how often it was tried, what waits behind it, its bytes field by field with
every letter as x and every digit as 9. The patient's own data is not shown: for that Radloop would have to break the
glass (a reason, one patient, a notice to the privacy office), which this version does not have.

${COMMON_HELP}

Example: radloop q show o12`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      return print(await askOrLook(values, { ask: 'show', id: only(positionals, show.usage) }), values.json);
    }),
};

export const diff = {
  usage: `radloop q diff ID [--data DIR] [--json]

The fields in which a held message differs from the last one that was used under the same order number, or a delivery
from the one before it in its lane. Values are masked as in "radloop q show". Needs the running service.

${COMMON_HELP}

Example: radloop q diff m33
         m33 (ORM^O01) beside m21 (ORM^O01, 2026-11-25 10:40:00 UTC): fields that differ: 2, the same: 31.`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      return print(await ask(values, { ask: 'diff', id: only(positionals, diff.usage) }), values.json);
    }),
};

export const history = {
  usage: `radloop q history [ID] [--limit N] [--data DIR] [--json]

What operators did, the newest first, as the audit has it: who, what, why. With ID: what was done to this item; of a
case everything.

  --limit N      the newest N (50)
${COMMON_HELP}

Example: radloop q history o12
         2026-11-25 10:52:10 UTC  m-brandt     q-retry      done    o12 7KF3QN  "RIS knows the code now", as mbrandt`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, { limit: { type: 'string', default: '50' } });
      const most = Number(values.limit);
      if (!Number.isInteger(most) || most < 1 || most > 10_000) throw new NoAnswer(2, '--limit takes a whole number from 1 to 10000.');
      const id = positionals.length === 0 ? null : only(positionals, history.usage);
      return print(await askOrLook(values, { ask: 'history', id, most }), values.json);
    }),
};

/** The one id that a command takes. */
export function only(positionals: readonly string[], usage: string): string {
  const [id] = positionals;
  if (id === undefined || positionals.length > 1) throw new NoAnswer(2, usage);
  return id;
}
