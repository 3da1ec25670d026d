import { auditStore } from '#adapters/azure/audit-store.js';
import { openBodies } from '#adapters/azure/blob-bodies.js';
import { keyOfCase, openSite, unpack } from '#adapters/azure/case-partition.js';
import type { EventDocument, HeadDocument, OutboxDocument, StepDocument } from '#adapters/azure/cosmos-documents.js';
import { openCosmos } from '#adapters/azure/cosmos.js';
import type { ContainerName } from '#adapters/azure/cosmos-layout.js';
import { shortOf } from '#adapters/azure/queue-rows.js';
import type { RawDocument } from '#adapters/azure/raw-documents.js';
import { siteSealing, wrappingKeysIn } from '#adapters/azure/site-keys.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { openKeyring } from '#adapters/sealing/keyring.js';
import type { AzureEnv } from './azure-part.ts';
import type { OpenedFact } from './opened-facts.ts';
import type { Records } from './records-shape.ts';

type Any = HeadDocument | StepDocument | OutboxDocument | EventDocument;

/** All of a container at once, by its change feed: this is for installations of a test. */
export async function azureRecords(env: AzureEnv): Promise<Records> {
  const cosmos = await openCosmos({ endpoint: env.RADLOOP_COSMOS_ENDPOINT, key: env.RADLOOP_COSMOS_KEY, create: true });
  const siteKey = siteKeyFile(env.RADLOOP_SITE_KEY);
  const keyring = await openKeyring(siteKey, wrappingKeysIn(cosmos));
  const site = openSite(cosmos, keyring);
  const bodies = await openBodies({ connectionString: env.RADLOOP_BLOB_CONNECTION, container: 'bodies', create: true }, siteSealing(cosmos, keyring));
  const all = async <T>(container: ContainerName): Promise<T[]> => (await cosmos.changes<T>(container, null, 1_000_000)).documents as T[];
  const audit = auditStore(site, { key: siteKey, anchors: null });
  const outbox = async (): Promise<OutboxDocument[]> => {
    const found = (await all<Any>('cases')).filter((one): one is OutboxDocument => one.kind === 'outbox' && !('bundle' in one));
    return found.filter(({ workflow }) => workflow !== 'progress');
  };
  return {
    async facts<Fact>(type?: string) {
      const documents = await all<Any>('cases');
      const numbers = new Map(
        documents.filter((one): one is HeadDocument => one.kind === 'head').map(({ caseId, number }) => [caseId, number ?? '']),
      );
      const steps = documents.filter((one): one is StepDocument => one.kind === 'step').sort((a, b) => (key(a) < key(b) ? -1 : 1));
      const opened: OpenedFact<Fact>[] = [];
      for (const { caseId, base, facts } of steps) {
        const of = await keyOfCase(site, caseId);
        for (const [n, piece] of facts.entries()) {
          const fact = JSON.parse((await unpack(site, caseId, of, `fact|${caseId}|${base + n + 1}`, piece)).toString()) as Fact & {
            readonly type: string;
          };
          if (type === undefined || fact.type === type) opened.push({ caseId, number: numbers.get(caseId) ?? '', type: fact.type, fact });
        }
      }
      return opened;
    },
    async raw() {
      const rows = (await all<RawDocument>('raw')).filter(({ endpoint }) => endpoint !== 'canary').sort((a, b) => (a.queuedAt < b.queuedAt ? -1 : 1));
      return Promise.all(
        rows.map(async ({ id, endpoint, hash, length, ackCode, state, reason, body }) => {
          return { id: shortOf(id), endpoint, hash, length, kept: (await bodies.get(body)).length, ack_code: ackCode, state, reason };
        }),
      );
    },
    events: async () => (await all<Any>('cases')).flatMap((one) => (one.kind === 'event' && one.workflow !== 'progress' ? [one.state] : [])),
    effects: async () => (await outbox()).map(({ number, effectKind: kind, state, code, detail }) => ({ number, kind, state, code, detail })),
    cases: async () => (await all<Any>('cases')).filter((one) => one.kind === 'head' && one.row !== null).length,
    auditRows: async () => (await audit.verify()).rows,
    verify: () => audit.verify(),
    close() {
      cosmos.close();
      return Promise.resolve();
    },
  };
}

const key = ({ at, caseId, base }: StepDocument): string => `${at} ${caseId} ${String(base).padStart(9, '0')}`;
