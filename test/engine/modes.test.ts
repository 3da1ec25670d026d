import { desk } from '#engine/desk.js';
import { okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

let engine: EngineFixture;
afterEach(() => engine.close());

const outbox = () => engine.stores.db.all<{ kind: string; state: string }>('SELECT kind, state FROM outbox ORDER BY id');
const facts = () => engine.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);

describe('mode off', () => {
  beforeEach(async () => {
    engine = startEngineFixture('off');
    await engine.bring(orderBytes());
    await engine.settle();
  });

  it('keeps and lists the order, and asks and sends nothing', async () => {
    expect(engine.left).toEqual([]);
    expect(engine.ehrAsked).toEqual([]);
    expect(facts()).toEqual(['orderOpened']);
    expect(await engine.stores.views.open('protocoling')).toMatchObject([{ kind: 'CT protocol request', note: expect.stringContaining('off') }]);
  });

  it('has on record what would have been done', () => {
    expect(outbox()).toEqual([
      { kind: 'gatherContext', state: 'suppressed' },
      { kind: 'setDeadline', state: 'suppressed' },
    ]);
  });

  it('takes no decision, and says why', async () => {
    const [row] = await engine.stores.views.open('protocoling');
    const answer = await desk(engine.parts, []).answer({ person: okafor, caseNumber: row!.caseNumber, revision: 0, verb: 'reject', text: 'no' });
    expect(answer).toMatchObject({ outcome: 'denied', text: expect.stringContaining('off') });
  });

  it('takes in a cancel of what it has kept', async () => {
    await engine.bring(orderBytes('cancel', 'M2'));
    await engine.settle();
    expect(await engine.stores.views.open('protocoling')).toEqual([]);
    expect(engine.left).toEqual([]);
  });
});

describe('mode silent', () => {
  beforeEach(async () => {
    engine = startEngineFixture('silent');
    await engine.bring(orderBytes());
    await engine.settle();
  });

  it('decides all and sends nothing', async () => {
    expect(engine.left).toEqual([]);
    expect(engine.ehrAsked).toHaveLength(1);
    expect(facts()).toContain('approvalAsked');
    expect(await engine.stores.views.open('protocoling')).toMatchObject([{ status: 'waiting', note: expect.stringContaining('silent') }]);
  });

  it('has on record what would have gone out', () => {
    expect(outbox().filter(({ state }) => state === 'suppressed').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['showCard', 'sendHl7']),
    );
    expect(outbox().filter(({ state }) => state !== 'suppressed').map(({ kind }) => kind).sort()).toEqual(['askModel', 'askModel', 'gatherContext']);
  }); // prettier-ignore

  it('sends nothing when its deadlines pass either', async () => {
    engine.now = '2026-11-26T10:00:00.000Z' as typeof engine.now;
    await engine.settle();
    expect(facts()).toContain('answerOverdue');
    expect(engine.left).toEqual([]);
  });

  it('sends nothing of what it kept back when it is turned on later', async () => {
    engine.mode = 'assist';
    await engine.settle();
    expect(engine.left).toEqual([]);
  });
});

describe('mode assist', () => {
  beforeEach(async () => {
    engine = startEngineFixture('assist');
    await engine.bring(orderBytes());
    await engine.settle();
  });

  it('posts the card and advises the RIS, and changes nothing before an answer', () => {
    expect(engine.left.filter(({ to }) => to === 'channel')).toHaveLength(1);
    expect(engine.left.some((one) => one.to === 'ris' && one.bytes.startsWith('order-change'))).toBe(false);
  });

  it('writes to the RIS after an answer, once, and the card says so', async () => {
    expect(await engine.approve()).toBe('won');
    await engine.settle();
    const written = engine.left.filter((one) => one.to === 'ris' && one.bytes.startsWith('order-change'));
    expect(written).toHaveLength(1);
    expect(await engine.approve().catch(() => 'closed')).toBe('closed');
    expect(engine.left.at(-1)).toMatchObject({ to: 'channel', card: expect.stringContaining('In the RIS') });
    expect(facts().filter((type) => type === 'protocolWrittenBack')).toHaveLength(1);
  });

  it('gives the same click the same answer, and writes once', async () => {
    expect(await Promise.all([engine.approve(), engine.approve()])).toEqual(['won', 'won']);
    await engine.settle();
    expect(engine.left.filter((one) => one.to === 'ris' && one.bytes.startsWith('order-change'))).toHaveLength(1);
  });

  it('decides nothing on a revision that nobody was shown', async () => {
    expect(await engine.approve(0)).not.toBe('won');
    expect(await engine.approve(2)).toBe('stale');
  });
});
