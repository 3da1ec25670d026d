import type { MemoryRepository } from '@medplum/fhir-router';

type Resource = Parameters<MemoryRepository['createResource']>[0];
type Subscription = Extract<Resource, { resourceType: 'Subscription' }>;

/** How subscribers are told: two ways of R4's own, and three notification Bundles. */
export type NotificationForm = 'classic-empty' | 'classic-put' | 'classic-post' | 'backport-r4' | 'r4b' | 'r5';

export interface NotifierOptions {
  readonly shape: NotificationForm;
  readonly content?: 'empty' | 'id-only' | 'full-resource';
  /** Numbers as JSON numbers, against the specifications, as some servers do. */
  readonly plainNumbers?: boolean;
  /** Does it keep events for `$events`? @default true */
  readonly keepsEvents?: boolean;
}

export interface EhrNotifier {
  /** What becomes of the next notifications of events, one each; when it is empty they are sent. `hold`: sent after the one behind it. */
  readonly fate: ('drop' | 'twice' | 'hold')[];
  /** A resource was written: whoever subscribed is told. */
  written(resource: Resource): void;
  /** Tells each living subscription that the EHR is alive. */
  heartbeat(): Promise<void>;
  /** As after a restart that lost who is subscribed (FIELD-REPORTS 11): the Subscriptions are there, and do nothing. */
  forget(): void;
  /** Resolves when everything that was begun has been sent. */
  idle(): Promise<void>;
  /** The Bundle of `$events`; null: not offered. */
  events(id: string, search: URLSearchParams): unknown;
  /** HTTP statuses that subscribers answered, 0: nobody there. */
  readonly answers: number[];
}

interface Event {
  readonly number: number;
  readonly resource: Resource;
}

interface Subscriber {
  readonly id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: Event[];
}

/** Subscription delivery of our own, because the FHIR engine has none: each event once, no second try, as a poor server does it. */
export function ehrNotifier(repository: MemoryRepository, options: NotifierOptions, baseUrl: () => string): EhrNotifier {
  const { shape, content = 'id-only', keepsEvents = true } = options;
  const subscribers = new Map<string, Subscriber>();
  const fate: EhrNotifier['fate'] = [];
  const answers: number[] = [];
  const held: (() => Promise<boolean>)[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  const isClassic = shape.startsWith('classic');

  const send = async (to: Subscriber, method: 'POST' | 'PUT', path: string, body: unknown): Promise<boolean> => {
    const headers = { ...to.headers, ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }) };
    const request: RequestInit = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(to.endpoint + path, request).catch(() => null);
    answers.push(response?.status ?? 0);
    await response?.arrayBuffer().catch(() => undefined);
    return response?.ok === true;
  };
  const bundle = (to: Subscriber, type: string, events: readonly Event[]): unknown => bundleOf(options, content, baseUrl(), to, type, events);
  const deliver = (to: Subscriber, event: Event): Promise<boolean> => {
    const { resource } = event;
    if (shape === 'classic-empty') return send(to, 'POST', '', undefined);
    if (shape === 'classic-post') return send(to, 'POST', '', resource);
    if (shape === 'classic-put') return send(to, 'PUT', `/${resource.resourceType}/${resource.id ?? ''}`, resource);
    return send(to, 'POST', '', bundle(to, 'event-notification', [event]));
  };
  const tell = async (to: Subscriber, event: Event): Promise<void> => {
    const what = fate.shift();
    if (what === 'drop') return;
    if (what === 'hold') {
      held.push(() => deliver(to, event));
      return;
    }
    await deliver(to, event);
    if (what === 'twice') await deliver(to, event);
    for (const late of held.splice(0)) await late();
  };
  /** A handshake first; whoever does not answer it is no subscriber. */
  const subscribe = async (subscription: Subscription): Promise<void> => {
    const { id = '', status } = subscription;
    if (status !== 'requested') {
      if (status === 'off') subscribers.delete(id);
      return;
    }
    const to = { ...subscriberOf(subscription), events: subscribers.get(id)?.events ?? [] };
    const isHeard = isClassic || (await send(to, 'POST', '', bundle(to, 'handshake', [])));
    if (isHeard) subscribers.set(id, to);
    await repository.updateResource({ ...subscription, status: isHeard ? 'active' : 'error' });
  };
  return {
    fate,
    answers,
    written(resource) {
      queue = queue.then(async () => {
        if (resource.resourceType === 'Subscription') await subscribe(resource);
        for (const to of subscribers.values()) {
          if (to.type !== resource.resourceType) continue;
          const event = { number: to.events.length + 1, resource };
          to.events.push(event);
          await tell(to, event);
        }
      });
    },
    async heartbeat() {
      await queue;
      for (const to of subscribers.values()) if (!isClassic) await send(to, 'POST', '', bundle(to, 'heartbeat', []));
    },
    forget: () => {
      subscribers.clear();
    },
    async idle() {
      await queue;
    },
    events(id, search) {
      const to = subscribers.get(id);
      if (to === undefined || !keepsEvents) return null;
      const [from, until] = [Number(search.get('eventsSinceNumber') ?? 1), Number(search.get('eventsUntilNumber') ?? Infinity)];
      const inside = to.events.filter(({ number }) => number >= from && number <= until);
      return bundle(to, 'query-event', inside);
    },
  };
}

