import fc from 'fast-check';
import { eventsIn, readNotification } from '#adapters/fhir-in/notification.js';
import type { FhirNotification, FhirTold } from '#ports/fhir-door.js';
import { BASE, backport, backportCount, backportEvent, full, idOnly, r4Resource, r4b, r5 } from './fixtures.ts';

const told = (body: unknown, more: Partial<FhirTold> = {}): FhirTold => ({
  path: null,
  contentType: 'application/fhir+json',
  body: body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  ...more,
});
const read = (body: unknown, more: Partial<FhirTold> = {}): FhirNotification => {
  const result = readNotification(told(body, more), BASE);
  if (!result.ok) throw new Error(result.why);
  return result.value;
};
const order = `${BASE}/ServiceRequest/7`;

describe('a notification, in the five shapes', () => {
  it('R4 classic without a body: something happened, look for it (R4 subscription.html#channels)', () => {
    expect(read(undefined, { contentType: null })).toMatchObject({ shape: 'empty', type: 'event-notification', unnamed: true, references: [] });
    expect(read(' \r\n')).toMatchObject({ shape: 'empty', unnamed: true });
  });

  it('R4 classic with the resource, by PUT to its address or by POST (R4 subscription.html#channels)', () => {
    const path = { type: 'ServiceRequest', id: '7' };
    for (const one of [read(r4Resource, { path }), read(r4Resource), read(undefined, { path })]) {
      expect(one).toMatchObject({ shape: 'resource', type: 'event-notification', references: ['ServiceRequest/7'], unnamed: false });
    }
  });

  it('the address counts, not what the body says of itself', () => {
    expect(read({ ...r4Resource, id: '8' }, { path: { type: 'ServiceRequest', id: '7' } }).references).toEqual(['ServiceRequest/7']);
  });

  it.each([
    [
      'backport on R4',
      backport('event-notification', [backportCount('3'), backportEvent('2', order), backportEvent('3', 'ServiceRequest/8')]),
      'backport-r4',
    ],
    [
      'R4B',
      r4b('event-notification', {
        eventsSinceSubscriptionStart: '3',
        notificationEvent: [
          { eventNumber: '2', focus: { reference: order } },
          { eventNumber: '3', focus: { reference: 'ServiceRequest/8' } },
        ],
      }),
      'r4b',
    ],
    [
      'R5',
      r5('event-notification', {
        eventsSinceSubscriptionStart: '3',
        notificationEvent: [
          { eventNumber: '2', focus: { reference: order } },
          { eventNumber: '3', focus: { reference: 'ServiceRequest/8' } },
        ],
      }),
      'r5',
    ],
    [
      'R5 with JSON numbers, as some send it',
      r5('event-notification', {
        eventsSinceSubscriptionStart: 3,
        notificationEvent: [
          { eventNumber: 3, focus: { reference: 'ServiceRequest/8' } },
          { eventNumber: 2, focus: { reference: order } },
        ],
      }),
      'r5',
    ],
  ])('%s: events with numbers and focus', (_name, body, shape) => {
    const one = read(body);
    expect(one).toMatchObject({ shape, type: 'event-notification', count: 3, numbers: [2, 3], unnamed: false, foreign: 0, stopped: false });
    expect([...one.references].sort()).toEqual(['ServiceRequest/7', 'ServiceRequest/8']);
  });

  it('content empty: events without a focus are looked for', () => {
    expect(read(backport('event-notification', [backportCount('1'), backportEvent('1', null)]))).toMatchObject({
      unnamed: true,
      numbers: [1],
      references: [],
    });
    expect(read(r5('event-notification', { eventsSinceSubscriptionStart: '1', notificationEvent: [{ eventNumber: '1' }] }))).toMatchObject({
      unnamed: true,
    });
  });

  it('content id-only and full-resource: the entry names it where the focus is left out', () => {
    for (const entry of [idOnly, full]) {
      expect(read(r4b('event-notification', { notificationEvent: [{ eventNumber: '4' }] }, [entry]))).toMatchObject({
        references: ['ServiceRequest/7'],
        unnamed: false,
      });
    }
  });

  it.each(['handshake', 'heartbeat', 'query-status'])('%s tells of no event, but counts', (type) => {
    expect(read(backport(type, [backportCount('12')]))).toMatchObject({ type, count: 12, unnamed: false, references: [] });
    expect(read(r4b(type, { eventsSinceSubscriptionStart: '12' }))).toMatchObject({ type, count: 12, unnamed: false });
    expect(read(r5(type, { eventsSinceSubscriptionStart: 12 }))).toMatchObject({ type, count: 12, unnamed: false });
  });

  it('says that the server has stopped the subscription', () => {
    for (const status of ['error', 'off']) expect(read(r4b('query-status', { status })).stopped).toBe(true);
  });

  it('reads what $events answers', () => {
    const body = r5('query-event', {
      notificationEvent: [
        { eventNumber: '5', focus: { reference: order } },
        { eventNumber: '6', focus: { reference: 'https://else.example/fhir/Patient/1' } },
      ],
    });
    expect(eventsIn(body, BASE)).toEqual({ references: ['ServiceRequest/7'], numbers: [5, 6] });
  });
});

describe('what is no notification', () => {
  it.each([
    ['XML', '<Bundle/>', { contentType: 'application/fhir+xml' }, 415, 'JSON'],
    ['no JSON', '{"resourceType":', {}, 400, 'no FHIR resource'],
    ['JSON, but no resource', '[]', {}, 400, 'no FHIR resource'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'), {}, 400, 'no FHIR resource'],
    ['a Bundle of something else', { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: r4Resource }] }, {}, 400, 'first entry'],
    ['a type that is none', r5('handshaking'), {}, 400, 'handshake'],
    ['a resource without id', { resourceType: 'ServiceRequest' }, {}, 400, 'type and id'],
    ['a path that steps out', undefined, { path: { type: 'ServiceRequest', id: '..' } }, 400, 'type and id'],
  ])('%s is refused with a sentence that repeats nothing of it', (_name, body, more, status, words) => {
    const result = readNotification(told(body, more), BASE);
    expect(result).toMatchObject({ ok: false, status });
    if (!result.ok) expect(result.why).toContain(words);
  });

  it('any bytes: an answer, never a crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (body) => {
          const result = readNotification({ path: null, contentType: null, body }, BASE);
          return result.ok || result.why.length > 10;
        },
      ),
    );
  });

  it('any JSON in the place of any element: an answer, never a crash, and no reference but of the own server', () => {
    const bundle = (value: unknown): unknown => ({ resourceType: 'Bundle', type: 'history', entry: [{ resource: { resourceType: 'SubscriptionStatus', type: 'event-notification', eventsSinceSubscriptionStart: value, notificationEvent: [{ eventNumber: value, focus: { reference: value } }, value] } }, value, { fullUrl: value }] }); // prettier-ignore
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = readNotification(told(bundle(value)), BASE);
        return result.ok && result.value.references.every((reference) => /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]+$/u.test(reference));
      }),
    );
  });
});
