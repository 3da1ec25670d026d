import { setTimeout as pause } from 'node:timers/promises';
import type { FailureCode } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import { addSeconds } from '#core/time.js';
import type { StudyArrived } from '#domain/hospital-event.js';
import type { Facility } from '#domain/site.js';
import { backpressure } from '#engine/backpressure.js';
import type { Backpressure } from '#engine/backpressure.js';
import { deliver } from '#engine/deliver.js';
import { feedStates } from '#engine/feed-states.js';
import { keepNoise, receive, receiveOversize } from '#engine/intake.js';
import { pacsFeed } from '#engine/pacs-feed.js';
import { startPoller } from '#engine/poller.js';
import { takeIn } from '#engine/take-in.js';
import type { Parts } from '#engine/parts.js';
import { routeKept } from '#engine/routing.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import { runCase } from '#engine/run-case.js';
import { silentLog } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { until } from '../support/instances.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { caseNo, effects, eventFor, later, queue, t0 } from '../support/store-fixture.ts';

const mllp = { endpoint: 'mllp', facility: null };
const north: Facility = { id: 'north', name: 'North', certificateNames: [], mshFacilities: ['NORTH'], mshApplications: [], answersTo: null };
const study = (studyUid: string): StudyArrived => ({
  ...{ type: 'studyArrived', rawHash: studyUid, sendingApplication: 'ORTHANC', sendingFacility: '', messageTime: null, receivedAt: engine.now },
  ...{ quality: [], studyUid, accessionNumber: null, modalities: ['CT'], startedAt: engine.now, description: null },
  patient: { id: '1', assigner: '', identifiers: [{ id: '1', assigner: '', type: '' }], name: null, birthDate: null, sex: null },
});
/** Same moment, same order, another message. */
const messageOf = (n: number) => orderBytes('new', `M${n}`);

let engine: EngineFixture;
let lines: { readonly line: string; readonly fields: Readonly<Record<string, unknown>> }[];
let free: number | null;
let pressure: Backpressure;
let parts: Parts;
/** What waits and the disk have been looked at once more. */
let looked: () => Promise<void>;
const start = (most: number): void => {
  const log: Parts['log'] = {
    info: (line, fields = {}) => lines.push({ line, fields }),
    error: (line, fields = {}) => lines.push({ line, fields }),
  };
  const rounds = { waits: { begun: 0, ended: 0 }, disk: { begun: 0, ended: 0 } };
  const counted = async <T>(what: 'waits' | 'disk', look: () => Promise<T>): Promise<T> => {
    const round = (rounds[what].begun += 1);
    const seen = await look();
    rounds[what].ended = round;
    return seen;
  };
  const waiting: Parts['outbox']['waiting'] = (upTo, share) => {
    const look = (): Promise<number> => engine.stores.outbox.waiting(upTo, share);
    return 'notKinds' in share ? counted('waits', look) : look();
  };
  const freeBytes = (): Promise<number | null> => counted('disk', () => Promise.resolve(free));
  pressure = backpressure({ raw: engine.stores.raw, outbox: { waiting }, freeBytes, log }, { most });
  parts = { ...engine.parts, pressure, log };
  looked = async () => {
    const from = [rounds.waits.begun, rounds.disk.begun] as const;
    await until(() => rounds.waits.ended > from[0] && rounds.disk.ended > from[1]);
    await pause(20);
  };
};
beforeEach(() => {
  engine = startEngineFixture('assist');
  lines = [];
  free = null;
});
afterEach(async () => {
  pressure.stop();
  await engine.close();
});
const bring = async (bytes: Buffer, from: Parameters<typeof receive>[2] = mllp) => {
  const { commit, application } = await receive(parts, bytes, from);
  return { commit: String(commit ?? ''), application: String(application ?? '') };
};

