import { randomUUID } from 'node:crypto';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { CanaryTrail } from '#ports/canary-trail.js';
import type { StoreFigures, StoreHealth, Waiting } from '#ports/store-figures.js';
import { readState } from './audit-rows.ts';
import type { Site } from './case-partition.ts';
import type { BundleDocument, EventDocument, OutboxDocument } from './cosmos-documents.ts';
import type { ContainerName } from './cosmos-layout.ts';
import type { RawDocument } from './raw-documents.ts';

/** More than this are counted as this many: each costs request units, and a reading every minute may not cost what a backlog costs. */
const MOST_COUNTED = 1000;
/** The canary's door and workflow (engine/canary.ts). */
const [CANARY, PROGRESS] = ['canary', 'progress'];

/** What `/metrics`, `/readyz` and `radloop doctor` ask of the store. There is no disk to run full, and an instance needs no place in the store. */
export function storeHealth(site: Site): StoreHealth {
  const { cosmos } = site;
  const some = <T>(container: ContainerName, fields: string, where: string): Promise<T[]> =>
    cosmos.query<T>(container, { query: `SELECT TOP @most ${fields} FROM c WHERE ${where}`, values: { most: MOST_COUNTED } });
  return {
    freeBytes: () => Promise.resolve(null),
    async figures() {
      const [raw, events, single, bundles, held, refused, unmatched, state] = await Promise.all([
        some<Pick<RawDocument, 'receivedAt' | 'endpoint'>>('raw', 'c.receivedAt, c.endpoint', "c.state = 'new'"),
        some<Pick<EventDocument, 'due' | 'workflow'>>('cases', 'c.due, c.workflow', "c.kind = 'event' AND c.state IN ('waiting', 'leased')"),
        some<OutboxDocument>(
          'cases',
          'c.destination, c.effectKind, c.writtenAt, c.workflow',
          "c.kind = 'outbox' AND c.state IN ('waiting', 'leased')",
        ),
        some<Pick<BundleDocument, 'items'>>('cases', 'c.items', 'c.bundle = true'),
        some<Pick<OutboxDocument | EventDocument, 'kind'>>('cases', 'c.kind', "c.state IN ('held', 'quarantined')"),
        some('raw', 'c.id', "c.state = 'refused'"),
        some('lookups', 'c.id', "c.state = 'unmatched'"),
        readState(site),
      ]);
      const waiting = [
        ...raw.filter(({ endpoint }) => endpoint !== CANARY).map(({ receivedAt }) => receivedAt),
        ...events.filter(({ workflow }) => workflow !== PROGRESS).map(({ due }) => due),
      ];
      const outbox = [...single, ...bundles.flatMap(({ items }) => items)];
      const deliveries = held.filter(({ kind }) => kind === 'outbox').length;
      return {
        inbox: waitingOf(waiting),
        outbox: byReceiver(outbox.filter(({ workflow }) => workflow !== PROGRESS)),
        quarantine: { event: held.length - deliveries, delivery: deliveries, message: refused.length, arrival: unmatched.length },
        freeBytes: null,
        auditRows: state?.last?.upto ?? 0,
      };
    },
    isKnown: () => Promise.resolve(true),
    async probe() {
      await cosmos.write('site', 'probe', [{ do: 'upsert', document: probeAt(randomUUID()) }]);
    },
  };
}

const probeAt = (mark: string): { readonly id: string; readonly part: string; readonly mark: string } => ({ id: 'probe', part: 'probe', mark });

function waitingOf(times: readonly Instant[]): Waiting {
  return { depth: times.length, oldest: times.toSorted()[0] ?? null };
}

function byReceiver(items: readonly OutboxDocument[]): StoreFigures['outbox'] {
  return [...Map.groupBy(items, receiverOf)].map(([dest, own]) => ({ dest, ...waitingOf(own.map(({ writtenAt }) => writtenAt)) }));
}

function receiverOf({ destination, effectKind }: OutboxDocument): string {
  if (destination !== null) return destination;
  if (effectKind === 'gatherContext') return 'ehr';
  return effectKind === 'showCard' || effectKind === 'tellPerson' ? 'teams' : 'inner';
}

/** Documents that one round takes away of each kind. */
const MOST_FORGOTTEN = 200;

/** @param caseId the one case of all canaries */
export function canaryTrail({ cosmos }: Site, caseId: CaseId): CanaryTrail {
  return {
    async forget(before) {
      const query = 'SELECT TOP @most c.id, c._etag, c.state, c.receivedAt FROM c WHERE c.endpoint = @canary';
      const raw = await cosmos.query<Old & RawDocument>('raw', { query, values: { most: MOST_FORGOTTEN, canary: CANARY } });
      for (const { id, _etag: etag, state, receivedAt } of raw)
        if (state !== 'new' && receivedAt < before) await cosmos.write('raw', id, [{ do: 'delete', id, etag }]);
      const trail = await cosmos.query<Old & Partial<OutboxDocument> & { readonly at?: Instant }>('cases', {
        query: "SELECT TOP @most c.id, c._etag, c.state, c.writtenAt, c.at FROM c WHERE c.kind IN ('outbox', 'quiet')",
        values: { most: MOST_FORGOTTEN },
        partition: caseId,
      });
      const old = trail.filter(({ state, writtenAt, at }) => (state === 'delivered' && (writtenAt ?? before) < before) || (at ?? before) < before);
      for (const { id, _etag: etag } of old) await cosmos.write('cases', caseId, [{ do: 'delete', id, etag }]);
    },
  };
}

interface Old {
  readonly id: string;
  readonly _etag: string;
}
