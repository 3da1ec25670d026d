import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readRosters } from '#adapters/embedded/roster/files.js';
import { rota } from '#adapters/embedded/rota.js';
import type { Person } from '#core/people.js';
import { addMinutes, epochOf, toInstant } from '#core/time.js';
import { rosterFaults } from '#domain/on-call-check.js';
import type { OnCallRules } from '#domain/on-call.js';
import type { Roster } from '#domain/roster.js';
import type { Site } from '#domain/site.js';
import { finding } from './doctor-finding.ts';
import type { Finding } from './doctor-finding.ts';

const CHECK = 'on call';
/** Over both changes of the clocks. */
const DAYS_AHEAD = 400;
/** In which the next roster must be there. */
const END_DAYS = 14;
const DAY_MINUTES = 24 * 60;
/** Gaps that are named; the rest is counted. */
const MOST_NAMED = 3;

/** Who is on call: that somebody is, in the next year, that the rosters are as new as the site wants them, and that somebody has looked the rules over (DECISIONS 24). */
export function onCall({ onCall: rules, settings: { zone }, people }: Site, folder: string, now: number): Finding[] {
  if (rules === null)
    return [
      finding(CHECK, 'warn', 'the site’s folder has no on-call.json', 'Nobody is made to look at a STAT task: write one, see infra/rehearsal/site.'),
    ];
  const { roster, files, faults: unreadable } = readRosters(folder, zone);
  const faults = unreadable.length > 0 ? unreadable : rosterFaults(rules, roster, people, now);
  if (faults.length > 0)
    return faults.map((fault) => finding(CHECK, 'fail', fault, 'Mend the file: until then what is known of before counts, or nobody is on call.'));
  const wrong = [...missing(rules, roster), ...gaps(rules, roster, zone, now), ...ending(rules, roster, zone, now)];
  const without = wrong.length > 0 ? [] : [finding(CHECK, 'ok', `${rules.services.length} services, somebody at every hour of ${DAYS_AHEAD} days or as far as their rosters go`)]; // prettier-ignore
  const old = files.flatMap(({ file }) => age(file, join(folder, file), rules, now));
  const review = rules.reviewedBy === null ? [finding(CHECK, 'warn', `on-call.json ${rules.version} was reviewed by nobody`, 'Have somebody who answers for it look it over, and name them in on-call.json.')] : []; // prettier-ignore
  return [...without, ...wrong, ...unpaged(people, roster, now), ...old, ...review];
}

/** Who has the role oncall is looked at with the ways to page them. */
function unpaged(people: readonly Person[], roster: Roster, now: number): Finding[] {
  const all = roster.services().flatMap((service) => roster.named(service).flatMap((level) => level.people));
  const named = new Set(all.filter(({ last }) => last === null || last > now).map(({ person }) => person));
  const bare = people.filter(({ id, roles, contacts: { pager, sms, voice } }) =>
    named.has(id) && !roles.includes('oncall') && [pager, sms, voice].every((one) => one === undefined)); // prettier-ignore
  if (bare.length === 0) return [];
  return [finding(CHECK, 'warn', `on call and woken by nothing: ${bare.map(({ id }) => id).join(', ')}`, 'Give them a pager, sms or voice under "contacts" in people.json.')]; // prettier-ignore
}

function missing({ services }: OnCallRules, roster: Roster): Finding[] {
  const none = services.filter(({ id }) => roster.named(id).length === 0).map(({ id }) => id);
  if (none.length === 0) return [];
  return [finding(CHECK, 'fail', `no shift at all: ${none.join(', ')}`, `Put a calendar there: roster/${none[0] ?? ''}.ics, or take the service out of on-call.json.`)]; // prettier-ignore
}

function gaps(rules: OnCallRules, roster: Roster, zone: string, now: number): Finding[] {
  const from = toInstant(now);
  // A day that began yesterday counts from now on.
  const found = rota(rules, roster, zone).gaps(from, DAYS_AHEAD).filter(({ to }) => to > from); // prettier-ignore
  if (found.length === 0) return [];
  const named = found.slice(0, MOST_NAMED).map(({ service, level, from: begin, to }) => `${service} level ${level} ${local(begin, zone)} to ${local(to, zone)}`); // prettier-ignore
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
  const soon = found.some(({ from: begin }) => begin < addMinutes(from, DAY_MINUTES));
  const first = found[0]?.service ?? '';
  return [finding(CHECK, soon ? 'fail' : 'warn', `nobody is on call: ${named.join('; ')}${more}`, `Fill these hours in roster/${first}.ics: a shift, or one with CATEGORIES:override.`)]; // prettier-ignore
}

/** Levels whose last shift is over, or soon will be: what comes after it is no gap between shifts. */
function ending({ services }: OnCallRules, roster: Roster, zone: string, now: number): Finding[] {
  return services.flatMap(({ id }) =>
    roster.named(id).flatMap(({ level, people }): Finding[] => {
      const last = people.reduce<number | null>((most, one) => (most === null || one.last === null ? null : Math.max(most, one.last)), 0);
      if (last === null || last > epochOf(addMinutes(toInstant(now), END_DAYS * DAY_MINUTES))) return [];
      const isSoon = last < epochOf(addMinutes(toInstant(now), DAY_MINUTES));
      return [finding(CHECK, isSoon ? 'fail' : 'warn', `the roster of ${id} level ${level} ends ${local(toInstant(last), zone)}`, `Put the shifts after it into roster/${id}.ics.`)]; // prettier-ignore
    }),
  );
}

function age(file: string, path: string, { olderThanDays }: OnCallRules, now: number): Finding[] {
  if (olderThanDays === null) return [];
  const days = Math.floor((now - statSync(path).mtimeMs) / (DAY_MINUTES * 60_000));
  if (days <= olderThanDays) return [];
  return [finding(CHECK, 'warn', `${file} has not changed for ${days} days`, 'See that the calendar is still brought here, and that it is right; then save it again.')]; // prettier-ignore
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