describe('when too much waits to be worked out (invariant 7)', () => {
  it('a new message is answered AE 207 in words and not kept, and taken when it is sent again later', async () => {
    start(100);
    for (let n = 0; n < 100; n += 1) expect((await bring(messageOf(n))).application).toContain('MSA|AA');
    const { application } = await bring(messageOf(100));
    expect(application).toContain('MSA|AE|M100');
    expect(application).toMatch(/ERR\|[^\r]*\|207\^[^\r]*Too much is waiting to be worked out: send it again later/u);
    expect(await engine.stores.raw.list(999)).toHaveLength(100);
    // Below the mark, and not below 80 % of it: it is still shut.
    const rows = await engine.stores.raw.unrouted(15);
    await engine.stores.raw.route(rows.map(({ id }) => ({ id, state: 'kept', reason: null, consequences: [] })));
    await looked();
    expect(pressure.isShut()).toBe(true);
    expect((await bring(messageOf(100))).application).toContain('MSA|AE|M100');
    await engine.settle();
    await looked();
    expect((await bring(messageOf(100))).application).toContain('MSA|AA|M100');
    expect(lines.filter(({ line }) => line === 'hl7.taken-again')).toHaveLength(1);
  });

  it('enhanced mode is answered CE, and no application answer follows', async () => {
    start(1);
    await bring(messageOf(1));
    const enhanced = Buffer.from(
      messageOf(2)
        .toString()
        .replace(/^(MSH(?:\|[^|\r]*){11})[^\r]*/u, '$1|||AL|AL'),
    );
    const { commit, application } = await bring(enhanced);
    expect(commit).toContain('MSA|CE|M2');
    expect(application).toBe('');
  });

  it('what was taken before gets its own answer again', async () => {
    start(1);
    const first = await bring(messageOf(1));
    expect((await bring(messageOf(2))).application).toContain('MSA|AE');
    expect(await bring(messageOf(1))).toEqual(first);
  });

  it('an answer to a message of ours is taken, and the canary', async () => {
    start(1);
    await bring(messageOf(1));
    const answer = Buffer.from('MSH|^~\\&|RIS|RADLOOP-GENERAL|RADLOOP|X|20261125100000||ACK|A1|P|2.5.1\rMSA|AA|X1\r');
    await bring(answer, { endpoint: 'to:ris', facility: null, destination: 'ris' });
    await bring(messageOf(3), { endpoint: 'canary', facility: null });
    expect(await engine.stores.raw.list(9)).toHaveLength(3);
  });

  it('a flood of refusals is one line a second, with how many there were', async () => {
    start(1);
    await bring(messageOf(1));
    const began = performance.now();
    for (let n = 2; n < 500; n += 1) await bring(messageOf(n));
    const told = () => lines.filter(({ line }) => line === 'hl7.too-much-waits');
    await until(() => told().reduce((sum, { fields }) => sum + Number(fields['messages']), 0) >= 498);
    expect(told().reduce((sum, { fields }) => sum + Number(fields['messages']), 0)).toBe(498);
    expect(told().length).toBeLessThanOrEqual(1 + (performance.now() - began) / 1000);
  });

  /** Tries one card of those that wait; null: it is done. */
  const tryCard = async (failed: FailureCode | null, receiver: Effect = effects.card()): Promise<void> => {
    pressure.tried(receiver, failed);
    await looked();
  };

  it('an order counts until its effects are done', async () => {
    start(100);
    for (let n = 0; n < 100; n += 1) await queue(engine.stores, caseNo(n), effects.card());
    await looked();
    expect(pressure.waiting()).toBe(100);
    expect((await bring(messageOf(1))).application).toContain('MSA|AE|M1');
    for (const item of await engine.stores.outbox.claim(later(1), 60, 21)) await engine.stores.outbox.delivered(item, null, later(1));
    await looked();
    expect((await bring(messageOf(1))).application).toContain('MSA|AA|M1');
  });

  it('what waits for a receiver that fails keeps nobody out; what our own limit of sends holds back does, and what waits for one that is there again', async () => {
    start(100);
    for (let n = 0; n < 100; n += 1) await queue(engine.stores, caseNo(n), effects.card());
    await looked();
    expect(pressure.isShut()).toBe(true);
    await tryCard('own-limit');
    expect(pressure.isShut()).toBe(true);
    await tryCard('not-connected');
    expect(pressure.isShut()).toBe(false);
    expect((await bring(messageOf(1))).application).toContain('MSA|AA|M1');
    await tryCard('not-connected', effects.commit());
    expect(pressure.isShut()).toBe(false);
    await tryCard(null);
    expect(pressure.isShut()).toBe(true);
  });

  it('a receiver that says no can be reached: what waits for it counts', async () => {
    start(100);
    for (let n = 0; n < 100; n += 1) await queue(engine.stores, caseNo(n), effects.commit());
    await tryCard('refused', effects.commit());
    expect(pressure.isShut()).toBe(true);
    await tryCard('timed-out-after-send', effects.commit());
    expect(pressure.isShut()).toBe(false);
  });

  it('each delivery tells whether its receiver can be reached', async () => {
    start(100);
    const told: (FailureCode | null)[] = [];
    const counting = { ...parts, pressure: { ...pressure, tried: (_effect: Effect, failed: FailureCode | null) => told.push(failed) } };
    engine.risAnswers.push({ ok: false, code: 'not-connected', detail: 'down' });
    await queue(engine.stores, caseNo(1), effects.advise());
    for (const item of await engine.stores.outbox.claim(engine.now, 60, 9)) await deliver(counting, item);
    expect(told.splice(0)).toEqual(['not-connected']);
    await bring(messageOf(1));
    await routeKept(parts);
    for (const claimed of await engine.stores.bus.claim(engine.now, 60, 9)) await runCase(engine.parts, claimed.event, claimed);
    for (const item of await engine.stores.outbox.claim(engine.now, 60, 9)) await deliver(counting, item);
    expect([...new Set(told)]).toEqual([null]);
  });

  it('what waits for a person keeps nobody out', async () => {
    start(100);
    engine.risAnswers.push(...Array.from({ length: 50 }, () => ({ ok: false, code: 'refused', detail: 'no' }) as const));
    await bring(messageOf(1));
    await engine.settle();
    expect(engine.stores.db.get<{ n: number }>("SELECT count(*) AS n FROM outbox WHERE state = 'held'")?.n).toBeGreaterThan(0);
    await looked();
    expect(pressure.waiting()).toBe(0);
  });

  it('while less than 64 MB of the disk are free a new message is answered AE, and people and timers have what is left (invariant 6)', async () => {
    free = 64 * 1024 * 1024 - 1;
    start(100);
    await looked();
    expect((await bring(messageOf(1))).application).toMatch(/MSA\|AE\|M1[^]*207\^[^\r]*The disk is nearly full: send it again later/u);
    expect(lines.map(({ line }) => line)).toEqual(['hl7.disk-nearly-full']);
    free += 1;
    await looked();
    expect((await bring(messageOf(1))).application).toContain('MSA|AA|M1');
    expect(lines.map(({ line }) => line)).toContain('hl7.taken-again');
  });

  it('our own limit of sends and a fault of ours say nothing of a receiver; one that says "slower" is there, one that can not now is not', async () => {
    let share = null as OutboxShare | null;
    const waiting = (_most: number, asked: OutboxShare) => {
      share = asked;
      return Promise.resolve(0);
    };
    pressure = backpressure({ raw: engine.stores.raw, outbox: { waiting }, freeBytes: () => Promise.resolve(null), log: silentLog() }, { most: 100 });
    const tried: readonly (readonly [string, ...(FailureCode | null)[]])[] = [
      ['down', 'unavailable', 'own-limit', 'cannot-be-written'],
      ['cut', 'cut-after-send'],
      ['slow', 'throttled'],
      ['there again', 'unavailable', null],
      ['slow now', 'unavailable', 'throttled'],
      ['not asked', 'own-limit'],
    ];
    const commit = effects.commit();
    for (const [destination, ...codes] of tried) for (const code of codes) pressure.tried({ ...commit, destination } as Effect, code);
    // Of two channels one hangs: what waits for the other counts.
    pressure.tried(effects.page('pager'), 'timed-out-after-send');
    pressure.tried(effects.page('email'), null);
    await until(() => share !== null && 'notDestinations' in share && share.notDestinations.length > 0);
    expect(share).toEqual({ notDestinations: ['down', 'cut', 'page:pager'], notKinds: [] });
  });

  it('a delivery that asks nobody says nothing of its receiver: one that is overtaken, that has nothing to show, whose claim is lost', async () => {
    start(100);
    const told: (FailureCode | null)[] = [];
    const counting = { ...parts, pressure: { ...pressure, tried: (_effect: Effect, failed: FailureCode | null) => told.push(failed) } };
    await bring(messageOf(1));
    await routeKept(parts);
    const inner = { notDestinations: [], notKinds: ['showCard' as const] };
    for (let round = 0; round < 5; round += 1) {
      for (const claimed of await engine.stores.bus.claim(engine.now, 60, 9)) await runCase(engine.parts, claimed.event, claimed);
      for (const item of await engine.stores.outbox.claim(engine.now, 60, 9, inner)) await deliver(engine.parts, item);
    }
    const [card] = await engine.stores.outbox.claim(engine.now, 60, 9);
    const withOutbox = (more: Partial<Parts['outbox']>) => ({ ...counting, outbox: { ...parts.outbox, ...more } });
    await deliver(withOutbox({ overtaken: () => Promise.resolve(true), delivered: () => Promise.resolve(true) }), card!);
    await deliver(withOutbox({ stillHeld: () => Promise.resolve(false) }), card!);
    const blank = parts.workflows.map((one) => ({
      ...one,
      see: (state: never) => ({ ...one.see(state), sharedCard: () => null, note: () => null }),
    }));
    await deliver({ ...withOutbox({ delivered: () => Promise.resolve(true) }), workflows: blank }, card!);
    expect(told).toEqual([]);
    await deliver(counting, card!);
    expect(told).toEqual([null]);
  });

  it('a fault of our own says nothing of the receiver', async () => {
    start(100);
    const told: (FailureCode | null)[] = [];
    const counting = { ...parts, pressure: { ...pressure, tried: (_effect: Effect, failed: FailureCode | null) => told.push(failed) } };
    await queue(engine.stores, caseNo(1), effects.advise());
    const [item] = await engine.stores.outbox.claim(engine.now, 60, 9);
    const keepBytes = () => Promise.reject(new Error('the disk is full'));
    await deliver({ ...counting, outbox: { ...parts.outbox, keepBytes } }, item!);
    expect(told).toEqual([]);
  });

  it('a feed is told not now, its state says behind, and it ends at once when Radloop ends', async () => {
    start(100);
    for (let n = 0; n < 100; n += 1) await queue(engine.stores, caseNo(n), effects.card());
    await looked();
    const { cursors } = engine.stores;
    const states = feedStates(cursors, parts.clock, ['pacs']);
    let asked = 0;
    const changes = () => {
      asked += 1;
      return Promise.resolve({ ok: true, changes: { studies: [], next: 7, more: false } } as const);
    };
    const feed = pacsFeed({ ...parts, cursors, states, pacs: { changes } }, { everySeconds: 1, assigner: '' });
    const worker = startPoller(feed, parts.log);
    await until(async () => (await states.all())[0]?.state === 'behind');
    expect(await states.all()).toMatchObject([{ state: 'behind', reason: expect.stringContaining('too much waits') }]);
    const stopping = performance.now();
    await worker.stop();
    expect(performance.now() - stopping).toBeLessThan(1000);
    expect(asked).toBe(0);
    await tryCard('not-connected');
    expect(await feed.ask()).toBe('done');
    expect(await states.all()).toMatchObject([{ state: 'up' }]);
  });

  it('a feed that is under way when intake shuts stops there, and loses nothing', async () => {
    start(100);
    const { cursors } = engine.stores;
    const states = feedStates(cursors, parts.clock, ['pacs']);
    const studies = ['1.1', '1.2', '1.3'].map((uid) => ({ body: Buffer.from(uid), event: study(uid) }));
    const changes = () => Promise.resolve({ ok: true, changes: { studies, next: 7, more: false } } as const);
    let kept = 0;
    let isShut = false;
    const keep: Parts['raw']['keep'] = (...all) => {
      kept += 1;
      isShut = kept === 2;
      return parts.raw.keep(...all);
    };
    const needs = { ...parts, cursors, states, pacs: { changes }, pressure: { ...pressure, isShut: () => isShut }, raw: { ...parts.raw, keep } };
    const feed = pacsFeed(needs, { everySeconds: 1, assigner: '' });
    expect(await feed.ask()).toBe('done');
    expect([kept, await cursors.read('pacs'), (await states.all())[0]?.state]).toEqual([2, null, 'behind']);
    isShut = false;
    expect(await feed.ask()).toBe('done');
    expect([await engine.stores.raw.arrivals(9), await cursors.read('pacs')]).toMatchObject([Array(3).fill({ what: 'study' }), '7']);
  });

  it('a look that takes long keeps nobody from seeing that the disk has room again (invariant 6)', async () => {
    free = 0;
    const slow = async () => {
      await pause(1500);
      return 0;
    };
    pressure = backpressure(
      { raw: engine.stores.raw, outbox: { waiting: slow }, freeBytes: () => Promise.resolve(free), log: silentLog() },
      { most: 100 },
    );
    await until(() => pressure.isShut());
    free = 1e9;
    // It would be looked at again half a minute later.
    await until(() => !pressure.isShut(), 10);
  });
});

