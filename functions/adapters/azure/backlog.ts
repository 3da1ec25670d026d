import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Backlog } from '#ports/downtime.js';
import { readHead } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { EventDocument } from './cosmos-documents.ts';
import type { RawDocument } from './raw-documents.ts';

/** Longer than an event can have been tried again and again before it is held for a person (five failures, or three crashes, a lease each). */
const TRIED_FOR_MINUTES = 5;
/** Events looked at. With more waiting, those that came first still are among them but for what was put off. */
const MOST = 500;

export function backlog(site: Site): Backlog {
  const { cosmos } = site;
  return {
    async oldest() {
      const query = "SELECT TOP 1 c.receivedAt FROM c WHERE c.state = 'new' ORDER BY c.state, c.queuedAt";
      const waiting =
        "SELECT TOP @most c.caseId, c.due, c.attempt FROM c WHERE c.kind = 'event' AND c.state IN ('waiting', 'leased') ORDER BY c.queuedAt";
      const [[unread], events, stuck] = await Promise.all([
        cosmos.query<Pick<RawDocument, 'receivedAt'>>('raw', { query }),
        cosmos.query<Pick<EventDocument, 'caseId' | 'due' | 'attempt'>>('cases', { query: waiting, values: { most: MOST } }),
        cosmos.query<Pick<EventDocument, 'caseId'>>('cases', {
          query: "SELECT TOP @most c.caseId FROM c WHERE c.state = 'quarantined'",
          values: { most: MOST },
        }),
      ]);
      // What waits behind a held or parked one waits for a person, and is listed as held.
      const held = new Set(stuck.map(({ caseId }) => caseId));
      const cases = [...new Set(events.map(({ caseId }) => caseId))].filter((caseId) => !held.has(caseId));
      const heads = await Promise.all(cases.map((caseId) => readHead(site, caseId)));
      const going = new Set(heads.flatMap((head) => (head === null || head.parked !== null ? [] : [head.caseId])));
      const times = events
        .filter(({ caseId }) => going.has(caseId))
        .map(({ due, attempt }): Instant => (attempt > 1 ? addMinutes(due, -TRIED_FOR_MINUTES) : due));
      return [...times, ...(unread === undefined ? [] : [unread.receivedAt])].toSorted()[0] ?? null;
    },
  };
}
