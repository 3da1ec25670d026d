import type { CaseId } from '#core/ids.js';
import type { StoredFact } from '#ports/case-store.js';

/** Facts that were read, so that a case with a long history costs no more than one with a short one: facts are only ever added to. */
export interface Histories {
  of(caseId: CaseId): readonly StoredFact[];
  /** @param size bytes that are new @returns the facts */
  add(caseId: CaseId, facts: readonly StoredFact[], size: number): readonly StoredFact[];
  forget(caseId: CaseId): void;
}

/** Bytes of facts that are remembered; those of the cases that were read longest ago go first. */
const MOST_BYTES = 64 * 1024 * 1024;

export function histories(most = MOST_BYTES): Histories {
  const known = new Map<CaseId, { readonly facts: readonly StoredFact[]; readonly size: number }>();
  let total = 0;
  const forget = (caseId: CaseId): void => {
    total -= known.get(caseId)?.size ?? 0;
    known.delete(caseId);
  };
  return {
    of: (caseId) => known.get(caseId)?.facts ?? [],
    add(caseId, facts, more) {
      const size = (known.get(caseId)?.size ?? 0) + more;
      forget(caseId);
      known.set(caseId, { facts, size });
      total += size;
      for (const oldest of known.keys()) if (total > most) forget(oldest);
      return facts;
    },
    forget,
  };
}
