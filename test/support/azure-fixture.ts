import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditReader } from '#adapters/azure/audit-reader.js';
import { auditStore } from '#adapters/azure/audit-store.js';
import { backlog } from '#adapters/azure/backlog.js';
import { caseNumbers } from '#adapters/azure/case-numbers.js';
import type { Arriving } from '#adapters/azure/arrivals.js';
import { openBodies } from '#adapters/azure/blob-bodies.js';
import { openSite, replaced } from '#adapters/azure/case-partition.js';
import type { Site } from '#adapters/azure/case-partition.js';
import { caseStore } from '#adapters/azure/case-store.js';
import { caseWork, sweptDeadlines, withTimers } from '#adapters/azure/case-work.js';
import { openCosmos } from '#adapters/azure/cosmos.js';
import type { Cosmos, Stored } from '#adapters/azure/cosmos.js';
import type { OutboxDocument } from '#adapters/azure/cosmos-documents.js';
import { cursors } from '#adapters/azure/cursors.js';
import { conversationStore } from '#adapters/azure/conversations.js';
import { deadLetters } from '#adapters/azure/dead-letters.js';
import { deadlineStore } from '#adapters/azure/deadline-store.js';
import { eventBus } from '#adapters/azure/event-bus.js';
import type { AzureEventBus } from '#adapters/azure/event-bus.js';
import { addCaseKeys, keeping } from '#adapters/azure/lookups.js';
import { outboxStore } from '#adapters/azure/outbox-store.js';
import { pendingCases } from '#adapters/azure/pending-cases.js';
import { queueStore } from '#adapters/azure/queue-store.js';
import { rawStore } from '#adapters/azure/raw-store.js';
import { DEFAULT_QUEUE, caseAnnouncer, openServiceBus } from '#adapters/azure/service-bus.js';
import type { BusTrouble, CaseAnnouncer } from '#adapters/azure/service-bus.js';
import { siteSealing, siteSecret, wrappingKeysIn } from '#adapters/azure/site-keys.js';
import { canaryTrail, storeHealth } from '#adapters/azure/store-health.js';
import { views } from '#adapters/azure/views.js';
import type { FedViews } from '#adapters/azure/views.js';
import { seal } from '#adapters/embedded/sealed-export.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { openKeyring } from '#adapters/sealing/keyring.js';
import type { ServiceBusClient } from '@azure/service-bus';
import type { CaseEvent } from '#core/event.js';
import type { Instant } from '#core/time.js';
import { CANARY_ORDER, PROGRESS } from '#engine/canary.js';
import { startBlobPeer } from '../peers/blob/server.ts';
import type { BlobPeer } from '../peers/blob/server.ts';
import { startCosmosPeer } from '../peers/cosmos/server.ts';
import type { CosmosPeer } from '../peers/cosmos/server.ts';
import { startServiceBusPeer } from '../peers/service-bus/peer.ts';
import type { ServiceBusPeer } from '../peers/service-bus/peer.ts';
import type { StoresUnderTest } from './store-fixture.ts';

/** Queue of the rehearsal: sessions, and duplicates told apart for ten minutes, as infra/azure makes it. */
export const QUEUES = { '*': { sessions: true, duplicateWindowMs: 600_000, lockMs: 5000 } };

/** The three services, here peers of our own or, by environment variables, Azure. */
export interface AzurePeers {
  readonly cosmos: { readonly endpoint: string; readonly key?: string };
  readonly blobs: string;
  readonly bus: string;
  /** Null: real services. */
  readonly cosmosPeer: CosmosPeer | null;
  readonly blobPeer: BlobPeer | null;
  readonly busPeer: ServiceBusPeer | null;
  close(): Promise<void>;
}

const env = (name: string): string | undefined => process.env[name];

/** Where the suites run, for their names: RADLOOP_TEST_COSMOS_ENDPOINT, RADLOOP_TEST_BLOB_CONNECTION and RADLOOP_TEST_SERVICE_BUS_CONNECTION point them elsewhere. */
export const WHERE: string = ((): string => {
  const given = [env('RADLOOP_TEST_COSMOS_ENDPOINT'), env('RADLOOP_TEST_BLOB_CONNECTION'), env('RADLOOP_TEST_SERVICE_BUS_CONNECTION')].flatMap(
    (one) => one ?? [],
  );
  if (given.length === 0) return 'peers of our own';
  return given.every((one) => /localhost|127\.0\.0\.1/u.test(one)) ? 'emulators' : 'real Azure';
})();

/** Tests that meddle with the peers are left out where there are none. */
export const peersOnly = (): typeof it => (WHERE === 'peers of our own' ? it : it.skip);

export async function startAzurePeers(): Promise<AzurePeers> {
  const endpoint = env('RADLOOP_TEST_COSMOS_ENDPOINT');
  const key = env('RADLOOP_TEST_COSMOS_KEY');
  const blobs = env('RADLOOP_TEST_BLOB_CONNECTION');
  const bus = env('RADLOOP_TEST_SERVICE_BUS_CONNECTION');
  const cosmosPeer = endpoint === undefined ? await startCosmosPeer() : null;
  const blobPeer = blobs === undefined ? await startBlobPeer() : null;
  const busPeer = bus === undefined ? await startServiceBusPeer({ queues: QUEUES }) : null;
  return {
    ...{ cosmosPeer, blobPeer, busPeer },
    cosmos: cosmosPeer ?? { endpoint: endpoint ?? '', ...(key === undefined ? {} : { key }) },
    blobs: blobPeer?.connectionString ?? blobs ?? '',
    bus: busPeer?.connectionString ?? bus ?? '',
    async close() {
      await Promise.all([cosmosPeer?.close(), blobPeer?.close(), busPeer?.close()]);
    },
  };
}

