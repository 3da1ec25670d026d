import type { CaseId } from '#core/ids.js';
import type { CaseStore } from '#ports/case-store.js';

/** The last of those that wait for their turn, by store and case. */
const last = new WeakMap<CaseStore, Map<CaseId, Promise<unknown>>>();

/** One writer of a case at a time in this process, first come, first served: a hundred clicks at once are a hundred short waits, not a hundred conflicts each. */
export async function inTurn<T>(cases: CaseStore, caseId: CaseId, work: () => Promise<T>): Promise<T> {
  const lines = last.get(cases) ?? new Map<CaseId, Promise<unknown>>();
  last.set(cases, lines);
  const mine = (lines.get(caseId) ?? Promise.resolve()).then(work);
  const ended = mine.catch(() => undefined);
  lines.set(caseId, ended);
  try {
    return await mine;
  } finally {
    if (lines.get(caseId) === ended) lines.delete(caseId);
  }
}
