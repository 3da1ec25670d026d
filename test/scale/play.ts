import { embeddedModels } from '#adapters/embedded/models.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { serveSessions } from '#adapters/azure/service-bus-sessions.js';
import { openServiceBus } from '#adapters/azure/service-bus.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import type { CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { desk } from '#engine/desk.js';
import { deliver } from '#engine/deliver.js';
import { receive } from '#engine/intake.js';
import type { Parts } from '#engine/parts.js';
import { routeKept } from '#engine/routing.js';
import { runCase } from '#engine/run-case.js';
import type { Posting } from '#ports/people.js';
import { registry } from '#workflows/registry.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { Counted } from '../../infra/scale/counts.ts';
import { azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import type { AzureStores } from '../support/azure-fixture.ts';
import { directoryOf, haddad, okafor, silentLog } from '../support/clinic.ts';
import { plannedOrders, testSite } from '../support/planned-orders.ts';
import { shippedPolicy } from '../support/shipped.ts';

const now = (): Instant => new Date().toISOString() as Instant;
const CASE_NUMBER = /protocol request ([2-9BCDFGHJKMNPQRTVWXY]{6,7})\b/u;
const KINDS = ['head', 'step', 'outbox', 'event', 'audit', 'part', 'other'];

/**
 * Plays the whole way of orders on the Azure parts and counts what their peers were asked: order in, case, context (the EHR does not answer), card, approval, write-back.
 * @param hospitals each sends `ordersEach` orders, all at the same time
 */
export async function playOrders(hospitals: number, ordersEach: number): Promise<Counted> {
  const peers = await startAzurePeers();
  const { cosmosPeer, busPeer, blobPeer } = peers;
  if (cosmosPeer === null || busPeer === null || blobPeer === null) throw new Error('Counts are those of our own peers: unset RADLOOP_TEST_….');
  const stores = await azureStores(peers, { sweepSeconds: 3600, now });
  const serving = serveSessions({
    client: openServiceBus({ connectionString: peers.bus }),
    queue: stores.queue,
    tell: stores.tell,
    trouble: () => undefined,
  });
  try {
    // What opening the stores took is no order's.
    await fetch(`${cosmosPeer.endpoint}/_peer/counts`, { method: 'DELETE' });
    const before = { bus: { ...busPeer.counts }, blob: { ...blobPeer.counts } };
    const { approved, written } = await play(stores, hospitals, ordersEach);
    await settled(stores, () => busPeer.counts.settlements);
    const asked = (await (await fetch(`${cosmosPeer.endpoint}/_peer/counts`)).json()) as Counted['cosmos'];
    return {
      ...{ hospitals, orders: approved, writtenBack: written, cosmos: asked },
      serviceBus: {
        sends: busPeer.counts.sends - before.bus.sends,
        sentBytes: busPeer.counts.sentBytes - before.bus.sentBytes,
        scheduled: busPeer.counts.scheduled - before.bus.scheduled,
        deliveries: busPeer.counts.deliveries - before.bus.deliveries,
        settlements: busPeer.counts.settlements - before.bus.settlements,
      },
      blob: {
        writes: blobPeer.counts.writes - before.blob.writes,
        writtenBytes: blobPeer.counts.writtenBytes - before.blob.writtenBytes,
        reads: blobPeer.counts.reads - before.blob.reads,
      },
      largestPartition: await largestPartition(stores),
    };
  } finally {
    // Nobody claims any more: whoever still waits for a case gives it back.
    stores.bus.stop();
    await serving.stop();
    await stores.close();
    await peers.close();
  }
}

async function play(stores: AzureStores, hospitals: number, ordersEach: number): Promise<{ readonly approved: number; readonly written: number }> {
  const site = readSite(testSite);
  const open: string[] = [];
  let written = 0;
  let approved = 0;
  const answered = new Set<string>();
  const place = (posting: Posting) => Promise.resolve({ ok: true as const, receipt: posting });
  const accepted = { ok: true as const, receipt: { code: 'AA' as const, controlId: 'x', text: 'MSA|AA|x' } };
  const parts: Parts = {
    ...{
      cases: stores.cases,
      outbox: stores.outbox,
      bus: stores.bus,
      deadlines: stores.deadlines,
      raw: stores.raw,
      views: stores.views,
      audit: stores.audit,
    },
    directory: directoryOf([okafor, haddad]),
    door: hl7Door(site),
    hl7: {
      render: (effect, writtenAt) => ({ ok: true, receipt: Buffer.from(`${effect.message} written ${writtenAt} ${'x'.repeat(900)}`) }),
      send: () => {
        written += 1;
        return Promise.resolve(accepted);
      },
      sendAnswer: () => Promise.resolve({ ok: true, receipt: null }),
    },
    ehr: {
      gather: () => Promise.resolve({ ok: false, why: 'The EHR did not answer' }),
      write: () => Promise.resolve({ ok: true, receipt: { id: '1', version: '1' } }),
    },
    model: embeddedModels(shippedPolicy.content),
    people: {
      post(_place, card) {
        const [, caseNumber] = CASE_NUMBER.exec(JSON.stringify(card)) ?? [];
        if (caseNumber !== undefined) open.push(caseNumber);
        return place({ place: 'protocoling', conversationId: 'thread', activityId: 'card' });
      },
      edit: (before) => place(before),
      tell: (person) => place({ place: person, conversationId: person, activityId: 'note' }),
    },
    ...{ clock: { now }, log: silentLog(), workflows: registry({ protocoling: shippedPolicy }) },
    ...{ facilities: site.settings.facilities, destinations: site.endpoints.destinations, modeOf: () => 'assist', wake: () => undefined },
  };
  // Order numbers of one seed, so that no two hospitals send the same.
  for (const [index, order] of plannedOrders(4711, hospitals * ordersEach).entries())
    await receive(parts, Buffer.from(orderMessage(order, 'new', `H${String(index)}`, new Date())), { endpoint: 'mllp', facility: null });
  const total = hospitals * ordersEach;
  const deadline = Date.now() + 20_000 + total * 2000;
  for (let quiet = 0; quiet < 12 && Date.now() < deadline;) {
    const done = await workOnce(parts, stores);
    for (const caseNumber of open.splice(0)) {
      if (answered.has(caseNumber)) continue;
      answered.add(caseNumber);
      const answer = { person: okafor, caseNumber: caseNumber as CaseNumber, revision: 1, verb: 'choose-other', protocolId: 'CT-HEAD-WO' } as const;
      if ((await desk(parts, []).answer(answer)).outcome === 'won') approved += 1;
    }
    quiet = done === 0 ? quiet + 1 : 0;
    if (done === 0) await new Promise((wait) => setTimeout(wait, 50));
  }
  // Some order of a seed needs no protocol: it has no card, and is left out of the count of orders.
  if (approved < answered.size || approved < total * 0.9)
    throw new Error(`Of ${String(total)} orders ${String(approved)} were approved: what was counted is not their whole way.`);
  return { approved, written };
}

/** Longer than a session that has said all is held, so that the next ones have begun. */
const SILENT_MS = 2500;

/** What was announced and is still on its way costs a look at its case and a settlement each: until the bus has brought nothing for a while. */
async function settled({ bus }: AzureStores, settlements: () => number): Promise<void> {
  for (let before = settlements(), since = performance.now(); performance.now() < since + SILENT_MS;) {
    if (settlements() !== before) [before, since] = [settlements(), performance.now()];
    await bus.claim(now(), 60, 99);
    await new Promise((wait) => setTimeout(wait, 20));
  }
}

async function workOnce(parts: Parts, stores: AzureStores): Promise<number> {
  await routeKept(parts);
  const events = await stores.bus.claim(now(), 60, 99);
  for (const event of events) await runCase(parts, event.event, event);
  const items = await stores.outbox.claim(now(), 60, 99);
  for (const item of items) await deliver(parts, item);
  return events.length + items.length;
}

/** The case that holds most: documents, and their bytes as JSON. */
async function largestPartition({ cosmos }: AzureStores): Promise<Counted['largestPartition']> {
  const heads = await cosmos.query<{ readonly caseId: string }>('cases', { query: "SELECT TOP 50 c.caseId FROM c WHERE c.kind = 'head'" });
  const sizes: Counted['largestPartition'][] = [];
  for (const { caseId } of heads.slice(0, 50)) {
    const found = await Promise.all(
      KINDS.map((kind) => cosmos.query('cases', { query: 'SELECT * FROM c WHERE c.kind = @kind', values: { kind }, partition: caseId })),
    );
    const documents = found.flat();
    sizes.push({
      documents: documents.length,
      bytes: documents.reduce<number>((sum, document) => sum + Buffer.byteLength(JSON.stringify(document)), 0),
    });
  }
  return sizes.sort((a, b) => b.bytes - a.bytes)[0] ?? { documents: 0, bytes: 0 };
}