export interface AzureStores extends StoresUnderTest {
  readonly bus: AzureEventBus;
  readonly views: FedViews;
  readonly announcer: CaseAnnouncer;
  readonly client: ServiceBusClient;
  readonly queue: string;
  readonly cosmos: Cosmos;
  readonly site: Site;
  readonly arriving: Arriving;
  readonly tell: (body: unknown) => Promise<void>;
  readonly troubles: string[];
  /** Another instance over the same services. */
  another(more?: Partial<AzureOptions>): Promise<AzureStores>;
  reopen(): Promise<AzureStores>;
}

export interface AzureOptions {
  /** @default 0: each claim looks over all cases */
  readonly sweepSeconds: number;
  /** Puts faults between an adapter and Cosmos DB. */
  readonly through: (cosmos: Cosmos) => Cosmos;
  readonly now: () => Instant;
  readonly wake: () => void;
  readonly patienceSeconds: number;
  /** How long the locks of a process that died hold up others. */
  readonly lockMs: number;
  /** When what a process had under way is taken to be left by it. */
  readonly leftBehindMs?: number;
  /** Case numbers of six characters that are given before those of seven. */
  readonly sixCharacterNumbers?: number;
}

const DEFAULTS: AzureOptions = {
  ...{
    sweepSeconds: 0,
    through: (cosmos) => cosmos,
    now: () => new Date().toISOString() as Instant,
    wake: () => undefined,
    patienceSeconds: 30,
    lockMs: 15_000,
  },
};

/** All stores of an installation on Azure, in a database of its own. */
export function azureStores(peers: AzurePeers, options: Partial<AzureOptions> = {}): Promise<AzureStores> {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-azure-'));
  return open({ peers, database: `test-${randomUUID()}`, folder, options: { ...DEFAULTS, ...options } });
}

interface Opening {
  readonly peers: AzurePeers;
  readonly database: string;
  readonly folder: string;
  readonly options: AzureOptions;
}

async function open(opening: Opening): Promise<AzureStores> {
  const { peers, database, folder, options } = opening;
  const { sweepSeconds, through, now, wake, patienceSeconds, lockMs, leftBehindMs, sixCharacterNumbers } = options;
  const direct = await openCosmos({ ...peers.cosmos, database, create: true, patienceSeconds });
  const cosmos = through(direct);
  const siteKey = siteKeyFile(join(folder, 'site.key'));
  const keyring = await openKeyring(siteKey, wrappingKeysIn(direct));
  const site = openSite(cosmos, keyring);
  const sealing = siteSealing(direct, keyring);
  const secret = await siteSecret(direct, sealing);
  const keeper = keeping(site, sealing, secret, lockMs);
  const bodies = await openBodies({ connectionString: peers.blobs, container: database, create: true }, sealing);
  // Each database has a queue of its own; on Azure there is one, so that one suite runs at a time.
  const queue = peers.busPeer === null ? DEFAULT_QUEUE : database;
  const client = openServiceBus({ connectionString: peers.bus });
  const troubles: string[] = [];
  const trouble: BusTrouble = (what, fault) => void troubles.push(`${what} ${fault}`);
  const announcer = caseAnnouncer(client, queue, trouble);
  const bus = eventBus({ site, sweepSeconds, wake, announce: (event, occasion) => announcer.announce(event, occasion) });
  const told = (event: CaseEvent) => bus.told(event);
  const deadlines = sweptDeadlines(deadlineStore({ site, published: told }), sweepSeconds);
  const arriving: Arriving = { ...keeper, bodies, publish: (event) => bus.publish(event) };
  const cases = caseStore({
    site,
    secret,
    ...(sixCharacterNumbers === undefined ? {} : { sixCharacterNumbers }),
    addKeys: (...of) => addCaseKeys(keeper, ...of),
  });
  const numbers = caseNumbers(direct, secret);
  const audit = auditStore(site, { key: siteKey, anchors: null });
  const lists = views(site);
  const places = cursors(cosmos, sealing);
  const operators = queueStore({
    ...{ site, arriving, numbers, cursors: places, views: lists, audit, told, wake, seal },
    goesOn: (caseId, at) => bus.goesOn(caseId, at),
    deadLetters: deadLetters(client, queue, direct, announcer),
  });
  const end = async (): Promise<void> => {
    await announcer.close().catch(() => undefined);
    await client.close().catch(() => undefined);
    cosmos.close();
  };
  return {
    ...{ cosmos, site, arriving, announcer, client, queue, troubles, bus, deadlines, outbox: outboxStore(site, sweepSeconds), views: lists },
    ...{ cases: withTimers(cases, announcer), audit, operators, trail: auditReader(site, numbers) },
    ...{ raw: rawStore(arriving, leftBehindMs), cursors: places, conversations: conversationStore(cosmos), backlog: backlog(site) },
    ...{ health: storeHealth(site), canaryTrail: canaryTrail(site, keeper.newCaseId(PROGRESS, CANARY_ORDER)), pending: pendingCases(site, now) },
    tell: caseWork({ bus, deadlines, now }),
    another: (more = {}) => open({ ...opening, options: { ...options, ...more } }),
    async withoutChannels() {
      const pages = await direct.query<Stored<OutboxDocument>>('cases', { query: "SELECT TOP 99 * FROM c WHERE c.effectKind = 'page'" });
      for (const page of pages) await direct.write('cases', page.caseId, [replaced(page, { ...page, destination: null })]);
    },
    async reopen() {
      await end();
      return open(opening);
    },
    async close() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
