import { addSeconds } from '#core/time.js';
import type { Site } from '#domain/site.js';
import type { Bringer } from '#engine/intake.js';
import { lateAnswers } from '#engine/late-answers.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import type { Delivery } from '#core/delivery.js';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

const CONTROL = 'OURS1';
const accepted: Delivery<AckReceipt> = { ok: true, receipt: { code: 'CA', controlId: CONTROL, text: `MSA|CA|${CONTROL}` } };
/** The rehearsal site with a RIS that answers twice, which the facility `ris` brings, and another facility. */
const enhanced = (site: Site): Site => {
  const facility = (id: string, answersTo: string | null) => ({
    ...{ id, name: id, certificateNames: [], mshFacilities: ['RADLOOP-GENERAL'], mshApplications: [], answersTo },
  });
  const { ris } = site.endpoints.destinations;
  const destinations = { ris: { ...ris!, acknowledgement: 'enhanced' as const, answeredBy: 'ris', answerWithinMinutes: 10 } };
  return {
    ...site,
    settings: { ...site.settings, facilities: [facility('ris', 'ris'), facility('ward', null)] },
    endpoints: { ...site.endpoints, destinations },
  };
};

let engine: EngineFixture;
afterEach(() => engine.close());
const text = (bytes: Buffer | null) => bytes?.toString('latin1') ?? '';
const types = () => engine.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
const outbox = () =>
  engine.stores.db.all<{ state: string; code: string | null }>("SELECT state, code FROM outbox WHERE kind = 'sendHl7' AND weight = 'commit'");
const sent = () => engine.left.filter((one) => one.to === 'ris' && one.bytes.startsWith('order-change'));
const ack = (code: string, controlId = CONTROL, own = `R${code}${controlId}`) =>
  Buffer.from(
    `MSH|^~\\&|REHEARSAL-RIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|20261125100500||ACK|${own}|P|2.5.1|||AL|NE\rMSA|${code}|${controlId}\r`,
  );
const from = (id: string): Bringer => ({ endpoint: `mllp:${id}`, facility: engine.parts.facilities.find((one) => one.id === id) ?? null });

describe('a receiver that answers CA and later AA (enhanced mode)', () => {
  beforeEach(async () => {
    engine = startEngineFixture('assist', enhanced);
    await engine.bring(orderBytes());
    await engine.settle();
    engine.left.length = 0;
    expect(await engine.approve()).toBe('won');
    engine.risAnswers.push(accepted);
    await engine.settle();
  });

  it('is not believed to have written the order before its application says so', () => {
    expect(sent()).toHaveLength(1);
    expect(types()).not.toContain('protocolWrittenBack');
    expect(outbox()).toEqual([{ state: 'waiting', code: null }]);
  });

  it('ends the wait with AA on any authenticated connection of that destination (invariant 26)', async () => {
    const answers = await engine.receive(ack('AA'), from('ris'));
    expect(text(answers.commit)).toContain('MSA|CA|RAAOURS1');
    expect(answers.application).toBeNull();
    await engine.settle();
    expect(types()).toContain('protocolWrittenBack');
    expect(outbox()).toEqual([{ state: 'delivered', code: null }]);
    expect(sent()).toHaveLength(1);
    expect(await engine.stores.raw.list(1)).toMatchObject([{ state: 'used', messageType: expect.stringContaining('ACK') }]);
  });

  it('ends the wait on the connection that the message was sent on', async () => {
    await engine.receive(ack('AA'), { endpoint: 'to:ris', facility: null, destination: 'ris' });
    expect(types()).toContain('protocolWrittenBack');
  });

  it('is answered once: a second answer changes nothing and is shown (field report 1)', async () => {
    await engine.receive(ack('AA'), from('ris'));
    await engine.receive(ack('AE', CONTROL, 'SECOND'), from('ris'));
    await engine.settle();
    expect(outbox()).toEqual([{ state: 'delivered', code: null }]);
    expect(types().filter((type) => type === 'protocolWrittenBack')).toHaveLength(1);
    expect(types()).not.toContain('deliveryFailed');
    expect(await engine.stores.raw.list(1)).toMatchObject([{ state: 'kept', reason: 'answers nothing that awaits an answer' }]);
  });

  it.each([
    ['another control id', () => engine.receive(ack('AA', 'OTHER'), from('ris'))],
    ['another facility', () => engine.receive(ack('AA'), from('ward'))],
    ['the connection of another destination', () => engine.receive(ack('AA'), { endpoint: 'to:lab', facility: null, destination: 'lab' })],
    ['a commit answer alone', () => engine.receive(ack('CA'), from('ris'))],
  ])('is not credited with %s (field report 3)', async (_name, bring) => {
    await bring();
    await engine.settle();
    expect(types()).not.toContain('protocolWrittenBack');
    expect(outbox()).toEqual([{ state: 'waiting', code: null }]);
  });

  it.each(['AE', 'AR'])('holds the message for a person at %s, without sending it again', async (code) => {
    await engine.receive(ack(code), from('ris'));
    await engine.settle();
    expect(types()).toContain('deliveryFailed');
    expect(outbox()).toEqual([{ state: 'held', code: 'refused' }]);
    expect(await engine.stores.views.held()).toMatchObject([{ reason: expect.stringContaining(`answered ${code}`) }]);
    expect(sent()).toHaveLength(1);
  });

  it('goes to a person when its application has not answered within the site’s ten minutes', async () => {
    engine.now = addSeconds(engine.now, 599);
    await engine.settle();
    expect(types()).not.toContain('deliveryFailed');
    engine.now = addSeconds(engine.now, 1);
    await engine.settle();
    expect(outbox()).toEqual([{ state: 'held', code: 'not-answered' }]);
    expect(types().filter((type) => type === 'deliveryFailed')).toHaveLength(1);
    expect(sent()).toHaveLength(1);
    await engine.receive(ack('AA'), from('ris'));
    expect(types()).not.toContain('protocolWrittenBack');
  });

  it('is credited with one of two answers that come at once', async () => {
    await Promise.all([engine.receive(ack('AA'), from('ris')), engine.receive(ack('AE', CONTROL, 'SECOND'), from('ris'))]);
    await engine.settle();
    expect(outbox()).toEqual([{ state: 'delivered', code: null }]);
    expect(types().filter((type) => type === 'protocolWrittenBack' || type === 'deliveryFailed')).toEqual(['protocolWrittenBack']);
  });
});

