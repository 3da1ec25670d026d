import fc from 'fast-check';
import { eventId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import type { Append, CaseHistory } from '#ports/case-store.js';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers } from '../support/azure-fixture.ts';
import { caseNo, effects, embeddedStores, later, row, t0 } from '../support/store-fixture.ts';
import type { Stores } from '../support/store-fixture.ts';

const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
let peers: AzurePeers;
beforeAll(async () => {
  peers = await startAzurePeers();
});
afterAll(() => peers.close());

const id = caseNo(1);

/** One thing that is told to the case. Two writers may tell the same. */
interface Told {
  readonly event: number;
  readonly does: 'send' | 'advise' | 'withdraw' | 'wake' | 'forget' | 'answer' | 'nothing';
}

/** What an event does to a case, by what the case is then: as pure as a workflow. */
function decided({ event, does }: Told, history: CaseHistory): Pick<Append, 'facts' | 'effects' | 'answer' | 'row'> {
  const keyed = (effect: Effect): Append['effects'] => [{ effect: { ...effect, key: `key-${event}` } as Effect, suppressed: false }];
  const wanted: Readonly<Record<Told['does'], Append['effects']>> = {
    ...{ send: keyed(effects.commit(`m${event}`)), advise: keyed(effects.advise(`a${event}`)), withdraw: keyed(effects.withdraw()) },
    ...{
      wake: keyed(effects.wake('answer', event, later(100 + event))),
      forget: keyed(effects.wake('answer', event, null)),
      answer: [],
      nothing: [],
    },
  };
  return {
    facts: does === 'nothing' ? [] : [{ type: does, fact: { type: does, event, after: history.version } }],
    effects: wanted[does],
    answer: does === 'answer' ? { outcome: 'won', text: `${history.version}` } : undefined,
    row: { ...row, revision: history.version },
  };
}

async function tell(stores: Stores, told: Told): Promise<void> {
  for (;;) {
    const history = await stores.cases.read('protocoling', id);
    const { caseNumber, version } = history;
    const done = await stores.cases.append({
      ...{ workflow: 'protocoling', caseId: id, caseNumber, expectedVersion: version, at: t0, keys: [] },
      ...{ event: { id: eventId.parse(`event-${told.event}`), type: 'told', actor: { kind: 'system', part: 'test' } }, ...decided(told, history) },
    });
    if (done.ok || done.code === 'already-heard') return;
  }
}

/** All that can be asked about the case, and what leaves it, in order. */
async function digestOf(stores: Stores) {
  const { facts, version } = await stores.cases.read('protocoling', id);
  const sent: string[] = [];
  for (let at = 1; (await stores.outbox.nextDue()) !== null; at += 1)
    for (const item of await stores.outbox.claim(later(at), 60, 99)) {
      sent.push('message' in item.effect ? item.effect.message : item.effect.kind);
      await stores.outbox.delivered(item, null, later(at));
    }
  const { ok, rows } = await stores.audit.verify();
  return {
    ...{ version, facts, sent, audit: { ok, rows }, deadlines: await stores.deadlines.due(later(9999), 99) },
    rows: (await stores.views.all('protocoling')).map(({ caseNumber: _, ...rest }) => rest),
    heard: await Promise.all(Array.from({ length: 8 }, (_, n) => stores.cases.heard(id, eventId.parse(`event-${n}`)))),
  };
}

const told = fc.record({
  event: fc.integer({ min: 0, max: 7 }),
  does: fc.constantFrom<Told['does'][]>('send', 'advise', 'withdraw', 'wake', 'forget', 'answer', 'nothing'),
});
/** An event is what it is, whoever tells it. */
const plan = fc.tuple(
  fc.uniqueArray(told, { minLength: 2, maxLength: 8, selector: ({ event }) => event }),
  fc.array(fc.nat(7), { maxLength: 12 }),
  fc.nat(3),
);

describe(`two writers on one case, on Cosmos DB (here ${WHERE})`, () => {
  it(
    'end at what the embedded store says of the same events in the order in which they got in, whatever Cosmos did meanwhile',
    async () => {
      const faults = peers.cosmosPeer?.faults;
      await fc.assert(
        fc.asyncProperty(plan, async ([events, second, troubles]) => {
          const one = await azureStores(peers);
          const two = await one.another();
          faults?.clear();
          if (troubles > 0) faults?.add({ kind: 'answer-lost', operation: 'batch', chance: troubles / 20, times: 50 });
          if (troubles > 1) faults?.add({ kind: 'retry-with', operation: 'batch', chance: 0.1, times: 50 });
          const inOrder = async (stores: Stores, some: readonly Told[]): Promise<void> => {
            for (const event of some) await tell(stores, event);
          };
          await Promise.all([
            inOrder(one, events),
            inOrder(
              two,
              second.flatMap((n) => events[n] ?? []),
            ),
          ]);
          faults?.clear();
          const now = await digestOf(two);
          const embedded = embeddedStores();
          const order = now.facts.map(({ fact }) => (fact as { event: number }).event);
          // What gave no fact has no place among those that did.
          const quiet = events.filter(({ does }) => does === 'nothing');
          for (const event of order)
            await tell(
              embedded,
              events.find((each) => each.event === event)!,
            );
          for (const event of quiet) await tell(embedded, event);
          const expected = await digestOf(embedded);
          // The row is of the last event that got in, which may be one without a fact.
          const rows = quiet.length > 0 ? expected.rows.map((each) => ({ ...each, revision: now.rows[0]?.revision })) : expected.rows;
          expect(now).toEqual({ ...expected, rows });
          await embedded.close();
          two.cosmos.close();
          await one.close();
        }),
        { numRuns: isWhole ? 200 : 12 },
      );
    },
    isWhole ? 600_000 : 60_000,
  );
});
