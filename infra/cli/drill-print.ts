import { spanText } from '#core/time.js';
import type { DrillReport } from '#ports/drills.js';

const OUTCOMES = { running: 'under way', passed: 'passed', failed: 'FAILED', 'broken-off': 'broken off' } as const;
const ENDS = {
  'real-alert': 'a real alert opened',
  stopped: 'it was stopped',
  time: 'nobody had closed it in its time',
  'not-sent': 'it was not sent',
} as const;

/** One drill in one line. */
export function drillLine(drill: DrillReport): string {
  const { caseNumber, service, category, sentAt, outcome, ended, acknowledged, readBack } = drill;
  const when = sentAt === null ? 'not sent' : `${sentAt.slice(0, 16).replace('T', ' ')}Z`;
  const why = ended === null ? '' : ` (${ENDS[ended]})`;
  return [
    ...[caseNumber, when, service, `category ${category}`, `${OUTCOMES[outcome]}${why}`],
    ...[`taken ${spanText(acknowledged)}`, `read back ${spanText(readBack)}`],
  ].join('  ');
}

/** What came of it, for a terminal. */
export function drillText(drill: DrillReport): string {
  const { agreed, steps, ways, window, delivered, failsafe, sentAt } = drill;
  const after = (at: string) => (sentAt === null ? null : (Date.parse(at) - Date.parse(sentAt)) / 1000);
  return [
    `DRILL ${drillLine(drill)}`,
    agreed === null ? '  outside of what was agreed' : `  agreed by ${agreed.by} on ${agreed.on}`,
    `  delivered ${spanText(delivered)}; to be taken within ${spanText(window)}; switchboard ${spanText(failsafe)}`,
    ...steps.map(({ level, at, people, nobody }) => {
      const missing = nobody.length === 0 ? '' : `; NOBODY for ${nobody.join(', ')}`;
      return `  ${spanText(after(at)).padStart(8)}  ${level === 0 ? 'switchboard' : `level ${level}`}: ${people} called${missing}`;
    }),
    ...ways.map(({ way, taken, failed, logged = 0 }) => {
      const lost = logged === 0 ? '' : `, ${logged} to the log alone: REACHES NOBODY`;
      return `  ${way.padEnd(6)} ${taken} taken${failed === 0 ? '' : `, ${failed} FAILED`}${lost}`;
    }),
  ].join('\n');
}

/** How it stands while it is under way. */
export function standing({ steps, acknowledged, readBack, failsafe, sentAt }: DrillReport): string {
  if (readBack !== null) return `read back after ${spanText(readBack)}; the conversation is to be recorded`;
  if (acknowledged !== null) return `taken after ${spanText(acknowledged)}; the read-back is due`;
  if (failsafe !== null) return `with the switchboard after ${spanText(failsafe)}`;
  return sentAt === null ? 'not sent yet' : `level ${steps.at(-1)?.level ?? 0} is called`;
}
