import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { PatientIdentifier } from '#domain/patient.js';
import type { Arrival, Consequence } from '#ports/raw-store.js';
import { appendTo, caseNo, later, message, row, toOrder } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const placer = 'placer|HIS|P1';
const filler = 'filler|RIS|F1';
const application = (text: string) => ({ commit: null, application: Buffer.from(text) });
const mrn = (id: string, assigner = 'MRN'): PatientIdentifier => ({ id, assigner, type: 'MR' });
const input = { type: 'patientUpdated' } as unknown as Arrival['input'];
const actor = { kind: 'system', part: 'test' } as const;

const toCases = (name: string, ...keys: string[]): Consequence => ({ kind: 'to-cases-with', keys, id: eventId.parse(name), actor, input });
const merged = (prior: PatientIdentifier, ...surviving: PatientIdentifier[]): Consequence => mergedAt(0, prior, ...surviving);
const mergedAt = (seconds: number, prior: PatientIdentifier, ...surviving: PatientIdentifier[]): Consequence => ({
  ...{ kind: 'patients-merged', prior: [prior], surviving, sortTime: later(seconds) },
});
const ifKnown = (name: string, ...numbers: string[]): Consequence => ({ ...toOrder(name, ...numbers), onlyIfKnown: true }) as Consequence;
const moved = (patient: PatientIdentifier, bed: string | null, sortTime: Instant, patientClass: string | null = 'I'): Consequence => ({
  ...{ kind: 'patient-moved', patient: [patient], sortTime, patientClass },
  location: bed === null ? null : { pointOfCare: 'ICU', room: '1', bed, facility: 'GENERAL' },
});
const arrival = (more: Partial<Arrival>): Consequence => ({
  kind: 'arrival',
  arrival: { what: 'study', version: 'v1', by: [], patient: [], id: eventId.parse('study-1'), actor, input, tell: true, ...more },
});

