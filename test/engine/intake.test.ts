import { createHash } from 'node:crypto';
import { readSite } from '#adapters/embedded/site-folder.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { keepNoise, receive, receiveOversize } from '#engine/intake.js';
import { takeIn } from '#engine/take-in.js';
import type { Bringer } from '#engine/intake.js';
import type { Facility } from '#domain/site.js';
import { routeKept } from '#engine/routing.js';
import type { Parts } from '#engine/parts.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';

let engine: EngineFixture;
beforeEach(() => {
  engine = startEngineFixture('assist');
});
afterEach(() => engine.close());

const facility = (mshFacilities: string[], mshApplications: string[] = []): Facility => ({
  ...{ id: 'general', name: 'General', certificateNames: [], mshFacilities, mshApplications, answersTo: null },
});
const general: Bringer = { endpoint: 'https:general', facility: facility(['RADLOOP-GENERAL']) };
const answer = async (parts: Parts, bytes: Buffer, from: Bringer) => {
  const { application } = await receive(parts, bytes, from);
  await routeKept(engine.parts);
  return text(application ?? Buffer.alloc(0));
};
const text = (bytes: Buffer) => bytes.toString('latin1');
/** MSH-3 of the rehearsal's orders. */
const application = orderBytes().toString().split('|')[2] ?? '';
const events = () => engine.stores.db.all('SELECT 1 FROM events').length;
const written = (...lines: string[]) => Buffer.from(`${lines.join('\r')}\r`);
const MSH = (type: string, facility = 'RADLOOP-GENERAL') => `MSH|^~\\&|RIS|${facility}|RADLOOP|X|20261125100000||${type}|M9|P|2.5.1`;

