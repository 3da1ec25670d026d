import type { PagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Role } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { ClinicalService, CriticalRule, LadderRule } from '#domain/critical.js';
import { ruleFor } from '#domain/critical-rules.js';
import type { Chooses } from '#domain/critical-rules.js';
import type { CriticalRecord } from '#domain/outbound.js';

/** Who is on call for a service, and when that next changes. Pure: the same answer to the same question. */
export interface OnDuty {
  readonly people: readonly PersonId[];
  readonly until: Instant | null;
}

/** What a site may change, and what decide needs to know of it. */
export interface Policy {
  readonly rules: readonly CriticalRule[];
  readonly ladders: readonly LadderRule[];
  readonly services: readonly ClinicalService[];
  /** @param level 1 is called first */
  readonly onCall: (service: string, level: number, at: Instant) => OnDuty;
  /** Whose people on call are the duty radiologists. */
  readonly radiology: string;
  /** A time at which an orderer is in the office. */
  readonly isOfficeHours: (at: Instant) => boolean;
  readonly withRole: (role: Role) => readonly PersonId[];
  /** ORC-12.1, XCN.1 as sent -> person of the site. */
  readonly providers: Readonly<Record<string, PersonId>>;
  /** The service that is on call for this person's patients, out of office hours or where nobody knows where they are; null: none is known. @default null */
  readonly practiceOf?: (person: PersonId) => string | null;
  /** Ways besides Teams that the site has set up and people.json gives this person. */
  readonly channelsOf: (person: PersonId) => readonly PagingChannel[];
  readonly phoneOf: (person: PersonId) => string | null;
  readonly nameOf: (person: PersonId) => string;
  /** By which Teams calls them (userPrincipalName); null: it is not known. @default null */
  readonly accountOf?: (person: PersonId) => string | null;
  /** Where the radiologists sit: who is called back. */
  readonly readingRoom: { readonly name: string; readonly phone: string };
  /** The failsafe. `printer`: where its list is printed; null: nowhere. */
  readonly switchboard: { readonly phone: string; readonly printer: string | null };
  /** What the site's systems take of one that was read back; empty: the radiologist writes it there by hand. */
  readonly record: readonly CriticalRecord[];
  /** Name of the channel in channels.json. */
  readonly place: string;
  /** How long a location is believed, in minutes, before the former and the ordering service are both paged. */
  readonly locationGoodForMinutes: number;
  /** Seconds after which an alert that was written and not sent alerts its author, then the radiologist on duty and the coordinators. */
  readonly unsentAfterSeconds: readonly [number, number];
  /** Does the site hold drills? Then they are looked over whenever somebody else is called. @default false */
  readonly drills?: boolean;
  /** Destination that is told to have an exam read sooner for what a model alone has found; null: nobody is. @default null */
  readonly readingPriorityTo?: string | null;
  /** IANA zone of the site. */
  readonly zone: string;
  /** @default en */
  readonly language?: Language;
}

/** Whoever treats patients, or reads: only they can take one (core/authorise.ts says the same of a press). */
const TAKERS = ['oncall', 'referrer', 'protocoling-radiologist', 'reading-radiologist'] as const;

export function mayTake(person: PersonId, { withRole }: Pick<Policy, 'withRole'>): boolean {
  return TAKERS.some((role) => withRole(role).includes(person));
}

const RADIOLOGISTS = ['protocoling-radiologist', 'reading-radiologist'] as const;

/** Only they give a finding its category (core/authorise.ts says the same of a press). */
export function isRadiologist(person: PersonId, { withRole }: Pick<Policy, 'withRole'>): boolean {
  return RADIOLOGISTS.some((role) => withRole(role).includes(person));
}

/** How this alert is communicated. A site that has no row for a category is not let start (domain/critical-faults.ts). */
export function ruleOf(alert: Chooses, { rules }: Pick<Policy, 'rules'>): CriticalRule {
  const found = ruleFor(alert, rules);
  if (found === null) throw new TypeError(`no rule says how category ${alert.finding.category} is communicated`);
  return found;
}
