import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { offsetAt } from '#core/zone.js';
import type { CaseNumber } from '#core/ids.js';
import type { AlertTimes } from '#domain/critical-times.js';
import type { CriticalReport, Figures, Reason, ReportedAlert, Spread } from '#ports/critical-report.js';

interface Given {
  readonly alerts: readonly { readonly caseNumber: CaseNumber; readonly times: AlertTimes }[];
  readonly signedReports: number;
  /** Minutes within which an alert of a category must be acknowledged; of one that says itself what held when it was sent, that counts. */
  readonly windows: Readonly<Record<1 | 2 | 3, number>>;
  readonly from: Instant;
  readonly to: Instant;
  readonly asOf: Instant;
  /** IANA zone of the site. */
  readonly zone: string;
}

/** The report of a period, from the times of the alerts that began in it. Pure. */
export function reportOf({ alerts, signedReports, windows, from, to, asOf, zone }: Given): CriticalReport {
  const begun = alerts.flatMap(({ caseNumber, times }) => {
    const start = startOf(times);
    return start === null || start.began < from || start.began >= to ? [] : [{ caseNumber, times, ...start }];
  });
  const real = begun.filter(({ times }) => !times.drill);
  const counted = real
    .filter(({ times }) => times.outcome !== 'withdrawn' && times.outcome !== 'not-critical' && times.outcome !== 'same')
    .map((one) => judged(one, windows, asOf))
    .toSorted((a, b) => (a.began < b.began ? -1 : a.began > b.began ? 1 : 0));
  const has = (outcome: AlertTimes['outcome']) => real.filter(({ times }) => times.outcome === outcome).length;
  const windowOf = (category: 1 | 2 | 3) => (Number.isFinite(windows[category]) ? windows[category] * 60 : null);
  return {
    ...{ from, to, asOf, zone },
    windows: { 1: windowOf(1), 2: windowOf(2), 3: windowOf(3) },
    leftOut: { drills: begun.length - real.length, withdrawn: has('withdrawn'), notCritical: has('not-critical') },
    reports: { signed: signedReports, questions: alerts.flatMap(({ times }) => times.questions ?? []).filter((at) => at >= from && at < to).length },
    categories: ([1, 2, 3] as const).map((category) =>
      figuresOf(
        counted.filter(({ times }) => times.category === category),
        category,
      ),
    ),
    services: grouped(counted, ({ times }) => times.service).map(([service, of]) => ({ service, ...figuresOf(of, null) })),
    hours: grouped(counted, ({ began }) => hourOf(began, zone))
      .map(([hour, of]) => ({ hour, ...figuresOf(of, null) }))
      .toSorted((a, b) => a.hour - b.hour),
    misses: counted.filter((one) => one.judged === 'missed'),
    alerts: counted,
  };
}

/** The earliest of what may begin the clock; null: nothing has. */
function startOf({ declaredAt, modelAt, reportAt }: AlertTimes): Pick<ReportedAlert, 'began' | 'begunBy'> | null {
  const starts = [
    { began: declaredAt, begunBy: 'declaration' },
    { began: modelAt, begunBy: 'model' },
    { began: reportAt, begunBy: 'report' },
  ] as const;
  const known = starts.flatMap(({ began, begunBy }) => (began === null ? [] : [{ began, begunBy }]));
  return known.toSorted((a, b) => (a.began < b.began ? -1 : a.began > b.began ? 1 : 0))[0] ?? null;
}

type Begun = Pick<ReportedAlert, 'caseNumber' | 'times' | 'began' | 'begunBy'>;

function judged(one: Begun, windows: Given['windows'], asOf: Instant): ReportedAlert {
  const { times, began } = one;
  const after = (at: Instant | null) => (at === null ? null : Math.max(0, (epochOf(at) - epochOf(began)) / 1000));
  const acknowledged = after(times.acknowledgedAt);
  const window = (times.acknowledgeWithin ?? windows)[times.category] * 60;
  const isOver = acknowledged === null ? (after(asOf) ?? 0) > window : acknowledged > window;
  const verdict = isOver ? 'missed' : acknowledged === null ? 'running' : 'in time';
  const found: Reason[] = [
    ...(times.releasedAt === null ? (['not-sent'] as const) : []),
    ...times.troubles,
    ...(times.failsafeAt === null ? [] : (['failsafe'] as const)),
  ];
  const reasons: readonly Reason[] = verdict === 'missed' ? (found.length === 0 ? ['nobody-took-it'] : found) : [];
  return { ...one, delivered: after(times.deliveredAt), acknowledged, readBack: after(times.readBackAt), window, judged: verdict, reasons };
}

function figuresOf(alerts: readonly ReportedAlert[], category: Figures['category']): Figures {
  const count = (is: (one: ReportedAlert) => boolean) => alerts.filter(is).length;
  return {
    ...{ category, alerts: alerts.length },
    begunBy: {
      declaration: count(({ begunBy }) => begunBy === 'declaration'),
      model: count(({ begunBy }) => begunBy === 'model'),
      report: count(({ begunBy }) => begunBy === 'report'),
    },
    delivered: spreadOf(alerts.map(({ delivered }) => delivered)),
    acknowledged: spreadOf(alerts.map(({ acknowledged }) => acknowledged)),
    readBack: spreadOf(alerts.map(({ readBack }) => readBack)),
    inTime: count((one) => one.judged === 'in time'),
    missed: count((one) => one.judged === 'missed'),
    running: count((one) => one.judged === 'running'),
    byPhone: count(({ times }) => times.phoned),
    atFailsafe: count(({ times }) => times.failsafeAt !== null),
  };
}

/** @param seconds null: not come to its end, longer than all that have */
export function spreadOf(seconds: readonly (number | null)[]): Spread {
  const reached = seconds.filter((one) => one !== null).toSorted((a, b) => a - b);
  const at = (percent: number) => reached[Math.ceil((percent * seconds.length) / 100) - 1] ?? null;
  return { reached: reached.length, p50: at(50), p90: at(90), p95: at(95) };
}

function grouped<Key>(alerts: readonly ReportedAlert[], keyOf: (one: ReportedAlert) => Key): readonly (readonly [Key, readonly ReportedAlert[]])[] {
  return [...Map.groupBy(alerts, keyOf)];
}

function hourOf(at: Instant, zone: string): number {
  return new Date(epochOf(at) + offsetAt(epochOf(at), zone)).getUTCHours();
}