describe('while the disk is nearly full nothing that comes from outside is kept (invariant 6)', () => {
  const big = Buffer.concat([messageOf(1), Buffer.from(`NTE|1||${'x'.repeat(100_000)}\r`)]);
  const stranger = { endpoint: 'mllp:north', facility: { ...north } };
  const rows = async () => (await engine.stores.raw.list(99)).length;
  const isFull = async (): Promise<void> => {
    free = 0;
    start(100);
    await looked();
  };

  it('not a message of a stranger: AR as ever, on record once and then counted', async () => {
    await isFull();
    for (let n = 0; n < 20; n += 1) expect((await bring(big, stranger)).application).toMatch(/MSA\|AR\|M1[^]*may not come in/u);
    expect(await rows()).toBe(0);
    expect(engine.stores.db.all('SELECT action, outcome FROM audit')).toEqual([{ action: 'hl7', outcome: 'denied' }]);
    free = 1e9;
    await looked();
    expect((await bring(big, stranger)).application).toContain('MSA|AR|M1');
    expect(await rows()).toBe(1);
  });

  it('not one that is too long: AE, and AR when it is sent again later', async () => {
    await isFull();
    const long = () => receiveOversize(parts, messageOf(1), 20_000_000, 'ab'.repeat(32), mllp);
    expect(String((await long()).application)).toMatch(/MSA\|AE\|M1[^]*The disk is nearly full/u);
    expect((await bring(Buffer.concat([messageOf(2), Buffer.alloc(10 * 1024 * 1024)]))).application).toContain('MSA|AE|M2');
    expect(await rows()).toBe(0);
    free = 1e9;
    await looked();
    expect(String((await long()).application)).toContain('MSA|AR|M1');
    expect(await rows()).toBe(1);
  });

  it('not what is no message, not an answer to nothing, not a batch', async () => {
    await isFull();
    const counted: string[] = [];
    parts = { ...parts, pressure: { ...pressure, refused: (endpoint) => counted.push(endpoint) } };
    await keepNoise(parts, Buffer.alloc(60_000, 'x'), 60_000, 'bytes between frames', mllp);
    const answer = Buffer.from('MSH|^~\\&|RIS|RADLOOP-GENERAL|RADLOOP|X|20261125100000||ACK|A1|P|2.5.1\rMSA|AA|X1\r');
    expect((await bring(answer)).application).toBe('');
    await bring(Buffer.from(`FHS|^~\\&|A\rBHS|^~\\&|A|${'x'.repeat(60_000)}\rBTS|0\rFTS|1\r`));
    await bring(Buffer.concat([Buffer.from('FHS|^~\\&|A\rBHS|^~\\&|A\r'), big, Buffer.from('BTS|1\rFTS|1\r')]), stranger);
    expect(await rows()).toBe(0);
    expect(counted).toEqual(['mllp', 'mllp', 'mllp:north']);
  });
});

