import type { CriticalRule } from '#domain/critical.js';
import { alertTimes } from '#domain/critical-times.js';
import { atWallTime } from '#domain/on-call-time.js';
import type { ReportDesk, ReportRequest } from '#ports/critical-report.js';
import { actorOf, admitted } from './caller.ts';
import { CRITICAL } from './critical.ts';
import { reportOf } from './critical-figures.ts';
import type { Parts } from './parts.ts';

interface Needs {
  readonly parts: Pick<Parts, 'views' | 'audit' | 'directory' | 'clock'>;
  readonly rules: readonly Pick<CriticalRule, 'category' | 'acknowledgeWithinMinutes'>[];
  /** IANA zone of the site. */
  readonly zone: string;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
}

/** More than this is asked for in parts. */
const MOST_DAYS = 3660;
const DAY = /^[1-8]\d{3}-\d\d-\d\d$/u;

/** The times of critical results, for whoever answers for them. Who asks, and for what, is a row of the audit. */
export function reportDesk({ parts, rules, zone, rehearsal }: Needs): ReportDesk {
  return {
    async ask(caller, request) {
      const asker = await admitted(parts, rehearsal, caller, { action: 'critical-report', usually: 'coordinator' });
      if (!('person' in asker)) return asker;
      const wrong = faultOf(request);
      if (wrong !== null) return { ok: false, code: 'not-possible', text: wrong };
      const [from, to] = [atWallTime(request.from, '00:00', zone), atWallTime(request.to, '00:00', zone)];
      const asOf = parts.clock.now();
      const detail = { ...asker.proof, from: request.from, to: request.to };
      await parts.audit.record({ caseId: null, at: asOf, action: 'critical-report', outcome: 'done', actor: actorOf(asker), detail });
      // Whatever began in the period was written in it or later.
      const rows = await parts.views.since(CRITICAL, from);
      const alerts = rows.flatMap(({ caseNumber, figures }) => {
        const times = alertTimes.safeParse(figures);
        return times.success ? [{ caseNumber, times: times.data }] : [];
      });
      const windowOf = (category: 1 | 2 | 3) =>
        rules.find((rule) => rule.category === category)?.acknowledgeWithinMinutes ?? Number.POSITIVE_INFINITY;
      const windows = { 1: windowOf(1), 2: windowOf(2), 3: windowOf(3) };
      return { ok: true, answer: 'critical-report', report: reportOf({ alerts, windows, from, to, asOf, zone }) };
    },
  };
}

function faultOf({ from, to }: ReportRequest): string | null {
  for (const [option, text] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (!DAY.test(text) || Number.isNaN(Date.parse(text)) || !new Date(text).toISOString().startsWith(text))
      return `${option}: expected a day such as 2026-11-01, got "${text.slice(0, 20)}".`;
  }
  if (to <= from) return `--to ${to} is not after --from ${from}: it is the day after the last.`;
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  return days > MOST_DAYS ? `--from ${from} to ${to} is ${days} days: ask for less than ten years.` : null;
}
