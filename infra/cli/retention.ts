import { dataCustody } from '#adapters/embedded/data-custody.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import { caseText, hasNoCase } from '#engine/custody-words.js';
import type { CustodyReply, CustodyRequest } from '#ports/custody.js';
import { COMMON_HELP, NoAnswer, answered, askCustody, storeOf, words } from './q-ask.ts';
import { NEEDS_SERVICE, REASON_HELP, printCustody, reasonOptions } from './retention-print.ts';

const TWO_PERSONS = `Is not done at once: it waits 30 minutes for "radloop retention confirm" by another person (privacy auditor or
administrator).`;

export const show = {
  usage: `radloop retention show [CASE] [--data DIR] [--json]

How long messages, cases and audit are kept, and which cases are under legal hold; of one case what is kept of it, and
whether its data may be deleted. No patient data. For the privacy auditor or an administrator. Also without the service:
then what site.json asks for is not compared.

${COMMON_HELP}

Example: radloop retention show 7KF3QN`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      if (positionals.length > 1) throw new NoAnswer(2, show.usage);
      const caseNumber = positionals[0]?.toUpperCase() ?? null;
      const reply = (await askCustody(values, { ask: 'retention-show', caseNumber })) ?? (await lookedUp(values.data, caseNumber));
      return printCustody(reply, values.json);
    }),
};

export const hold = onCase('hold', {
  about: `The data of a case, its messages and its audit stay, whatever the retention says and whoever asks for their deletion,
until the hold is lifted. For the privacy auditor.`,
  example: '"letter of the court of 2 May, file 12/345"',
});

export const unhold = onCase('unhold', {
  about: `Lifts a legal hold. What is older than the retention allows goes within the hour. For the privacy auditor.

${TWO_PERSONS}`,
  example: '"the court has closed file 12/345"',
});

export const shred = onCase('shred', {
  about: `Deletes the patient data of a case for good: its key, its messages, the hashes that it was found by. Says first what
will be gone and what stays: the audit, the case number, the hashes of receipts. Backups that were made before hold the
data until they are deleted themselves. Refused while the case has not ended, or is under legal hold. For the privacy
auditor, when a patient has asked for it.

${TWO_PERSONS}`,
  example: '"the patient asked for it, letter of 2 May"',
});

export const shorten = {
  usage: `radloop retention shorten --reason TEXT [--dry-run]

Takes over a shorter retention that site.json asks for ("retention"; start Radloop again after the change). A longer one
counts at once, a shorter one not before two people have agreed. For an administrator.

${TWO_PERSONS}

${REASON_HELP}
${COMMON_HELP}

Example: radloop retention shorten --reason "decided by the data protection officer, 2 May"`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, reasonOptions);
      if (positionals.length > 0) throw new NoAnswer(2, shorten.usage);
      return asked(values, { ask: 'retention-shorten', reason: values.reason, dryRun: values['dry-run'] });
    }),
};

export const confirm = {
  usage: `radloop retention confirm BULK

Does what another person has asked for with "radloop retention shred", "unhold" or "shorten" ("radloop q show b3" says
what). Within 30 minutes, and never by the person who asked. For the privacy auditor or an administrator.

${COMMON_HELP}

Example: radloop retention confirm b3`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      const [bulk] = positionals;
      if (bulk === undefined || positionals.length > 1) throw new NoAnswer(2, confirm.usage);
      return asked(values, { ask: 'retention-confirm', bulk: bulk.toLowerCase() });
    }),
};

function onCase(act: 'hold' | 'unhold' | 'shred', { about, example }: { readonly about: string; readonly example: string }) {
  const usage = `radloop retention ${act} CASE --reason TEXT [--dry-run]

${about}

${REASON_HELP}
${COMMON_HELP}

${NEEDS_SERVICE}

Example: radloop retention ${act} 7KF3QN --reason ${example}`;
  return {
    usage,
    run: (args: string[]): Promise<number> =>
      answered(async () => {
        const { values, positionals } = words(args, reasonOptions);
        const [caseNumber] = positionals;
        if (caseNumber === undefined || positionals.length > 1) throw new NoAnswer(2, usage);
        return asked(values, { ask: `retention-${act}`, caseNumber: caseNumber.toUpperCase(), reason: values.reason, dryRun: values['dry-run'] });
      }),
  };
}

interface Where {
  readonly data: string;
  readonly as?: string | undefined;
  readonly json: boolean;
}

async function asked(where: Where, request: CustodyRequest): Promise<number> {
  const reply = await askCustody(where, request);
  if (reply === null) throw new NoAnswer(1, `The service does not run on ${where.data}. ${NEEDS_SERVICE}`);
  return printCustody(reply, where.json);
}

/** The store itself, when no service runs. */
async function lookedUp(data: string, asked: string | null): Promise<CustodyReply> {
  const db = openDatabase(storeOf(data), { readOnly: true });
  try {
    const custody = dataCustody(db);
    if (asked === null)
      return {
        ok: true,
        answer: 'retention',
        policy: { inForce: await custody.policy(), shorter: [], notBefore: (await custody.sweeps()).notBefore },
        held: await custody.held(),
      };
    const number = caseNumberOf.safeParse(asked);
    const kept = number.success ? await custody.find(number.data) : null;
    return kept === null ? hasNoCase(asked) : { ok: true, answer: 'case', kept, text: caseText(kept) };
  } finally {
    await db.close();
  }
}
