import { rota } from '#adapters/embedded/rota.js';
import { addMinutes, toInstant } from '#core/time.js';
import type { Site } from '#domain/site.js';
import { finding } from './doctor-finding.ts';
import type { Finding } from './doctor-finding.ts';

const DAYS_AHEAD = 14;
/** Gaps that are named; the rest is counted. */
const MOST_NAMED = 3;

/** Who is on call: that somebody is, in the next two weeks, and that somebody has looked the rota over (DECISIONS 24). */
export function onCall({ onCall: rows, settings }: Site, now: number): Finding[] {
  const check = 'on call';
  if (rows === null)
    return [
      finding(check, 'warn', 'the site’s folder has no on-call.json', 'Nobody is made to look at a STAT task: write one, see infra/rehearsal/site.'),
    ];
  const from = toInstant(now);
  // A day that began yesterday counts from now on.
  const gaps = rota(rows, settings.zone)
    .gaps(from, DAYS_AHEAD)
    .filter(({ to }) => to > from);
  const named = gaps.slice(0, MOST_NAMED).map(({ service, level, from: begin, to }) => `${service} level ${level} ${local(begin, settings.zone)} to ${local(to, settings.zone)}`); // prettier-ignore
  const more = gaps.length > MOST_NAMED ? ` and ${gaps.length - MOST_NAMED} more` : '';
  const soon = gaps.some(({ from: begin }) => begin < addMinutes(from, 24 * 60));
  const review = rows.reviewedBy === null ? [finding(check, 'warn', `the rota ${rows.version} was reviewed by nobody`, 'Have somebody who answers for it look it over, and name them in on-call.json.')] : []; // prettier-ignore
  if (gaps.length === 0)
    return [finding(check, 'ok', `${rows.services.length} services, rota ${rows.version}, somebody at every hour of ${DAYS_AHEAD} days`), ...review];
  return [
    finding(
      check,
      soon ? 'fail' : 'warn',
      `nobody is on call: ${named.join('; ')}${more}`,
      'Fill these hours in on-call.json, under "changes" or "shifts".',
    ),
    ...review,
  ];
}

function local(at: string, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at));
}
