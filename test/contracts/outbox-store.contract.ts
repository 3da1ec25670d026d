import { pagesBy } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import { appendTo, caseNo, effects, later, queue, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/outbox-store promises. */
export function outboxStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port outbox-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());
    const claim = (seconds = 1) => stores.outbox.claim(later(seconds), 60, 99);
    const messages = (items: Awaited<ReturnType<typeof claim>>) => items.map(({ effect }) => ('message' in effect ? effect.message : effect.kind));

    it('gives out the head of each lane, first in first out (invariant 25)', async () => {
      await queue(stores, caseNo(1), effects.advise('first'), effects.advise('second'), effects.card(), effects.tell());
      await queue(stores, caseNo(2), effects.advise('other case'));
      const items = await claim();
      expect(messages(items)).toEqual(['first', 'showCard', 'tellPerson', 'other case']);
      expect(await claim()).toEqual([]);
      await stores.outbox.delivered(items[0]!, null, later(1));
      expect(messages(await claim())).toEqual(['second']);
    });

    it('counts what only its turn keeps, up to a number and of a share, and not what waits for a person or an answer (invariant 7)', async () => {
      const all = { notDestinations: [], notKinds: [] };
      const waiting = (share: OutboxShare = all, most = 99) => stores.outbox.waiting(most, share);
      expect(await waiting()).toBe(0);
      await queue(stores, caseNo(1), effects.commit('first'), effects.commit('second'), effects.card());
      await queue(stores, caseNo(2), effects.tell(), effects.commit('other case'));
      // The second stands behind the first.
      expect(await waiting()).toBe(4);
      expect(await waiting(all, 3)).toBe(3);
      expect(await waiting({ notDestinations: ['ris'], notKinds: ['tellPerson'] })).toBe(1);
      expect(await waiting({ destination: 'ris' })).toBe(2);
      const [first, card, tell, other] = await claim();
      expect(await waiting()).toBe(4);
      await stores.outbox.tryAgain(card!, 'own-limit', { transient: 1 }, later(9999));
      expect(await waiting()).toBe(4);
      await stores.outbox.delivered(tell!, null, later(1));
      expect(await waiting()).toBe(3);
      await stores.outbox.hold(first!, 'refused', 'AR', later(1));
      expect(await waiting()).toBe(2);
      await stores.outbox.awaitAnswer(other!, 'M1', null, later(9999));
      expect(await waiting()).toBe(1);
    });

    it('gives out what goes to people by its precedence, what is urgent past all that waits (invariant 23)', async () => {
      const kinds = ['showCard', 'tellPerson'] as const;
      for (const n of [1, 2, 3, 4, 5]) await queue(stores, caseNo(n), effects.card());
      await queue(stores, caseNo(6), effects.card(1, 'edit'));
      await queue(stores, caseNo(7), effects.card(1, 'stat'), effects.tell('overdue', 'stat'));
      await queue(stores, caseNo(8), effects.tell('overdue', 'critical'));
      const shareOf = (...precedence: ('critical' | 'stat' | 'new' | 'edit')[]): OutboxShare => ({ kinds, precedence });
      expect(await stores.outbox.nextDue(shareOf('stat'))).toBe(t0);
      const take = async (share: OutboxShare) =>
        (await stores.outbox.claim(later(1), 60, 3, share)).map(({ caseId, effect }) => [caseId, effect.kind]);
      expect(await take(shareOf('critical'))).toEqual([[caseNo(8), 'tellPerson']]);
      expect(await take(shareOf('stat'))).toEqual([
        [caseNo(7), 'showCard'],
        [caseNo(7), 'tellPerson'],
      ]);
      expect(await take(shareOf('edit'))).toEqual([[caseNo(6), 'showCard']]);
      expect(await take(shareOf('stat', 'critical'))).toEqual([]);
      // One without a precedence is new.
      expect(await take(shareOf('new'))).toEqual([1, 2, 3].map((n) => [caseNo(n), 'showCard']));
      expect(await stores.outbox.waiting(99, shareOf('new'))).toBe(5);
      expect(await take({ kinds })).toEqual([4, 5].map((n) => [caseNo(n), 'showCard']));
    });

    it('gives out what was tried before ahead of a flood of new ones, once its time has come', async () => {
      const share = { kinds: ['showCard'] as const };
      for (const n of [1, 2, 3, 4]) await queue(stores, caseNo(n), effects.card());
      const take = async (seconds: number) => (await stores.outbox.claim(later(seconds), 60, 1, share))[0]!;
      const first = await take(1);
      await stores.outbox.tryAgain(first, 'throttled', { transient: 1 }, later(10));
      expect((await take(9)).caseId).toBe(caseNo(2));
      expect((await take(10)).caseId).toBe(first.caseId);
      expect((await take(11)).caseId).toBe(caseNo(3));
    });

    it('never gives out a suppressed effect', async () => {
      await appendTo(stores, caseNo(1), { effects: [{ effect: effects.card(), suppressed: true }] });
      expect(await claim(9999)).toEqual([]);
      expect(await stores.outbox.nextDue()).toBeNull();
    });

    it('holds what is behind a commit that needs a person, in its lane of its case only', async () => {
      await queue(stores, caseNo(1), effects.commit('held'), effects.commit('behind'), effects.card());
      await queue(stores, caseNo(2), effects.commit('other case'));
      const [held] = await claim();
      await stores.outbox.hold(held!, 'refused', 'AR', later(1));
      expect(messages(await claim(99))).toEqual(['showCard', 'other case']);
      expect(await stores.views.held()).toMatchObject([{ kind: 'outbox', id: held!.id, reason: 'refused: AR' }]);
    });

    it('lets a commit pass advice that was refused', async () => {
      await queue(stores, caseNo(1), effects.advise('advice'), effects.commit('commit'));
      const [advice] = await claim();
      await stores.outbox.hold(advice!, 'refused', 'AR', later(1));
      expect(messages(await claim())).toEqual(['commit']);
    });

    it('tries again at the time that is said, behind nothing of its own lane', async () => {
      await queue(stores, caseNo(1), effects.commit('first'), effects.commit('second'));
      const [first] = await claim();
      await stores.outbox.tryAgain(first!, 'not-connected', { transient: 1 }, later(30));
      expect(await claim(29)).toEqual([]);
      expect(await stores.outbox.nextDue()).not.toBeNull();
      const [again] = await claim(30);
      expect(again).toMatchObject({ id: first!.id, attempt: 2, failures: { transient: 1 } });
    });

    it('gives a lease that has expired to the next, and counts the attempt and that it ended without a word', async () => {
      await queue(stores, caseNo(1), effects.card());
      expect(await claim(1)).toMatchObject([{ attempt: 1, crashes: 0 }]);
      expect(await claim(60)).toEqual([]);
      const [again] = await claim(61);
      expect(again).toMatchObject({ attempt: 2, failures: {}, crashes: 1 });
      await stores.outbox.tryAgain(again!, 'not-connected', { transient: 1 }, later(70));
      expect(await claim(70)).toMatchObject([{ attempt: 3, failures: { transient: 1 }, crashes: 1 }]);
    });

    it('refuses what an earlier claim writes, once another has been given (invariant 30)', async () => {
      await queue(stores, caseNo(1), effects.commit());
      const [paused] = await claim(1);
      expect(await stores.outbox.stillHeld(paused!, later(60))).toBe(true);
      expect(await stores.outbox.stillHeld(paused!, later(61))).toBe(false);
      const [owner] = await claim(61);
      expect(await stores.outbox.stillHeld(paused!, later(62))).toBe(false);
      expect(await stores.outbox.stillHeld(owner!, later(62))).toBe(true);
      expect(await stores.outbox.keepBytes(owner!, Buffer.from('kept'))).toBe(true);
      const refused = [
        await stores.outbox.keepBytes(paused!, Buffer.from('late')),
        await stores.outbox.delivered(paused!, null, later(62)),
        await stores.outbox.tryAgain(paused!, 'not-connected', {}, later(62)),
        await stores.outbox.awaitAnswer(paused!, 'C9', null, later(62)),
        await stores.outbox.hold(paused!, 'refused', 'AR', later(62)),
      ];
      expect(refused).toEqual([false, false, false, false, false]);
      expect(await stores.views.held()).toEqual([]);
      expect(await stores.outbox.awaiting(['ris'], 'C9')).toBeNull();
      expect(await claim(120)).toEqual([]);
      expect(await stores.outbox.delivered(owner!, null, later(63))).toBe(true);
      expect(await stores.outbox.delivered(owner!, null, later(63))).toBe(false);
    });

    it('takes what a claim writes whose lease is over, as long as nobody else has it', async () => {
      await queue(stores, caseNo(1), effects.commit());
      const [late] = await claim(1);
      expect(await stores.outbox.delivered(late!, null, later(500))).toBe(true);
      expect(await claim(999)).toEqual([]);
    });

    it('keeps the bytes of the first sending, over an end, and no others (invariant 26)', async () => {
      await queue(stores, caseNo(1), effects.commit());
      const [item] = await claim();
      expect(item?.bytes).toBeNull();
      await stores.outbox.keepBytes(item!, Buffer.from([1, 0, 255]));
      await stores.outbox.keepBytes(item!, Buffer.from('other'));
      stores = await stores.reopen();
      expect((await claim(99))[0]?.bytes).toEqual(Buffer.from([1, 0, 255]));
    });

    it('takes back what has not left for a destination, waiting, under way or held', async () => {
      await queue(stores, caseNo(1), effects.commit('under way'), effects.commit('waiting'), effects.card());
      await queue(stores, caseNo(2), effects.commit('other case'));
      const [underWay] = await claim();
      await queue(stores, caseNo(1), effects.withdraw());
      expect(await claim(99)).toMatchObject([{ effect: { kind: 'showCard' } }, { effect: { message: 'other case' } }]);
      expect(await stores.outbox.stillHeld(underWay!, later(2))).toBe(false);
      expect(await stores.outbox.keepBytes(underWay!, Buffer.from('bytes'))).toBe(false);
      expect(await stores.outbox.tryAgain(underWay!, 'not-connected', {}, later(2))).toBe(false);
      expect(await stores.outbox.awaitAnswer(underWay!, 'C1', null, later(2))).toBe(false);
      await stores.outbox.hold(underWay!, 'refused', 'AR', later(2));
      // It had left before it was taken back.
      expect(await stores.outbox.delivered(underWay!, { code: 'AA' }, later(2))).toBe(true);
      expect(messages(await claim(999))).toEqual(['showCard', 'other case']);
      expect(await stores.views.held()).toEqual([]);
    });

    describe('a message that was accepted and whose application has not answered', () => {
      const receipt = { code: 'CA', controlId: 'C1', text: 'MSA|CA|C1' };
      let id: string;
      let awaited: Awaited<ReturnType<typeof claim>>[number];
      beforeEach(async () => {
        await queue(stores, caseNo(1), effects.commit('awaits'), effects.commit('behind'), effects.card());
        await queue(stores, caseNo(2), effects.commit('other case'));
        const items = await claim();
        awaited = items[0]!;
        id = awaited.id;
        await stores.outbox.awaitAnswer(awaited, 'C1', receipt, later(600));
        for (const item of items.slice(1)) await stores.outbox.delivered(item, null, later(1));
      });

      it('is found by its control id at its destination, over an end, and nothing else is', async () => {
        stores = await stores.reopen();
        expect(await stores.outbox.awaiting(['lab', 'ris'], 'C1')).toMatchObject({ id, awaited: true, attempt: 1, effect: { message: 'awaits' } });
        expect(await stores.outbox.awaiting(['lab'], 'C1')).toBeNull();
        expect(await stores.outbox.awaiting(['ris'], 'C2')).toBeNull();
      });

      it('makes its own lane wait, and is given out again when the answer is overdue', async () => {
        expect(await claim(599)).toEqual([]);
        expect(await stores.outbox.nextDue()).toBe(later(600));
        expect(await claim(600)).toMatchObject([{ id, awaited: true, attempt: 2 }]);
        expect(await stores.outbox.awaiting(['ris'], 'C1')).toBeNull();
      });

      it('is answered once: then its lane goes on (invariant 26)', async () => {
        await stores.outbox.delivered(awaited, { code: 'AA' }, later(5));
        expect(await stores.outbox.awaiting(['ris'], 'C1')).toBeNull();
        expect(await claim(5)).toMatchObject([{ awaited: false, effect: { message: 'behind' } }]);
      });

      it('is ended by its answer also when it was claimed meanwhile because that was overdue, and the claim then ends nothing', async () => {
        const found = await stores.outbox.awaiting(['ris'], 'C1');
        const [overdue] = await claim(600);
        expect(await stores.outbox.delivered(found!, { code: 'AA' }, later(601))).toBe(true);
        expect(await stores.outbox.hold(overdue!, 'not-answered', 'late', later(602))).toBe(false);
        expect(await stores.views.held()).toEqual([]);
      });

      it('is held for a person when it is refused, and awaits nothing then', async () => {
        await stores.outbox.hold(awaited, 'refused', 'The receiver answered AE.', later(5));
        expect(await stores.outbox.awaiting(['ris'], 'C1')).toBeNull();
        expect(await claim(9999)).toEqual([]);
        expect(await stores.views.held()).toMatchObject([{ kind: 'outbox', id }]);
      });

      it('lets its lane go on when it is advice (ADR 0013)', async () => {
        await queue(stores, caseNo(2), effects.advise('advice'), effects.advise('behind advice'));
        const [item] = await claim(6);
        await stores.outbox.awaitAnswer(item!, 'C2', null, later(600));
        expect(await claim(7)).toMatchObject([{ effect: { message: 'behind advice' } }]);
      });

      it('has left: it can’t be taken back', async () => {
        await queue(stores, caseNo(1), effects.withdraw());
        expect(await stores.outbox.awaiting(['ris'], 'C1')).not.toBeNull();
        expect(await claim(599)).toEqual([]);
      });
    });

    it('has nothing due for what waits behind something held', async () => {
      await queue(stores, caseNo(1), effects.commit('held'), effects.commit('behind'));
      const [held] = await claim();
      await stores.outbox.hold(held!, 'refused', 'AR', later(1));
      expect(await stores.outbox.nextDue()).toBeNull();
    });

    it('says when a later edit of the same lane waits', async () => {
      await queue(stores, caseNo(1), effects.card(1), effects.card(2));
      const [first] = await claim();
      expect(await stores.outbox.overtaken(first!.id)).toBe(true);
      await stores.outbox.delivered(first!, null, later(1));
      const [second] = await claim();
      expect(await stores.outbox.overtaken(second!.id)).toBe(false);
    });

    it('says what became of an effect, by its key: while it waits or is under way, what came back, and nothing of what never came', async () => {
      const [tell, held, left] = [effects.tell(), effects.card(), effects.commit()];
      await queue(stores, caseNo(1), tell, held, left);
      const outcome = ({ key }: Effect, of = caseNo(1)) => stores.outbox.outcome(of, key);
      expect(await outcome(tell)).toBe('open');
      const items = await claim();
      const itemOf = ({ key }: Effect) => items.find(({ effect }) => effect.key === key)!;
      expect(await outcome(tell)).toBe('open');
      const receipt = { place: 'person:dr-okafor', conversationId: 'a:1', activityId: '7' };
      await stores.outbox.delivered(itemOf(tell), receipt, later(1));
      await stores.outbox.hold(itemOf(held), 'refused', '', later(1));
      await queue(stores, caseNo(1), effects.withdraw());
      stores = await stores.reopen();
      expect(await outcome(tell)).toEqual({ receipt });
      expect([await outcome(held), await outcome(left), await outcome(effects.tell()), await outcome(tell, caseNo(2))]).toEqual([
        null,
        null,
        null,
        null,
      ]);
    });

    it('knows an effect of a step with very many', async () => {
      const many = Array.from({ length: 60 }, () => effects.page());
      await queue(stores, caseNo(1), ...many);
      expect(await stores.outbox.outcome(caseNo(1), many[50]!.key)).toBe('open');
    });

    it('gives out one share by itself, and says when that is due', async () => {
      await queue(stores, caseNo(1), effects.commit('to the ris'), effects.card());
      await queue(stores, caseNo(2), { ...effects.commit('elsewhere'), destination: 'lab' } as Effect, effects.tell());
      const rest = { notDestinations: ['ris'], notKinds: ['showCard'] } as const;
      const take = (share: OutboxShare) => stores.outbox.claim(later(1), 60, 99, share);
      expect(messages(await take({ destination: 'ris' }))).toEqual(['to the ris']);
      expect(await stores.outbox.nextDue({ destination: 'nowhere' })).toBeNull();
      expect(await stores.outbox.nextDue({ kinds: ['showCard'] })).toBe(t0);
      expect(messages(await take(rest))).toEqual(['elsewhere', 'tellPerson']);
      expect(messages(await take({ kinds: ['showCard', 'gatherContext'] }))).toEqual(['showCard']);
      expect(await claim()).toEqual([]);
    });

    describe('pages', () => {
      const mail = { destination: pagesBy('email') };
      const pager = { destination: pagesBy('pager') };
      const rest = { notDestinations: ['ris', ...[mail, pager].map(({ destination }) => destination)], notKinds: ['showCard'] } as const;
      const take = async (share: OutboxShare, most = 99) =>
        (await stores.outbox.claim(later(1), 60, most, share)).map(({ caseId, effect }) => [
          caseId,
          effect.kind === 'page' ? effect.channel : effect.kind,
        ]);
      beforeEach(async () => {
        await queue(stores, caseNo(1), effects.page('pager'), effects.page('email'), effects.page('print'), effects.card());
        await queue(stores, caseNo(2), effects.page('pager'), effects.tell());
      });

      it('are given out by their channel, each apart from every other (invariants 19, 20)', async () => {
        expect(await stores.outbox.nextDue(mail)).toBe(t0);
        expect(await stores.outbox.waiting(99, pager)).toBe(2);
        expect(await stores.outbox.waiting(99, { kinds: ['page'] })).toBe(4);
        expect(await take(pager, 1)).toEqual([[caseNo(1), 'pager']]);
        expect(await take(mail)).toEqual([[caseNo(1), 'email']]);
        expect(await take(pager)).toEqual([[caseNo(2), 'pager']]);
        expect(await stores.outbox.nextDue({ destination: pagesBy('sms') })).toBeNull();
        expect(await take({ destination: pagesBy('sms') })).toEqual([]);
        expect(await take(rest)).toEqual([
          [caseNo(1), 'print'],
          [caseNo(2), 'tellPerson'],
        ]);
      });

      it('are given out as one kind to a release that knows no channels', async () => {
        expect(await take({ notDestinations: ['ris'], notKinds: ['page'] })).toEqual([
          [caseNo(1), 'showCard'],
          [caseNo(2), 'tellPerson'],
        ]);
        expect((await take({ kinds: ['page'] })).map(([, channel]) => channel).sort()).toEqual(['email', 'pager', 'pager', 'print']);
      });

      it('that a release before channels wrote are given out with the rest, once', async () => {
        await stores.withoutChannels();
        stores = await stores.reopen();
        expect([await take(pager), await take(mail)]).toEqual([[], []]);
        expect(await stores.outbox.waiting(99, rest)).toBe(5);
        expect((await take(rest)).map(([, channel]) => channel).sort()).toEqual(['email', 'pager', 'pager', 'print', 'tellPerson']);
        expect(await take({ kinds: ['page'] })).toEqual([]);
      });

      it('stand with their channel also when they are tried again or a claim ends without a word', async () => {
        const [first, second] = await stores.outbox.claim(later(1), 60, 9, pager);
        await stores.outbox.tryAgain(first!, 'timed-out-after-send', { ambiguous: 1 }, later(5));
        expect(await stores.outbox.nextDue(pager)).toBe(later(5));
        expect((await stores.outbox.claim(later(61), 60, 9, pager)).map(({ id }) => id).sort()).toEqual([first!.id, second!.id].sort());
      });
    });

    it('gives out at most as many as are wanted', async () => {
      for (let n = 1; n <= 5; n += 1) await queue(stores, caseNo(n), effects.card());
      expect(await stores.outbox.claim(later(1), 60, 2)).toHaveLength(2);
    });
  });
}
