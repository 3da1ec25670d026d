import { spanText } from '#core/time.js';
import type { CriticalReport, Figures, Reason, ReportedAlert, Spread } from '#ports/critical-report.js';

const ENDS = ['delivered', 'acknowledged', 'readBack'] as const;
const endWords = { delivered: 'delivered', acknowledged: 'acknowledged', readBack: 'read back' } as const;
const reasonWords: Readonly<Record<Reason, string>> = {
  'not-sent': 'not sent',
  'not-sent-at-once': 'written and not sent at once',
  'nobody-on-call': 'nobody on call at a level',
  'not-reached': 'could not be reached',
  declined: 'declined',
  'read-back-overdue': 'read-back overdue',
  disputed: 'disputed',
  changed: 'category or patient changed',
  failsafe: 'came to the failsafe',
  'nobody-took-it': 'nobody took it in time',
};

/** For a terminal. */
export function textOf(report: CriticalReport): string {
  const { from, to, asOf, zone, misses } = report;
  return [
    `Critical results from ${local(from, zone)} to ${local(to, zone)} (${zone}), as of ${local(asOf, zone)}`,
    leftOutOf(report),
    questionsOf(report),
    ...sectionsOf(report).flatMap(({ title, rows }) => ['', title, ...columns([HEAD, ...rows])]),
    ...['', 'What began the clock', ...columns([BEGUN, ...begunOf(report)])],
    '',
    misses.length === 0 ? 'No miss.' : `Misses: ${misses.length}`,
    ...columns(misses.map((miss) => missCells(miss, zone))),
  ].join('\n');
}

function leftOutOf({ leftOut: { drills, withdrawn, notCritical } }: CriticalReport): string {
  return `Left out: ${counted(drills, 'drill')}, ${withdrawn} withdrawn, ${notCritical} judged not critical.`;
}