function subscriberOf(subscription: Subscription): Omit<Subscriber, 'events'> {
  const { id = '', channel, criteria } = subscription;
  const headers = (channel.header ?? []).map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const search = filterOf(Reflect.get(subscription, '_criteria')) ?? criteria;
  return { id, type: search.split('?')[0] ?? '', endpoint: channel.endpoint ?? '', headers: Object.fromEntries(headers) };
}

/** The backport's filter stands in an extension of the criteria, which then are the topic's address. */
function filterOf(criteria: unknown): string | null {
  return /"valueString":"([^"]+)"/u.exec(JSON.stringify(criteria ?? null))?.[1] ?? null;
}

/** Subscriptions R5 Backport 1.1.0 notifications.html for `backport-r4` and `r4b`; FHIR R5 subscriptions.html for `r5`. */
function bundleOf(options: NotifierOptions, content: string, base: string, to: Subscriber, type: string, events: readonly Event[]): unknown {
  const { shape } = options;
  const number = (count: number): number | string => (options.plainNumbers === true ? count : String(count));
  const count = to.events.length;
  const subscription = { reference: `${base}/Subscription/${to.id}` };
  const address = ({ resource }: Event): string => `${base}/${resource.resourceType}/${resource.id ?? ''}`;
  const focus = (event: Event): { reference: string } | undefined => (content === 'empty' ? undefined : { reference: address(event) });
  const status =
    shape === 'backport-r4'
      ? {
          resourceType: 'Parameters',
          parameter: [
            { name: 'subscription', valueReference: subscription },
            { name: 'status', valueCode: 'active' },
            { name: 'type', valueCode: type },
            {
              name: 'events-since-subscription-start',
              ...(options.plainNumbers === true ? { valueInteger: count } : { valueString: String(count) }),
            },
            ...events.map((event) => ({
              name: 'notification-event',
              part: [
                { name: 'event-number', ...(options.plainNumbers === true ? { valueInteger: event.number } : { valueString: String(event.number) }) },
                ...(focus(event) === undefined ? [] : [{ name: 'focus', valueReference: focus(event) }]),
              ],
            })),
          ],
        }
      : {
          resourceType: 'SubscriptionStatus',
          status: 'active',
          type,
          eventsSinceSubscriptionStart: number(count),
          notificationEvent: events.map((event) => ({ eventNumber: number(event.number), focus: focus(event) })),
          subscription,
        };
  const others = content === 'empty' ? [] : events.map((event) => ({ fullUrl: address(event), ...(content === 'id-only' ? {} : { resource: event.resource }), request: { method: 'PUT', url: address(event) }, response: { status: '200' } })); // prettier-ignore
  return {
    resourceType: 'Bundle',
    type: shape === 'r5' ? 'subscription-notification' : 'history',
    timestamp: new Date().toISOString(),
    entry: [{ fullUrl: `urn:uuid:${crypto.randomUUID()}`, resource: status, request: { method: 'GET', url: `${subscription.reference}/$status` }, response: { status: '200' } }, ...others], // prettier-ignore
  };
}
