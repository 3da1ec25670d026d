import type { Instant } from '#core/time.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import type { FhirSubscriptionRow, FhirSubscriptions } from '#domain/site.js';
import type { FhirResource } from './fhir-client.ts';

/** How one notification came (FHIR R4 subscription.html#channels, Subscriptions R5 Backport 1.1.0, R4B and R5 SubscriptionStatus). */
export type NotificationShape = 'empty' | 'resource' | 'backport-r4' | 'r4b' | 'r5';

/** What a notification says. A hint where to look, nothing more: every resource in it is read again from the EHR. */
export interface FhirNotification {
  readonly shape: NotificationShape;
  readonly type: 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event';
  /** Events since the subscription's start; null: not said. */
  readonly count: number | null;
  /** Numbers of the events in it, ascending. */
  readonly numbers: readonly number[];
  /** `Type/ID` on the site's own EHR, each once. */
  readonly references: readonly string[];
  /** Something happened that it does not name. */
  readonly unnamed: boolean;
  /** References to other servers: never followed. */
  readonly foreign: number;
  /** The server says that this subscription is in error or off. */
  readonly stopped: boolean;
}

/** An HTTP request of a subscription's channel, as far as it says anything. */
export interface FhirTold {
  /** Of the path behind the endpoint: `/ServiceRequest/7`; null: the endpoint itself. */
  readonly path: { readonly type: string; readonly id: string } | null;
  readonly contentType: string | null;
  readonly body: Buffer;
}

/** `status` 400 or 415. `why` is a sentence for the sender, without anything of what was sent. */
export type ToldResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: 400 | 415; readonly why: string };

/** What one delivery of Event Grid says. */
export interface GridTold {
  /** Set for the validation handshake of the Event Grid schema: to be echoed. */
  readonly validationCode: string | null;
  /** `Type/ID` on the site's own EHR. */
  readonly references: readonly string[];
  /** One a study and kind of event: kept, no workflow reads them yet. */
  readonly studies: readonly { readonly kind: 'created' | 'updated' | 'deleted'; readonly studyUid: string; readonly host: string }[];
  /** Of other servers, or of a kind that is not used. */
  readonly ignored: number;
}

/** Resources by `Type/ID`; null: the EHR would not give it. */
export type FhirPool = ReadonlyMap<string, FhirResource | null>;

/** What a resource says, with those that it names. */
export interface FhirReading {
  readonly events: readonly HospitalEvent[];
  /** `Type/ID` of what is to be read for itself: the order that a Task is about. */
  readonly follow: readonly string[];
}

/** FHIR as the feed sees it. Pure: no clock, no network, no store. Nothing throws for what a server may send. */
export interface FhirDoor {
  notification(told: FhirTold): ToldResult<FhirNotification>;
  grid(told: FhirTold): ToldResult<GridTold>;
  /** The Subscription to be written for a row of the site; `secret` stands in its channel's header. */
  subscription(site: FhirSubscriptions, row: FhirSubscriptionRow, secret: string): FhirResource;
  /** References in what a server's `$events` answered. */
  eventsIn(bundle: FhirResource): { readonly references: readonly string[]; readonly numbers: readonly number[] };
  /** What must be read besides before `read` can say all; empty: nothing more. */
  lacks(focus: string, pool: FhirPool): readonly string[];
  /** @param known was an earlier version of it taken? */
  read(focus: string, pool: FhirPool, about: { readonly known: boolean; readonly rawHash: string; readonly receivedAt: Instant }): FhirReading;
}
