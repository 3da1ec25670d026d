import type { StudyArrived } from '#domain/hospital-event.js';
import type { Effect } from '#core/effect.js';
import { doorkeeper } from '#engine/doorkeeper.js';
import { startEngine } from '#engine/engine.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { feedStates } from '#engine/feed-states.js';
import { pacsFeed } from '#engine/pacs-feed.js';
import { startPoller } from '#engine/poller.js';
import { startWorker } from '#engine/worker.js';
import type { Pacs } from '#ports/pacs.js';
import { addSeconds, instant } from '#core/time.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { openedFacts } from '../support/opened-facts.ts';
import { silentLog } from '../support/clinic.ts';
import { caseNo, effects, queue } from '../support/store-fixture.ts';

let engine: EngineFixture;
beforeEach(() => {
  engine = startEngineFixture('assist');
});
afterEach(() => engine.close());

type Page = Awaited<ReturnType<Pacs['changes']>>;

describe('the feed of a PACS', () => {
  const study = (studyUid: string, more: Partial<StudyArrived> = {}): StudyArrived => ({
    ...{ type: 'studyArrived', rawHash: studyUid, sendingApplication: 'ORTHANC', sendingFacility: '', messageTime: null, receivedAt: engine.now },
    ...{ quality: [], studyUid, accessionNumber: null, modalities: ['CT'], startedAt: engine.now, description: null },
    patient: { id: '1', assigner: '', identifiers: [{ id: '1', assigner: '', type: '' }], name: null, birthDate: null, sex: null },
    ...more,
  });
  /** A PACS that gives these pages in turn, and notes from where it was asked. */
  const pacs = (...pages: (() => Page)[]) => {
    const asked: number[] = [];
    const changes = async (since: number): Promise<Page> => {
      asked.push(since);
      return pages.shift()?.() ?? { ok: true, changes: { studies: [], next: since, more: false } };
    };
    return { asked, pacs: { changes } };
  };
  const page =
    (next: number, more: boolean, ...events: StudyArrived[]) =>
    (): Page => ({
      ok: true,
      changes: { studies: events.map((event) => ({ body: Buffer.from(event.studyUid), event })), next, more },
    });
  const needs = (one: Pacs) => {
    const { cursors } = engine.stores;
    return { ...engine.parts, cursors, pacs: one, states: feedStates(cursors, engine.parts.clock, ['pacs']) };
  };
  const feedOf = (one: Pacs) => pacsFeed(needs(one), { everySeconds: 1, assigner: 'RADLOOP-MRN' });

  it('keeps each study and goes on where it was, over an end', async () => {
    const { asked, pacs: one } = pacs(page(7, true, study('1.1'), study('1.2')), page(9, false, study('1.3')));
    expect(await feedOf(one).ask()).toBe('more');
    expect(await feedOf(one).ask()).toBe('done');
    expect(await feedOf(one).ask()).toBe('done');
    expect(asked).toEqual([0, 7, 9]);
    expect((await engine.stores.raw.arrivals(9)).map(({ what, state }) => [what, state])).toEqual(Array(3).fill(['study', 'unmatched']));
    expect((await engine.stores.raw.list(9)).map(({ endpoint, messageType }) => [endpoint, messageType])).toEqual(Array(3).fill(['pacs', 'study']));
  });

  it('keeps its place only behind what was kept: an end between the two brings a study again, which is known (field report 8)', async () => {
    const { pacs: one } = pacs(page(7, false, study('1.1')), page(7, false, study('1.1')));
    const full = () => Promise.reject(new Error('the disk is full'));
    const failing = { ...needs(one), raw: { ...engine.parts.raw, keep: full } };
    expect(await pacsFeed(failing, { everySeconds: 1, assigner: '' }).ask()).toBe('failed');
    expect(await engine.stores.cursors.read('pacs')).toBeNull();
    await feedOf(one).ask();
    expect(await engine.stores.cursors.read('pacs')).toBe('7');
    await engine.stores.cursors.write('pacs', '0');
    await feedOf(pacs(page(7, false, study('1.1'))).pacs).ask();
    expect(await engine.stores.raw.arrivals(9)).toHaveLength(1);
  });

  it.each(['9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'])(
    'takes a study of %s, and the next one',
    async (time) => {
      const { pacs: one } = pacs(page(7, false, study('1.1', { startedAt: instant.parse(time) }), study('1.2')));
      expect(await feedOf(one).ask()).toBe('done');
      expect(await engine.stores.raw.arrivals(9)).toMatchObject(
        Array(2).fill({ what: 'study', reason: 'study: no case; patient-and-time: no case' }),
      );
      expect(await engine.stores.cursors.read('pacs')).toBe('7');
    },
  );

  describe('with a study that can not be kept', () => {
    /** Fails at one study, or at everything, as long as `fails` says so. */
    const failingAt = (fails: (row: { messageType: string | null; bytes: Buffer }) => boolean) => {
      const pages = Array.from({ length: 12 }, () => page(7, false, study('1.1'), study('1.2'), study('1.3')));
      const parts = needs(pacs(...pages).pacs);
      const keep: typeof parts.raw.keep = (row, consequences) =>
        fails(row) ? Promise.reject(new RangeError('poison')) : parts.raw.keep(row, consequences);
      const feed = pacsFeed({ ...parts, raw: { ...parts.raw, keep } }, { everySeconds: 1, assigner: '' });
      return { feed, state: async () => (await parts.states.all()).map(({ state }) => state) };
    };
    const kept = async () => (await engine.stores.raw.list(9)).map(({ state, reason }) => [state, reason]).reverse();

    it('takes the others, is not up meanwhile, and passes it by after five times: a row for a person to see', async () => {
      const { feed, state } = failingAt(({ messageType, bytes }) => messageType === 'study' && bytes.toString() === '1.2');
      for (let time = 1; time < 5; time += 1) {
        expect(await feed.ask()).toBe('failed');
        expect(await state()).toEqual(['behind']);
        expect(await kept()).toHaveLength(2);
        expect(await engine.stores.cursors.read('pacs')).toBeNull();
      }
      expect(await feed.ask()).toBe('done');
      expect(await state()).toEqual(['up']);
      expect(await engine.stores.cursors.read('pacs')).toBe('7');
      expect((await kept())[2]).toEqual(['refused', 'a study that could not be taken in, 5 times (RangeError): tell the makers of Radloop']);
      const [row] = await queueStore(engine.stores.db).list({ state: 'refused' }, 9, engine.now);
      expect(row).toMatchObject({ what: 'unreadable', state: 'refused' });
    });

    it('passes nothing by while the store takes nothing at all', async () => {
      let isFull = true;
      const { feed, state } = failingAt(() => isFull);
      for (let time = 0; time < 8; time += 1) expect(await feed.ask()).toBe('failed');
      expect(await state()).toEqual(['behind']);
      isFull = false;
      expect(await feed.ask()).toBe('done');
      expect((await kept()).map(([, reason]) => reason)).toEqual([null, null, null]);
    });
  });

  it('shows a person the study that the PACS announces and does not give', async () => {
    const unread = [{ body: Buffer.from('{}'), why: 'it announced a study and answers 500 for it' }];
    const { pacs: one } = pacs(() => ({ ok: true, changes: { studies: [], unread, next: 3, more: false } }));
    await feedOf(one).ask();
    expect(await engine.stores.raw.list(9)).toMatchObject([{ endpoint: 'pacs', state: 'refused', reason: unread[0]?.why }]);
  });

  it('takes the site’s own assigner for a record number whose issuer the images do not name', async () => {
    await engine.bring(orderBytes());
    await engine.settle();
    type Opened = { order: { accessionNumber: string; patient: { id: string; assigner: string } } }; // prettier-ignore
    const { order } = openedFacts<Opened>(engine.stores.db, 'orderOpened')[0]!.fact;
    const known = { accessionNumber: order.accessionNumber };
    const patient = (id: string) => ({ patient: { ...study('1').patient, id, identifiers: [{ id, assigner: '', type: '' }] } });
    const { pacs: one } = pacs(
      page(5, false, study('1.1', { ...known, ...patient(order.patient.id) }), study('1.2', { ...known, ...patient('other') })),
    );
    await pacsFeed(needs(one), { everySeconds: 1, assigner: order.patient.assigner }).ask();
    expect((await engine.stores.raw.arrivals(9)).map(({ matchedBy, reason }) => [matchedBy, reason])).toEqual([
      [null, 'accession: the one case is about another patient'],
      ['accession', 'accession: one case'],
    ]);
  });

  it('says that it failed when the PACS does not answer, and is shown as down since then until it answers', async () => {
    const away = (): Page => ({ ok: false, why: 'it did not answer' });
    const { pacs: one } = pacs(away, away);
    const feed = feedOf(one);
    const since = engine.now;
    const shown = () => queueStore(engine.stores.db).list({ kind: 'feed' }, 9, engine.now);
    expect(await shown()).toEqual([]);
    expect(await feed.ask()).toBe('failed');
    engine.now = addSeconds(since, 300);
    expect(await feed.ask()).toBe('failed');
    expect(await shown()).toMatchObject([{ id: 'f:pacs', what: 'feed', state: 'down', destination: 'pacs', reason: 'it did not answer', since }]);
    expect(await feed.ask()).toBe('done');
    expect(await shown()).toEqual([]);
    expect(await queueStore(engine.stores.db).find('f:pacs')).toMatchObject({ state: 'up', since: engine.now });
  });
});

