import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboxDocument } from '#adapters/azure/cosmos-documents.js';
import { readyItems } from '#adapters/azure/outbox-ready.js';
import { createLimiter, perApp, perConversation } from '#bot/outbound/limiter.js';
import type { Limiter } from '#bot/outbound/limiter.js';
import { replyInTurn } from '#bot/outbound/reply.js';
import type { Precedence } from '#core/effect.js';
import { inPostingTurn } from '#engine/deliver-turn.js';
import { keepLimits, readLimits } from '#engine/kept-limits.js';
import { startBotFixture } from '../support/bot-fixture.ts';
import { okafor, silentLog } from '../support/clinic.ts';
import { embeddedStores, later } from '../support/store-fixture.ts';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

/** A limiter whose clock is moved, and which is asked again each time. */
function limited(): {
  readonly limiter: Limiter;
  readonly at: (milliseconds: number) => void;
  readonly may: (conversation: string, of: Precedence) => Promise<boolean>;
} {
  let now = 1_000_000;
  const limiter = createLimiter(() => now);
  return {
    limiter,
    at: (milliseconds) => {
      now = 1_000_000 + milliseconds;
    },
    may: async (conversation, of) => (await limiter.admit(conversation, of, 0)).ok,
  };
}

describe('the limits of Teams', () => {
  it('leave room for what is urgent in every window of a channel, however many routine cards wait (invariant 23)', async () => {
    const { at, may } = limited();
    const sent: { at: number; of: Precedence }[] = [];
    const waits: number[] = [];
    let asked: number | null = null;
    // An hour in steps of 250 ms: routine as much as there is room for, something urgent every ten seconds.
    for (let now = 0; now < 3_600_000; now += 250) {
      at(now);
      if (now % 10_000 === 0) asked ??= now;
      if (asked !== null && (await may('channel', 'stat'))) {
        waits.push(now - asked);
        sent.push({ at: now, of: 'stat' });
        asked = null;
      }
      while (await may('channel', 'new')) sent.push({ at: now, of: 'new' });
    }
    const late = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)];
    expect(waits.length).toBeGreaterThan(350);
    expect(late).toBeLessThan(1000);
    for (const { most, perMs } of perConversation) {
      for (let n = most; n < sent.length; n += 1) expect(sent[n]!.at - sent[n - most]!.at).toBeGreaterThanOrEqual(perMs);
    }
    // Routine still moves.
    expect(sent.filter(({ of }) => of === 'new').length).toBeGreaterThan(100);
  }, 60_000);

  it('let each precedence go on when another takes all that it may', async () => {
    for (const many of ['critical', 'stat', 'new', 'edit'] as const) {
      const { at, may } = limited();
      const went = { critical: 0, stat: 0, new: 0, edit: 0 };
      for (let now = 0, n = 0; now < 20_000; now += 50) {
        at(now);
        while (await may(`thread ${n}`, many)) [went[many], n] = [went[many] + 1, n + 1];
        for (const each of ['critical', 'stat', 'new', 'edit'] as const)
          if (each !== many && (await may(`thread ${n}`, each))) [went[each], n] = [went[each] + 1, n + 1];
      }
      for (const each of ['critical', 'stat', 'new', 'edit'] as const) expect(went[each]).toBeGreaterThan(10);
      expect(Object.values(went).reduce((a, b) => a + b)).toBeLessThanOrEqual((perApp.most * 20_000) / perApp.perMs + perApp.most);
    }
  });

  it('hold one conversation off and no other, for as long as Teams asks', async () => {
    const { limiter, at, may } = limited();
    limiter.holdOff('one', 5000);
    expect([await may('one', 'critical'), await may('other', 'edit')]).toEqual([false, true]);
    at(4999);
    expect(await may('one', 'critical')).toBe(false);
    at(5000);
    expect(await may('one', 'critical')).toBe(true);
  });

  it('let in whoever waits in the order of precedence, then of coming', async () => {
    const limiter = createLimiter(() => Date.now());
    limiter.holdOff('one', 150);
    const came: string[] = [];
    const wait = async (name: string, of: Precedence) => {
      const { ok } = await limiter.admit('one', of, 5000);
      if (ok) came.push(name);
    };
    await Promise.all([wait('edit', 'edit'), wait('new 1', 'new'), wait('stat', 'stat'), wait('new 2', 'new'), wait('critical', 'critical')]);
    // There is room for an edit yet when there is none for another new card.
    expect(came).toEqual(['critical', 'stat', 'new 1', 'edit', 'new 2']);
  });

  it('are known again after a restart: what was promised, and what was sent', async () => {
    const stores = embeddedStores();
    const before = createLimiter(() => Date.now());
    for (let n = 0; n < 7; n += 1) before.reserve('busy', 0);
    before.holdOff('held', 60_000);
    const kept = keepLimits(stores.cursors, () => before.memory(), silentLog());
    await kept.stop();
    const after = createLimiter(() => Date.now(), await readLimits(stores.cursors));
    expect((await after.admit('held', 'critical', 1000)).ok).toBe(false);
    expect((await after.admit('busy', 'new', 10)).ok).toBe(false);
    expect((await after.admit('other', 'new', 10)).ok).toBe(true);
    await stores.cursors.write('teams-limits', '{');
    expect(await readLimits(stores.cursors)).toBeUndefined();
    await stores.close();
  });
});

