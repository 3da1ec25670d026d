import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BackupError, backUp } from '#adapters/embedded/backup.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { SiteKeyError } from '#ports/site-key.js';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop backup DIR [--data DIR] [--site-key FILE] [--json]

Copies the store into a new folder under DIR, while the service works or without it: the store as it was at one moment,
with all that was acknowledged before the copy began. The copy is read back (every page, the whole audit chain) and gets
its name only when it is whole. Patient data in it is sealed as in the store: the site key is NOT in it. Keep that
file's copy elsewhere; without it nobody can read a backup. Put DIR on another disk, and keep backups no longer than the
site lets patient data be kept: what was shredded since is still in older ones.

  --data DIR       the folder that npm start was given (${USUAL_DATA})
  --site-key FILE  where it lies elsewhere than usual (RADLOOP_SITE_KEY); signatures are checked with it
  --json           the manifest as one JSON object

Example: radloop backup /mnt/backup
         /mnt/backup/radloop-20261125T104000Z: 25 cases, 412 rows of audit, 3.1 MB; as of 2026-11-25T10:40:00.000Z.`;

const options = { data: { type: 'string', default: USUAL_DATA }, 'site-key': { type: 'string' }, json: { type: 'boolean', default: false } } as const;

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [into] = positionals;
  if (into === undefined || positionals.length > 1) {
    console.error(usage);
    return 2;
  }
  const store = storeFolder(values.data);
  if (store === null) {
    console.error(`${values.data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR.`);
    return 2;
  }
  const slow = setTimeout(() => {
    console.error('Copying and checking …');
  }, 2000);
  try {
    const { folder, manifest } = await backUp(store, resolve(into), { keyFile: values['site-key'], now: () => wallClock.now() });
    const { startedAt, bytes, audit, cases } = manifest;
    if (values.json) console.log(JSON.stringify({ folder, ...manifest }));
    else console.log(`${folder}: ${cases} cases, ${audit.rows} rows of audit, ${(bytes / 1e6).toFixed(1)} MB; as of ${startedAt}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof SiteKeyError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    clearTimeout(slow);
  }
}
