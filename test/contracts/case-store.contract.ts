import { CASE_ALPHABET, checkCharacter, eventId } from '#core/ids.js';
import { appendTo, caseNo, effects, eventFor, later, message, queue, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const fact = (type: string) => ({ type, fact: { type, n: 1, text: 'ä\u2028"' } });

/** What any adapter of ports/case-store promises. */
export function caseStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port case-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('gives a case a number that checks, the same one ever after, and no other case the same', async () => {
      const numbers = await Promise.all(Array.from({ length: 200 }, async (_, n) => (await stores.cases.read('protocoling', caseNo(n))).caseNumber));
      expect(new Set(numbers).size).toBe(200);
      for (const number of numbers) {
        expect([...number].every((character) => CASE_ALPHABET.includes(character))).toBe(true);
        expect(number.at(-1)).toBe(checkCharacter(number.slice(0, 5)));
      }
      stores = await stores.reopen();
      expect((await stores.cases.read('protocoling', caseNo(7))).caseNumber).toBe(numbers[7]);
      expect(await stores.cases.findByNumber(numbers[7]!)).toEqual({ workflow: 'protocoling', caseId: caseNo(7) });
    });

    it('gives numbers of seven characters once half of those of six are given, and no number twice', async () => {
      await stores.close();
      stores = await start({ sixCharacterNumbers: 20 });
      const numbers: string[] = [];
      for (let n = 0; n < 40; n += 1) numbers.push((await stores.cases.read('protocoling', caseNo(n))).caseNumber);
      expect(numbers.map(({ length }) => length)).toEqual(Array.from({ length: 40 }, (_, n) => (n < 20 ? 6 : 7)));
      expect(new Set(numbers).size).toBe(40);
      for (const number of numbers) expect(number.at(-1)).toBe(checkCharacter(number.slice(0, -1)));
      stores = await stores.reopen();
      const again: string[] = [];
      for (let n = 0; n < 40; n += 1) again.push((await stores.cases.read('protocoling', caseNo(n))).caseNumber);
      expect(again).toEqual(numbers);
    });

    it('gives one number to a case that two read at once', async () => {
      const [one, two] = await Promise.all([stores.cases.read('protocoling', caseNo(1)), stores.cases.read('protocoling', caseNo(1))]);
      expect(one).toEqual({ caseId: caseNo(1), caseNumber: two.caseNumber, version: 0, facts: [] });
    });

    it('keeps facts in their order, as they were, over an end', async () => {
      await appendTo(stores, caseNo(1), { facts: [fact('a'), fact('b')] });
      await appendTo(stores, caseNo(1), { facts: [fact('c')], at: later(1) });
      stores = await stores.reopen();
      const { facts, version } = await stores.cases.read('protocoling', caseNo(1));
      expect(version).toBe(3);
      expect(facts).toEqual([
        { seq: 1, at: t0, fact: fact('a').fact },
        { seq: 2, at: t0, fact: fact('b').fact },
        { seq: 3, at: later(1), fact: fact('c').fact },
      ]);
    });

    it('lets one of two writers in that read the same version', async () => {
      const write = (n: number) => appendTo(stores, caseNo(1), { expectedVersion: 0, facts: [fact(`writer-${n}`)] });
      await stores.cases.read('protocoling', caseNo(1));
      const done = await Promise.all([write(1), write(2)]);
      expect(done.filter(({ ok }) => ok)).toHaveLength(1);
      expect(done.filter(({ ok }) => !ok)).toEqual([{ ok: false, code: 'conflict' }]);
      expect((await stores.cases.read('protocoling', caseNo(1))).facts).toHaveLength(1);
    });

    it('writes nothing at all of what is in conflict', async () => {
      await appendTo(stores, caseNo(1), { facts: [fact('a')] });
      await appendTo(stores, caseNo(1), { expectedVersion: 0, facts: [fact('b')], effects: [{ effect: effects.card(), suppressed: false }] });
      expect(await stores.outbox.claim(later(9), 60, 9)).toEqual([]);
    });

    it('gives an event that was heard the answer it had, whatever the version is by now', async () => {
      const event = { id: eventId.parse('click'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
      const answer = { outcome: 'won', text: 'Approved 7KF3QN.' } as const;
      await appendTo(stores, caseNo(1), { event, answer, facts: [fact('a')] });
      await appendTo(stores, caseNo(1), { facts: [fact('b')] });
      const again = await appendTo(stores, caseNo(1), { event, expectedVersion: 0, answer: { outcome: 'stale', text: 'other' }, facts: [fact('c')] });
      expect(again).toEqual({ ok: false, code: 'already-heard', answer });
      expect(await stores.cases.heard(caseNo(1), event.id)).toEqual({ answer });
      expect(await stores.cases.heard(caseNo(2), event.id)).toBeNull();
      expect((await stores.cases.read('protocoling', caseNo(1))).version).toBe(2);
    });

    it('remembers an event that changed nothing', async () => {
      const event = { id: eventId.parse('quiet'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
      await appendTo(stores, caseNo(1), { event });
      expect(await stores.cases.heard(caseNo(1), event.id)).toEqual({ answer: undefined });
    });

    it('takes a claimed event off the bus in the same transaction, and not when it is in conflict', async () => {
      await stores.bus.publish(eventFor(caseNo(1), 'told-1'));
      const [claimed] = await stores.bus.claim(later(1), 60, 9);
      const event = { id: eventId.parse('told-1'), type: 'told', actor: { kind: 'system', part: 'test' } } as const;
      await appendTo(stores, caseNo(1), { event, expectedVersion: 9, claimed: claimed! });
      expect(await stores.bus.nextDue()).not.toBeNull();
      await appendTo(stores, caseNo(1), { event, claimed: claimed! });
      expect(await stores.bus.nextDue()).toBeNull();
    });

    it('finds the case whose card opened a conversation', async () => {
      await queue(stores, caseNo(1), effects.card());
      const [item] = await stores.outbox.claim(later(1), 60, 9);
      await stores.outbox.delivered(item!, { place: 'protocoling', conversationId: 'thread-1', activityId: '1' }, later(1));
      expect(await stores.cases.findByConversation('thread-1')).toBe(item!.caseNumber);
      expect(await stores.cases.findByConversation('thread-2')).toBeNull();
    });

    it('finds a case by every key that it ever told, and keeps them from whoever reads the disk', async () => {
      await appendTo(stores, caseNo(1), { facts: [fact('a')], keys: ['accession||SECRET-1', 'patient|MRN|SECRET-2'] });
      await appendTo(stores, caseNo(1), { facts: [fact('b')], keys: ['patient|MRN|SECRET-3'] });
      stores = await stores.reopen();
      for (const key of ['accession||SECRET-1', 'patient|MRN|SECRET-2', 'patient|MRN|SECRET-3']) {
        const name = eventId.parse(`to ${key.length}${key.at(-1) ?? ''}`);
        const input = { type: 'patientUpdated' } as never;
        await stores.raw.keep(message(), [{ kind: 'to-cases-with', keys: [key], id: name, actor: { kind: 'system', part: 'test' }, input }]);
        const [claimed] = await stores.bus.claim(later(1), 60, 9);
        expect(claimed?.event).toMatchObject({ id: name, caseId: caseNo(1) });
        await appendTo(stores, caseNo(1), { event: { id: name, type: 'told', actor: { kind: 'system', part: 'test' } }, claimed: claimed! });
      }
    });

    it('finds the cases that ever told a key, ended ones too, first first, and nothing by another spelling', async () => {
      const ended = { status: 'closed', waiting: false, open: false, kind: 'x', urgency: '', since: t0, owner: null, note: null, revision: 1 };
      await appendTo(stores, caseNo(2), { facts: [fact('a')], keys: ['accession||SECRET-1'], row: ended });
      await appendTo(stores, caseNo(1), { facts: [fact('a')], keys: ['accession||SECRET-1', 'patient|MRN|SECRET-2'], at: later(1) });
      await appendTo(stores, caseNo(1), { facts: [fact('b')], keys: ['accession||SECRET-1'], at: later(2) });
      stores = await stores.reopen();
      expect((await stores.cases.findByKey('accession||SECRET-1')).map(({ caseId }) => caseId)).toEqual([caseNo(2), caseNo(1)]);
      expect(await stores.cases.findByKey('patient|MRN|SECRET-2')).toEqual([{ workflow: 'protocoling', caseId: caseNo(1) }]);
      expect(await stores.cases.findByKey('accession||secret-1')).toEqual([]);
    });

    it('writes an effect of the same key once', async () => {
      const card = effects.card();
      await queue(stores, caseNo(1), card);
      await queue(stores, caseNo(1), card);
      expect(await stores.outbox.claim(later(1), 60, 9)).toHaveLength(1);
    });
  });
}
