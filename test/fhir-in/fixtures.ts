/**
 * Notifications written by hand from the specifications; none of them was made by our own code.
 * R4: http://hl7.org/fhir/R4/subscription.html#channels (REST Hook). Backport: Subscriptions R5 Backport IG 1.1.0,
 * http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html and its profiles. R4B: http://hl7.org/fhir/R4B/subscriptionstatus.html.
 * R5: http://hl7.org/fhir/R5/subscriptionstatus.html and subscriptions.html#notifications.
 */
export const BASE = 'https://ehr.example/fhir';

const subscription = { reference: `${BASE}/Subscription/imaging` };
const topic = 'http://radloop.example/SubscriptionTopic/imaging-orders';

const statusEntry = (resource: object): object => ({
  fullUrl: 'urn:uuid:5d2c0a1e-6f1b-4a5e-9d57-2a3f1c9b0e11',
  resource,
  request: { method: 'GET', url: `${BASE}/Subscription/imaging/$status` },
  response: { status: '200' },
});

const order = { resourceType: 'ServiceRequest', id: '7', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } };

/** R4 subscription.html: a PUT to [endpoint]/[type]/[id] (or a POST) has the resource as its body. */
export const r4Resource = order;

/** Backport, StructureDefinition-backport-subscription-status-r4: Parameters; counts are valueString, `type` is valueCode. */
export const backport = (type: string, parameters: readonly object[] = [], entries: readonly object[] = []): object => ({
  resourceType: 'Bundle',
  type: 'history',
  timestamp: '2026-11-25T10:00:00Z',
  entry: [
    statusEntry({
      resourceType: 'Parameters',
      meta: { profile: ['http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4'] },
      parameter: [
        { name: 'subscription', valueReference: subscription },
        { name: 'topic', valueCanonical: topic },
        { name: 'status', valueCode: 'active' },
        { name: 'type', valueCode: type },
        ...parameters,
      ],
    }),
    ...entries,
  ],
});

/** Backport notifications.html: one `notification-event` an event, with the parts event-number, timestamp, focus, additional-context. */
export const backportEvent = (number: string, focus: string | null): object => ({
  name: 'notification-event',
  part: [
    { name: 'event-number', valueString: number },
    { name: 'timestamp', valueInstant: '2026-11-25T10:00:00Z' },
    ...(focus === null ? [] : [{ name: 'focus', valueReference: { reference: focus } }]),
    { name: 'additional-context', valueReference: { reference: `${BASE}/Patient/1` } },
  ],
});

export const backportCount = (count: string): object => ({ name: 'events-since-subscription-start', valueString: count });

/** R4B subscriptionstatus.html: eventsSinceSubscriptionStart and eventNumber are strings, in a Bundle of type history. R5: integer64, subscription-notification. */
const status = (bundleType: string, type: string, more: object, entries: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: bundleType,
  timestamp: '2026-11-25T10:00:00Z',
  entry: [statusEntry({ resourceType: 'SubscriptionStatus', status: 'active', type, subscription, topic, ...more }), ...entries],
});
export const r4b = (type: string, more: object = {}, entries: readonly object[] = []): object => status('history', type, more, entries);
export const r5 = (type: string, more: object = {}, entries: readonly object[] = []): object =>
  status('subscription-notification', type, more, entries);

/** Backport notifications.html, id-only: the entry has fullUrl and request, no resource. */
export const idOnly = { fullUrl: `${BASE}/ServiceRequest/7`, request: { method: 'PUT', url: 'ServiceRequest/7' }, response: { status: '200' } };
/** The same, full-resource. */
export const full = { ...idOnly, resource: order };
