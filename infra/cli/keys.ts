import { openDatabase } from '#adapters/embedded/database.js';
import { keyCustody } from '#adapters/embedded/key-rotation.js';
import type { CustodyReply, KeysShown } from '#ports/custody.js';
import { COMMON_HELP, NoAnswer, answered, askCustody, storeOf, words } from './q-ask.ts';
import { NEEDS_SERVICE, REASON_HELP, printCustody, reasonOptions } from './retention-print.ts';

export const show = {
  usage: `radloop keys show [--data DIR] [--site-key FILE] [--json]

Versions of the site key: when each was made, how many data keys of the store it opens, how many signatures of the audit
are its own. No key is shown. For an administrator or the privacy auditor; without the service for whoever may read the
key file. Older versions stay in the file: what they signed, and backups that were made under them, still need them.

  --site-key FILE  without the service: where it lies elsewhere than usual (RADLOOP_SITE_KEY)
${COMMON_HELP}

Example: radloop keys show
         site key /var/lib/radloop/store.key
         version 1  made 2026-01-12 09:00 UTC  0 data keys    41210 signatures
         version 2  made 2026-11-25 10:40 UTC  5300 data keys 12 signatures  current`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, { 'site-key': { type: 'string' } });
      if (positionals.length > 0) throw new NoAnswer(2, show.usage);
      return printCustody((await askCustody(values, { ask: 'keys-show' })) ?? (await lookedUp(values)), values.json);
    }),
};

export const rotate = {
  usage: `radloop keys rotate --reason TEXT [--dry-run]

Makes a new version of the site key, which wraps and signs from now on, and wraps every data key of the store anew while
the service works; says how far it is. What is sealed stays as it is. When the service is stopped or killed meanwhile it
goes on at its next start. Afterwards copy the key file to where you keep its copy. For an administrator.

${REASON_HELP}
${COMMON_HELP}

${NEEDS_SERVICE}

Example: radloop keys rotate --reason "yearly, INC-4711"`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, reasonOptions);
      if (positionals.length > 0) throw new NoAnswer(2, rotate.usage);
      const reply = await askCustody(values, { ask: 'keys-rotate', reason: values.reason, dryRun: values['dry-run'] });
      if (reply === null) throw new NoAnswer(1, `The service does not run on ${values.data}. ${NEEDS_SERVICE}`);
      const code = printCustody(reply, values.json);
      return reply.ok && !values['dry-run'] ? followed(values) : code;
    }),
};

interface Where {
  readonly data: string;
  readonly as?: string | undefined;
  readonly json: boolean;
  readonly 'site-key'?: string | undefined;
}

const POLL_MS = 500;

/** Until every data key is under the new version, or nobody answers any more. */
async function followed(where: Where): Promise<number> {
  let said = -1;
  for (;;) {
    const reply = await askCustody(where, { ask: 'keys-show' });
    if (reply === null)
      throw new NoAnswer(1, 'The service has ended meanwhile: it goes on with it at its next start. "radloop keys show" says what is left.');
    if (!reply.ok || reply.answer !== 'keys') return printCustody(reply, where.json);
    const { waiting } = reply.keys;
    if (waiting === 0) {
      if (!where.json) console.log('Every data key is wrapped anew.');
      return 0;
    }
    if (waiting !== said) console.error(`${waiting} data keys are still to be wrapped anew …`);
    said = waiting;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** The store itself, when no service runs. Throws SiteKeyError when the key file can't be read. */
async function lookedUp(where: Where): Promise<CustodyReply> {
  const { 'site-key': keyFile } = where;
  const db = openDatabase(storeOf(where.data), { readOnly: true, ...(keyFile === undefined ? {} : { keyFile }) });
  try {
    const keys: KeysShown = await keyCustody(db).show();
    return { ok: true, answer: 'keys', keys };
  } finally {
    await db.close();
  }
}
