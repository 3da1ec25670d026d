import { queueStore } from '#adapters/embedded/queue-store.js';
import { addSeconds } from '#core/time.js';
import { FEED_STATES } from '#domain/feed-state.js';
import { backpressure } from '#engine/backpressure.js';
import type { Backpressure } from '#engine/backpressure.js';
import { feedStates } from '#engine/feed-states.js';
import { fhirFeed } from '#engine/fhir-feed.js';
import type { FhirFailure } from '#ports/fhir-client.js';
import { silentLog } from '../support/clinic.ts';
import { startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import { serviceRequest } from './resources.ts';

let side: FhirSide;
const start = async (options: Parameters<typeof startFhirSide>[0]): Promise<void> => {
  side = await startFhirSide(options);
  await side.settle();
};
afterEach(() => side.stop());

const topic = { shape: 'backport-r4', content: 'id-only' } as const;
/** What `radloop q list` shows of feeds. */
const listed = () => queueStore(side.engine.stores.db).list({ kind: 'feed' }, 9, side.engine.now);
const states = async () => (await side.needs.states.all()).map(({ name, state }) => `${name} ${state}`);
const no = (code: FhirFailure['code'], status: number | null) => (): Promise<FhirFailure> => Promise.resolve({ ok: false, code, status, detail: '' });
/** Nothing is counted; intake is shut when the test says so. */
const pressureOf = (isShut: () => boolean): Backpressure => {
  const none = { raw: side.engine.stores.raw, outbox: side.engine.stores.outbox, freeBytes: () => Promise.resolve(null), log: silentLog() };
  const pressure = backpressure(none, { most: 1000 });
  pressure.stop();
  return { ...pressure, isShut };
};
/** Serves as the service does, each five seconds. */
const during = async (seconds: number, feed: Pick<FhirSide['feed'], 'serve'>): Promise<void> => {
  for (let second = 0; second < seconds; second += 5) {
    side.pass(5);
    while ((await feed.serve('orders')) === 0);
  }
};

describe('how a subscription is can be seen', () => {
  it('up: nothing is listed', async () => {
    await start(topic);
    expect(await listed()).toEqual([]);
    expect(await states()).toEqual(['orders up', 'event-grid up']);
  });

  it('not up before what it told is in', async () => {
    side = await startFhirSide({ ...topic, shape: 'classic-empty' });
    const slow = fhirFeed({ ...side.needs, fhir: { ...side.client, search: no('refused-for-now', 503) } });
    await slow.serve('orders');
    expect((await states())[0]).toBe('orders starting');
    side.restart();
    await side.settle();
    expect((await states())[0]).toBe('orders up');
  });

  it('that the EHR does not take: listed with the code and since when, until it takes it', async () => {
    await start(topic);
    await side.needs.cursors.write(
      'fhir-subscription:orders',
      JSON.stringify({ secrets: [{ secret: 'x', until: null }], rotatedAt: side.engine.now }),
    );
    const since = side.engine.now;
    const strict = fhirFeed({ ...side.needs, fhir: { ...side.client, create: no('not-allowed', 403) } });
    await strict.serve('orders');
    await during(60, strict);
    const reason = 'the EHR does not take the subscription: not-allowed (HTTP 403)';
    expect(await listed()).toMatchObject([{ id: 'f:orders', what: 'feed', state: 'not-subscribed', destination: 'ehr', reason, since }]);
    side.restart();
    await side.settle();
    expect(await listed()).toEqual([]);
  });

  it('silent for more than two heartbeats: listed since it was last heard, until it is heard again (field report 11)', async () => {
    await start(topic);
    side.pass(30);
    await side.ehr.notifier.heartbeat();
    await side.settle();
    const heard = side.engine.now;
    side.ehr.notifier.forget();
    side.pass(119);
    await side.settle();
    expect(await listed()).toEqual([]);
    side.pass(2);
    await side.settle();
    expect(await listed()).toMatchObject([{ state: 'silent', reason: expect.stringContaining('more than 120 s'), since: heard }]);
    side.pass(20);
    await side.ehr.notifier.heartbeat();
    await side.settle();
    expect(await listed()).toEqual([]);
  });

  it('in error at the EHR: listed until the EHR says that it is active, or is heard', async () => {
    await start(topic);
    await side.ehr.set({ ...(await side.subscription()), status: 'error' });
    side.pass(61);
    await side.feed.serve('orders');
    expect(await listed()).toMatchObject([{ state: 'stopped', since: side.engine.now }]);
    side.pass(61);
    await side.settle();
    expect(await listed()).toEqual([]);
  });

  it('at an EHR that does not answer: down', async () => {
    await start(topic);
    const away = fhirFeed({ ...side.needs, fhir: { ...side.client, read: no('not-connected', null) } });
    side.pass(61);
    await away.serve('orders');
    expect(await listed()).toMatchObject([{ state: 'down', reason: 'the EHR does not say how the subscription is: not-connected' }]);
  });

  it('behind: listed once what it told of two heartbeats ago is not read yet, over a restart too, until it is read', async () => {
    await start({ ...topic, shape: 'classic-empty' });
    const slow = { ...side.client, search: no('refused-for-now', 503) };
    const feed = fhirFeed({ ...side.needs, fhir: slow });
    await feed.serve('orders');
    const since = addSeconds(side.engine.now, 5);
    await side.put(serviceRequest());
    await during(115, feed);
    expect(await listed()).toEqual([]);
    await during(60, feed);
    const reason = 'not read from the EHR for more than 120 s: what changed since the last look';
    expect(await listed()).toMatchObject([{ state: 'behind', reason, since }]);
    await fhirFeed({ ...side.needs, fhir: slow }).serve('orders');
    expect(await listed()).toMatchObject([{ state: 'behind', since }]);
    side.restart();
    await side.settle();
    expect(await listed()).toEqual([]);
    expect(await side.cases()).toBe(1);
  });

  it('behind while intake is shut: nothing is taken, the subscription is seen to all the same, and all is taken once it is open (invariant 7)', async () => {
    await start(topic);
    let isShut = true;
    const shutting = fhirFeed({ ...side.needs, pressure: pressureOf(() => isShut) });
    await side.put(serviceRequest());
    expect(await shutting.serve('orders')).toBe(5);
    expect(await listed()).toMatchObject([{ state: 'behind', reason: expect.stringContaining('too much waits here') }]);
    expect(await side.cases()).toBe(0);
    await side.ehr.set({ ...(await side.subscription()), status: 'error' });
    side.pass(61);
    expect(await shutting.serve('orders')).toBeGreaterThan(0);
    expect(await listed()).toMatchObject([{ state: 'stopped' }]);
    isShut = false;
    while ((await shutting.serve('orders')) === 0);
    side.pass(61);
    await side.settle();
    expect([await listed(), await side.cases()]).toEqual([[], 1]);
  });

  it('a look that intake shuts in the middle of is made again whole, and each order is one case', async () => {
    await start({ ...topic, shape: 'classic-empty' });
    for (let n = 0; n < 20; n += 1) await side.put(serviceRequest({ id: `sr${n}`, identifier: [] }));
    let [kept, isShut] = [0, false];
    const { raw } = side.needs;
    const keep: typeof raw.keep = (...all) => {
      kept += 1;
      isShut ||= kept === 3;
      return raw.keep(...all);
    };
    const feed = fhirFeed({ ...side.needs, raw: { ...raw, keep }, pressure: pressureOf(() => isShut) });
    expect(await feed.serve('orders')).toBe(5);
    expect((await side.kept()).length).toBeLessThan(20);
    expect(await states()).toContain('orders behind');
    isShut = false;
    kept = 99;
    while ((await feed.serve('orders')) === 0);
    await side.settle();
    expect([(await side.kept()).length, await side.cases(), await listed()]).toEqual([20, 20, []]);
  });

  it('a feed that is told much is not behind for what came after', async () => {
    await start(topic);
    for (let round = 0; round < 40; round += 1) {
      await side.put(serviceRequest({ id: `sr${round}`, identifier: [] }));
      side.pass(5);
      await side.feed.serve('orders');
      if (round % 6 === 0) await side.ehr.notifier.heartbeat();
    }
    expect(await listed()).toEqual([]);
  });
});

describe('the states of the feeds', () => {
  it('are kept over an end, and those of a feed that the site has no more are dropped', async () => {
    await start(topic);
    const { cursors } = side.needs;
    const clock = { now: () => side.engine.now };
    const since = clock.now();
    await feedStates(cursors, clock, ['old', 'pacs']).tell('old', { state: 'down', reason: 'gone' });
    await feedStates(cursors, clock, ['old', 'pacs']).tell('pacs', { state: 'down', reason: 'it did not answer' });
    side.pass(60);
    const next = feedStates(cursors, clock, ['pacs', 'orders']);
    expect(await next.all()).toEqual([
      { name: 'pacs', state: 'down', reason: 'it did not answer', since },
      { name: 'orders', state: 'starting', reason: '', since: clock.now() },
    ]);
    await next.tell('elsewhere', { state: 'down', reason: 'nobody follows it' });
    expect((await listed()).map(({ id }) => id)).toEqual(['f:pacs']);
  });

  it('are begun anew where they can not be read', async () => {
    await start(topic);
    const { cursors } = side.needs;
    await cursors.write(FEED_STATES, '{');
    const states = feedStates(cursors, { now: () => side.engine.now }, ['pacs']);
    await states.tell('pacs', { state: 'up', reason: '' });
    expect(await states.all()).toMatchObject([{ name: 'pacs', state: 'up' }]);
  });
});