describe('the intake', () => {
  it('answers the same bytes with the same ACK, later too, and makes one event of them', async () => {
    const first = await engine.bring(orderBytes());
    engine.now = '2026-11-25T11:00:00.000Z' as typeof engine.now;
    expect(await engine.bring(orderBytes())).toEqual(first);
    expect(text(first)).toContain('MSA|AA|M1');
    expect(events()).toBe(1);
    await engine.settle();
    expect(await engine.bring(orderBytes())).toEqual(first);
    expect(events()).toBe(0);
  });

  it('answers both of two that come at once the same, and makes one event of them', async () => {
    const [one, two] = await Promise.all([engine.bring(orderBytes()), engine.bring(orderBytes())]);
    expect(one).toEqual(two);
    expect(events()).toBe(1);
  });

  it('sends a change and a cancel to the case of their order', async () => {
    for (const bytes of [orderBytes('new', 'M1'), orderBytes('cancel', 'M2')]) await engine.bring(bytes);
    await engine.settle();
    expect(await engine.stores.views.all('protocoling')).toMatchObject([{ status: 'cancelled' }]);
  });

  it('answers AE 207 when the store fails, and takes the message when it is sent again', async () => {
    const raw: Parts['raw'] = { ...engine.parts.raw, keep: () => Promise.reject(new Error('the disk is full')) };
    const refused = await answer({ ...engine.parts, raw }, orderBytes(), general);
    expect(refused).toContain('MSA|AE|M1');
    expect(refused).toMatch(/ERR\|.*207/u);
    expect(refused).not.toContain('disk');
    expect(await answer(engine.parts, orderBytes(), general)).toContain('MSA|AA|M1');
    expect(events()).toBe(1);
  });

  it('accepts and keeps a message that no workflow reads', async () => {
    expect(text(await engine.bring(written(MSH('DFT^P03'), 'PID|1||1^^^RADLOOP-MRN^MR')))).toContain('MSA|AA|M9');
    expect(await engine.stores.raw.list(9)).toMatchObject([{ state: 'kept', messageType: 'DFT^P03' }]);
    expect(events()).toBe(0);
  });

  it('keeps and counts an order that is no imaging, and opens no case for it', async () => {
    expect(text(await engine.bring(notImaging()))).toContain('MSA|AA|M9');
    expect(await engine.stores.raw.list(9, 'not-imaging')).toHaveLength(1);
    expect(events()).toBe(0);
  });

  it('keeps what it refuses, with why', async () => {
    expect(text(await engine.bring(written(MSH('ORM^O01'), 'ORC|NW')))).toMatch(/MSA\|A[ER]\|M9/u);
    expect(await engine.stores.raw.list(9)).toMatchObject([{ state: 'refused', reason: expect.any(String) }]);
    expect(await engine.bring(Buffer.from('GET / HTTP/1.1'))).toBeInstanceOf(Buffer);
    expect(events()).toBe(0);
  });

  it('keeps the beginning, the length and the hash of what is too long, answers AR, and the same again', async () => {
    const start = Buffer.concat([orderBytes(), Buffer.alloc(65_536)]).subarray(0, 65_536);
    const hash = createHash('sha256').update('all of it').digest('hex');
    const { application: ack } = await receiveOversize(engine.parts, start, 20_000_000, hash, general);
    expect(text(ack!)).toContain('MSA|AR|M1');
    const [kept] = await engine.stores.raw.list(9);
    expect(kept).toMatchObject({ state: 'refused', length: 20_000_000, hash, reason: 'longer than the limit: 20000000 bytes' });
    expect((await engine.stores.raw.read(kept!.id))?.length).toBe(65_536);
    engine.now = '2026-11-25T11:00:00.000Z' as typeof engine.now;
    expect((await receiveOversize(engine.parts, start, 20_000_000, hash, general)).application).toEqual(ack);
  });

  it('turns a facility away that may not come in at this door, on record, and uses nothing of it', async () => {
    const ack = await answer(engine.parts, orderBytes(), { ...general, facility: facility(['NORTH']) });
    expect(ack).toContain('MSA|AR|M1');
    expect(ack).toMatch(/ERR\|.*MSH\^1\^4/u);
    expect(events()).toBe(0);
    expect(engine.stores.db.all('SELECT action, outcome, actor FROM audit')).toEqual([
      { action: 'hl7', outcome: 'denied', actor: expect.stringContaining('https:general') },
    ]);
    expect(await answer(engine.parts, orderBytes(), general)).toContain('MSA|AA|M1');
  });

  it('turns a sending application away that its certificate or token is not bound to (MSH-3), and reads it once it is', async () => {
    const other = { ...general, facility: facility(['RADLOOP-GENERAL'], ['SOMETHING-ELSE']) };
    expect(await answer(engine.parts, orderBytes(), other)).toMatch(/MSA\|AR\|M1[^]*ERR\|.*MSH\^1\^3/u);
    expect(events()).toBe(0);
    expect(engine.stores.db.all('SELECT action, outcome FROM audit')).toEqual([{ action: 'hl7', outcome: 'denied' }]);
    expect(
      await answer(engine.parts, orderBytes(), { ...general, facility: facility(['RADLOOP-GENERAL'], ['SOMETHING-ELSE', application]) }),
    ).toContain('MSA|AA|M1');
    expect(events()).toBe(1);
  });

  it('keeps and refuses a message at which our own reader fails, and is there for the next (invariant 9)', async () => {
    const judge = () => {
      throw new TypeError('a fault of ours');
    };
    expect(await answer({ ...engine.parts, door: { ...engine.parts.door, judge } }, orderBytes(), general)).toContain('MSA|AR|M1');
    const refuse = judge;
    expect(await receive({ ...engine.parts, door: { ...engine.parts.door, judge, refuse } }, orderBytes('new', 'M2'), general)).toMatchObject({
      ...{ commit: null, application: null },
    });
    expect(await engine.stores.raw.list(9)).toMatchObject(Array(2).fill({ state: 'refused', reason: expect.stringContaining('TypeError') }));
    expect(await answer(engine.parts, orderBytes('new', 'M3'), general)).toContain('MSA|AA|M3');
  });

  it('answers CR to a stranger in enhanced mode, CE when the store fails, and owes no application answer then (invariant 5)', async () => {
    const asking = Buffer.from(orderBytes().toString().replace('|2.5.1||||||', '|2.5.1|||AL|AL||'));
    const stranger = await receive(engine.parts, asking, { ...general, facility: facility(['NORTH']) });
    expect(text(stranger.commit!)).toContain('MSA|CR|M1');
    const raw: Parts['raw'] = { ...engine.parts.raw, keep: () => Promise.reject(new Error('the disk is full')) };
    const failed = await receive({ ...engine.parts, raw }, asking, general);
    expect(text(failed.commit!)).toMatch(/MSA\|CE\|M1[^]*207/u);
    expect([stranger.application, failed.application]).toEqual([null, null]);
    expect(events()).toBe(0);
    expect(await engine.stores.raw.unanswered('2027-01-01T00:00:00.000Z' as typeof engine.now, 9)).toEqual([]);
  });

  it('processes a message under a control id that was used before, and says so to the operator (invariant 4)', async () => {
    const errors: string[] = [];
    const log: Parts['log'] = { info: () => undefined, error: (event) => void errors.push(event) };
    for (const verb of ['new', 'cancel'] as const) await receive({ ...engine.parts, log }, orderBytes(verb, 'SAME'), general);
    expect(errors).toEqual(['hl7.control_id_reuse']);
    await routeKept(engine.parts);
    expect((await engine.stores.raw.list(9)).map(({ controlIdReused, state }) => [controlIdReused, state])).toEqual([
      [true, 'used'],
      [false, 'used'],
    ]);
    await engine.settle();
    expect(await engine.stores.views.all('protocoling')).toMatchObject([{ status: 'cancelled' }]);
  });

  it('has the message on disk before it answers, and what it causes follows from there after a kill (invariant 1, field report 8)', async () => {
    let release = (): void => undefined;
    const disk = new Promise<void>((resolve) => {
      release = resolve;
    });
    const raw: Parts['raw'] = { ...engine.parts.raw, keep: async (...all) => disk.then(() => engine.parts.raw.keep(...all)) };
    let answered = false;
    const answering = receive({ ...engine.parts, raw }, orderBytes(), general).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    release();
    await answering;
    const looking = openDatabase(engine.stores.folder, { readOnly: true });
    expect(looking.all('SELECT lower(hex(hash)) AS hash FROM raw')).toEqual([{ hash: createHash('sha256').update(orderBytes()).digest('hex') }]);
    await looking.close();
    // A process that dies here left the answered message, and nothing else: the next one goes on from it, once.
    expect(events()).toBe(0);
    expect([await routeKept(engine.parts), await routeKept(engine.parts), events()]).toEqual([1, 0, 1]);
  });

  it('keeps a row for everything that came in: used, kept, refused, too long, no message at all (field report 2)', async () => {
    await engine.bring(orderBytes());
    await engine.bring(written(MSH('DFT^P03')));
    await engine.bring(written(MSH('ORM^O01'), 'ORC|NW'));
    await engine.bring(Buffer.from('GET / HTTP/1.1'));
    await engine.bring(Buffer.alloc(10 * 1024 * 1024 + 1, 'A'));
    await keepNoise(engine.parts, Buffer.from('between two frames'), 18, 'bytes between frames', general);
    const rows = await engine.stores.raw.list(9);
    expect(rows.map(({ state }) => state).sort()).toEqual(['kept', 'refused', 'refused', 'refused', 'refused', 'used']);
    expect(rows.filter(({ state, reason }) => state !== 'used' && reason === null)).toEqual([]);
  });

  describe('a batch', () => {
    const counted = (count: number, ...messages: Buffer[]) =>
      Buffer.concat([Buffer.from('FHS|^~\\&|A\rBHS|^~\\&|A\r'), ...messages, Buffer.from(`BTS|${count}\rFTS|1\r`)]);
    const batch = (...messages: Buffer[]) => counted(messages.length, ...messages);

    it('is answered by the batch of its messages’ answers, each taken in by itself, the same later', async () => {
      const bytes = batch(orderBytes('new', 'B1'), written(MSH('ORM^O01'), 'ORC|NW'), orderBytes('cancel', 'B2'));
      const first = await engine.bring(bytes);
      expect(text(first)).toMatch(/^BHS\|[^]*MSA\|AA\|B1[^]*MSA\|A[ER]\|M9[^]*MSA\|AA\|B2[^]*BTS\|3/u);
      expect((await engine.stores.raw.list(9)).map(({ state }) => state)).toEqual(expect.arrayContaining(['used', 'refused', 'used', 'kept']));
      engine.now = '2026-11-25T11:00:00.000Z' as typeof engine.now;
      expect(await engine.bring(bytes)).toEqual(first);
      expect(await engine.stores.raw.list(9)).toHaveLength(4);
      await engine.settle();
      expect(await engine.stores.views.all('protocoling')).toMatchObject([{ status: 'cancelled' }]);
    });

    it('whose own count is another is taken as far as it came, and shown to a person', async () => {
      const bytes = counted(3, orderBytes('new', 'B1'), orderBytes('cancel', 'B2'));
      const first = await engine.bring(bytes);
      expect(text(first)).toMatch(/^BHS\|[^]*MSA\|AA\|B1[^]*MSA\|AA\|B2[^]*BTS\|2/u);
      expect(await engine.bring(bytes)).toEqual(first);
      await engine.settle();
      expect(await engine.stores.views.all('protocoling')).toMatchObject([{ status: 'cancelled' }]);
      const reason =
        'BTS-1 does not say the number of messages that came, 2. Send the batch again, whole. It came as a batch of 2: each message is a row of its own';
      expect(await queueStore(engine.stores.db).list({ kind: 'message' }, 9, engine.now)).toMatchObject([
        { what: 'batch', state: 'refused', reason },
      ]);
    });

    it('is no second effect when one of its messages came alone before', async () => {
      await engine.bring(orderBytes('new', 'B1'));
      await engine.bring(batch(orderBytes('new', 'B1'), orderBytes('new', 'B1')));
      expect(events()).toBe(1);
    });

    it('answers AE 207 for the message that could not be stored alone, and takes it when the batch comes again', async () => {
      let failing = true;
      const raw: Parts['raw'] = {
        ...engine.parts.raw,
        keep: async (message, all) =>
          failing && message.controlId === 'B2' ? Promise.reject(new Error('full')) : engine.parts.raw.keep(message, all),
      };
      const bytes = batch(orderBytes('new', 'B1'), orderBytes('cancel', 'B2'));
      expect(await answer({ ...engine.parts, raw }, bytes, general)).toMatch(/MSA\|AA\|B1[^]*MSA\|AE\|B2[^]*207/u);
      failing = false;
      expect(await answer({ ...engine.parts, raw }, bytes, general)).toMatch(/MSA\|AA\|B1[^]*MSA\|AA\|B2/u);
      expect(events()).toBe(2);
    });

    it('owes no answer of a message in it besides its own', async () => {
      const asking = Buffer.from(orderBytes('new', 'B1').toString().replace('|2.5.1||||||', '|2.5.1|||AL|AL||'));
      expect(text(await engine.bring(batch(asking)))).toMatch(/^BHS[^]*MSA\|AA\|B1/u);
      expect(await engine.stores.raw.unanswered('2027-01-01T00:00:00.000Z' as typeof engine.now, 9)).toEqual([]);
    });

    it('lets in only those of its messages that the bringer may send', async () => {
      const strange = Buffer.from(orderBytes('new', 'B2').toString().replace('|RADLOOP-GENERAL|', '|ELSEWHERE|'));
      expect(await answer(engine.parts, batch(orderBytes('new', 'B1'), strange), general)).toMatch(/MSA\|AA\|B1[^]*MSA\|AR\|B2/u);
      expect(events()).toBe(1);
    });
  });

  it('works out the others when the store will not take what one message causes, and leaves that one for an operator', async () => {
    await receive(engine.parts, orderBytes('new', 'M1'), general);
    await receive(engine.parts, written(MSH('ADT^A08'), 'EVN||20261125', 'PID|1||1^^^RADLOOP-MRN^MR||Doe^Jane'), general);
    const isPoison = (routes: Parameters<Parts['raw']['route']>[0]) =>
      routes.some(({ consequences }) => consequences.some(({ kind }) => kind === 'patient-moved'));
    const raw: Parts['raw'] = {
      ...engine.parts.raw,
      route: async (routes) => (isPoison(routes) ? Promise.reject(new Error('poison')) : engine.parts.raw.route(routes)),
    };
    await routeKept({ ...engine.parts, raw });
    expect((await engine.stores.raw.list(9)).map(({ state }) => state)).toEqual(['kept', 'used']);
    expect(events()).toBe(1);
  });

  it('reads a batch anew once the site lets its sender in', async () => {
    const batch = Buffer.concat([Buffer.from('BHS|^~\\&|RIS|NORTH\r'), orderBytes(), Buffer.from('BTS|1\r')]);
    const from = (mshFacilities: string[]): Bringer => ({ endpoint: 'https:general', facility: facility(mshFacilities) });
    expect(await answer(engine.parts, batch, from(['SOUTH']))).toContain('MSA|AR|M1');
    expect(await answer(engine.parts, batch, from(['RADLOOP-GENERAL']))).toContain('MSA|AA|M1');
    expect(events()).toBe(1);
  });

  it('works out what was answered before it takes in what came another way', async () => {
    await receive(engine.parts, orderBytes(), general);
    const brought = { endpoint: 'pacs', bytes: Buffer.from('{}'), messageType: 'study', controlId: null, sender: 'pacs' };
    await takeIn(engine.parts, brought, []);
    expect(events()).toBe(0);
    const { events: said } = engine.parts.door.judge(orderBytes('cancel', 'M2'), engine.now);
    await takeIn(engine.parts, { ...brought, bytes: Buffer.from('[]') }, said);
    expect(engine.stores.db.all<{ event_id: string }>('SELECT event_id FROM events ORDER BY id').map(({ event_id }) => event_id.split(':')[0])).toEqual(['hl7', 'in']); // prettier-ignore
  });
});

function notImaging(): Buffer {
  const [row] = readSite(testSite).procedureMap.notImaging;
  const code = row?.code ?? 'the site lists none';
  return written(MSH('ORM^O01'), 'PID|1||1^^^RADLOOP-MRN^MR', 'ORC|NW|P1^X', `OBR|1|P1^X||${code}^BLOOD COUNT^LOCAL`);
}
