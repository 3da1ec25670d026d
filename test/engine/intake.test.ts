import { createHash } from 'node:crypto';
import { readSite } from '#adapters/embedded/site-folder.js';
import { receive, receiveOversize } from '#engine/intake.js';
import type { Parts } from '#engine/parts.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { testSite } from '../support/planned-orders.ts';

let engine: EngineFixture;
beforeEach(() => {
  engine = startEngineFixture('assist');
});
afterEach(() => engine.close());

const general = { endpoint: 'https:general', facilities: ['RADLOOP-GENERAL'] };
const text = (bytes: Buffer) => bytes.toString('latin1');
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
    const refused = text(await receive({ ...engine.parts, raw }, orderBytes(), general));
    expect(refused).toContain('MSA|AE|M1');
    expect(refused).toMatch(/ERR\|.*207/u);
    expect(refused).not.toContain('disk');
    expect(text(await receive(engine.parts, orderBytes(), general))).toContain('MSA|AA|M1');
    expect(events()).toBe(1);
  });

  it('accepts and keeps a message that no workflow reads', async () => {
    expect(text(await engine.bring(written(MSH('ADT^A08'), 'PID|1||1^^^RADLOOP-MRN^MR')))).toContain('MSA|AA|M9');
    expect(await engine.stores.raw.list(9)).toMatchObject([{ state: 'kept', messageType: 'ADT^A08' }]);
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
    const ack = await receiveOversize(engine.parts, start, 20_000_000, hash, general);
    expect(text(ack)).toContain('MSA|AR|M1');
    const [kept] = await engine.stores.raw.list(9);
    expect(kept).toMatchObject({ state: 'refused', length: 20_000_000, hash, reason: 'longer than the limit: 20000000 bytes' });
    expect((await engine.stores.raw.read(kept!.id))?.length).toBe(65_536);
    engine.now = '2026-11-25T11:00:00.000Z' as typeof engine.now;
    expect(await receiveOversize(engine.parts, start, 20_000_000, hash, general)).toEqual(ack);
  });

  it('turns a facility away that may not come in at this door, on record, and uses nothing of it', async () => {
    const ack = text(await receive(engine.parts, orderBytes(), { ...general, facilities: ['NORTH'] }));
    expect(ack).toContain('MSA|AR|M1');
    expect(ack).toMatch(/ERR\|.*MSH\^1\^4/u);
    expect(events()).toBe(0);
    expect(engine.stores.db.all('SELECT action, outcome, actor FROM audit')).toEqual([
      { action: 'hl7', outcome: 'denied', actor: expect.stringContaining('https:general') },
    ]);
    expect(text(await receive(engine.parts, orderBytes(), general))).toContain('MSA|AA|M1');
  });
});

function notImaging(): Buffer {
  const [row] = readSite(testSite).procedureMap.notImaging;
  const code = row?.code ?? 'the site lists none';
  return written(MSH('ORM^O01'), 'PID|1||1^^^RADLOOP-MRN^MR', 'ORC|NW|P1^X', `OBR|1|P1^X||${code}^BLOOD COUNT^LOCAL`);
}