describe('an application answer that is faster than the commit answer', () => {
  it('waits for what it answers, and is credited', async () => {
    engine = startEngineFixture('assist', enhanced);
    await engine.bring(orderBytes());
    await engine.settle();
    expect(await engine.approve()).toBe('won');
    const { hl7: before } = engine.parts;
    let overtaking: Promise<unknown> = Promise.resolve();
    const hl7 = {
      ...before,
      send: async (destination: string, bytes: Buffer) => {
        engine.risAnswers.push(accepted);
        if (bytes.toString().startsWith('order-change')) overtaking = engine.receive(ack('AA'), from('ris'));
        await new Promise((resolve) => setTimeout(resolve, 30));
        return before.send(destination, bytes);
      },
    };
    Object.assign(engine.parts, { hl7 });
    await engine.settle();
    await overtaking;
    expect(types()).toContain('protocolWrittenBack');
  });
});

describe('our own application answer', () => {
  const asking = (controlId: string) => Buffer.from(orderBytes('new', controlId).toString().replace('|2.5.1||||||', '|2.5.1|||AL|AL||'));
  const owed = () => engine.stores.raw.unanswered(addSeconds(engine.now, 99), 9);
  const ask = async () => Promise.all(lateAnswers(engine.parts, engine.parts.facilities).map((poll) => poll.ask()));
  beforeEach(() => {
    engine = startEngineFixture('assist', enhanced);
  });

  it('is owed until it has left, and goes to the facility’s own endpoint when its connection is gone', async () => {
    const { commit, application, identity } = await engine.receive(asking('E1'), from('ris'));
    expect(text(commit)).toContain('MSA|CA|E1');
    expect(text(application)).toContain('MSA|AA|E1');
    expect(await ask()).toEqual(['done']);
    expect(engine.left).toEqual([]);
    engine.now = addSeconds(engine.now, 6);
    engine.answersSent.push({ ok: false, code: 'not-connected', detail: 'nobody is there' });
    expect(await ask()).toEqual(['failed']);
    expect(await owed()).toMatchObject([{ identity }]);
    expect(await ask()).toEqual(['done']);
    expect(engine.left).toEqual([{ to: 'sender', destination: 'ris', bytes: text(application) }]);
    expect(await owed()).toEqual([]);
    expect(await ask()).toEqual(['done']);
    expect(engine.left).toHaveLength(1);
  });

  it('is not sent again when it left on its own connection', async () => {
    const { identity } = await engine.receive(asking('E1'), from('ris'));
    await engine.parts.raw.answered(identity);
    engine.now = addSeconds(engine.now, 60);
    await ask();
    expect(engine.left).toEqual([]);
  });

  it('stays for an operator where the facility names no endpoint, and keeps nobody waiting (field report 25)', async () => {
    await engine.receive(asking('E1'), from('ward'));
    await engine.receive(asking('E2'), from('ris'));
    engine.now = addSeconds(engine.now, 60);
    await ask();
    expect(engine.left).toMatchObject([{ bytes: expect.stringContaining('MSA|AA|E2') }]);
    expect(await owed()).toMatchObject([{ endpoint: 'mllp:ward' }]);
  });
});
