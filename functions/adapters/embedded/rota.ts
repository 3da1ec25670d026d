import { serviceNamed } from '#domain/on-call.js';
import type { OnCallRules } from '#domain/on-call.js';
import { atWallTime, addDays, dayIn } from '#domain/on-call-time.js';
import type { Roster } from '#domain/roster.js';
import type { Rota } from '#ports/rota.js';

/** The services of on-call.json with the rosters beside it. @param rules null: the site has none @param zone of the site, IANA */
export function rota(rules: OnCallRules | null, roster: Roster, zone: string): Rota {
  const all = rules?.services ?? [];
  const known = () => all.filter(({ id }) => roster.services().includes(id)).map(({ id, name }) => ({ id, name }));
  return {
    services: known,
    named: (words) => serviceNamed(all, words),
    at(service, at) {
      const found = all.find(({ id }) => id === service);
      return found === undefined ? null : { service, name: found.name, at, levels: roster.at(service, at) ?? [] };
    },
    gaps(from, days) {
      const day = dayIn(from, zone);
      const [begin, end] = [atWallTime(day, '00:00', zone), atWallTime(addDays(day, days), '00:00', zone)];
      return all.flatMap(({ id }) => roster.gaps(id, begin, end));
    },
  };
}
