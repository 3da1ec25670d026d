import type { Fault } from '../peers/cosmos/faults.ts';
import { digestOf, startLife } from './azure-life.ts';
import { WHERE, azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzurePeers, AzureStores } from '../support/azure-fixture.ts';
import type { CosmosPeer } from '../peers/cosmos/server.ts';

const ofPeer = WHERE === 'peers of our own' ? describe : describe.skip;
let peers: AzurePeers;
let peer: CosmosPeer;
beforeAll(async () => {
  peers = await startAzurePeers();
  peer = peers.cosmosPeer!;
});
afterAll(() => peers.close());

/** All requests, or one in nineteen, so that each kind of fault meets others. */
const isWhole = process.env['RADLOOP_FAULTS'] === 'full';
let turn = 0;

/** A request of a life is counted before it is hit, so that each has its turn. */
async function requestsOf(stores: AzureStores): Promise<number> {
  peer.counts.clear();
  await startLife().live(stores, 1);
  return Object.entries(peer.counts.all()).reduce((sum, [what, { requests }]) => sum + (/ (batch|read|query|feed)$/u.test(what) ? requests : 0), 0);
}

function batchesOf(): number {
  return Object.entries(peer.counts.all()).reduce((sum, [what, { requests }]) => sum + (what.endsWith(' batch') ? requests : 0), 0);
}

ofPeer('faults of Cosmos DB at every request of a case’s life', () => {
  let expected: Awaited<ReturnType<typeof digestOf>>;
  let sent: Readonly<Record<string, string[]>>;
  let requests: number;
  let batches: number;

  beforeAll(async () => {
    const stores = await azureStores(peers);
    requests = await requestsOf(stores);
    batches = batchesOf();
    const life = startLife();
    const another = await azureStores(peers);
    await life.live(another, 1);
    sent = life.sent;
    expected = await digestOf(another);
    await stores.close();
    await another.close();
  });

  it('without a fault: all is told, sent in its order, found and on record', () => {
    expect(sent).toEqual({ ris: ['first', 'again', 'awaited', 'withdrawn'], showCard: ['showCard'], tellPerson: ['tellPerson'] });
    expect(expected).toMatchObject({
      version: 5,
      held: ['refused: AR'],
      deadlines: [],
      queued: [],
      waiting: [],
      conversation: true,
      audit: { ok: true },
    });
  });

  const everyRequest = async (fault: Omit<Fault, 'after'>, count: number): Promise<void> => {
    for (let after = isWhole ? 0 : (turn += 3) % 19; after < count; after += isWhole ? 1 : 19) {
      const stores = await azureStores(peers);
      const { faults } = peer;
      const life = startLife();
      faults.clear();
      faults.add({ ...fault, after });
      await life.live(stores, 1);
      faults.clear();
      expect({ after, sent: life.sent, ...(await digestOf(stores)) }).toEqual({ after, sent, ...expected });
      await stores.close();
    }
  };

  it(
    'a write that is done and whose answer is lost is neither doubled nor lost',
    () => everyRequest({ kind: 'answer-lost', operation: 'batch' }, batches),
    isWhole ? 300_000 : 60_000,
  );
  it(
    'a connection that is cut before a write changes nothing',
    () => everyRequest({ kind: 'cut', operation: 'batch' }, batches),
    isWhole ? 300_000 : 60_000,
  );
  it(
    '429, three times, with the wait that Cosmos asks for',
    () => everyRequest({ kind: 'throttled', times: 3, retryAfterMs: 1 }, requests),
    isWhole ? 300_000 : 60_000,
  );
  it('449, twice', () => everyRequest({ kind: 'retry-with', times: 2, operation: 'batch' }, batches), isWhole ? 300_000 : 60_000);
  it('503, twice', () => everyRequest({ kind: 'unavailable', times: 2, operation: 'batch' }, batches), isWhole ? 300_000 : 60_000);
  it('412 out of nowhere: worked out again', () => everyRequest({ kind: 'precondition', operation: 'batch' }, batches), isWhole ? 300_000 : 60_000);

  it(
    'an instance that dies at any request leaves nothing behind that the next one does not finish',
    async () => {
      for (let after = isWhole ? 0 : 3; after < requests; after += isWhole ? 1 : 17) {
        const dying = await azureStores(peers, { patienceSeconds: 0.05 });
        const { faults } = peer;
        const life = startLife();
        faults.clear();
        faults.add({ kind: 'unavailable', after, times: Number.POSITIVE_INFINITY });
        const fate = await life.live(dying, 1).then(
          () => 'lived',
          () => 'died',
        );
        faults.clear();
        const next = await dying.another();
        if (fate === 'died') await life.live(next, 1000);
        const now = await digestOf(next);
        // What was sent and not yet marked is sent again: the same message, in its place.
        const once = Object.fromEntries(Object.entries(life.sent).map(([lane, names]) => [lane, names.filter((name, n) => name !== names[n - 1])]));
        expect({ after, sent: once, ...now }).toEqual({ after, sent, ...expected });
        await dying.close();
      }
    },
    isWhole ? 300_000 : 60_000,
  );
});
