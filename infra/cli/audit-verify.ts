import { auditStore } from '#adapters/embedded/audit-store.js';
import { withStore } from './store-folder.ts';

export const usage = `radloop audit verify [--data DIR] [--json]

Checks the hash chain of every case and the seals over all of them. Exit 1 when a row was changed, taken out or put in. May run while the service does.

Example: radloop audit verify --data .data/rehearsal --json
         {"ok":true,"cases":25,"rows":412,"firstBad":null}`;

export function run(args: string[]): Promise<number> {
  return withStore(args, async (db, json) => {
    const verdict = await auditStore(db).verify();
    if (json) console.log(JSON.stringify(verdict));
    else if (verdict.firstBad === null) console.log(`The audit chain holds: ${verdict.rows} rows of ${verdict.cases} cases.`);
    else console.log(`The audit chain is BROKEN at row ${verdict.firstBad.seq}: ${verdict.firstBad.what}.`);
    return verdict.ok ? 0 : 1;
  });
}