describe('what will lead to more weighs as what comes of it (ADR 0031)', () => {
  /** An order asks the EHR, then two models, and the last answer leads to so many things to send. */
  const learnt = (leaves: number): void => {
    for (let n = 0; n < 300; n += 1) {
      pressure.ledTo('askModel', []);
      pressure.ledTo(
        'askModel',
        Array.from({ length: leaves }, () => effects.card()),
      );
      pressure.ledTo('gatherContext', [effects.ask(), effects.ask()]);
      pressure.ledTo('message', [effects.gather()]);
    }
  };
  const takenUntilShut = async (): Promise<number> => {
    for (let n = 0; ; n += 1) if (!(await bring(messageOf(n))).application.includes('MSA|AA')) return n;
  };
  /** Waits with those that wait, and is looked at. */
  const waits = async (count: number, effect: () => Effect): Promise<readonly [number, boolean]> => {
    for (let n = 0; n < count; n += 1) await queue(engine.stores, caseNo(n), effect());
    await looked();
    return [pressure.waiting(), pressure.isShut()];
  };

  it('a message that leads to two things to send counts as two, one that leads to none as itself', async () => {
    start(100);
    learnt(2);
    const taken = await takenUntilShut();
    expect(taken).toBeGreaterThanOrEqual(48);
    expect(taken).toBeLessThanOrEqual(53);
    expect(pressure.waiting()).toBe(taken);
    learnt(0);
    await looked();
    expect(pressure.isShut()).toBe(false);
    for (let n = 900; n < 920; n += 1) await bring(messageOf(n));
    expect(pressure.isShut()).toBe(false);
  });

  it('so does a question whose answer leads to two; of two models that are asked each is one, and what is ready to be sent is one thing', async () => {
    start(100);
    learnt(2);
    expect(await waits(30, effects.ask)).toEqual([30, false]);
    expect(await waits(20, effects.card)).toEqual([50, false]);
    expect(await waits(20, effects.gather)).toEqual([70, false]);
    expect(await waits(6, effects.gather)).toEqual([76, true]);
  });

  it.each(['assist', 'silent'] as const)('an order in %s teaches what it asked, and what left of each answer', async (mode) => {
    await engine.close();
    engine = startEngineFixture(mode);
    start(1000);
    const told: unknown[] = [];
    const ledTo: Backpressure['ledTo'] = (cause, led) => told.push([cause, ...led.map(({ kind }) => kind)]);
    const counting = { ...parts, pressure: { ...pressure, ledTo } };
    await bring(messageOf(1));
    await routeKept(counting);
    for (let round = 0; round < 5; round += 1) {
      for (const claimed of await engine.stores.bus.claim(engine.now, 60, 9)) await runCase(counting, claimed.event, claimed);
      for (const item of await engine.stores.outbox.claim(engine.now, 60, 9)) await deliver(counting, item);
    }
    const last = mode === 'assist' ? ['askModel', 'showCard', 'sendHl7'] : ['askModel'];
    expect(told).toEqual([['message', 'gatherContext'], ['gatherContext', 'askModel', 'askModel'], ['askModel'], last]);
  });
});

