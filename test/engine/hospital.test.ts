import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { openedFacts } from '../support/opened-facts.ts';

let engine: EngineFixture;
beforeEach(() => {
  engine = startEngineFixture('assist');
});
afterEach(() => engine.close());

let own = 0;
const lines = orderBytes().toString().split('\r');
const fieldsOf = (segment: string) => lines.find((line) => line.startsWith(segment))?.split('|') ?? [];
const pid3 = fieldsOf('PID')[3] ?? '';
const [placer, filler] = [fieldsOf('ORC')[2] ?? '', fieldsOf('ORC')[3] ?? ''];
const message = (type: string, ...segments: string[]) =>
  Buffer.from(`${[`MSH|^~\\&|HIS|RADLOOP-GENERAL|RADLOOP|X|20261125100100||${type}|H${(own += 1)}|P|2.5.1`, ...segments].join('\r')}\r`);
const orderOf = (verb: 'new' | 'cancel', number: string, patient: string) =>
  Buffer.from(
    orderBytes(verb, `O${(own += 1)}`)
      .toString()
      .replaceAll(placer, number)
      .replaceAll(filler, `${number}F`)
      .replace(pid3, patient),
  );
const told = () => engine.stores.db.all<{ event_id: string; case_id: string }>("SELECT event_id, case_id FROM heard WHERE event_id LIKE 'hl7:%'");
const facts = (type: string) => openedFacts(engine.stores.db, type);
const cases = () => engine.stores.views.all('protocoling');
const bring = async (...messages: Buffer[]) => {
  for (const one of messages) expect((await engine.bring(one)).toString()).toContain('MSA|AA');
  await engine.settle();
};

describe('what a hospital tells besides orders', () => {
  it('an ADT wakes the open cases of its patient, once, and no other case', async () => {
    await bring(orderBytes(), orderOf('new', 'P2^OTHER', '4711^^^RADLOOP-MRN^MR'));
    const before = told().length;
    const moved = message('ADT^A02', 'EVN|A02|20261125100100', `PID|1||${pid3}`, 'PV1|1|I|ICU^1^A');
    await bring(moved);
    await bring(moved);
    expect(told()).toHaveLength(before + 1);
    expect(await engine.stores.raw.list(1)).toMatchObject([{ state: 'used', messageType: expect.stringContaining('ADT^A02') }]);
  });

  it('an ADT before its order is known to the case that is opened later', async () => {
    await bring(message('ADT^A01', 'EVN|A01|20261125100100', `PID|1||${pid3}`, 'PV1|1|I|ICU^1^A'));
    expect(told()).toEqual([]);
    const seen: unknown[] = [];
    const { raw } = engine.parts;
    Object.assign(engine.parts, {
      raw: {
        ...raw,
        patientNow: async (...asked: Parameters<typeof raw.patientNow>) => {
          const now = await raw.patientNow(...asked);
          seen.push(now);
          return now;
        },
      },
    });
    await bring(orderBytes());
    expect(seen).toMatchObject([{ location: { pointOfCare: 'ICU', bed: 'A' }, patientClass: 'I' }]);
  });

  it('a merge tells the cases of both numbers, and later messages find them under either', async () => {
    await bring(orderBytes());
    await bring(message('ADT^A40', 'EVN|A40|20261125100100', 'PID|1||999^^^RADLOOP-MRN^MR', `MRG|${pid3}`));
    const before = told().length;
    await bring(message('ADT^A08', 'EVN|A08|20261125100200', 'PID|1||999^^^RADLOOP-MRN^MR', 'PV1|1|I|WARD^2^B'));
    expect(told()).toHaveLength(before + 1);
  });

  it('a known order that names another patient changes nothing of the case and is shown (invariant 12)', async () => {
    await bring(orderBytes());
    const [before] = facts('orderOpened');
    await bring(Buffer.from(orderBytes('cancel', 'C9').toString().replace(pid3, '31337^^^RADLOOP-MRN^MR')));
    expect(facts('orderCancelled')).toEqual([]);
    expect(facts('messageHeld')).toHaveLength(1);
    expect(facts('orderOpened')).toEqual([before]);
    expect(await cases()).toMatchObject([{ open: true }]);
  });

  it('a report is kept once a version, matched to its order', async () => {
    await bring(orderBytes());
    const report = (status: string) =>
      message(
        'ORU^R01',
        `PID|1||${pid3}`,
        `OBR|1|${placer}|${filler}|CTHEADWO^CT^L|||||||||||||||||||||${status}`,
        'OBX|1|TX|IMP||No bleeding.||||||F',
      );
    const final = report('F');
    await bring(final, final);
    expect(await engine.stores.raw.arrivals(9)).toMatchObject([{ what: 'report', state: 'matched', matchedBy: 'order' }]);
  });

  it('a report of an order that nobody knows goes to a person', async () => {
    await bring(message('ORU^R01', `PID|1||${pid3}`, 'OBR|1|NOBODY^X|NOBODY^Y|CTHEADWO^CT^L|||||||||||||||||||||F', 'OBX|1|TX|IMP||Text.||||||F'));
    expect(await engine.stores.raw.arrivals(9)).toMatchObject([{ what: 'report', state: 'unmatched', caseId: null }]);
  });
});

describe('two orders at once', () => {
  it('one that is poison keeps its own case waiting, not the queue (field report 7)', async () => {
    await engine.bring(orderBytes());
    await engine.bring(orderOf('new', 'P2^OTHER', '4711^^^RADLOOP-MRN^MR'));
    const [poison] = await engine.stores.bus.claim(engine.now, 60, 1);
    await engine.stores.bus.quarantine(poison!, 'failed 5 times: TypeError', engine.now);
    await engine.settle();
    expect(await cases()).toMatchObject([{ status: 'waiting' }]);
    expect(await engine.stores.views.held()).toMatchObject([{ kind: 'event' }]);
  });
});
