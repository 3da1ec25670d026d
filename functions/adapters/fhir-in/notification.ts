import type { FhirNotification, FhirTold, NotificationShape, ToldResult } from '#ports/fhir-door.js';
import { at, countAt, distinct, jsonOf, listAt, textAt } from './read.ts';
import { ownReference } from './references.ts';

const types = ['handshake', 'heartbeat', 'event-notification', 'query-status', 'query-event'] as const;
type Type = FhirNotification['type'];

/** What one status resource says, however it is written. */
interface Status {
  readonly type: string | null;
  readonly status: string | null;
  readonly count: number | null;
  readonly events: readonly { readonly number: number | null; readonly focus: string | null }[];
}

/**
 * One notification in any of five shapes: R4 classic without a body, R4 classic with the resource (R4 subscription.html#2.46.7), a `history` Bundle whose
 * first entry is Parameters (Subscriptions R5 Backport 1.1.0, R4) or SubscriptionStatus (the same, R4B), and R5's `subscription-notification` Bundle.
 */
export function readNotification(told: FhirTold, baseUrl: string): ToldResult<FhirNotification> {
  const isEmpty = told.body.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
  if (isEmpty) return told.path === null ? good('empty', 'event-notification', { unnamed: true }) : ofPath(told.path, baseUrl);
  if (/xml/iu.test(told.contentType ?? '')) return bad(415, 'Notifications are read as JSON: set the payload to application/fhir+json.');
  const json = jsonOf(told.body);
  const type = textAt(json, 'resourceType');
  if (type === null) return bad(400, 'The body is no FHIR resource in JSON. Send a notification Bundle, the resource, or nothing.');
  const first = at(listAt(json, 'entry')[0], 'resource');
  if (type === 'Bundle' && textAt(first, 'resourceType') === 'Parameters') return ofBundle('backport-r4', statusOfParameters(first), json, baseUrl);
  if (type === 'Bundle' && textAt(first, 'resourceType') === 'SubscriptionStatus') {
    return ofBundle(textAt(json, 'type') === 'history' ? 'r4b' : 'r5', statusOfStatus(first), json, baseUrl);
  }
  if (type === 'Bundle') return bad(400, 'The Bundle is no notification: its first entry is neither Parameters nor SubscriptionStatus.');
  return ofPath(told.path ?? { type, id: textAt(json, 'id') ?? '' }, baseUrl);
}

/** What a server's `$events` answered: the references in its Bundle, and the numbers of the events. */
export function eventsIn(bundle: unknown, baseUrl: string): { readonly references: readonly string[]; readonly numbers: readonly number[] } {
  const first = at(listAt(bundle, 'entry')[0], 'resource');
  const status = textAt(first, 'resourceType') === 'Parameters' ? statusOfParameters(first) : statusOfStatus(first);
  const { references } = referencesIn(status, bundle, baseUrl);
  return { references, numbers: numbersIn(status) };
}

/** The resource itself came, or its address in the path: it is read again, so that its id is all that counts. */
function ofPath(path: { readonly type: string; readonly id: string }, baseUrl: string): ToldResult<FhirNotification> {
  const reference = ownReference(`${path.type}/${path.id}`, baseUrl);
  if (reference === null) return bad(400, 'The notification names no resource: type and id are needed, as in ServiceRequest/7.');
  return good('resource', 'event-notification', { references: [reference] });
}

function ofBundle(shape: NotificationShape, status: Status, bundle: unknown, baseUrl: string): ToldResult<FhirNotification> {
  const type = types.find((one) => one === status.type);
  if (type === undefined)
    return bad(400, 'The notification has no known type: handshake, heartbeat, event-notification, query-status or query-event.');
  const { references, foreign } = referencesIn(status, bundle, baseUrl);
  const tells = type === 'event-notification' || type === 'query-event';
  // Content `empty`: events without a focus. A focus on another server is not one that we could read.
  const unnamed = tells && references.length === 0 && foreign === 0;
  const stopped = status.status === 'error' || status.status === 'off';
  return good(shape, type, { count: status.count, numbers: numbersIn(status), references, unnamed, foreign, stopped });
}

function referencesIn(status: Status, bundle: unknown, baseUrl: string): Pick<FhirNotification, 'references' | 'foreign'> {
  const focuses = status.events.flatMap((event) => event.focus ?? []);
  // An entry's fullUrl counts where a server leaves the focus out (R4B and R5: focus is 0..1).
  const entries =
    focuses.length > 0
      ? []
      : listAt(bundle, 'entry')
          .slice(1)
          .flatMap((entry) => textAt(entry, 'fullUrl') ?? textAt(entry, 'request', 'url') ?? []);
  const own = [...focuses, ...entries].map((reference) => ownReference(reference, baseUrl));
  const references = distinct(own.filter((reference) => reference !== null));
  return { references, foreign: own.length - own.filter((reference) => reference !== null).length };
}

function numbersIn(status: Status): readonly number[] {
  return status.events.flatMap((event) => event.number ?? []).sort((a, b) => a - b);
}

/** Subscriptions R5 Backport 1.1.0, StructureDefinition-backport-subscription-status-r4: Parameters with parts. */
function statusOfParameters(parameters: unknown): Status {
  const named = (owner: unknown, element: 'parameter' | 'part', name: string): readonly unknown[] =>
    listAt(owner, element).filter((one) => at(one, 'name') === name);
  const said = (name: string): string | null => {
    const [one] = named(parameters, 'parameter', name);
    return textAt(one, 'valueCode') ?? textAt(one, 'valueString');
  };
  return {
    type: said('type'),
    status: said('status'),
    count: countIn(named(parameters, 'parameter', 'events-since-subscription-start')[0]),
    events: named(parameters, 'parameter', 'notification-event').map((event) => ({
      number: countIn(named(event, 'part', 'event-number')[0]),
      focus: textAt(named(event, 'part', 'focus')[0], 'valueReference', 'reference'),
    })),
  };
}

/** The profile says valueString; servers also send numbers. */
function countIn(parameter: unknown): number | null {
  return (
    ['valueString', 'valueInteger', 'valueUnsignedInt', 'valuePositiveInt', 'valueInteger64', 'valueDecimal']
      .map((name) => countAt(parameter, name))
      .find((count) => count !== null) ?? null
  );
}

/** R4B subscriptionstatus.html and R5 subscriptionstatus.html: the same elements, numbers as text (R4B) or integer64 (R5, text in JSON). */
function statusOfStatus(status: unknown): Status {
  return {
    type: textAt(status, 'type'),
    status: textAt(status, 'status'),
    count: countAt(status, 'eventsSinceSubscriptionStart'),
    events: listAt(status, 'notificationEvent').map((event) => ({
      number: countAt(event, 'eventNumber'),
      focus: textAt(event, 'focus', 'reference'),
    })),
  };
}

function good(shape: NotificationShape, type: Type, more: Partial<FhirNotification>): ToldResult<FhirNotification> {
  const nothing = { count: null, numbers: [], references: [], unnamed: false, foreign: 0, stopped: false };
  return { ok: true, value: { shape, type, ...nothing, ...more } };
}

function bad(status: 400 | 415, why: string): ToldResult<never> {
  return { ok: false, status, why };
}