/** What any adapter of ports/raw-store promises. */
export function rawStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port raw-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const keep = (...consequences: Consequence[]) => stores.raw.keep(message(), consequences);
    /** What cases are told by now, each case's events in their order. */
    const told = async (): Promise<Map<CaseId, string[]>> => {
      const all = new Map<CaseId, string[]>();
      for (;;) {
        const events = await stores.bus.claim(later(99), 60, 99);
        if (events.length === 0) return all;
        for (const claimed of events) {
          const { event } = claimed;
          all.set(event.caseId, [...(all.get(event.caseId) ?? []), event.id]);
          await appendTo(stores, event.caseId, { event: { id: event.id, type: 'told', actor }, claimed });
        }
      }
    };
    const oneCase = async () => [...(await told()).keys()][0]!;
    const openCase = async (n: number, ...keys: string[]) => {
      await appendTo(stores, caseNo(n), { facts: [{ type: 'told', fact: { type: 'told' } }], row, keys });
    };

    it('tells the cases of one workflow that have a key, ended ones too, and no others, where it is for that workflow', async () => {
      await openCase(1, 'accession||A1');
      await appendTo(stores, caseNo(2), {
        facts: [{ type: 'told', fact: { type: 'told' } }],
        row: { ...row, open: false, waiting: false },
        keys: ['accession||A1'],
      });
      const { workflow } = (await stores.cases.findByKey('accession||A1'))[0]!;
      await keep(
        { ...toCases('all', 'accession||A1'), of: workflow } as Consequence,
        { ...toCases('others', 'accession||A1'), of: 'nobody' } as Consequence,
      );
      await stores.raw.keep(message({ identity: 'mllp:open', controlId: 'M2' }), [toCases('open', 'accession||A1')]);
      expect(await told()).toEqual(
        new Map([
          [caseNo(1), ['all', 'open']],
          [caseNo(2), ['all']],
        ]),
      );
    });

    it('counts what waits to be worked out, up to a number, and not what is held for a person with what stands behind it (invariant 7)', async () => {
      expect(await stores.raw.waiting(99)).toEqual({ messages: 0, events: 0 });
      for (const n of [1, 2, 3]) await stores.raw.keep(message({ identity: `mllp:${n}`, controlId: `M${n}`, state: 'new' }), 'later');
      await stores.raw.keep(message({ identity: 'mllp:4', controlId: 'M4' }), [
        toOrder('order', placer),
        toOrder('change', placer),
        toOrder('other', filler),
      ]);
      expect(await stores.raw.waiting(99)).toEqual({ messages: 3, events: 3 });
      expect(await stores.raw.waiting(2)).toEqual({ messages: 2, events: 2 });
      const [order] = await stores.bus.claim(later(1), 60, 1);
      expect(await stores.raw.waiting(99)).toMatchObject({ events: 3 });
      await stores.bus.quarantine(order!, 'failed 5 times: TypeError', later(1));
      expect(await stores.raw.waiting(99)).toEqual({ messages: 3, events: 1 });
      const rows = await stores.raw.unrouted(9);
      await stores.raw.route(rows.map(({ id }) => ({ id, state: 'kept', reason: null, consequences: [] })));
      expect(await stores.raw.waiting(99)).toEqual({ messages: 0, events: 1 });
    });

    it('finds what it keeps, with and without its control id', async () => {
      await stores.raw.keep(message({ identity: 'mllp:1', controlId: 'M1' }), []);
      await stores.raw.keep(message({ identity: 'mllp:2', controlId: null }), []);
      for (const [identity, id] of [['mllp:1', 'M1'], ['mllp:1'], ['mllp:2', null], ['mllp:2']] as const)
        expect(await stores.raw.find(identity, id)).toMatchObject({ ackCode: 'AA' });
      expect(await stores.raw.find('mllp:3', 'M1')).toBeNull();
    });

    it('gives the same message the same answers, and keeps it and its event once, over an end (invariant 3)', async () => {
      const first = message({ identity: 'mllp:1', answers: { commit: Buffer.from([11, 0, 255]), application: Buffer.from([1]) } });
      expect(await stores.raw.find('mllp:1')).toBeNull();
      const { answers } = first;
      expect(await stores.raw.keep(first, [toOrder('a', placer)])).toEqual({ answers, ackCode: 'AA', fresh: true, controlIdReused: false });
      stores = await stores.reopen();
      const again = await stores.raw.keep(message({ identity: 'mllp:1', answers: application('other') }), [toOrder('b', placer)]);
      expect(again).toEqual({ answers, ackCode: 'AA', fresh: false, controlIdReused: false });
      expect(await stores.raw.find('mllp:1')).toEqual({ answers, ackCode: 'AA' });
      expect(await stores.raw.list(9)).toHaveLength(1);
      expect((await stores.bus.claim(later(1), 60, 9)).map(({ event }) => event.id)).toEqual(['a']);
    });

    it('keeps one of two that bring the same message at once', async () => {
      const both = await Promise.all([1, 2].map((n) => stores.raw.keep(message({ identity: 'mllp:1', answers: application(`ack ${n}`) }), [])));
      expect(both.map(({ fresh }) => fresh).sort()).toEqual([false, true]);
      expect(both[0]?.answers).toEqual(both[1]?.answers);
    });

    it('gives a message that is not answered no answer', async () => {
      const none = { commit: null, application: null };
      await stores.raw.keep(message({ identity: 'mllp:1', answers: none }), []);
      expect(await stores.raw.find('mllp:1')).toMatchObject({ answers: none });
    });

    it('keeps bytes as they came, and lists newest first, by state', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
      await stores.raw.keep(message({ bytes, length: 256 }), []);
      await stores.raw.keep(message({ state: 'refused', reason: 'no MSH', ackCode: 'AR' }), []);
      const [newest, oldest] = await stores.raw.list(9);
      expect(newest).toMatchObject({ state: 'refused', reason: 'no MSH', sender: 'HIS|GENERAL' });
      expect(await stores.raw.read(oldest!.id)).toEqual(bytes);
      expect(await stores.raw.read('9999')).toBeNull();
      expect(await stores.raw.list(9, 'used')).toHaveLength(1);
      expect(await stores.raw.list(1)).toHaveLength(1);
    });

    it('keeps both messages of a sender that used a control id twice, and says so of the second (invariant 4)', async () => {
      const [one, two, three, four] = ['11', '22', '33', '44'].map((n) => n.repeat(32)) as [string, string, string, string];
      const bring = (hash: string, more = {}) => stores.raw.keep(message({ identity: `mllp:${hash}`, hash, ...more }), []);
      expect(await bring(one)).toMatchObject({ fresh: true, controlIdReused: false });
      expect(await bring(two)).toMatchObject({ fresh: true, controlIdReused: true });
      expect(await bring(two)).toMatchObject({ fresh: false });
      expect(await bring(three, { sender: 'OTHER|GENERAL' })).toMatchObject({ controlIdReused: false });
      expect(await bring(four, { controlId: null })).toMatchObject({ controlIdReused: false });
      expect((await stores.raw.list(9)).map(({ hash, controlIdReused }) => [hash, controlIdReused])).toEqual([
        [four, false],
        [three, false],
        [two, true],
        [one, false],
      ]);
    });

    it('takes the same bytes by another door for no second use of their control id', async () => {
      await stores.raw.keep(message({ identity: 'mllp:1' }), []);
      expect(await stores.raw.keep(message({ identity: 'https:1' }), [])).toMatchObject({ fresh: true, controlIdReused: false });
      expect((await stores.raw.list(9)).map(({ controlIdReused }) => controlIdReused)).toEqual([false, false]);
    });

    it('owes an application answer from the commit answer on until it has left, oldest first', async () => {
      const both = { commit: Buffer.from('CA'), application: Buffer.from('AA') };
      await stores.raw.keep(message({ identity: 'mllp:north:1', endpoint: 'mllp:north', answers: both }), []);
      await stores.raw.keep(message({ identity: 'mllp:2', answers: both, receivedAt: later(1) }), []);
      await stores.raw.keep(message({ identity: 'mllp:3', answers: application('AA') }), []);
      stores = await stores.reopen();
      const identities = async (...more: [] | [readonly string[]]) =>
        (await stores.raw.unanswered(later(9), 9, ...more)).map(({ identity }) => identity);
      expect(await identities()).toEqual(['mllp:north:1', 'mllp:2']);
      expect(await identities(['mllp:north', 'https:north'])).toEqual(['mllp:north:1']);
      expect(await stores.raw.unanswered(later(1), 9)).toEqual([
        { identity: 'mllp:north:1', endpoint: 'mllp:north', application: Buffer.from('AA') },
      ]);
      await stores.raw.answered('mllp:north:1');
      expect(await identities()).toEqual(['mllp:2']);
    });

    describe('an order', () => {
      it('is known by each of its numbers, whichever came first, over an end', async () => {
        await keep(toOrder('a', filler), toOrder('b', placer, filler, 'fhir||ServiceRequest/7'));
        stores = await stores.reopen();
        await keep(toOrder('c', placer), toOrder('d', 'fhir||ServiceRequest/7', 'filler|RIS|F2'), toOrder('e', 'filler|RIS|F2'));
        expect([...(await told()).values()]).toEqual([['a', 'b', 'c', 'd', 'e']]);
      });

      it('with a placer number of its own is a case of its own, though it shares a filler number or an EHR id with another', async () => {
        await keep(toOrder('a', placer, filler), toOrder('b', 'placer|HIS|P2', filler), toOrder('c', 'placer|HIS|P2'), toOrder('d', filler));
        stores = await stores.reopen();
        await keep(
          toOrder('e', 'fhir||ServiceRequest/7', placer),
          toOrder('f', 'fhir||ServiceRequest/7', 'placer|HIS|P3'),
          toOrder('g', 'placer|HIS|P3'),
        );
        expect([...(await told()).values()]).toEqual([
          ['a', 'd', 'e'],
          ['b', 'c'],
          ['f', 'g'],
        ]);
      });

      it('stays with the case of its placer number when its filler number was given to another', async () => {
        await keep(toOrder('a', placer), toOrder('b', 'placer|HIS|P2', filler), toOrder('c', placer, filler), toOrder('d', filler));
        expect([...(await told()).values()]).toEqual([
          ['a', 'c'],
          ['b', 'd'],
        ]);
      });

      it('is the same when its placer number comes back without its assigner', async () => {
        await keep(toOrder('a', placer, filler), toOrder('b', 'placer||P1', filler), toOrder('c', 'placer||P1'));
        expect([...(await told()).values()]).toEqual([['a', 'b', 'c']]);
      });

      it('that may open no case is told to the case that knows one of its numbers, else nothing is written', async () => {
        await keep(ifKnown('lab', 'placer|HIS|P9', 'filler|LAB|9'), toOrder('a', placer, filler));
        await keep(ifKnown('b', placer), ifKnown('c', 'fhir||ServiceRequest/7', filler), ifKnown('other', 'placer|HIS|P2', filler));
        await keep(toOrder('d', 'fhir||ServiceRequest/7'), ifKnown('e', 'filler|LAB|9'));
        expect([...(await told()).values()]).toEqual([['a', 'b', 'c', 'd']]);
      });

      it('is told to the case of its workflow that has the first of the keys it is known by, of several the newest, also when that is over', async () => {
        const over = { ...row, open: false };
        const known = (name: string, keys: readonly string[], ...numbers: string[]) => ({ ...toOrder(name, ...numbers), known: keys });
        const write = (n: number, seconds: number, its: typeof row, ...keys: string[]) =>
          appendTo(stores, caseNo(n), { at: later(seconds), facts: [{ type: 'told', fact: {} }], row: its, keys });
        await write(1, 1, over, 'finding|A1|bleed');
        await write(3, 2, row, 'finding|A1|bleed', 'finding|A2|bleed');
        await write(2, 3, over, 'finding|A2|bleed');
        await write(4, 4, row, 'finding|A3|bleed');
        const others = { ...known('other', ['finding|A3|bleed'], 'placer|HIS|P8'), workflow: 'protocol-check' };
        await keep(
          known('open', ['finding|A9|bleed', 'finding|A1|bleed', 'finding|A2|bleed'], placer),
          known('over', ['finding|A2|bleed', 'finding|A1|bleed'], placer),
          others,
        );
        await keep(toOrder('ordered', placer), known('unknown', ['finding|A9|bleed'], placer));
        const all = await told();
        expect([1, 2, 3, 4].map((n) => all.get(caseNo(n)))).toEqual([undefined, ['over'], ['open'], undefined]);
        const opened = [...all].filter(([id]) => ![caseNo(2), caseNo(3)].includes(id)).map(([, events]) => events);
        expect(opened.toSorted()).toEqual([['ordered', 'unknown'], ['other']]);
      });

      it('is one case for two that bring it at once, and no other order is', async () => {
        await Promise.all([keep(toOrder('a', placer, filler)), keep(toOrder('b', filler)), keep(toOrder('c', 'placer|OTHER|P1'))]);
        expect([...(await told()).values()].sort()).toEqual([['a', 'b'], ['c']]);
      });

      it('is written with its message or not at all', async () => {
        await expect(keep(toOrder('a', placer), toOrder('b'))).rejects.toThrow(RangeError);
        expect(await stores.raw.list(9)).toEqual([]);
        expect(await told()).toEqual(new Map());
      });
    });

    describe('a patient', () => {
      it('is told to the open cases that have one of these keys, and to those without a row yet; to a case once', async () => {
        await openCase(1, 'patient|MRN|1', 'patient|MRN|2');
        await openCase(2, 'patient|MRN|2');
        await appendTo(stores, caseNo(3), { facts: [{ type: 'told', fact: {} }], row: { ...row, open: false }, keys: ['patient|MRN|1'] });
        await appendTo(stores, caseNo(4), { facts: [{ type: 'parked', fact: {} }], keys: ['patient|MRN|1'] });
        await openCase(5, 'patient|OTHER|1');
        await keep(toCases('a', 'patient|MRN|1', 'patient|MRN|2'));
        expect(await told()).toEqual(new Map([1, 2, 4].map((n) => [caseNo(n), ['a']])));
      });

      it('is found under every number that is theirs by merges, in any order of merging', async () => {
        await openCase(1, 'patient|MRN|1');
        await openCase(3, 'patient|MRN|3');
        await keep(merged(mrn('1'), mrn('2')), merged(mrn('2'), mrn('3')), toCases('a', 'patient|MRN|3'));
        expect([...(await told()).keys()].sort()).toEqual([caseNo(1), caseNo(3)]);
        expect(await stores.raw.patientNow([mrn('1')])).toMatchObject({ identifiers: [mrn('1'), mrn('2'), mrn('3')], surviving: mrn('3') });
        expect((await stores.raw.patientNow([mrn('3')])).surviving).toBeNull();
      });

      it('remains under the number of the newest merge when a merge is taken back, in whatever order the two come', async () => {
        const surviving = async (id: string) => (await stores.raw.patientNow([mrn(id)])).surviving?.id ?? null;
        await keep(mergedAt(10, mrn('1'), mrn('2')));
        expect([await surviving('1'), await surviving('2')]).toEqual(['2', null]);
        await keep(mergedAt(20, mrn('2'), mrn('1')));
        stores = await stores.reopen();
        expect([await surviving('1'), await surviving('2')]).toEqual([null, '1']);
        await keep(mergedAt(15, mrn('1'), mrn('2')));
        expect([await surviving('1'), await surviving('2')]).toEqual([null, '1']);
        await keep(mergedAt(20, mrn('4'), mrn('3')), mergedAt(10, mrn('3'), mrn('4')));
        expect([await surviving('3'), await surviving('4')]).toEqual([null, '3']);
        expect((await stores.raw.patientNow([mrn('3')])).identifiers).toEqual([mrn('3'), mrn('4')]);
      });

      it('remains under the last number of a chain, also when its merges come late or go round', async () => {
        const surviving = async (...ids: string[]) =>
          Promise.all(ids.map(async (id) => (await stores.raw.patientNow([mrn(id)])).surviving?.id ?? null));
        await keep(mergedAt(10, mrn('2'), mrn('3')), mergedAt(20, mrn('1'), mrn('2')));
        expect(await surviving('1', '2', '3')).toEqual(['3', '3', null]);
        await keep(mergedAt(30, mrn('3'), mrn('1')));
        expect(await surviving('1', '2', '3')).toEqual([null, '1', '1']);
        await keep(mergedAt(10, mrn('5'), mrn('6')), mergedAt(30, mrn('6'), mrn('7')), mergedAt(20, mrn('7'), mrn('5')));
        expect(await surviving('5', '6', '7')).toEqual(['7', '7', null]);
      });

      it('is merged with nobody by a merge into the same number', async () => {
        await keep(merged(mrn('1'), mrn('1')));
        expect(await stores.raw.patientNow([mrn('1')])).toMatchObject({ identifiers: [mrn('1')], surviving: null });
      });

      it('is not joined to anybody by the other numbers of a merged record', async () => {
        const insurance: PatientIdentifier = { id: '000', assigner: 'INS', type: 'MR' };
        await keep(merged(mrn('1'), insurance, mrn('2')), merged(mrn('8'), insurance, mrn('9')));
        expect((await stores.raw.patientNow([mrn('2')])).identifiers.map(({ id }) => id).sort()).toEqual(['1', '2']);
      });

      it('is where the newest message says, whatever comes later; what is not said stays', async () => {
        await keep(moved(mrn('1'), 'B', later(20)), moved(mrn('1'), 'A', later(10)), moved(mrn('1'), null, later(30), 'O'));
        stores = await stores.reopen();
        expect(await stores.raw.patientNow([mrn('7'), mrn('1')])).toEqual({
          ...{
            identifiers: [mrn('7'), mrn('1')],
            location: expect.objectContaining({ bed: 'B' }),
            patientClass: 'O',
            asOf: later(30),
            surviving: null,
          },
        });
        expect(await stores.raw.patientNow([mrn('7')])).toEqual({
          identifiers: [mrn('7')],
          location: null,
          patientClass: null,
          asOf: null,
          surviving: null,
        });
      });

      it('is where a move says that comes late, when the newer messages did not say where', async () => {
        await keep(moved(mrn('1'), null, later(300)), moved(mrn('1'), 'A', later(0), null));
        expect(await stores.raw.patientNow([mrn('1')])).toMatchObject({ location: { bed: 'A' }, patientClass: 'I', asOf: later(300) });
        await keep(moved(mrn('1'), 'B', later(400), null), moved(mrn('1'), null, later(200), 'E'));
        expect(await stores.raw.patientNow([mrn('1')])).toMatchObject({ location: { bed: 'B' }, patientClass: 'I', asOf: later(400) });
      });

      it('is after a merge where the newest message about either number says', async () => {
        await keep(moved(mrn('1'), 'A', later(10)), moved(mrn('2'), 'B', later(20)), merged(mrn('2'), mrn('1')));
        expect((await stores.raw.patientNow([mrn('1')])).location).toMatchObject({ bed: 'B' });
      });
    });

    it('works out what a new message causes afterwards, oldest first, once, over an end', async () => {
      const first = message({ state: 'new' });
      await stores.raw.keep(first, 'later');
      await stores.raw.keep(message({ state: 'new' }), 'later');
      await stores.raw.keep(message({ state: 'kept' }), []);
      stores = await stores.reopen();
      const [oldest, ...others] = await stores.raw.unrouted(9);
      expect([oldest, others.length]).toMatchObject([
        { bytes: first.bytes, hash: first.hash, endpoint: first.endpoint, receivedAt: first.receivedAt },
        1,
      ]);
      expect(await told()).toEqual(new Map());
      const route = { id: oldest!.id, state: 'used', reason: null, consequences: [toOrder('a', placer)] } as const;
      await stores.raw.route([route]);
      await stores.raw.route([route]);
      expect([...(await told()).values()]).toEqual([['a']]);
      expect(await stores.raw.list(9, 'used')).toHaveLength(1);
      expect((await stores.raw.unrouted(9)).map(({ id }) => id)).toEqual([others[0]!.id]);
    });

    describe('an arrival', () => {
      const accession = { name: 'accession', keys: ['accession||A1'] };
      const study = { name: 'study', keys: ['study||1.2.3'] };
      const near = { name: 'patient-and-time', keys: ['patient-modality|MRN|1|CT'], near: { at: later(86_400), days: 7 } };
      const entries = async () =>
        (await stores.raw.arrivals(9)).map(({ caseId, matchedBy, reason, state }) => ({ caseId, matchedBy, reason, state }));

      it('is matched by the first group of keys that leads to one case, told to it and kept with the reason', async () => {
        await openCase(1, 'accession||A1', 'patient|MRN|1');
        await keep(arrival({ by: [accession, study], patient: ['patient|MRN|1'] }));
        expect(await entries()).toEqual([{ caseId: caseNo(1), matchedBy: 'accession', reason: 'accession: one case', state: 'matched' }]);
        expect(await told()).toEqual(new Map([[caseNo(1), ['study-1']]]));
      });

      it('is no second arrival in the same version, over an end, and is one in another', async () => {
        await openCase(1, 'accession||A1');
        await keep(arrival({ by: [accession] }));
        stores = await stores.reopen();
        await keep(arrival({ by: [accession], id: eventId.parse('again') }));
        await keep(arrival({ by: [accession], version: 'v2', id: eventId.parse('v2'), tell: false }));
        expect(await stores.raw.arrivals(9)).toHaveLength(2);
        expect(await told()).toEqual(new Map([[caseNo(1), ['study-1']]]));
      });

      it('that is a signed report counts once a version, by when it was received', async () => {
        const received = (seconds: number, what: Arrival['what'], version: string) =>
          stores.raw.keep(message({ receivedAt: later(seconds) }), [arrival({ what, version })]);
        await received(0, 'report', 'v1');
        await received(10, 'report', 'v2');
        await received(20, 'report', 'v2');
        await received(20, 'unsigned-report', 'v3');
        await received(20, 'study', 'v4');
        await received(30, 'report', 'v5');
        expect(await stores.raw.signedReports(later(0), later(30))).toBe(2);
        expect(await stores.raw.signedReports(later(1), later(31))).toBe(2);
        expect(await stores.raw.signedReports(later(31), later(60))).toBe(0);
      });

      it('is unmatched and says what was tried when no key leads to a case', async () => {
        await keep(arrival({ by: [accession, study, near] }), arrival({ what: 'report' }));
        expect(await entries()).toEqual([
          { caseId: null, matchedBy: null, reason: 'it names no order and no patient', state: 'unmatched' },
          { caseId: null, matchedBy: null, reason: 'accession: no case; study: no case; patient-and-time: no case', state: 'unmatched' },
        ]);
        expect(await stores.raw.arrivals(9, 'matched')).toEqual([]);
        expect(await told()).toEqual(new Map());
      });

      it('that names another patient than the case of its number goes to a person, whatever weaker keys say (invariant 12)', async () => {
        await openCase(1, 'accession||A1', 'patient|MRN|1');
        await openCase(2, 'study||1.2.3', 'patient|MRN|2');
        await keep(arrival({ by: [accession, study], patient: ['patient|MRN|2'] }));
        expect(await entries()).toEqual([
          { caseId: null, matchedBy: null, reason: 'accession: the one case is about another patient', state: 'unmatched' },
        ]);
        expect(await told()).toEqual(new Map());
      });

      it('is about the same patient when that number was merged into the case’s', async () => {
        await openCase(1, 'accession||A1', 'patient|MRN|1');
        await keep(merged(mrn('1'), mrn('2')), arrival({ by: [accession], patient: ['patient|MRN|2'] }));
        expect(await entries()).toMatchObject([{ caseId: caseNo(1) }]);
      });

      it('is matched by patient and time only to a case of these days, and not when two would do', async () => {
        await appendTo(stores, caseNo(1), { facts: [{ type: 'told', fact: {} }], row, keys: ['patient-modality|MRN|1|CT'], at: later(-8 * 86_400) });
        await keep(arrival({ by: [near] }));
        await openCase(2, 'patient-modality|MRN|1|CT', 'patient|MRN|1');
        await keep(arrival({ by: [near], version: 'v2', patient: ['patient|MRN|1'] }));
        await openCase(3, 'patient-modality|MRN|1|CT');
        await keep(arrival({ by: [near], version: 'v3' }));
        expect((await entries()).map(({ caseId, reason }) => [caseId, reason])).toEqual([
          [null, 'patient-and-time: 2 cases'],
          [caseNo(2), 'patient-and-time: one case'],
          [null, 'patient-and-time: no case'],
        ]);
      });

      it('is that of the order where a critical result has its number too, as long as both are of one patient', async () => {
        const alertOf = async (n: number, ...keys: string[]) => {
          await stores.cases.read('critical-results', caseNo(n));
          await appendTo(stores, caseNo(n), { workflow: 'critical-results', facts: [{ type: 'told', fact: {} }], row, keys });
        };
        const ofOrders = (version: string, more: Partial<Arrival> = {}) =>
          arrival({ version, id: eventId.parse(version), workflow: 'protocoling', by: [accession], ...more });
        await alertOf(2, 'accession||A1', 'patient|MRN|1');
        await keep(ofOrders('before-its-order'));
        await openCase(1, 'accession||A1', 'patient|MRN|1');
        await keep(
          ofOrders('study-v2'),
          ofOrders('report-v2', { what: 'report', tell: false }),
          ofOrders('other-v2', { patient: ['patient|MRN|2'] }),
        );
        await alertOf(3, 'accession||A1', 'patient|MRN|2');
        await keep(ofOrders('study-v3'));
        expect((await entries()).map(({ caseId, reason }) => [caseId, reason]).toReversed()).toEqual([
          [null, 'accession: no case'],
          [caseNo(1), 'accession: one case, it names no patient'],
          [caseNo(1), 'accession: one case, it names no patient'],
          [null, 'accession: the one case is about another patient'],
          [null, 'accession: 3 cases'],
        ]);
        expect(await told()).toEqual(new Map([[caseNo(1), ['study-v2']]]));
      });

      it('is told apart by a weaker key among the cases that share a stronger one', async () => {
        await openCase(1, 'accession||A1');
        await openCase(2, 'accession||A1', 'study||1.2.3');
        await openCase(3, 'study||9');
        await keep(arrival({ by: [accession, study] }), arrival({ version: 'v2', by: [accession, { name: 'study', keys: ['study||9'] }] }));
        expect((await entries()).map(({ caseId, reason }) => [caseId, reason])).toEqual([
          [null, 'accession: 2 cases; study: no case'],
          [caseNo(2), 'study: one case, it names no patient'],
        ]);
      });

      it('finds an order that came in the same moment, whose case has told nothing yet', async () => {
        await keep(toOrder('order', placer), arrival({ by: [{ name: 'order', keys: [placer] }], patient: ['patient|MRN|1'] }));
        expect(await entries()).toMatchObject([{ matchedBy: 'order', reason: 'order: one case, its patient not known yet' }]);
        expect(await stores.raw.arrivals(9, 'matched')).toMatchObject([{ caseId: await oneCase() }]);
      });

      it('that names its order in two ways says once that no case is known', async () => {
        const order = (key: string) => ({ name: 'order', keys: [key] });
        await keep(arrival({ by: [order(placer), order(filler)] }));
        expect(await entries()).toMatchObject([{ reason: 'order: no case' }]);
      });

      it('that was unmatched is matched when it comes again and its order is known by then', async () => {
        await keep(arrival({ by: [accession] }));
        await openCase(1, 'accession||A1');
        await keep(arrival({ by: [accession] }));
        expect(await entries()).toMatchObject([{ caseId: caseNo(1), state: 'matched' }]);
      });
    });
  });
}
