import { generateKeyPairSync, hash } from 'node:crypto';
import { open } from '#adapters/embedded/sealed-export.js';
import { eventId, personId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { FEED_STATES } from '#domain/feed-state.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { ItemKind, QueueDetail, QueueItem } from '#ports/queue.js';
import type { Arrival, Consequence, RawMessage } from '#ports/raw-store.js';
import { appendTo, caseNo, effects, eventFor, later, message, queue, row, t0, toOrder } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const by = personId.parse('m-brandt');
const actor = { kind: 'person', person: by } as const;
const entry = (action: string, item: string, caseId: CaseId | null = null): AuditEntry => {
  return { caseId, at: later(5), actor, action, outcome: 'done', detail: { item } };
};
const sha256 = (text: string): string => hash('sha256', text, 'hex');
const system = { kind: 'system', part: 'test' } as const;
const arrival = (version: string, key: string): Extract<Consequence, { kind: 'arrival' }> => {
  const input = { type: 'studyArrived' } as unknown as Arrival['input'];
  const by = [{ name: 'accession', keys: [key] }];
  return {
    kind: 'arrival',
    arrival: { what: 'study', version, by, patient: [], id: eventId.parse(`arrival-${version}`), actor: system, input, tell: true },
  };
};

/** What any adapter of ports/queue promises. */
export function queueContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port queue`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    const listed = (seconds = 999): Promise<readonly QueueItem[]> => stores.operators.list({}, 200, later(seconds));
    const only = async (kind: ItemKind): Promise<QueueItem> => {
      const items = await stores.operators.list({ kind }, 200, later(999));
      if (items.length !== 1) throw new Error(`${String(items.length)} of the kind ${kind} are listed`);
      return items[0]!;
    };
    const found = async (id: string): Promise<QueueDetail> => {
      const item = await stores.operators.find(id);
      if (item === null) throw new Error(`nothing is found as ${id}`);
      return item;
    };
    const own = ({ id }: { readonly id: string }): string => id.slice(1);
    /** Other bytes each time, under a control id of their own. */
    const keep = (identity: string, more: Partial<RawMessage>, consequences: readonly Consequence[] = []) =>
      stores.raw.keep(message({ identity, controlId: identity, hash: sha256(identity), ...more }), consequences);
    const refused = (identity: string, more: Partial<RawMessage> = {}) =>
      keep(identity, { state: 'refused', reason: 'MSH-9 is empty.', ackCode: 'AR', ...more });
    const fact = (type: string) => ({ type, fact: { type } });
    /** Case 1 with a delivery that the RIS refused, and `behind` in its lane. */
    const heldDelivery = async (...behind: string[]): Promise<QueueItem> => {
      await queue(stores, caseNo(1), effects.commit('first'), ...behind.map((one) => effects.commit(one)));
      const [item] = await stores.outbox.claim(later(1), 60, 9);
      await stores.outbox.keepBytes(item!, Buffer.from('bytes of first'));
      await stores.outbox.hold(item!, 'refused', 'AR', later(2));
      return only('delivery');
    };
    const heldEvent = async (): Promise<QueueItem> => {
      await stores.bus.publish(eventFor(caseNo(2), 'poison'));
      await stores.bus.publish(eventFor(caseNo(2), 'behind'));
      const [event] = await stores.bus.claim(later(1), 60, 9);
      await stores.bus.quarantine(event!, 'failed 5 times: TypeError', later(2));
      return only('event');
    };
    const unmatched = async (): Promise<QueueItem> => {
      await keep('study', { endpoint: 'pacs', messageType: 'study' }, [arrival('1.2.3', 'accession||A1')]);
      return only('arrival');
    };
    const auditRows = async (): Promise<number> => (await stores.audit.verify()).rows;
    const eventsWaiting = async () => (await stores.bus.claim(later(99_999), 60, 99)).map(({ event }) => event.id);

    describe('the list', () => {
      it('is empty of an empty store, and has nothing that is on its way', async () => {
        expect(await listed()).toEqual([]);
        await queue(stores, caseNo(1), effects.commit(), effects.card());
        await stores.bus.publish(eventFor(caseNo(2)));
        await stores.raw.keep(message(), [toOrder('a', 'placer|HIS|P1')]);
        await stores.raw.keep(message({ state: 'new' }), 'later');
        await stores.outbox.claim(later(1), 60, 1);
        expect(await listed()).toEqual([]);
      });

      it('has what is held of every kind, the oldest first, over an end; each is found again under its id, which a person can type', async () => {
        await heldDelivery('second');
        await queue(stores, caseNo(4), effects.commit('awaited'));
        const awaited = (await stores.outbox.claim(later(3), 60, 9)).find(({ caseId }) => caseId === caseNo(4));
        await stores.outbox.awaitAnswer(awaited!, 'C1', { code: 'CA' }, later(600));
        await stores.bus.publish(eventFor(caseNo(2), 'poison'));
        const [event] = await stores.bus.claim(later(4), 60, 9);
        await stores.bus.quarantine(event!, 'failed 5 times: TypeError', later(4));
        await refused('m-refused', { receivedAt: later(-60) });
        await keep('m-kept', { state: 'kept', receivedAt: later(-50) });
        await keep('m-other', { state: 'not-imaging', receivedAt: later(-40) });
        await keep('study', { endpoint: 'pacs', messageType: 'study', receivedAt: later(-30) }, [arrival('1.2.3', 'accession||A1')]);
        await keep('m-owed', { answers: { commit: Buffer.from('MSA|CA|M1'), application: Buffer.from('MSA|AA|M1') }, receivedAt: later(-20) });
        await appendTo(stores, caseNo(3), { facts: [fact('noted')], row: { ...row, note: 'Please look.' }, at: later(6) });
        await appendTo(stores, caseNo(5), { facts: [fact('told')], row });
        await stores.operators.apply(
          { change: 'park', caseId: caseNo(5), by, reason: 'a person calls', at: later(7) },
          entry('q-park', 'c', caseNo(5)),
        );
        await stores.operators.openBulk(
          { act: 'retry', items: ['o1'], by, reason: 'mended', at: later(8), until: later(600) },
          entry('q-retry', 'many'),
        );
        const feed = { name: 'orders', state: 'silent', since: later(9), reason: 'two heartbeats were missed' };
        await stores.cursors.write(FEED_STATES, JSON.stringify([feed, { ...feed, name: 'well', state: 'up' }]));
        stores = await stores.reopen();
        const items = await listed(100);
        expect(items.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(
          [
            ...[
              'delivery held',
              'delivery awaited',
              'event quarantined',
              'message refused',
              'message kept',
              'message not-imaging',
              'arrival unmatched',
            ],
            ...['answer unanswered', 'case noted', 'case parked', 'bulk waiting', 'feed silent'],
          ].sort(),
        );
        expect(items.map(({ since }) => since)).toEqual(items.map(({ since }) => since).toSorted());
        for (const item of items) {
          expect(item.id).toMatch(/^(?:[oemarb][0-9a-f]{1,15}|c\w{6,7}|f:[\w-]+)$/u);
          const { about: _, body: __, failing: ___, related: ____, ...same } = await found(item.id);
          expect(same).toEqual(item);
        }
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      });

      it('says of each what it is, where it should go, since when and why, in the same words', async () => {
        const delivery = await heldDelivery();
        const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
        expect(delivery).toEqual({
          ...{ id: delivery.id, kind: 'delivery', state: 'held', caseId: caseNo(1), caseNumber, what: 'first', destination: 'ris' },
          ...{ code: 'refused', reason: 'refused: AR', since: later(2) },
        });
        const event = await heldEvent();
        expect(event).toMatchObject({ caseId: caseNo(2), what: 'told', destination: null, code: null, reason: 'failed 5 times: TypeError' });
        await refused('m1');
        expect(await only('message')).toMatchObject({ what: 'ORM^O01', destination: 'mllp', code: 'AR', reason: 'MSH-9 is empty.', since: t0 });
        expect(await unmatched()).toMatchObject({ what: 'study', destination: 'pacs', caseId: null, caseNumber: null, since: t0 });
      });

      it('is narrowed by kind, code, destination and state, each and all at once', async () => {
        const delivery = await heldDelivery();
        await heldEvent();
        await refused('m1');
        const of = async (filter: Parameters<typeof stores.operators.list>[0]) =>
          (await stores.operators.list(filter, 200, later(9))).map(({ kind }) => kind);
        expect(await of({ kind: 'event' })).toEqual(['event']);
        expect(await of({ code: 'AR' })).toEqual(['message']);
        expect(await of({ destination: 'ris' })).toEqual(['delivery']);
        expect(await of({ state: 'quarantined' })).toEqual(['event']);
        expect(await of({ kind: 'delivery', code: 'refused', destination: 'ris', state: 'held' })).toEqual([delivery.kind]);
        expect(await of({ kind: 'delivery', destination: 'ehr' })).toEqual([]);
      });

      it('has the newest of messages that nobody released, and one that was used under a control id that stands for two', async () => {
        for (let n = 1; n <= 5; n += 1) await refused(`m${n}`, { reason: `reason ${n}`, receivedAt: later(n) });
        await keep('used-1', { controlId: 'SAME', receivedAt: later(6) });
        await keep('used-2', { controlId: 'SAME', receivedAt: later(7) });
        const items = await stores.operators.list({ kind: 'message' }, 3, later(99));
        expect(items.map(({ reason }) => reason)).toEqual(['reason 4', 'reason 5', 'MSH-10 was used before for other bytes by the same sender']);
      });

      it('has an answer of ours only once it is a minute old, and a bulk act until its time is over', async () => {
        await keep('m-owed', { answers: { commit: Buffer.from('MSA|CA|M1'), application: Buffer.from('MSA|AA|M1') } });
        await stores.operators.openBulk({ act: 'skip', items: ['o1', 'o2'], by, reason: 'r', at: t0, until: later(600) }, entry('q-skip', 'many'));
        expect((await listed(59)).map(({ kind }) => kind)).toEqual(['bulk']);
        expect((await listed(61)).map(({ kind }) => kind).sort()).toEqual(['answer', 'bulk']);
        expect((await listed(601)).map(({ kind }) => kind)).toEqual(['answer']);
      });

      it('finds a case by its number, with a letter before it or without, and nothing under what is no id', async () => {
        await appendTo(stores, caseNo(1), { facts: [fact('told')], row });
        const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
        expect([(await found(caseNumber)).id, (await found(`c${caseNumber}`)).id]).toEqual([`c${caseNumber}`, `c${caseNumber}`]);
        expect(await stores.operators.caseOf(caseNumber)).toBe(caseNo(1));
        for (const id of ['', 'o', 'o999999', 'e1', 'm77', 'a0', 'r5', 'b3', 'x12', 'f:nowhere', 'ZZZZZZ', 'o1; DROP TABLE raw', '../o1'])
          expect(await stores.operators.find(id)).toBeNull();
      });
    });

    describe('one item', () => {
      it('of a delivery has its bytes, how it failed, and what waits behind it', async () => {
        const { id } = await heldDelivery('second', 'third');
        const detail = await found(id);
        expect(detail).toMatchObject({
          body: Buffer.from('bytes of first'),
          failing: { workflow: 'protocoling', kind: 'sendHl7', message: 'first', behind: 'answer' },
          related: [{ what: 'second' }, { what: 'third' }],
        });
        expect(detail.about).toMatchObject({
          kind: 'sendHl7',
          weight: 'commit',
          attempts: 1,
          retries: 0,
          writtenAt: t0,
          bytes: 14,
          overtakenBy: null,
        });
      });

      it('of an event has the message that brought it and what waits behind it in its case', async () => {
        const hash = 'd'.repeat(64);
        await keep('brought', { hash }, [toOrder(`${hash}:order`, 'placer|HIS|P1')]);
        await keep('behind', {}, [toOrder('behind', 'placer|HIS|P1')]);
        const [event] = await stores.bus.claim(later(1), 60, 9);
        await stores.bus.quarantine(event!, 'failed 5 times: TypeError', later(2));
        const detail = await found((await only('event')).id);
        expect(detail.about).toMatchObject({ event: `${hash}:order`, attempts: 1 });
        expect(detail.related.map(({ kind, what }) => `${kind} ${what}`)).toEqual(['message ORM^O01', 'event orderReceived']);
      });

      it('of a message has its bytes and its name, and of an answer what we said', async () => {
        await refused('m1', { bytes: Buffer.from('MSH|^~\\&|HIS'), length: 12, controlId: 'M7' });
        const detail = await found((await only('message')).id);
        expect(detail.body).toEqual(Buffer.from('MSH|^~\\&|HIS'));
        expect(detail.about).toEqual({ sha256: sha256('m1'), bytes: 12, controlId: 'M7', sender: 'HIS|GENERAL', keptAs: 'message' });
        await keep('m2', { answers: { commit: Buffer.from('MSA|CA|M1'), application: Buffer.from('MSA|AA|M1') } });
        const answer = await found((await only('answer')).id);
        expect(answer).toMatchObject({ body: Buffer.from('MSA|AA|M1'), related: [{ kind: 'message', state: 'used' }] });
      });

      it('of a case has what it holds back and what waits in it', async () => {
        const hash = 'e'.repeat(64);
        await stores.raw.keep(message({ hash }), [toOrder('a', 'placer|HIS|P1')]);
        const [claimed] = await stores.bus.claim(later(1), 60, 1);
        const { caseId } = claimed!.event;
        await appendTo(stores, caseId, {
          facts: [{ type: 'messageHeld', fact: { type: 'messageHeld', rawHash: hash } }],
          effects: [effects.commit('sent'), effects.card()].map((effect) => ({ effect, suppressed: false })),
          row: { ...row, note: 'A message is held.' },
          claimed: claimed!,
          event: { id: claimed!.event.id, type: 'told', actor: system },
        });
        await stores.bus.publish(eventFor(caseId));
        const { caseNumber } = await stores.cases.read('protocoling', caseId);
        const detail = await found(caseNumber);
        expect(detail).toMatchObject({ kind: 'case', what: 'CT protocol request', reason: 'A message is held.' });
        expect(detail.about).toEqual({ workflow: 'protocoling', status: 'waiting', urgency: 'STAT', facts: 1, parkedBecause: null });
        expect(detail.related.map(({ kind, what }) => `${kind} ${what}`).sort()).toEqual(
          ['delivery sent', 'delivery showCard', 'event told', 'message ORM^O01'].sort(),
        );
      });

      it('of an act on many has its items and who asked for it', async () => {
        const { id } = await heldDelivery();
        const bulk = await stores.operators.openBulk(
          { act: 'skip', items: [id], by, reason: 'all of these', at: t0, until: later(600) },
          entry('q-skip', 'many'),
        );
        expect(await found(`b${bulk}`)).toMatchObject({
          ...{ what: 'skip of 1', about: { by, until: later(600), reason: 'all of these' }, related: [{ id, what: 'first' }] },
        });
        expect(await stores.operators.bulk(bulk)).toEqual({
          ...{ id: bulk, act: 'skip', items: [id], by, reason: 'all of these', at: t0, until: later(600), state: 'waiting' },
        });
        expect(await stores.operators.bulk('0')).toBeNull();
      });

      it('is compared with the one of its lane before it, and a message with the last one used before it that holds one of its numbers', async () => {
        await queue(stores, caseNo(1), effects.commit('first'));
        const [first] = await stores.outbox.claim(later(1), 60, 9);
        await stores.outbox.keepBytes(first!, Buffer.from('bytes of first'));
        await stores.outbox.delivered(first!, null, later(1));
        await queue(stores, caseNo(1), effects.commit('second'));
        const [second] = await stores.outbox.claim(later(2), 60, 9);
        await stores.outbox.hold(second!, 'refused', 'AR', later(2));
        const held = await found((await only('delivery')).id);
        expect(await stores.operators.before(held, [])).toMatchObject({ what: 'first', body: Buffer.from('bytes of first'), state: 'delivered' });

        await keep('u1', { bytes: Buffer.from('ORC|NW|P1') });
        await keep('u2', { bytes: Buffer.from('ORC|XO|P1') });
        await keep('u3', { bytes: Buffer.from('ORC|NW|P2') });
        await refused('m', { bytes: Buffer.from('ORC|XO|P1') });
        await keep('u4', { bytes: Buffer.from('ORC|XO|P1') });
        const mine = await found((await only('message')).id);
        expect((await stores.operators.before(mine, ['P1', 'F1']))?.about['sha256']).toBe(sha256('u2'));
        expect(await stores.operators.before(mine, ['P9'])).toBeNull();
      });
    });

    describe('a change', () => {
      it('of a delivery: retried, it goes out again with its bytes; tried out, or not held any more, nothing is written', async () => {
        const held = await heldDelivery('second');
        const retry = { change: 'retry-delivery', id: own(held), at: later(3) } as const;
        const rows = await auditRows();
        expect(await stores.operators.apply(retry, null)).toMatchObject({ done: true });
        expect((await only('delivery')).state).toBe('held');
        expect(await auditRows()).toBe(rows);
        const both = await Promise.all([1, 2].map(() => stores.operators.apply(retry, entry('q-retry', held.id, caseNo(1)))));
        expect(both.map(({ done }) => done).sort()).toEqual([false, true]);
        expect(await auditRows()).toBe(rows + 1);
        const items = await stores.outbox.claim(later(4), 60, 9);
        expect(items).toMatchObject([{ attempt: 2, retries: 1, failures: {}, crashes: 0, bytes: Buffer.from('bytes of first') }]);
        expect((await found(held.id)).state).toBe('leased');
      });

      it('of a delivery: one whose answer is awaited can be retried or skipped too', async () => {
        for (const n of [1, 2]) await queue(stores, caseNo(n), effects.commit(`awaited ${n}`));
        for (const item of await stores.outbox.claim(later(1), 60, 9))
          await stores.outbox.awaitAnswer(item, `C${item.caseId}`, { code: 'CA' }, later(600));
        const [one, two] = await listed();
        expect(
          await stores.operators.apply({ change: 'retry-delivery', id: own(one!), at: later(2) }, entry('q-retry', one!.id, one!.caseId)),
        ).toMatchObject({ done: true });
        const skip = { change: 'skip-delivery', id: own(two!), at: later(2), told: null } as const;
        expect(await stores.operators.apply(skip, entry('q-skip', two!.id, two!.caseId))).toMatchObject({ done: true, told: [] });
        expect((await stores.outbox.claim(later(3), 60, 9)).map(({ caseId, awaited }) => [caseId, awaited])).toEqual([[one!.caseId, false]]);
        expect(await stores.outbox.awaiting(['ris'], `C${two!.caseId!}`)).toBeNull();
      });

      it('of a delivery: skipped, it is never sent, its lane goes on, and its case is told once', async () => {
        const held = await heldDelivery('second');
        const skip = { change: 'skip-delivery', id: own(held), at: later(3), told: eventFor(caseNo(1), `skip:${held.id}`, later(3)) } as const;
        const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
        const told = [{ caseNumber, what: 'told' }];
        expect(await stores.operators.apply(skip, null)).toMatchObject({ done: true, told });
        expect(await stores.bus.nextDue()).toBeNull();
        expect(await stores.operators.apply(skip, entry('q-skip', held.id, caseNo(1)))).toMatchObject({ done: true, told });
        expect(await stores.operators.apply(skip, entry('q-skip', held.id, caseNo(1)))).toMatchObject({ done: false, told: [] });
        expect((await stores.outbox.claim(later(4), 60, 9)).map(({ effect }) => 'message' in effect && effect.message)).toEqual(['second']);
        expect(await eventsWaiting()).toEqual([`skip:${held.id}`]);
        expect((await found(held.id)).state).toBe('skipped');
      });

      it('of an event: retried, it is told again as if it had never failed; skipped, those behind it go on', async () => {
        const held = await heldEvent();
        const retry = { change: 'retry-event', id: own(held), at: later(3) } as const;
        expect(await stores.operators.apply(retry, null)).toMatchObject({ done: true });
        expect(await stores.bus.claim(later(4), 60, 9)).toEqual([]);
        expect(await stores.operators.apply(retry, entry('q-retry', held.id, caseNo(2)))).toMatchObject({ done: true });
        expect(await stores.operators.apply(retry, entry('q-retry', held.id, caseNo(2)))).toMatchObject({ done: false });
        const [again] = await stores.bus.claim(later(4), 60, 9);
        expect(again).toMatchObject({ event: { id: 'poison' }, attempt: 2, failures: 0, crashes: 0 });
        await stores.bus.quarantine(again!, 'failed 5 times: TypeError', later(5));
        const skip = { change: 'skip-event', id: own(held) } as const;
        expect(await stores.operators.apply(skip, null)).toMatchObject({ done: true });
        expect(await stores.operators.apply(skip, entry('q-skip', held.id, caseNo(2)))).toMatchObject({ done: true });
        expect(await stores.operators.apply(skip, entry('q-skip', held.id, caseNo(2)))).toMatchObject({ done: false });
        expect(await eventsWaiting()).toEqual(['behind']);
        expect(await stores.operators.find(held.id)).toBeNull();
      });

      it('of a message: judged again, its case is told once; tried out, it says what would be told', async () => {
        await keep('m-kept', { state: 'kept', reason: 'no workflow uses it' });
        const kept = await only('message');
        const consequences = [toOrder('judged', 'placer|EHR|P1')];
        const judge = { change: 'judge-again', id: own(kept), state: 'used', reason: null, consequences, at: later(2) } as const;
        expect(await stores.operators.apply(judge, null)).toEqual({ done: true, told: [{ caseNumber: null, what: 'orderReceived' }], matched: [] });
        expect(await stores.bus.nextDue()).toBeNull();
        expect((await only('message')).state).toBe('kept');
        expect(await stores.operators.apply(judge, entry('q-retry', kept.id))).toMatchObject({ done: true, told: [{ what: 'orderReceived' }] });
        expect(await stores.operators.apply(judge, entry('q-retry', kept.id))).toMatchObject({ done: false, told: [] });
        expect(await eventsWaiting()).toEqual(['judged']);
        expect(await found(kept.id)).toMatchObject({ state: 'used' });
        expect(await listed()).toEqual([]);
      });

      it('of a message: released, it is listed no more and stays; a control id that stood for two is seen to', async () => {
        await refused('m1');
        const item = await only('message');
        const release = { change: 'release-message', id: own(item) } as const;
        expect(await stores.operators.apply(release, null)).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', item.id))).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', item.id))).toMatchObject({ done: false });
        expect(await listed()).toEqual([]);
        expect(await found(item.id)).toMatchObject({ state: 'released', body: Buffer.from('MSH|') });
        await keep('u1', { controlId: 'SAME' });
        await keep('u2', { controlId: 'SAME' });
        const twice = await only('message');
        const compared = { change: 'release-message', id: own(twice) } as const;
        expect(await stores.operators.apply(compared, entry('q-release', twice.id))).toMatchObject({ done: true });
        expect(await stores.operators.apply(compared, entry('q-release', twice.id))).toMatchObject({ done: false });
        expect(await listed()).toEqual([]);
        expect((await found(twice.id)).state).toBe('used');
      });

      it('of an arrival: matched again once its order is there, and not before; released, it is matched no more', async () => {
        const item = await unmatched();
        const match = { change: 'match-again', id: own(item) } as const;
        expect((await stores.operators.apply(match, null)).matched).toEqual([]);
        await appendTo(stores, caseNo(1), { facts: [fact('opened')], row, keys: ['accession||A1'] });
        expect(await stores.operators.apply(match, null)).toMatchObject({ done: true, matched: [{ what: 'study' }] });
        expect((await only('arrival')).state).toBe('unmatched');
        expect(await stores.operators.apply(match, entry('q-retry', item.id))).toMatchObject({
          ...{ done: true, told: [{ what: 'studyArrived' }], matched: [{ what: 'study' }] },
        });
        expect(await stores.operators.apply(match, entry('q-retry', item.id))).toMatchObject({ done: false, matched: [] });
        expect(await eventsWaiting()).toEqual(['arrival-1.2.3']);
        expect(await found(item.id)).toMatchObject({ state: 'matched', caseId: caseNo(1) });

        await keep('study-2', { endpoint: 'pacs', messageType: 'study' }, [arrival('4.5.6', 'accession||A2')]);
        const other = await only('arrival');
        const release = { change: 'release-arrival', id: own(other) } as const;
        expect(await stores.operators.apply(release, null)).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', other.id))).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', other.id))).toMatchObject({ done: false });
        expect(await stores.operators.apply({ change: 'match-again', id: own(other) }, entry('q-retry', other.id))).toMatchObject({ done: false });
        expect(await listed()).toEqual([]);
      });

      it('of an answer: released, it is owed to nobody any more', async () => {
        await keep('m1', { answers: { commit: Buffer.from('MSA|CA|M1'), application: Buffer.from('MSA|AA|M1') } });
        const answer = await only('answer');
        const release = { change: 'release-answer', id: own(answer) } as const;
        expect(await stores.operators.apply(release, null)).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', answer.id))).toMatchObject({ done: true });
        expect(await stores.operators.apply(release, entry('q-release', answer.id))).toMatchObject({ done: false });
        expect(await stores.raw.unanswered(later(999), 9)).toEqual([]);
        expect(await listed()).toEqual([]);
      });

      it('of a case: set aside, neither its events nor its deliveries go on, and no other case waits; afterwards they do', async () => {
        await queue(stores, caseNo(1), effects.commit('mine'));
        await queue(stores, caseNo(2), effects.commit('other'));
        for (const n of [1, 2]) await stores.bus.publish(eventFor(caseNo(n), `event-${n}`));
        const park = { change: 'park', caseId: caseNo(1), by, reason: 'RIS merges orders', at: later(1) } as const;
        expect(await stores.operators.apply(park, null)).toMatchObject({ done: true });
        expect(await stores.operators.isParked(caseNo(1))).toBe(false);
        const both = await Promise.all([1, 2].map(() => stores.operators.apply(park, entry('q-park', 'c', caseNo(1)))));
        expect(both.map(({ done }) => done).sort()).toEqual([false, true]);
        await queue(stores, caseNo(1), effects.card());
        stores = await stores.reopen();
        expect([await stores.operators.isParked(caseNo(1)), await stores.operators.isParked(caseNo(2))]).toEqual([true, false]);
        expect((await stores.outbox.claim(later(2), 60, 9)).map(({ caseId }) => caseId)).toEqual([caseNo(2)]);
        expect((await stores.bus.claim(later(2), 60, 9)).map(({ event }) => event.id)).toEqual(['event-2']);
        expect(await only('case')).toMatchObject({ state: 'parked', since: later(1), reason: 'set aside by m-brandt: RIS merges orders' });
        const unpark = { change: 'unpark', caseId: caseNo(1) } as const;
        expect(await stores.operators.apply(unpark, null)).toMatchObject({ done: true });
        expect(await stores.operators.apply(unpark, entry('q-release', 'c', caseNo(1)))).toMatchObject({ done: true });
        expect(await stores.operators.apply(unpark, entry('q-release', 'c', caseNo(1)))).toMatchObject({ done: false });
        expect((await stores.outbox.claim(later(3), 60, 9)).map(({ effect }) => effect.kind).sort()).toEqual(['sendHl7', 'showCard']);
        expect((await stores.bus.claim(later(3), 60, 9)).map(({ event }) => event.id)).toEqual(['event-1']);
      });

      it('of an act on many: confirmed once', async () => {
        const id = await stores.operators.openBulk(
          { act: 'skip', items: ['o1'], by, reason: 'r', at: t0, until: later(600) },
          entry('q-skip', 'many'),
        );
        const confirm = { change: 'confirm', id } as const;
        expect(await stores.operators.apply(confirm, null)).toMatchObject({ done: true });
        const both = await Promise.all([1, 2].map(() => stores.operators.apply(confirm, entry('q-confirm', `b${id}`))));
        expect(both.map(({ done }) => done).sort()).toEqual([false, true]);
        expect(await stores.operators.bulk(id)).toMatchObject({ state: 'confirmed' });
        expect(await listed()).toEqual([]);
      });

      it('of what is not there is none, and has no audit row', async () => {
        const rows = await auditRows();
        for (const change of [
          { change: 'retry-delivery', id: '7', at: t0 },
          { change: 'skip-delivery', id: '7', at: t0, told: null },
          { change: 'retry-event', id: '7', at: t0 },
          { change: 'skip-event', id: '7' },
          { change: 'judge-again', id: '7', state: 'used', reason: null, consequences: [], at: t0 },
          { change: 'release-message', id: '7' },
          { change: 'match-again', id: '7' },
          { change: 'release-arrival', id: '7' },
          { change: 'release-answer', id: '7' },
          { change: 'confirm', id: '7' },
        ] as const)
          expect(await stores.operators.apply(change, entry('q-x', 'x7'))).toEqual({ done: false, told: [], matched: [] });
        expect(await auditRows()).toBe(rows);
      });
    });

    describe('what operators did', () => {
      it('is told the newest first, of everything and of one item, and is in the audit chain', async () => {
        const held = await heldDelivery();
        await refused('m1');
        const item = await only('message');
        const at = (seconds: number, of: AuditEntry): AuditEntry => ({ ...of, at: later(seconds) });
        await stores.operators.apply({ change: 'retry-delivery', id: own(held), at: later(3) }, at(10, entry('q-retry', held.id, caseNo(1))));
        await stores.operators.apply({ change: 'release-message', id: own(item) }, at(11, entry('q-release', item.id)));
        const bulk = await stores.operators.openBulk(
          { act: 'skip', items: [held.id], by, reason: 'r', at: t0, until: later(600) },
          at(12, entry('q-skip', 'many')),
        );
        stores = await stores.reopen();
        const of = async (id: string | null, most = 9) => (await stores.operators.history(id, most)).map(({ action, who }) => `${who} ${action}`);
        expect(await of(null)).toEqual(['m-brandt q-skip', 'm-brandt q-release', 'm-brandt q-retry']);
        expect(await of(null, 2)).toEqual(['m-brandt q-skip', 'm-brandt q-release']);
        expect(await of(held.id)).toEqual(['m-brandt q-retry']);
        expect(await of(item.id)).toEqual(['m-brandt q-release']);
        expect(await of(`b${bulk}`)).toEqual(['m-brandt q-skip']);
        const [{ caseNumber, at: when, outcome, detail }] = (await stores.operators.history(held.id, 1)) as [
          Awaited<ReturnType<typeof stores.operators.history>>[number],
        ];
        expect({ caseNumber, when, outcome, detail }).toEqual({
          caseNumber: held.caseNumber,
          when: later(10),
          outcome: 'done',
          detail: { item: held.id },
        });
        expect(await stores.audit.verify()).toMatchObject({ ok: true });
      });

      it('of a case is its whole life', async () => {
        const held = await heldDelivery();
        await stores.operators.apply({ change: 'retry-delivery', id: own(held), at: later(3) }, entry('q-retry', held.id, caseNo(1)));
        const life = (await stores.operators.history(held.caseNumber, 9)).map(({ action, who }) => `${who} ${action}`);
        expect(life).toEqual(['m-brandt q-retry', 'system:test asked']);
      });
    });

    it('seals a body for the holder of a key alone', async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const sealed = stores.operators.seal('m1', Buffer.from('PID|1|Abara'), pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
      expect(JSON.stringify(sealed)).not.toContain('Abara');
      expect(open(sealed, pair.privateKey)).toEqual(Buffer.from('PID|1|Abara'));
    });
  });
}
