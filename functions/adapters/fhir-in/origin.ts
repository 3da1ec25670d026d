import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Origin } from '#domain/order.js';
import { textAt } from './read.ts';
import type { FhirSite } from './site.ts';

/** What is known of a reading besides the resources. */
export interface About {
  /** Was an earlier version of it taken? */
  readonly known: boolean;
  readonly rawHash: string;
  readonly receivedAt: Instant;
}

export function originOf(resource: unknown, site: FhirSite, { rawHash, receivedAt }: About): Origin {
  return {
    rawHash,
    sendingApplication: 'FHIR',
    sendingFacility: new URL(site.baseUrl).host,
    messageTime: messageTimeOf(resource),
    receivedAt,
    quality: [],
  };
}

/** meta.lastUpdated as sent. */
export function messageTimeOf(resource: unknown): string | null {
  return textAt(resource, 'meta', 'lastUpdated');
}

/** A FHIR instant or dateTime with a time of day (R4 datatypes.html: it then has a zone); null: not that precise. */
export function instantOf(time: string | null): Instant | null {
  if (time === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u.test(time)) return null;
  const moment = Date.parse(time);
  return Number.isNaN(moment) ? null : toInstant(moment);
}
