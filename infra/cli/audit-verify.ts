import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { checkExport } from '#adapters/audit-chain/check-export.js';
import { publicKeyFile } from '#adapters/audit-chain/signature.js';
import type { Verifies } from '#adapters/audit-chain/signature.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import type { Proof } from '#adapters/audit-chain/check.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { AuditVerdict } from '#ports/audit-store.js';
import { siteKeyOf } from '#adapters/embedded/site-key-place.js';
import { proofOf } from './audit-ask.ts';
import { NoAnswer, answered } from './q-ask.ts';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

export const usage = `radloop audit verify [--file EXPORT [--key FILE]] [--data DIR] [--site-key FILE] [--anchors DIR] [--json]

Checks the hash chain of every case, the signed checkpoints over all of them, the anchors that stand outside the store,
and that facts, events heard and views shown are those that the audit speaks of. Exit 1 when a row was changed, taken
out, put in or cut off, with the first row that is wrong. May run while the service does, and without it.

  --file EXPORT  checks a file of "radloop audit export" (- for standard input)
  --key FILE     the site's public key (PEM), for whoever has an export and no store
  --data DIR     the folder that npm start was given (${USUAL_DATA})
  --site-key FILE, --anchors DIR  where they lie elsewhere than usual (RADLOOP_SITE_KEY, RADLOOP_ANCHORS)

Example: radloop audit verify --data .data/rehearsal --json
         {"ok":true,"cases":25,"rows":412,"firstBad":null,"signedUpto":410,"anchoredUpto":398,"restored":[]}`;

const options = {
  data: { type: 'string', default: USUAL_DATA },
  json: { type: 'boolean', default: false },
  file: { type: 'string' },
  key: { type: 'string' },
  'site-key': { type: 'string' },
  anchors: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values } = parseArgs({ args, options });
    const { file, key, json } = values;
    if (file !== undefined && key !== undefined) return verifyFile(file, { key: publicKeyFile(readFileSync(key, 'utf8')), anchors: null }, json);
    const store = storeFolder(values.data);
    if (store === null) throw new NoAnswer(2, nothingToCheckWith(values.data, file !== undefined));
    const proof = proofOf(store, values['site-key'], values.anchors);
    if (file !== undefined) return verifyFile(file, proof, json);
    const db = openDatabase(store, { readOnly: true, keyFile: siteKeyOf(store, values['site-key']) });
    try {
      return say(await auditStore(db, proof).verify(), 'The audit chain', proof, json);
    } finally {
      await db.close();
    }
  });
}

function nothingToCheckWith(data: string, isExport: boolean): string {
  const none = `${data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR`;
  return isExport ? `An export is checked against the site key. ${none}, or the site’s public key with --key FILE.` : `${none}.`;
}

/** What a verdict was reached with. */
interface Checked {
  readonly key: Verifies;
  readonly anchors: Proof['anchors'];
}

async function verifyFile(file: string, { key, anchors }: Checked, json: boolean): Promise<number> {
  const { end, ...verdict } = await checkExport(file === '-' ? (process.stdin as AsyncIterable<Buffer>) : createReadStream(file), key, anchors);
  if (!json && end !== null && verdict.ok) console.log(`Exported by ${end.by} at ${end.at}: ${end.rows} of ${end.upto} rows.`);
  return say(verdict, 'The export', { key, anchors }, json);
}

function say(verdict: AuditVerdict, what: string, { anchors }: Checked, json: boolean): number {
  const { ok, cases, rows, firstBad, signedUpto, anchoredUpto, restored } = verdict;
  if (json) {
    console.log(JSON.stringify({ ok, cases, rows, firstBad, signedUpto, anchoredUpto, restored }));
    return ok ? 0 : 1;
  }
  const reach = `signed up to row ${signedUpto}, anchored up to row ${anchoredUpto}`;
  if (firstBad === null) console.log(`${what} holds: ${rows} rows of ${cases} cases; ${reach}.`);
  else console.log(`${what} is BROKEN at row ${firstBad.seq}: ${firstBad.what}.`);
  for (const { at, upto } of restored) console.log(`${restoredText(upto, at)}\n${WHICH_TIME}`);
  if (anchors === null) console.log('Anchors were NOT checked: there are none here (--anchors DIR). A tail that was cut off would not be missed.');
  return ok ? 0 : 1;
}

/** The rows behind the last checkpoint of the backup are in the chain; what was written between the backup and its being put back is not. */
function restoredText(upto: number, at: string): string {
  const alike = upto === 0 ? '' : ` Rows up to ${upto} are the same in both.`;
  return `A backup was put back at ${at}: what was written after that backup was made, and before then, is missing.${alike} The numbers of later rows were given anew.`;
}

const WHICH_TIME = 'Which time is missing says: radloop audit query --action restored';
