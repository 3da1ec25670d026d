import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Content } from '#domain/content.js';
import type { OnCallRules } from '#domain/on-call.js';
import type { Order } from '#domain/order.js';
import type { Roster } from '#domain/roster.js';

/** What a site may change, and what decide needs to know of the site. Numbers come from the site's folder and functions/content. */
export interface Policy {
  /** Catalogue, safety rows, priority rows: data with source, version and reviewer. */
  readonly content: Content;
  /** Name of the RIS among the site's destinations. */
  readonly destination: string;
  /** Name of the channel in channels.json. */
  readonly place: string;
  /** How long a person may take before the coordinator gets the task, in minutes. */
  readonly answerWithinMinutes: Readonly<Record<'STAT' | 'URGENT' | 'ROUTINE', number>>;
  readonly questionWithinMinutes: number;
  /** How long a change may wait for its order, in minutes. */
  readonly orderWithinMinutes: number;
  readonly contextBudgetSeconds: number;
  readonly modelBudgetSeconds: number;
  readonly coordinators: readonly PersonId[];
  /** ORC-12.1 as sent -> person of the site. */
  readonly providers: Readonly<Record<string, PersonId>>;
  /** What is written into the EHR of an approval (endpoints.json, ehr.writes). */
  readonly fhirWrites: readonly ('Task' | 'Provenance')[];
  /** IANA zone of the site, for days and times that people read. */
  readonly zone: string;
  /** Who is on call, and who is made to look at a STAT task. Null or left out: nobody is. */
  readonly onCall?: (Pick<OnCallRules, 'madeToLook'> & { readonly roster: Roster }) | null;
  /** Of shared cards, and of people who have none of their own. @default en */
  readonly language?: Language;
}

/** The person of the site who ordered; null where the site does not know the number (ORC-12.1). */
export function ordererOf(order: Order, policy: Policy): PersonId | null {
  return policy.providers[order.orderingProvider?.id ?? ''] ?? null;
}
