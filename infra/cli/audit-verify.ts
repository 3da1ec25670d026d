import { parseArgs } from 'node:util';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { USUAL_DATA, noStore, storeFolder } from './store-folder.ts';

export const usage = `radloop audit verify [--data DIR] [--json]

Checks the hash chain of every case and the seals over all of them. Exit 1 when a row was changed, taken out or put in. May run while the service does.

Example: radloop audit verify --data .data/rehearsal --json
         {"ok":true,"cases":25,"rows":412,"firstBad":null}`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { data: { type: 'string', default: USUAL_DATA }, json: { type: 'boolean', default: false } } });
  const folder = storeFolder(values.data);
  if (folder === null) {
    console.error(noStore(values.data));
    return 2;
  }
  const db = openDatabase(folder, { readOnly: true });
  try {
    const verdict = await auditStore(db).verify();
    if (values.json) console.log(JSON.stringify(verdict));
    else if (verdict.firstBad === null) console.log(`The audit chain holds: ${verdict.rows} rows of ${verdict.cases} cases.`);
    else console.log(`The audit chain is BROKEN at row ${verdict.firstBad.seq}: ${verdict.firstBad.what}.`);
    return verdict.ok ? 0 : 1;
  } finally {
    await db.close();
  }
}