describe('messages wait as messages', () => {
  it('a timer that is due is heard before the events of a flood', async () => {
    start(10_000);
    const { bus, deadlines, cases } = engine.stores;
    await bring(messageOf(1));
    await engine.settle();
    const [open] = await engine.stores.views.open('protocoling');
    const found = await cases.findByNumber(open!.caseNumber);
    for (let n = 1; n < 50; n += 1) await bus.publish(eventFor(caseNo(n)));
    const [due] = await deadlines.due(addSeconds(engine.now, 24 * 3600), 1);
    expect(due?.caseId).toBe(found?.caseId);
    await deadlines.fire(due!, engine.now);
    expect((await bus.claim(engine.now, 60, 16)).map(({ event }) => event.caseId)).toEqual([found?.caseId]);
    expect(await bus.claim(engine.now, 60, 16)).toHaveLength(16);
  });

  it('while 64 events wait no further message is worked out: a timer and a person are not behind a flood', async () => {
    start(10_000);
    for (const [n, order] of plannedOrders(7, 300).entries()) await bring(Buffer.from(orderMessage(order, 'new', `M${n}`, new Date(t0))));
    let routed = 0;
    const routing = (async () => {
      for (;;) {
        const n = await routeKept(parts);
        if (n === 0) return;
        routed += n;
      }
    })();
    for (const end = Date.now() + 10_000; routed < 64 && Date.now() < end;) await pause(20);
    await pause(500);
    expect(routed).toBeGreaterThanOrEqual(64);
    expect(routed).toBeLessThan(192);
    while (routed < 300) {
      expect((await engine.stores.raw.waiting(999)).events).toBeLessThanOrEqual(128);
      for (const claimed of await engine.stores.bus.claim(engine.now, 60, 99)) await runCase(engine.parts, claimed.event, claimed);
      await pause(20);
    }
    await routing;
  });

  describe('an answer that does not come in its time is none, and ours is a queue it stands in', () => {
    let ahead: number;
    let asked: OutboxShare[];
    beforeEach(() => {
      asked = [];
      const waiting: Parts['outbox']['waiting'] = (_most, share) => {
        if ('notKinds' in share) return Promise.resolve(0);
        asked.push(share);
        return Promise.resolve(ahead);
      };
      const [raw, freeBytes] = [engine.stores.raw, () => Promise.resolve(null)];
      pressure = backpressure({ raw, outbox: { waiting }, freeBytes, log: silentLog() }, { most: 999 });
      pressure.routed(64);
    });
    /** Milliseconds until there was room, and for how many messages. */
    const turn = async (): Promise<readonly [number, number]> => {
      const began = performance.now();
      const room = await pressure.room();
      return [performance.now() - began, room];
    };

    it('so many messages are worked out that 64 questions and events wait, and none while that is fewer than eight', async () => {
      ahead = 40;
      expect((await turn())[1]).toBe(24);
      pressure.routed(20);
      let isIn = false;
      ahead = 57;
      const answering = setInterval(() => { pressure.tried(effects.ask(), null); }, 50); // prettier-ignore
      const coming = turn().finally(() => {
        isIn = true;
      });
      await until(() => asked.length > 6);
      expect(isIn).toBe(false);
      ahead = 56;
      expect((await coming)[1]).toBe(8);
      clearInterval(answering);
    });

    it('for a second where nobody answers, for four where some do: one who hangs holds up no order', async () => {
      ahead = 64;
      const [hangs, room] = await turn();
      expect(hangs).toBeGreaterThan(1000);
      expect(room).toBe(64);
      pressure.routed(64);
      const answering = setInterval(() => { pressure.tried(effects.ask(), null); }, 50); // prettier-ignore
      expect((await turn())[0]).toBeGreaterThan(4000);
      clearInterval(answering);
    });

    it('not at all behind those for somebody who fails', async () => {
      ahead = 0;
      pressure.tried(effects.gather(), 'unavailable');
      asked.length = 0;
      await turn();
      expect(asked).toEqual([{ kinds: ['askModel'] }]);
    });
  });

  it('what a feed brings waits for its turn behind them, and comes again when Radloop ends before that', async () => {
    start(10_000);
    for (let n = 0; n < 129; n += 1) await bring(messageOf(n));
    let isTaken = false;
    const brought = { endpoint: 'pacs', bytes: Buffer.from('{}'), messageType: 'study', controlId: null, sender: 'pacs' };
    const taking = takeIn(parts, brought, [study('1.1')]).then(() => {
      isTaken = true;
    });
    await pause(500);
    expect(isTaken).toBe(false);
    // What tells the workflows nothing has nobody to wait for.
    await takeIn(parts, { ...brought, bytes: Buffer.from('[]') }, []);
    pressure.stop();
    await expect(taking).rejects.toMatchObject({ name: 'Ending' });
    expect(isTaken).toBe(false);
    expect(await engine.stores.raw.unrouted(1)).toHaveLength(1);
  });
});