/** Each version of a report counts once; what joined an alert that was there asked nothing. */
function questionsOf({ reports: { signed, questions } }: CriticalReport): string {
  const per = signed === 0 ? 'none to count by' : ((100 * questions) / signed).toFixed(1);
  return `Questions per 100 signed reports: ${per} (${counted(questions, 'question')}, ${counted(signed, 'signed report')}).`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Which of the three began the clock, so many of each category. */
function begunOf({ categories }: CriticalReport): readonly (readonly string[])[] {
  return categories.map(({ category, begunBy: { declaration, model, report } }) => [
    `category ${category ?? ''}`,
    ...[declaration, model, report].map(String),
  ]);
}
const BEGUN = ['', 'declaration', 'model result', 'signed report'];

const HEAD = ['', 'alerts', ...ENDS.map((end) => `${endWords[end]} p50/p90/p95`), 'in time', 'missed', 'running', 'by phone', 'failsafe'];

function sectionsOf({ categories, services, hours }: CriticalReport) {
  const row = (name: string, figures: Figures): readonly string[] => {
    const { alerts, inTime, missed, running, byPhone, atFailsafe } = figures;
    return [name, String(alerts), ...ENDS.map((end) => spreadText(figures[end])), ...[inTime, missed, running, byPhone, atFailsafe].map(String)];
  };
  return [
    { title: 'By category', rows: categories.map((one) => row(`category ${one.category ?? ''}`, one)) },
    { title: 'By service', rows: services.map((one) => row(one.service ?? '(no service)', one)) },
    { title: 'By hour of the day', rows: hours.map((one) => row(`${String(one.hour).padStart(2, '0')}:00`, one)) },
  ].filter(({ rows }) => rows.length > 0);
}

function spreadText({ p50, p90, p95 }: Spread): string {
  return [p50, p90, p95].map(spanText).join(' / ');
}

function missCells({ caseNumber, times, began, begunBy, acknowledged, window, reasons }: ReportedAlert, zone: string): readonly string[] {
  const took = acknowledged === null ? 'not acknowledged' : `acknowledged after ${spanText(acknowledged)}`;
  return [
    caseNumber,
    `category ${times.category}`,
    times.service ?? '-',
    `${local(began, zone)} by ${begunBy}`,
    `${took} (window ${spanText(window)})`,
    why(reasons),
  ];
}

function why(reasons: readonly Reason[]): string {
  return reasons.map((reason) => reasonWords[reason]).join('; ');
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>((most, row) => row.map((cell, n) => Math.max(most[n] ?? 0, cell.length)), []);
  return rows.map((row) => `  ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`.trimEnd());
}

const CSV = [
  ...[
    'case',
    'category',
    'service',
    'outcome',
    'declared',
    'model result',
    'report signed',
    'sent',
    'delivered',
    'acknowledged',
    'read back',
    'closed',
  ],
  ...['clock began', 'begun by', 'seconds to delivery', 'seconds to acknowledgement', 'seconds to read-back', 'window seconds', 'judged', 'reasons'],
  ...['by phone', 'failsafe', 'failsafe taken'],
];

/** One line an alert, times in UTC, as spreadsheets take them (RFC 4180). */
export function csvOf({ alerts }: CriticalReport): string {
  const lines = alerts.map(({ caseNumber, times, began, begunBy, delivered, acknowledged, readBack, window, judged, reasons }) => [
    ...[caseNumber, times.category, times.service, times.outcome, times.declaredAt, times.modelAt, times.reportAt, times.releasedAt],
    ...[times.deliveredAt, times.acknowledgedAt, times.readBackAt, times.closedAt, began, begunBy, delivered, acknowledged, readBack, window],
    ...[judged, why(reasons), times.phoned ? 'yes' : 'no', times.failsafeAt, times.failsafeTakenAt],
  ]);
  return [CSV, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** A spreadsheet works out what begins like a formula. */
function csvCell(cell: string | number | null): string {
  const plain = String(cell ?? '').replace(/^([=+\-@\t\r])/u, "'$1");
  return /[",\r\n]/u.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** A page of its own that loads nothing, to be printed. */
export function htmlOf(report: CriticalReport): string {
  const { from, to, asOf, zone, misses } = report;
  const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[], look = '') => `
<h2>${escaped(title)}</h2>
<div><table${look}>
<thead><tr>${head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map((cell, n) => (n === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`)).join('')}</tr>`).join('\n')}</tbody>
</table></div>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Critical results, ${escaped(day(from, zone))} to ${escaped(day(to, zone))}</title>
<style>
body { font: 14px/1.4 "Segoe UI", system-ui, sans-serif; margin: 24px; color: #242424; }
table { border-collapse: collapse; margin-bottom: 24px; }
th, td { border: 1px solid #d1d1d1; padding: 4px 8px; text-align: right; font-variant-numeric: tabular-nums; }
th[scope="row"], .words td { text-align: left; }
body > div { overflow-x: auto; }
h2 { font-size: 16px; }
</style>
</head>
<body>
<h1>Critical results: NPSG.02.03.01, National Performance Goal 1</h1>
<p>${escaped(`${local(from, zone)} to ${local(to, zone)} (${zone}), as of ${local(asOf, zone)}.`)}<br>${escaped(leftOutOf(report))}<br>${escaped(questionsOf(report))}</p>
<p>The clock begins with the earliest of declaration, model result and signed report. Minutes and seconds; percentiles by nearest rank over all alerts of a group;
“-”: not come to its end.</p>
${sectionsOf(report)
  .map(({ title, rows }) => table(title, HEAD, rows))
  .join('')}
${table('What began the clock', BEGUN, begunOf(report))}
${
  misses.length === 0
    ? '<p>No miss.</p>'
    : table(
        'Misses',
        ['Case', 'Category', 'Service', 'Began', 'Acknowledged', 'Why'],
        misses.map((miss) => missCells(miss, zone)),
        ' class="words"',
      )
}
</body>
</html>
`;
}

export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/gu, (character) => entities[character] ?? '');
}

function local(at: string, zone: string): string {
  const format = { timeZone: zone, day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', format).format(new Date(at));
}

function day(at: string, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(at));
}
