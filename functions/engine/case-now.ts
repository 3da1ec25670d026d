import type { CaseId, CaseNumber } from '#core/ids.js';
import type { CaseState, Runnable } from '#core/workflow.js';
import type { CaseStore } from '#ports/case-store.js';
import type { Parts } from './parts.ts';

/** A case as it stands. */
export interface CaseNow {
  readonly caseNumber: CaseNumber;
  readonly version: number;
  readonly state: CaseState;
  readonly workflow: Runnable;
}

/** An event for a workflow that this Radloop does not have. */
export class UnknownWorkflow extends Error {}

interface Remembered {
  readonly version: number;
  readonly state: CaseState;
}

/** Cases whose state is remembered, the one that was not asked for longest first: their next event costs what is new, however long their history is. */
const remembered = new WeakMap<CaseStore, Map<CaseId, Remembered>>();
const MOST_CASES = 500;

/** Reads what was written since this process last looked, and folds it in. What is written from here is checked against `version`, so a memory can be old and never wrong. */
export async function caseNow(parts: Pick<Parts, 'cases' | 'workflows'>, workflowName: string, caseId: CaseId): Promise<CaseNow> {
  const workflow = workflowNamed(parts, workflowName);
  const memory = remembered.get(parts.cases) ?? new Map<CaseId, Remembered>();
  remembered.set(parts.cases, memory);
  const known = memory.get(caseId);
  const read = parts.cases.read(workflowName, caseId, known?.version ?? 0).catch((error: unknown) => {
    // What can't be read any more (a case whose key was dropped) is not shown from memory either.
    memory.delete(caseId);
    throw error;
  });
  const { caseNumber, version, facts } = await read;
  const state = workflow.fold(known?.state ?? null, facts.map(({ fact }) => fact)); // prettier-ignore
  memory.delete(caseId);
  memory.set(caseId, { version, state });
  const [oldest] = memory.keys();
  if (memory.size > MOST_CASES && oldest !== undefined) memory.delete(oldest);
  return { caseNumber, version, state, workflow };
}

function workflowNamed(parts: Pick<Parts, 'workflows'>, name: string): Runnable {
  const found = parts.workflows.find((workflow) => workflow.name === name);
  if (!found) throw new UnknownWorkflow(`no workflow is registered as ${name}: see functions/workflows/registry.ts`);
  return found;
}
