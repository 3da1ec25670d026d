import type { Actor } from '#core/event.js';
import type { AuditRow } from '#ports/audit-store.js';
import { AUDIT_HELP, auditWords, recordsOf } from './audit-ask.ts';
import { NoAnswer, answered } from './q-ask.ts';

export const usage = `radloop audit query [--case NUMBER] [--person ID] [--action NAME] [--outcome WORD] [--since TIME]
                    [--until TIME] [--limit N] [--data DIR] [--json]

Who did what, when and with what outcome, the oldest first; of a decision on paper also who entered it. For the
privacy auditor (role auditor and osAccount in people.json); that you ask, and what, is a row of the audit itself.
May run while the service does, and without it.

  --limit N      the first N that fit (1000)
${AUDIT_HELP}

Example: radloop audit query --action view --case 7KF3QN
         2026-11-25 10:41:07 UTC  dr-okafor    view             done     7KF3QN  row 118`;

export function run(args: string[]): Promise<number> {
  return answered(async () => {
    const { values, positionals } = auditWords(args, { limit: { type: 'string', default: '1000' } });
    const most = Number(values.limit);
    if (!Number.isInteger(most) || most < 1 || positionals.length > 0) throw new NoAnswer(2, usage);
    let found = 0;
    for await (const page of recordsOf(values, 'audit-query'))
      for (const record of page) {
        if (record.kind !== 'row') continue;
        found += 1;
        if (found > most) {
          if (!values.json) console.log(`More rows fit than the ${most} that were asked for: --limit N shows more.`);
          return 0;
        }
        console.log(values.json ? jsonOf(record.row) : lineOf(record.row));
      }
    if (found === 0 && !values.json) console.log('No row fits.');
    return 0;
  });
}

function jsonOf(row: AuditRow): string {
  const { number = null, ...detail } = JSON.parse(row.detail) as { number?: string };
  const { seq, at, action, outcome } = row;
  return JSON.stringify({ seq, at, actor: JSON.parse(row.actor) as unknown, action, outcome, caseNumber: number, detail });
}

/** What ties a row to its fact is for the check, not for a reader; `--json` has it. */
const inner: readonly string[] = ['event', 'fact', 'factHash'];

function lineOf(row: AuditRow): string {
  const { number = '', ...detail } = JSON.parse(row.detail) as Record<string, string | number | boolean | null>;
  const at = `${row.at.slice(0, 10)} ${row.at.slice(11, 19)} UTC`;
  const more = Object.entries(detail)
    .filter(([name]) => !inner.includes(name))
    .map(([name, value]) => `${name} ${String(value)}`);
  const actor = JSON.parse(row.actor) as Actor;
  if (actor.kind === 'person' && actor.enteredBy !== undefined) more.unshift(`entered by ${actor.enteredBy}`);
  const cells = [at, whoOf(actor).padEnd(12), row.action.padEnd(24), row.outcome.padEnd(8), String(number).padEnd(7), `row ${row.seq}`, ...more];
  // A reason is typed by people, and a terminal obeys control characters.
  return cells.join('  ').replaceAll(/\p{C}/gu, ' ');
}

function whoOf(actor: Actor): string {
  return actor.kind === 'person' ? actor.person : `${actor.kind}:${actor.kind === 'sender' ? actor.endpoint : actor.part}`;
}
