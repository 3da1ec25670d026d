import type { PersonId } from '#core/ids.js';
import type { PagingChannel } from '#core/effect.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { offsetAt } from '#core/zone.js';
import type { Content } from '#domain/content.js';
import type { Roster } from '#domain/roster.js';
import type { CriticalSettings, Site } from '#domain/site.js';
import type { Directory } from '#ports/directory.js';
import { role } from '#core/people.js';
import type { Policy } from '#workflows/critical-results/policy.js';

interface Needs {
  readonly site: Site;
  readonly content: Content;
  readonly people: Directory;
  readonly roster: Roster;
  /** How many times faster than the clock a rehearsal's windows are; 1: as the policy says. */
  readonly speed?: number | undefined;
}

/** Name of the channel in channels.json. */
const PLACE = 'critical';

/** What the critical results of a site rest on; null: it has no paging.json or no services, so nobody could be reached without Teams. */
export function criticalPolicy({ site, content, people, roster, speed: wanted = 1 }: Needs): Policy | null {
  const { paging, onCall, settings, channels } = site;
  const speed = settings.rehearsal ? wanted : 1;
  if (paging === null || onCall === null || channels.places[PLACE] === undefined) return null;
  const everybody = () => role.options.flatMap((one) => people.withRole(one));
  return {
    rules: content.critical.map((rule) => ({
      ...rule,
      levelsAfterMinutes: rule.levelsAfterMinutes.map((minutes) => minutes / speed),
      failsafeAfterMinutes: rule.failsafeAfterMinutes / speed,
      failsafeEveryMinutes: rule.failsafeEveryMinutes / speed,
      failsafeRestsMinutes: rule.failsafeRestsMinutes / speed,
      readBackWithinMinutes: rule.readBackWithinMinutes / speed,
      acknowledgeWithinMinutes: rule.acknowledgeWithinMinutes / speed,
    })),
    ladders: content.ladders,
    services: onCall.services,
    onCall(service, level, at) {
      const found = roster.at(service, at)?.find((one) => one.level === level);
      return { people: found?.people ?? [], until: found?.until ?? null };
    },
    radiology: onCall.madeToLook.services['*'] ?? 'radiology',
    isOfficeHours: (at) => isOfficeHours(at, settings.zone, settings.critical.officeHours),
    withRole: (wanted) => people.withRole(wanted).map(({ id }) => id),
    get providers() {
      return Object.fromEntries(everybody().flatMap((person) => person.providerIds.map((id): [string, PersonId] => [id, person.id])));
    },
    practiceOf: (person) => people.byId(person)?.practice ?? null,
    channelsOf(person) {
      const { contacts } = people.byId(person) ?? {};
      return (['pager', 'sms', 'voice', 'email'] as const satisfies readonly PagingChannel[]).filter(
        (channel) => contacts?.[channel] !== undefined && paging.channels[channel] !== undefined,
      );
    },
    phoneOf: (person) => people.byId(person)?.contacts.phone ?? null,
    nameOf: (person) => people.byId(person)?.name ?? person,
    accountOf: (person) => people.byId(person)?.upn ?? null,
    readingRoom: paging.readingRoom,
    switchboard: paging.switchboard,
    record: [...new Set(settings.critical.record)],
    place: PLACE,
    locationGoodForMinutes: settings.critical.locationGoodForMinutes,
    readingPriorityTo: settings.critical.readingPriorityTo,
    unsentAfterSeconds: [settings.critical.unsentAfterSeconds[0] / speed, settings.critical.unsentAfterSeconds[1] / speed],
    drills: site.drills !== null,
    zone: settings.zone,
    language: settings.language,
  };
}

/** By the clock on the site's wall. */
function isOfficeHours(at: Instant, zone: string, { days, from, until }: CriticalSettings['officeHours']): boolean {
  const wall = new Date(epochOf(at) + offsetAt(epochOf(at), zone)).toISOString();
  const weekday = DAYS[new Date(wall).getUTCDay()];
  const time = wall.slice(11, 16);
  return weekday !== undefined && days.includes(weekday) && from <= time && time < until;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
