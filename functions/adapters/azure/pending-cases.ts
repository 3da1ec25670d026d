import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { PendingCase, PendingCases } from '#ports/pending-cases.js';
import { readHead } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { EventDocument, OutboxDocument } from './cosmos-documents.ts';

/** Cases that are looked at more closely at once, and of one index. */
const AT_ONCE = 16;
const MOST = 1000;

/**
 * Which cases are open is read in `views`, which the service fills: what it did not come to any more is found by its timer, by what waits for it, and by being
 * held. Of each the head is read, which is never out of date. Changes nothing: the auditor's identity may not.
 */
export function pendingCases(site: Site, now: () => Instant): PendingCases {
  const { cosmos } = site;
  const inCases = async (where: string): Promise<readonly CaseId[]> => {
    const found = await cosmos.query<{ caseId: CaseId }>('cases', {
      query: `SELECT TOP ${MOST} c.caseId FROM c WHERE ${where}`,
      values: { now: now() },
    });
    return found.map(({ caseId }) => caseId);
  };
  const listed = async (workflow: string): Promise<readonly CaseId[]> => {
    const found = await cosmos.query<{ id: CaseId }>('views', {
      query: 'SELECT c.id FROM c WHERE c.open = true ORDER BY c.place',
      partition: workflow,
    });
    return found.map(({ id }) => id);
  };
  return {
    async open(workflow) {
      const ids = await Promise.all([
        listed(workflow),
        inCases('c.wakeAt <= @now ORDER BY c.wakeAt'),
        inCases('c.eventDue <= @now ORDER BY c.eventDue'),
        inCases("c.state = 'quarantined'"),
      ]);
      const all = [...new Set(ids.flat())];
      const found: PendingCase[] = [];
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const looked = await Promise.all(all.slice(from, from + AT_ONCE).map((caseId) => pendingCase(site, caseId, workflow)));
        found.push(...looked.filter((one) => one !== null));
      }
      return found;
    },
  };
}

/** Null: none of this workflow, or not open. */
async function pendingCase(site: Site, caseId: CaseId, workflow: string): Promise<PendingCase | null> {
  const head = await readHead(site, caseId);
  if (head?.workflow !== workflow || head.row?.open !== true || head.number === null || head.updatedAt === null) return null;
  const { number: caseNumber, row, updatedAt, deadlines, parked } = head;
  const [events, pages] = await Promise.all([
    site.cosmos.query<Pick<EventDocument, 'state' | 'due'>>('cases', {
      query: "SELECT c.state, c.due FROM c WHERE c.kind = 'event'",
      partition: caseId,
    }),
    site.cosmos.query<Pick<OutboxDocument, 'writtenAt' | 'attempt'>>('cases', {
      query: "SELECT c.writtenAt, c.attempt FROM c WHERE c.effectKind = 'page' AND c.state = 'waiting'",
      partition: caseId,
    }),
  ]);
  const dueOf = (isPoison: boolean): readonly Instant[] => events.filter(({ state }) => (state === 'quarantined') === isPoison).map(({ due }) => due);
  return {
    ...{ ...row, workflow, caseId, caseNumber, updatedAt },
    armed: Object.fromEntries(Object.entries(deadlines).map(([name, { at }]) => [name, at])),
    ...{ queued: first(dueOf(false)), held: first([...dueOf(true), ...(parked === null ? [] : [parked.at])]) },
    unsent: first(pages.filter(({ attempt }) => attempt === 0).map(({ writtenAt }) => writtenAt)),
  };
}

function first(all: readonly Instant[]): Instant | null {
  return all.toSorted()[0] ?? null;
}
