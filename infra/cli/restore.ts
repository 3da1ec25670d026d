import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { BackupError } from '#adapters/embedded/backup.js';
import { restoreStore } from '#adapters/embedded/restore.js';
import type { RestoreDone } from '#adapters/embedded/restore.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { SiteKeyError } from '#ports/site-key.js';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop restore BACKUP [--data DIR] [--site-key FILE] [--anchors DIR] [--json]

Puts a backup in the place of the store. BACKUP is a folder that "radloop backup" made, or the one above it: then the
newest. The service must be stopped. The backup is checked first (its hash, every page, the audit chain and its
signatures, that the site key is there); what is wrong with it leaves everything as it was. The store that is replaced
is kept beside it.

What happened after the backup began is not in it. You are told which time that is: have every sender send again from
some minutes before (what is known already is known again), and tell clinicians that what they decided in Teams in that
time has to be looked up in the RIS. Order changes that waited to be sent when the backup was made are held for a
person ("radloop q list"); cards of open cases are posted anew at the next start.

  --data DIR       the folder that npm start was given (${USUAL_DATA}); a new one is made
  --site-key FILE, --anchors DIR  where they lie elsewhere than usual (RADLOOP_SITE_KEY, RADLOOP_ANCHORS)
  --json           one JSON object

Example: radloop restore /mnt/backup --data /var/lib/radloop
         Restored the store as of 2026-11-25T10:40:00.000Z. MISSING: everything from then until 2026-11-25T11:12:09.120Z.`;

const options = {
  data: { type: 'string', default: USUAL_DATA },
  'site-key': { type: 'string' },
  anchors: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [from] = positionals;
  if (from === undefined || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  // Where npm start lays it, when there is none yet.
  const store = storeFolder(values.data) ?? join(resolve(values.data), 'store');
  try {
    const done = await restoreStore(resolve(from), {
      ...{ store, account: userInfo().username, now: () => wallClock.now() },
      keyFile: values['site-key'],
      anchors: anchorFolder(values.anchors ?? usualAnchorFolder(store)),
    });
    if (values.json) console.log(JSON.stringify(done));
    else say(done, store);
    return 0;
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof SiteKeyError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function say({ from, until, epoch, held, before, manifest }: RestoreDone, store: string): void {
  const lines = [
    `Restored the store as of ${from} into ${store}: ${manifest.cases} cases, ${manifest.audit.rows} rows of audit. It is its restore number ${epoch}.`,
    `MISSING: everything from then until ${until ?? 'Radloop stopped (the old store could not be read)'}: orders, decisions, what was sent.`,
    '1. Start the service. Have every sender send again from some minutes before that time.',
    '2. Tell clinicians: what they decided in Teams in that time is not known here. Look into the RIS before a case is decided again.',
    held.length === 0
      ? '3. Nothing waited to be sent.'
      : `3. ${held.length} order changes may have been sent since and are held: ${held.join(' ')}. Look into the RIS, then "radloop q retry" or "radloop q skip".`,
    ...(before === null
      ? []
      : [`The store that was replaced is kept in ${before}: it holds patient data too. Take it away when it is not needed any more.`]),
  ];
  lines.forEach((line) => {
    console.log(line);
  });
}
