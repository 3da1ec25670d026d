import type { Effect } from '#core/effect.js';
import type { CaseEvent } from '#core/event.js';
import type { Answer, Mode, Runnable, Step, TaskRow } from '#core/workflow.js';
import type { Parts } from './parts.ts';

type Needs = Pick<Parts, 'cases' | 'clock' | 'workflows' | 'modeOf' | 'wake'>;

/** A commit without a person's answer behind it: a fault of a workflow, never written. */
export class CommitWithoutApproval extends Error {}
/** An event for a workflow that this Radloop does not have. */
export class UnknownWorkflow extends Error {}
/** So many writers on one case that the event could not get in; it is tried again. */
export class CaseTooBusy extends Error {}

/**
 * Tells one event to its case: read history, decide, append facts, effects and audit in one transaction.
 * Told again, the event changes nothing and gives the answer it gave before.
 */
export async function runCase(parts: Needs, event: CaseEvent, claimed?: number): Promise<Answer | undefined> {
  const workflow = workflowNamed(parts, event.workflow);
  const { type } = event.input as { type: string };
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const history = await parts.cases.read(event.workflow, event.caseId);
    const facts = history.facts.map((stored) => stored.fact);
    const now = parts.clock.now();
    const { caseId, caseNumber } = history;
    const step = workflow.step(facts, event.input, { now, caseId, caseNumber, event: event.id, actor: event.actor });
    const mode = parts.modeOf(workflow.name, step.modality);
    await checkApprovals(parts, event, step);
    const appended = await parts.cases.append({
      workflow: workflow.name,
      caseId,
      caseNumber,
      expectedVersion: history.version,
      event: { id: event.id, type, actor: event.actor },
      at: now,
      facts: step.facts,
      effects: step.effects.map((effect) => ({ effect, suppressed: !mayLeave(mode, effect) })),
      row: step.row === null ? null : rowIn(mode, step.row),
      keys: step.keys,
      answer: step.answer,
      ...(claimed === undefined ? {} : { claimed }),
    });
    if (appended.ok) {
      if (step.effects.length > 0) parts.wake();
      return step.answer;
    }
    if (appended.code === 'already-heard') return appended.answer;
  }
  throw new CaseTooBusy('the case was written by others 50 times in a row');
}

export function workflowNamed(parts: Pick<Parts, 'workflows'>, name: string): Runnable {
  const found = parts.workflows.find((workflow) => workflow.name === name);
  if (!found) throw new UnknownWorkflow(`no workflow is registered as ${name}: see functions/workflows/registry.ts`);
  return found;
}

/** What a mode lets out. In `off` nothing happens at all; in `silent` nothing leaves Radloop. */
function mayLeave(mode: Mode, effect: Effect): boolean {
  switch (mode) {
    case 'off':
      return false;
    case 'silent':
      return effect.weight === 'inner';
    case 'assist':
    case 'auto':
      return true;
    default:
      return mode satisfies never;
  }
}

function rowIn(mode: Mode, row: TaskRow): TaskRow {
  if (mode === 'off') return { ...row, note: 'protocoling is off here: kept, for work by hand' };
  return mode === 'silent' ? { ...row, note: 'silent: decided and recorded, nothing was sent' } : row;
}

/** A commit names an answer: it is the one being heard, or one this case has heard. */
async function checkApprovals(parts: Needs, event: CaseEvent, step: Step): Promise<void> {
  for (const effect of step.effects) {
    if (effect.weight !== 'commit') continue;
    const { answer, person } = effect.approval;
    const heardNow = answer === event.id && event.actor.kind === 'person' && event.actor.person === person;
    if (!heardNow && (await parts.cases.heard(event.caseId, answer)) === null) {
      const what = effect.kind === 'writeFhir' ? effect.resource : effect.message;
      throw new CommitWithoutApproval(`${what}: the approval names an answer that this case has not heard`);
    }
  }
}