const until = async (isSo: () => boolean) => {
  for (let n = 0; n < 500 && !isSo(); n += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
};

describe('what works for ever', () => {
  it('goes on asking after a fault, more slowly while it lasts, and at its pace again after it (field report 4)', async () => {
    const outcomes: ('throw' | 'failed' | 'done')[] = ['throw', 'failed', 'throw', 'done', 'done'];
    const at: number[] = [];
    const ask = async () => {
      at.push(performance.now());
      const outcome = outcomes.shift() ?? 'done';
      if (outcome === 'throw') throw new Error('a fault');
      return outcome;
    };
    const poller = startPoller({ name: 'test', everySeconds: 0.02, ask }, silentLog());
    await until(() => at.length >= 6);
    await poller.stop();
    const gaps = at.slice(1).map((time, n) => time - at[n]!);
    expect(gaps[0]).toBeGreaterThan(35);
    expect(gaps[2]).toBeGreaterThan(150);
    expect(gaps[4]).toBeLessThan(gaps[2]!);
    const count = at.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(at).toHaveLength(count);
  });

  it('asks again at once while there is more, and when it is woken', async () => {
    let asked = 0;
    const poller = startPoller({ name: 'test', everySeconds: 60, ask: async () => ((asked += 1) < 4 ? 'more' : 'done') }, silentLog());
    await until(() => asked === 4);
    poller.wake();
    await until(() => asked === 5);
    await poller.stop();
  });

  it('is not ended by an error of the store or of one job: the next job is done without a restart (field report 4)', async () => {
    const done: string[] = [];
    const batches: (() => string[])[] = [
      () => {
        throw new Error('the store failed once');
      },
      () => ['bad', 'good'],
      () => ['next'],
    ];
    const work = {
      ...{ name: 'test', atOnce: 2, nextDue: async () => engine.now },
      take: async () => batches.shift()?.() ?? [],
      do: async (job: string) => {
        if (job === 'bad') throw new Error('this job is a fault');
        done.push(job);
      },
    };
    const worker = startWorker(work, { now: () => engine.now }, silentLog());
    await new Promise((resolve) => setTimeout(resolve, 20));
    worker.wake();
    await until(() => done.length === 2);
    expect(done).toEqual(['good', 'next']);
    await worker.stop();
  });
});

describe('a receiver that never answers', () => {
  it('keeps no card, no other receiver and no order waiting (field report 25)', async () => {
    const { hl7 } = engine.parts;
    const asked: string[] = [];
    const hangs = new Promise<never>(() => undefined);
    const destinations = { ...engine.parts.destinations, dead: engine.parts.destinations['ris']! };
    const send: typeof hl7.send = (destination, bytes) => {
      asked.push(destination);
      return destination === 'dead' ? hangs : hl7.send(destination, bytes);
    };
    for (let n = 1; n <= 50; n += 1) await queue(engine.stores, caseNo(n), { ...effects.advise(), destination: 'dead' } as Effect);
    await engine.bring(orderBytes());
    const shell = startEngine({ ...engine.parts, destinations, hl7: { ...hl7, send } });
    await until(() => engine.left.some(({ to }) => to === 'channel') && engine.left.some(({ to }) => to === 'ris'));
    expect(asked.filter((destination) => destination === 'dead')).toHaveLength(2);
    // It never ends while a job hangs: here the process goes.
    void shell.stop();
  });
});

describe('who comes in', () => {
  it('is on loopback anybody; by certificate its facility, or nobody whose messages would fit', () => {
    const certified = { ...engine.parts.facilities[0]!, id: 'ris', certificateNames: ['ris.hospital.example'] };
    const keeper = doorkeeper({ ...engine.parts, facilities: [certified] });
    expect(keeper.bringerFor(null)).toEqual({ endpoint: 'mllp', facility: null });
    expect(keeper.bringerFor(['x', 'ris.hospital.example'])).toEqual({ endpoint: 'mllp:ris', facility: certified });
    for (const names of [[], ['RIS.hospital.example'], ['*.hospital.example']])
      expect(keeper.bringerFor(names)).toMatchObject({ endpoint: 'mllp:unknown', facility: { mshFacilities: [] } });
  });

  it('by a certificate of no facility is refused with each message, on record', async () => {
    const { application } = await engine.receive(orderBytes(), doorkeeper(engine.parts).bringerFor(['stranger.example']));
    expect(application?.toString()).toContain('MSA|AR|M1');
    expect(engine.stores.db.all('SELECT action, outcome FROM audit')).toEqual([{ action: 'hl7', outcome: 'denied' }]);
  });

  it('is on record once a minute for an address and a reason, however often it tries', async () => {
    const { refused } = doorkeeper(engine.parts);
    for (let n = 0; n < 50; n += 1) refused('10.0.0.7', 'expired-certificate');
    refused('10.0.0.7', 'no-certificate');
    refused('10.0.0.8', 'expired-certificate');
    engine.now = addSeconds(engine.now, 61);
    refused('10.0.0.7', 'expired-certificate');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.stores.db.all("SELECT detail, actor FROM audit WHERE action = 'door'")).toHaveLength(4);
  });

  it('is on record without end of memory when every address is a new one', async () => {
    const { refused } = doorkeeper(engine.parts);
    for (let n = 0; n < 5000; n += 1) refused(`10.0.${n >> 8}.${n & 255}`, 'no-certificate');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.stores.db.all("SELECT 1 FROM audit WHERE action = 'door'").length).toBeLessThanOrEqual(1001);
  });
});
