import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { alertTimes } from '#domain/critical-times.js';
import type { AlertTimes } from '#domain/critical-times.js';
import type { DrillReport } from '#ports/drills.js';
import type { CaseRow } from '#ports/views.js';

/** @param windowOf minutes within which one of this category must be acknowledged */
export function drillReport(row: CaseRow, asOf: Instant, windowOf: (category: 1 | 2 | 3) => number): DrillReport | null {
  const times = alertTimes.safeParse(row.figures).data;
  if (times?.ofDrill === undefined) return null;
  const { category, releasedAt: sentAt, deliveredAt, acknowledgedAt, readBackAt, closedAt, failsafeAt, ofDrill } = times;
  const { service, agreed, steps, ways, ended } = ofDrill;
  const after = (at: Instant | null) => (at === null || sentAt === null ? null : Math.max(0, (epochOf(at) - epochOf(sentAt)) / 1000));
  const window = (times.acknowledgeWithin?.[category] ?? windowOf(category)) * 60;
  const acknowledged = after(acknowledgedAt);
  return {
    ...{ caseNumber: row.caseNumber, service, category, asOf, sentAt, agreed, steps, ways, window },
    outcome: row.open ? 'running' : outcomeOf(times, acknowledged !== null && acknowledged <= window),
    endedAt: row.open ? null : (ended?.at ?? closedAt ?? row.updatedAt),
    ended: ended?.why ?? null,
    ...{ delivered: after(deliveredAt), acknowledged, readBack: after(readBackAt), failsafe: after(failsafeAt) },
  };
}

/** One whose time was over was not closed in it; one that somebody had to end says nothing of the service. */
function outcomeOf({ outcome, ofDrill }: AlertTimes, isInTime: boolean): DrillReport['outcome'] {
  if (outcome === 'closed') return isInTime ? 'passed' : 'failed';
  return ofDrill?.ended?.why === 'time' ? 'failed' : 'broken-off';
}
