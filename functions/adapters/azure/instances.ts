import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { replaced } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { EventDocument, OutboxDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';

/** A process that works on the site says every few seconds that it lives. */
interface InstanceDocument {
  readonly id: string;
  readonly part: 'instances';
  readonly beat: number;
  /** Seconds: of one that nobody buried. */
  readonly ttl: number;
}

export interface Instances {
  /** Says that this one lives, and frees what those had claimed that were silent for too long. @returns how many were freed */
  beat(): Promise<number>;
  /** This one ends, holding nothing. */
  leave(): Promise<void>;
}

const BEATS_EVERY_MS = 2000;
/** By this process's own clock since it saw a beat last: no clock of another is believed. Five times the beat, for a pause that is no death. */
const DEAD_AFTER_MS = 10_000;
const MOST_LEASED = 1000;
const PART = 'instances';

/**
 * A lease outlasts the slowest send. What a process held that was killed would wait for that long; so others free it when its beats end. One that only hung is found out
 * by its fence when it wakes (ADR 0026): its claims may have been given to another meanwhile.
 */
export function instances(site: Site, deadAfterMs = DEAD_AFTER_MS): Instances {
  const { cosmos, instance } = site;
  const seen = new Map<string, { readonly beat: number; readonly at: number }>();
  let beat = 0;
  return {
    async beat() {
      beat += 1;
      const document: InstanceDocument = { id: instance, part: PART, beat, ttl: 3600 };
      await cosmos.write('site', PART, [{ do: 'upsert', document }]);
      const others = await cosmos.query<InstanceDocument>('site', { query: 'SELECT * FROM c', partition: PART });
      let freed = 0;
      for (const { id, beat: last } of others) {
        const known = seen.get(id);
        if (id === instance || known?.beat !== last) seen.set(id, { beat: last, at: performance.now() });
        else if (performance.now() - known.at >= deadAfterMs) {
          freed += await freeClaims(site, id, toInstant(Date.now()));
          await cosmos.write('site', PART, [{ do: 'delete', id, etag: '*' }]);
          seen.delete(id);
        }
      }
      return freed;
    },
    async leave() {
      await cosmos.write('site', PART, [{ do: 'delete', id: instance, etag: '*' }]);
    },
  };
}

/** Due at once; that one ended at it is counted by whoever claims it next, as of a lease that is over. */
async function freeClaims({ cosmos, ready }: Site, owner: string, now: Instant): Promise<number> {
  const query = "SELECT TOP @most * FROM c WHERE c.state = 'leased'";
  const leased = await cosmos.query<Stored<OutboxDocument | EventDocument>>('cases', { query, values: { most: MOST_LEASED } });
  const own = leased.filter((one) => one.owner === owner);
  await Promise.all(
    own.map(async (one) => {
      const after = one.kind === 'event' ? { ...one, leaseUntil: now, eventDue: now } : { ...one, leaseUntil: now, ...readyFrom(one, now) };
      const { ok } = await cosmos.write('cases', one.caseId, [replaced(one, after)]);
      if (ok && after.kind === 'outbox') ready.add([after]);
    }),
  );
  return own.length;
}

/** One of a parked case can't be claimed until that is released. */
function readyFrom({ readyAt }: OutboxDocument, now: Instant): Pick<OutboxDocument, 'readyAt'> {
  return readyAt === undefined ? {} : { readyAt: now };
}

/** Beats for as long as the process works on the site. */
export function startBeating(site: Site, freed: () => void, fault: (error: unknown) => void): { stop(): Promise<void> } {
  const all = instances(site);
  let underWay: Promise<void> = Promise.resolve();
  const next = (): void => {
    underWay = underWay
      .then(async () => {
        if ((await all.beat()) > 0) freed();
      })
      .catch(fault);
  };
  next();
  const timer = setInterval(next, BEATS_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
      await all.leave().catch(fault);
    },
  };
}
