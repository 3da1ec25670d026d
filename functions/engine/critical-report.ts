import { authorise } from '#core/authorise.js';
import type { Language } from '#core/language.js';
import type { Person } from '#core/people.js';
import { CRITICAL } from '#domain/critical.js';
import type { CriticalRule } from '#domain/critical.js';
import { alertTimes } from '#domain/critical-times.js';
import { atWallTime } from '#domain/on-call-time.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { CriticalReport, ReportDesk, ReportRequest } from '#ports/critical-report.js';
import type { RawStore } from '#ports/raw-store.js';
import type { TabReply, TabReport } from '#ports/tab.js';
import { actorOf, admitted } from './caller.ts';
import { reportOf } from './critical-figures.ts';
import { pictureOf } from './critical-picture.ts';
import type { Parts } from './parts.ts';

interface Source {
  readonly parts: Pick<Parts, 'views' | 'audit' | 'clock'> & { readonly raw: Pick<RawStore, 'signedReports'> };
  readonly rules: readonly Pick<CriticalRule, 'category' | 'acknowledgeWithinMinutes'>[];
  /** IANA zone of the site. */
  readonly zone: string;
}

interface Needs extends Source {
  readonly parts: Source['parts'] & Pick<Parts, 'directory'>;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
}

type Days = Pick<ReportRequest, 'from' | 'to'>;

/** More than this is asked for in parts. */
const MOST_DAYS = 3660;
const DAY = /^[1-8]\d{3}-\d\d-\d\d$/u;

/** The times of critical results, for whoever answers for them. Who asks, and for what, is a row of the audit. */
export function reportDesk(needs: Needs): ReportDesk {
  const { parts, rehearsal } = needs;
  return {
    async ask(caller, request) {
      const asker = await admitted(parts, rehearsal, caller, { action: 'critical-report', usually: 'coordinator' });
      if (!('person' in asker)) return asker;
      const wrong = faultOf(request);
      if (wrong !== null) return { ok: false, code: 'not-possible', text: wrong };
      return { ok: true, answer: 'critical-report', report: await written(needs, request, actorOf(asker), asker.proof) };
    },
  };
}

/** May this person read it at all? */
export function mayReport({ workflows }: Pick<Parts, 'workflows'>, person: Person): boolean {
  return workflows.some(({ name }) => name === CRITICAL) && authorise(person, 'critical-report', null).allowed;
}

/** The same for whoever is signed in on the tab, drawn as well. */
export async function reportFor(source: Source, person: Person, days: Days, language: Language): Promise<TabReply<TabReport | null>> {
  const { audit, clock } = source.parts;
  const actor = { kind: 'person', person: person.id } as const;
  const verdict = authorise(person, 'critical-report', null);
  if (!verdict.allowed) {
    await audit.record({ caseId: null, at: clock.now(), action: 'critical-report', outcome: 'denied', actor, detail: {} });
    return { ok: false, code: 'denied', why: verdict.why };
  }
  if (faultOf(days) !== null) return { ok: true, found: null };
  const { alerts: _each, ...report } = await written(source, days, actor, {});
  return { ok: true, found: { report, picture: pictureOf(report, language) } };
}

/** @param proof of who asks, for the audit */
async function written({ parts, rules, zone }: Source, days: Days, actor: AuditEntry['actor'], proof: AuditEntry['detail']): Promise<CriticalReport> {
  const [from, to] = [atWallTime(days.from, '00:00', zone), atWallTime(days.to, '00:00', zone)];
  const asOf = parts.clock.now();
  const detail = { ...proof, from: days.from, to: days.to };
  await parts.audit.record({ caseId: null, at: asOf, action: 'critical-report', outcome: 'done', actor, detail });
  // Whatever began in the period was written in it or later.
  const rows = await parts.views.since(CRITICAL, from);
  const alerts = rows.flatMap(({ caseNumber, figures }) => {
    const times = alertTimes.safeParse(figures);
    return times.success ? [{ caseNumber, times: times.data }] : [];
  });
  const windowOf = (category: 1 | 2 | 3) => rules.find((rule) => rule.category === category)?.acknowledgeWithinMinutes ?? Number.POSITIVE_INFINITY;
  const signedReports = await parts.raw.signedReports(from, to);
  return reportOf({ alerts, signedReports, windows: { 1: windowOf(1), 2: windowOf(2), 3: windowOf(3) }, from, to, asOf, zone });
}

function faultOf({ from, to }: Days): string | null {
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