describe('the turn of posting', () => {
  it('is one at a time, the more urgent first', async () => {
    const [whose, order]: [object, string[]] = [{}, []];
    let running = 0;
    const post = (name: string, of: Precedence) =>
      inPostingTurn(whose, of, async () => {
        running += 1;
        expect(running).toBe(1);
        await sleep(20);
        running -= 1;
        order.push(name);
      });
    await Promise.all([post('first', 'new'), post('second', 'new'), post('stat', 'stat'), post('critical', 'critical')]);
    expect(order).toEqual(['first', 'critical', 'stat', 'second']);
  });

  it('does not hold up what is urgent behind a post that hangs, and goes on after one that fails', async () => {
    const whose = {};
    let end: () => void = () => undefined;
    const hangs = inPostingTurn(whose, 'new', () => new Promise<void>((done) => (end = done)));
    const begun = Date.now();
    await expect(inPostingTurn(whose, 'stat', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(Date.now() - begun).toBeLessThan(1500);
    end();
    await hangs;
    expect(await inPostingTurn(whose, 'new', () => Promise.resolve('on'))).toBe('on');
  });
});

describe('what is sent to people', () => {
  let side: TeamsSide;
  beforeAll(async () => {
    side = await startTeamsSide();
  });
  afterAll(() => side.close());
  const card = { speak: 'Case 7KF3QN, STAT.', card: { type: 'AdaptiveCard', version: '1.5', body: [] } };

  it('holds off one thread after its Retry-After and goes on in the others (field report 23)', async () => {
    const { bot } = await startBotFixture(side);
    const posting = (n: number) => ({ place: 'protocoling', conversationId: `19:p@thread.tacv2;messageid=${n}`, activityId: `${n}` });
    side.next.push({ status: 429, headers: { 'retry-after': '30' } });
    expect(await bot.people.edit(posting(1), card)).toMatchObject({ ok: false, code: 'throttled', retryAfterSeconds: 30 });
    const calls = side.calls.length;
    // Another one of the same thread is not even tried.
    const again = await bot.people.edit(posting(1), card);
    expect(again).toMatchObject({ ok: false, code: 'own-limit' });
    expect(side.calls).toHaveLength(calls);
    expect(await bot.people.edit(posting(2), card)).toMatchObject({ ok: true });
    expect(await bot.people.post('protocoling', card, 'stat')).toMatchObject({ ok: true });
    expect(bot.limits().held).toMatchObject({ [posting(1).conversationId]: expect.any(Number) as number });
  });

  it('alerts in private, and mentions in a channel people whom the site knows', async () => {
    const { bot } = await startBotFixture(side);
    await bot.people.tell(okafor.id, { ...card, alert: true });
    expect(side.calls.at(-1)?.body).toMatchObject({ importance: 'high', channelData: { notification: { alert: true } } });
    await bot.people.post('protocoling', { ...card, mentions: [okafor.id, 'nobody'] });
    expect(side.calls.at(-1)?.body.activity).toMatchObject({
      text: '<at>Ngozi Okafor</at>',
      entities: [{ type: 'mention', text: '<at>Ngozi Okafor</at>', mentioned: { id: okafor.teamsId, name: 'Ngozi Okafor' } }],
    });
    await bot.people.tell(okafor.id, card);
    expect(side.calls.at(-1)?.body).not.toHaveProperty('importance');
  });

  it('sends a reply once more when Teams asks to slow down, and no other failure twice', async () => {
    const limiter = createLimiter(() => Date.now());
    const slow = Object.assign(new Error('429'), { statusCode: 429, response: { headers: new Map([['retry-after', '1']]) } });
    let tries = 0;
    await replyInTurn(limiter, 'chat', () => ((tries += 1) === 1 ? Promise.reject(slow) : Promise.resolve()));
    expect(tries).toBe(2);
    const broken = Object.assign(new Error('502'), { statusCode: 502 });
    await expect(replyInTurn(limiter, 'other', () => Promise.reject(broken))).rejects.toBe(broken);
  });

  it('lets many urgent posts go one after the other beside one that hangs, and a critical one beside a STAT one that hangs', async () => {
    const whose = {};
    const ends: (() => void)[] = [];
    const hang = (of: Precedence) => inPostingTurn(whose, of, () => new Promise<void>((done) => ends.push(done)));
    const routine = hang('new');
    const begun = Date.now();
    await Promise.all(Array.from({ length: 9 }, () => inPostingTurn(whose, 'stat', () => sleep(10))));
    expect(Date.now() - begun).toBeLessThan(2000);
    const stat = hang('stat');
    await sleep(600);
    const since = Date.now();
    await inPostingTurn(whose, 'critical', () => Promise.resolve());
    expect(Date.now() - since).toBeLessThan(1500);
    for (const end of ends) end();
    await Promise.all([routine, stat]);
  });
});

describe('what stands ready on Azure', () => {
  it('has room for what is urgent behind ten thousand routine cards', () => {
    const ready = readyItems();
    const item = (n: number, rank: number): OutboxDocument =>
      ({ id: `i${n}`, caseId: `c${n}`, destination: null, effectKind: 'showCard', rank, readyAt: later(0), attempt: 0 }) as unknown as OutboxDocument;
    ready.add(Array.from({ length: 10_500 }, (_, n) => item(n, 2)));
    ready.add([item(20_000, 0)]);
    expect(ready.take(later(1), 1, { kinds: ['showCard'], precedence: ['critical'] }).map(({ id }) => id)).toEqual(['i20000']);
  });
});
