import { eventId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import type { Append } from '#ports/case-store.js';
import { caseNo, effects, later, row, t0 } from '../support/store-fixture.ts';
import { okafor } from '../support/clinic.ts';
import type { AzureStores } from '../support/azure-fixture.ts';

/** A whole life of one case, written so that it may be begun anew at any point: what was done is not done again. */
export interface Life {
  /** Goes on until there is nothing left to do. `seconds`: when it is, so that leases of an earlier try are over. */
  live(stores: AzureStores, seconds: number): Promise<void>;
  /** What was delivered, in order, by lane; a delivery that was repeated stands here twice. */
  readonly sent: Readonly<Record<string, string[]>>;
}

const id = caseNo(1);
const system = { kind: 'system', part: 'test' } as const;

export function startLife(): Life {
  const sent: Record<string, string[]> = {};
  const keyed = (name: string, effect: Effect): Effect => ({ ...effect, key: `key-${name}` }) as Effect;
  const tell = async (stores: AzureStores, name: string, more: Partial<Append>): Promise<void> => {
    for (;;) {
      const { caseNumber, version } = await stores.cases.read('protocoling', id);
      const done = await stores.cases.append({
        ...{
          workflow: 'protocoling',
          caseId: id,
          caseNumber,
          expectedVersion: version,
          at: t0,
          facts: [],
          effects: [],
          keys: [],
          row,
          answer: undefined,
        },
        event: { id: eventId.parse(name), type: 'told', actor: system },
        ...more,
      });
      if (done.ok || done.code !== 'conflict') return;
    }
  };
  const wanted = (...some: Effect[]): Append['effects'] => some.map((effect) => ({ effect, suppressed: false }));
  const facts = (...names: string[]) => names.map((type) => ({ type, fact: { type, text: 'ä\u2028"' } }));

  /** Until nothing is queued: what a fault kept from being claimed comes again. */
  const hearAll = async (stores: AzureStores, seconds: number): Promise<void> => {
    const late: Partial<Append> = { facts: facts('late'), answer: { outcome: 'noted', text: 'Noted.' } };
    const first: Partial<Append> = {
      facts: facts('a', 'b'),
      effects: wanted(
        keyed('1', effects.commit('first')),
        keyed('2', effects.commit('again')),
        keyed('3', effects.commit('awaited')),
        keyed('4', effects.card()),
      ),
    };
    while ((await stores.bus.nextDue()) !== null)
      for (const claimed of await stores.bus.claim(later(seconds), 60, 9))
        await tell(stores, claimed.event.id, { ...(claimed.event.id === 'first' ? first : late), claimed });
  };

  const deliverAll = async (stores: AzureStores, seconds: number): Promise<void> => {
    for (let at = seconds; (await stores.outbox.nextDue()) !== null; at += 100) {
      const items = await stores.outbox.claim(later(at), 60, 99);
      for (const item of items) {
        const { effect } = item;
        const name = 'message' in effect ? effect.message : effect.kind;
        if (name === 'again' && item.failures['transient'] === undefined) {
          await stores.outbox.tryAgain(item, 'not-connected', { transient: 1 }, later(at + 1));
          continue;
        }
        if (name === 'refused') {
          await stores.outbox.hold(item, 'refused', 'AR', later(at));
          continue;
        }
        if (effect.kind === 'sendHl7') await stores.outbox.keepBytes(item, Buffer.from(name));
        if (name === 'awaited') {
          if (!item.awaited) await stores.outbox.awaitAnswer(item, 'C1', { code: 'CA' }, later(at + 150));
          const waiting = item.awaited ? item : await stores.outbox.awaiting(['ris'], 'C1');
          (sent['ris'] ??= []).push(name);
          if (waiting !== null) await stores.outbox.delivered(waiting, { code: 'AA' }, later(at));
          continue;
        }
        (sent['destination' in effect ? effect.destination : effect.kind] ??= []).push(name);
        await stores.outbox.delivered(item, { conversationId: 'thread-1' }, later(at));
      }
    }
  };

  return {
    sent,
    async live(stores, seconds) {
      const first = { id: eventId.parse('first'), workflow: 'protocoling', caseId: id, occurredAt: t0, actor: system, input: { type: 'told' } };
      await stores.bus.publish(first);
      await hearAll(stores, seconds);
      await tell(stores, 'second', {
        facts: facts('c'),
        keys: ['patient|MRN|1'],
        effects: wanted(
          keyed('5', effects.wake('answer', 1, later(5))),
          keyed('6', effects.commit('withdrawn')),
          keyed('7', effects.advise('refused')),
        ),
      });
      await tell(stores, 'third', {
        facts: facts('d'),
        effects: wanted({ ...effects.withdraw(), destination: 'ris-2' } as Effect, keyed('8', effects.tell())),
      });
      await stores.audit.record({
        caseId: id,
        at: t0,
        actor: { kind: 'person', person: okafor.id },
        action: 'denied',
        outcome: 'denied',
        detail: {},
      });
      for (const deadline of await stores.deadlines.due(later(10), 9)) await stores.deadlines.fire(deadline, later(10));
      await hearAll(stores, seconds + 20);
      await deliverAll(stores, seconds + 30);
      await stores.audit.seal(later(99));
      await stores.views.catchUp();
    },
  };
}

/** All that can be asked of the stores about the case. */
export async function digestOf(stores: AzureStores) {
  const { facts, version } = await stores.cases.read('protocoling', id);
  const verdict = await stores.audit.verify();
  return {
    version,
    facts,
    heard: await Promise.all(['first', 'second', 'third', 'never'].map((name) => stores.cases.heard(id, eventId.parse(name)))),
    rows: (await stores.views.all('protocoling')).map(({ caseNumber: _, ...rest }) => rest),
    held: (await stores.views.held()).map(({ reason }) => reason),
    deadlines: await stores.deadlines.due(later(99_999), 99),
    queued: await stores.bus.claim(later(99_999), 60, 99),
    waiting: await stores.outbox.claim(later(99_999), 60, 99),
    conversation: (await stores.cases.findByConversation('thread-1')) !== null,
    audit: { ok: verdict.ok, firstBad: verdict.firstBad },
  };
}
