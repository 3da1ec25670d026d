import { ManagedIdentityCredential } from '@azure/identity';
import { exportRecords } from '#adapters/audit-chain/export.js';
import { anchorOver } from '#adapters/azure/anchor-over.js';
import { blobAnchors } from '#adapters/azure/anchors.js';
import type { Arriving } from '#adapters/azure/arrivals.js';
import { auditReader } from '#adapters/azure/audit-reader.js';
import { auditStore } from '#adapters/azure/audit-store.js';
import { backlog } from '#adapters/azure/backlog.js';
import { openBodies } from '#adapters/azure/blob-bodies.js';
import { openContainer } from '#adapters/azure/blob-container.js';
import { caseNumbers } from '#adapters/azure/case-numbers.js';
import { openSite } from '#adapters/azure/case-partition.js';
import { caseStore } from '#adapters/azure/case-store.js';
import { caseWork, sweptDeadlines, withTimers } from '#adapters/azure/case-work.js';
import { conversationStore } from '#adapters/azure/conversations.js';
import { openCosmos } from '#adapters/azure/cosmos.js';
import { cursors } from '#adapters/azure/cursors.js';
import { deadLetters } from '#adapters/azure/dead-letters.js';
import { deadlineStore } from '#adapters/azure/deadline-store.js';
import { downtimeContainer } from '#adapters/azure/downtime-container.js';
import { eventBus } from '#adapters/azure/event-bus.js';
import { hintedInbox } from '#adapters/azure/hinted-inbox.js';
import { startBeating } from '#adapters/azure/instances.js';
import { keyVaultSiteKey } from '#adapters/azure/key-vault.js';
import { addCaseKeys, keeping } from '#adapters/azure/lookups.js';
import { outboxStore } from '#adapters/azure/outbox-store.js';
import { writeOwed } from '#adapters/azure/owed-audit.js';
import { pendingCases } from '#adapters/azure/pending-cases.js';
import { queueStore } from '#adapters/azure/queue-store.js';
import { rawStore } from '#adapters/azure/raw-store.js';
import { serveSessions } from '#adapters/azure/service-bus-sessions.js';
import type { Serving } from '#adapters/azure/service-bus-sessions.js';
import { DEFAULT_QUEUE, caseAnnouncer, openServiceBus } from '#adapters/azure/service-bus.js';
import type { BusTrouble } from '#adapters/azure/service-bus.js';
import { siteSealing, siteSecret, wrappingKeysIn } from '#adapters/azure/site-keys.js';
import { canaryTrail, storeHealth } from '#adapters/azure/store-health.js';
import { views } from '#adapters/azure/views.js';
import { seal } from '#adapters/embedded/sealed-export.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { keyedHash } from '#adapters/embedded/surroundings.js';
import { openKeyring } from '#adapters/sealing/keyring.js';
import type { CaseEvent } from '#core/event.js';
import type { CaseId } from '#core/ids.js';
import { instant, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { CANARY_ORDER, PROGRESS } from '#engine/canary.js';
import type { AuditStore } from '#ports/audit-store.js';
import type { Log } from '#ports/log.js';
import type { SiteKey } from '#ports/site-key.js';
import type { AzureStore } from './config-azure.ts';
import type { Config } from './config.ts';
import type { Stores } from './stores.ts';
import { registerCaseEvents } from './triggers/case-events.ts';
import { registerSweeps } from './triggers/sweeps.ts';

/** Seconds between two looks over all cases for what the bus did not tell of. */
const SWEEP_SECONDS = 5;
/** What has been due for so many seconds is announced again. */
const LATE_SECONDS = 30;
const SWEEP_TRIGGER_SECONDS = 10;

const now = (): Instant => toInstant(Date.now());

/** The parts on Azure. Nothing of the site stands on the machine that this runs on. */
export async function openAzureStores(settings: AzureStore, role: Config['RADLOOP_ROLE']): Promise<Stores> {
  const { isHere, blobs, identityClientId } = settings;
  const identity = identityClientId === undefined ? {} : { identityClientId };
  const cosmos = await openCosmos({ ...settings.cosmos, ...identity, create: isHere });
  const siteKey = siteKeyOf(settings);
  const keyring = await openKeyring(siteKey, wrappingKeysIn(cosmos));
  const site = openSite(cosmos, keyring);
  const sealing = siteSealing(cosmos, keyring);
  const secret = await siteSecret(cosmos, sealing);
  const keeper = keeping(site, sealing, secret);
  const bodies = await openBodies({ ...blobs, ...identity, container: 'bodies', create: isHere }, sealing);
  const containerOf = (container: string) =>
    openContainer({ container, ...identity, ...('connectionString' in blobs ? { connectionString: blobs.connectionString } : {}) });
  const anchors = blobAnchors(await containerOf(settings.anchors));
  const downtime = downtimeContainer(await containerOf(settings.downtime));

  const heard: { wake: () => void; log: Log | null } = { wake: () => undefined, log: null };
  const trouble: BusTrouble = (what) => heard.log?.error('bus.trouble', { what });
  const client = openServiceBus({ ...settings.bus, ...identity });
  const announcer = caseAnnouncer(client, DEFAULT_QUEUE, trouble);
  const bus = eventBus({
    ...{ site, sweepSeconds: SWEEP_SECONDS },
    announce: (event, occasion) => {
      announcer.announce(event, occasion);
    },
    wake: () => {
      heard.wake();
    },
  });
  const deadlines = sweptDeadlines(deadlineStore({ site, published: (event) => bus.told(event) }), SWEEP_SECONDS);
  const arriving: Arriving = { ...keeper, bodies, publish: (event) => bus.publish(event) };
  const cases = withTimers(caseStore({ site, secret, addKeys: (...of) => addCaseKeys(keeper, ...of) }), announcer);
  const audit = auditOf(auditStore(site, { key: siteKey, anchors }), role);
  const numbers = caseNumbers(cosmos, secret);
  const reader = auditReader(site, numbers);
  const dead = deadLetters(client, DEFAULT_QUEUE, cosmos, announcer);
  const places = cursors(cosmos, sealing);
  const lists = views(site);
  const queueNeeds = {
    views: lists,
    site,
    arriving,
    numbers,
    cursors: places,
    deadLetters: dead,
    audit,
    told: (event: CaseEvent) => bus.told(event),
    goesOn: (caseId: CaseId, at: Instant) => {
      bus.goesOn(caseId, at);
    },
    wake: () => {
      heard.wake();
    },
    seal,
  };
  const tell = caseWork({ bus, deadlines, now });
  const sweep = async (): Promise<void> => {
    await bus.announceAgain(now(), LATE_SECONDS);
    await dead.takeOver(now());
    await writeOwed({ cosmos, audit }, now());
  };
  let serving: Here | null = null;
  let beating: { stop(): Promise<void> } | null = null;
  return {
    ...{ cases, bus, deadlines, audit, outbox: outboxStore(site, SWEEP_SECONDS), raw: hintedInbox(rawStore(arriving)), views: lists },
    ...{ conversations: conversationStore(cosmos), cursors: places, downtime, backlog: backlog(site) },
    queue: queueStore(queueNeeds),
    custody: null,
    // A restore is made to a point in time by Cosmos DB itself, with its own record of it (infra/README.md).
    restored: null,
    anchor: (at) =>
      anchorOver({ audit, anchors, key: siteKey }, settings.restoredOver, at, () => {
        heard.log?.info('audit.restored-over');
      }),
    async anchoredAt() {
      const last = await anchors.last();
      return last === null ? null : instant.parse(last.at);
    },
    auditRecords: (asked) => exportRecords(reader, siteKey, asked),
    ...{ health: storeHealth(site), canaryTrail: canaryTrail(site, keeper.newCaseId(PROGRESS, CANARY_ORDER)) },
    ...{ pending: pendingCases(site, now), instance: site.instance, hash: keyedHash(secret) },
    listen(wake, log) {
      heard.wake = wake;
      heard.log = log;
      beating = startBeating(site, wake, () => {
        trouble('receive-failed', 'beat');
      });
      if ('connectionString' in settings.bus) serving = serveHere(settings.bus.connectionString, tell, sweep, trouble);
      else {
        registerCaseEvents(DEFAULT_QUEUE, tell);
        registerSweeps(sweep);
      }
    },
    async close() {
      bus.stop();
      await serving?.stop();
      await beating?.stop();
      await announcer.flushed();
      await announcer.close();
      await client.close();
      cosmos.close();
    },
  };
}

function siteKeyOf({ key, identityClientId }: AzureStore): SiteKey {
  if ('file' in key) return siteKeyFile(key.file);
  const credential = identityClientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId: identityClientId });
  return keyVaultSiteKey({ ...key, credential });
}

/** The service may not sign on Azure: the auditor's app does (DECISIONS 31). */
function auditOf(audit: AuditStore, role: Config['RADLOOP_ROLE']): AuditStore {
  return role === 'service' ? { ...audit, seal: () => Promise.resolve() } : audit;
}

interface Here {
  stop(): Promise<void>;
}

/** What the Functions host does on Azure with its triggers, for the local host, which has none for Service Bus. */
function serveHere(connectionString: string, tell: (body: unknown) => Promise<void>, sweep: () => Promise<void>, trouble: BusTrouble): Here {
  const serving: Serving = serveSessions({ client: openServiceBus({ connectionString }), queue: DEFAULT_QUEUE, tell, trouble, atOnce: 32 });
  let underWay: Promise<void> = Promise.resolve();
  const sweeping = setInterval(() => {
    underWay = underWay.then(sweep).catch(() => {
      trouble('receive-failed', 'sweep');
    });
  }, SWEEP_TRIGGER_SECONDS * 1000);
  return {
    async stop() {
      clearInterval(sweeping);
      await serving.stop();
      await underWay;
    },
  };
}
