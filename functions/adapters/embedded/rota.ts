import { gapsBetween, onCallAt, serviceNamed } from '#domain/on-call.js';
import type { OnCallRota } from '#domain/on-call.js';
import { addDays, dayIn } from '#domain/on-call-time.js';
import type { Rota } from '#ports/rota.js';

/** The rota of on-call.json. @param zone of the site, IANA */
export function rota(rows: OnCallRota | null, zone: string): Rota {
  const known = rows?.services.map(({ id, name }) => ({ id, name })) ?? [];
  return {
    services: () => known,
    named: (words) => (rows === null ? null : serviceNamed(rows, words)),
    at: (service, at) => (rows === null ? null : onCallAt(rows, service, at, zone)),
    gaps: (from, days) => {
      const day = dayIn(from, zone);
      return rows === null ? [] : gapsBetween(rows, day, addDays(day, days), zone);
    },
  };
}
