import { frameOf, lineOf } from '#adapters/audit-chain/export-lines.js';
import type { ExportFormat } from '#adapters/audit-chain/export-lines.js';
import { AUDIT_HELP, auditWords, recordsOf } from './audit-ask.ts';
import { NoAnswer, answered } from './q-ask.ts';

export const usage = `radloop audit export [--format fhir|bundle|csv] [--case NUMBER] [--person ID] [--action NAME]
                     [--outcome WORD] [--since TIME] [--until TIME] [--data DIR] > FILE

The audit to standard output: as FHIR R4 AuditEvent, one a line (fhir, the default), as one FHIR Bundle (bundle), or
as a table (csv). Each row carries its place in the chain, and the last record is signed by the site:
"radloop audit verify --file FILE" finds whatever was changed, put in, left out or cut off. No patient data: the
patient is named by the case.

For the privacy auditor (role auditor and osAccount in people.json); that you export, and what, is a row of the audit
itself. May run while the service does, and without it.

${AUDIT_HELP}

Example: radloop audit export --format csv --since 2026-11-01 --until 2026-12-01 > november.csv`;

const formats = ['fhir', 'bundle', 'csv'] as const satisfies readonly ExportFormat[];

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = auditWords(args, { format: { type: 'string', default: 'fhir' } });
    const format = formats.find((one) => one === values.format);
    if (format === undefined || positionals.length > 0) throw new NoAnswer(2, usage);
    const { start, end } = frameOf(format);
    let isStarted = false;
    for await (const page of recordsOf(values, 'audit-export')) {
      // Nothing is written before it is known that this may be read.
      if (!isStarted && start !== null) await write(`${start}\n`);
      isStarted = true;
      await write(page.map((record) => `${lineOf(record, format)}\n`).join(''));
    }
    if (end !== null) await write(`${end}\n`);
    return 0;
  });
}

/** Waits for whoever reads: an export of years does not gather in memory. */
async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}
