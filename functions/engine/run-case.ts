import type { Subject } from '#core/authorise.js';
import { isEdit, isQuestion, namesOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import type { CaseEvent } from '#core/event.js';
import type { Answer, Mode, Seen, Step, TaskRow } from '#core/workflow.js';
import type { EventClaim } from '#ports/event-bus.js';
import type { Cause } from './backpressure.ts';
import { inTurn } from './in-turn.ts';
import type { Parts } from './parts.ts';
import { caseNow } from './case-now.ts';

type Needs = Pick<Parts, 'cases' | 'clock' | 'log' | 'workflows' | 'modeOf' | 'wake' | 'pressure'>;

/** A commit without a person's answer behind it: a fault of a workflow, never written. */
export class CommitWithoutApproval extends Error {}
/** So many writers on one case that the event could not get in; it is tried again. */
export class CaseTooBusy extends Error {}

/**
 * Tells one event to its case: read history, decide, append facts, effects and audit in one transaction.
 * Told again, the event changes nothing and gives the answer it gave before. One that was claimed, and has been given to somebody else since, is theirs to tell.
 * @param may asked of the case as it is when the event is written; false: nothing is written, and there is no answer. Of one that was claimed it is written that
 * it was denied, so that it waits no more
 */
export function runCase(parts: Needs, event: CaseEvent, claim?: EventClaim, may?: May): Promise<Answer | undefined> {
  return inTurn(parts.cases, event.caseId, () => decideAndWrite(parts, event, claim, may));
}

type May = (subject: Subject) => boolean;

/** Conflicts with other instances in a row, after which the event is given up for now. */
const MOST_CONFLICTS = 50;
/** Milliseconds at most, by chance, before the case is read again: so that two instances do not go on meeting. */
const LONGEST_PAUSE_MS = 50;

async function decideAndWrite(parts: Needs, event: CaseEvent, claim?: EventClaim, may?: May): Promise<Answer | undefined> {
  const { caseId } = event;
  const { type } = event.input as { type: string };
  for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts += 1) {
    if (conflicts > 1) await pause(Math.random() * Math.min(2 * conflicts, LONGEST_PAUSE_MS));
    const { caseNumber, version, state, workflow } = await caseNow(parts, event.workflow, caseId);
    const isDenied = may?.(workflow.see(state).subject) === false;
    if (isDenied && claim === undefined) return undefined;
    const now = parts.clock.now();
    const step = isDenied
      ? unheard(workflow.see(state))
      : workflow.step(state, event.input, { now, caseId, caseNumber, event: event.id, actor: event.actor });
    const ofSite = parts.modeOf(workflow.name, step.modality);
    const mode = step.modeFor?.(ofSite) ?? ofSite;
    await checkApprovals(parts, event, step);
    const appended = await parts.cases.append({
      workflow: workflow.name,
      caseId,
      caseNumber,
      expectedVersion: version,
      event: { id: event.id, type, actor: event.actor },
      at: now,
      facts: step.facts,
      effects: step.effects.map((effect) => ({ effect, suppressed: !mayLeave(mode, effect) })),
      row: step.row === null ? null : rowIn(mode, workflow.name, step.row),
      keys: step.keys,
      answer: step.answer,
      ...(claim === undefined ? {} : { claimed: { claimed: claim.claimed, attempt: claim.attempt } }),
    });
    if (appended.ok) {
      if (step.effects.length > 0) parts.wake();
      learn(parts, event, mode, step.effects);
      return step.answer;
    }
    if (appended.code === 'already-heard') return appended.answer;
    if (appended.code === 'claim-lost') {
      parts.log.info('event.claim-lost', { workflow: workflow.name, attempt: claim?.attempt ?? 0 });
      return undefined;
    }
  }
  throw new CaseTooBusy(`the case was written by others ${MOST_CONFLICTS} times in a row`);
}

/** What comes back to a case from what it asked. */
const ANSWERS: Readonly<Record<string, Cause>> = {
  contextGathered: 'gatherContext',
  contextUnavailable: 'gatherContext',
  modelAnswered: 'askModel',
  modelUnavailable: 'askModel',
};

function learn({ pressure }: Needs, { actor, input }: CaseEvent, mode: Mode, effects: readonly Effect[]): void {
  const cause = actor.kind === 'sender' ? 'message' : ANSWERS[(input as { type: string }).type];
  const has = ({ kind, weight }: Effect): boolean => weight !== 'inner' || isQuestion(kind);
  if (cause === undefined) return;
  pressure?.ledTo(
    cause,
    effects.filter((effect) => has(effect) && mayLeave(mode, effect)),
  );
}

/** What a case is told that it must not hear: nothing of it changes, and the refusal is on record. */
function unheard({ row, keys, subject }: Seen): Step {
  return { facts: [], effects: [], answer: { outcome: 'denied', text: 'You may not do this any more.' }, row, keys, modality: subject.modality };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** What a mode lets out. In `off` nothing happens at all; in `silent` nothing leaves Radloop. */
function mayLeave(mode: Mode, effect: Effect): boolean {
  // Patient data is taken off the private cards that stand, and none goes on saying what is over, whatever is switched off meanwhile.
  if (effect.kind === 'tellPerson' && isEdit(effect)) return true;
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

function rowIn(mode: Mode, workflow: string, row: TaskRow): TaskRow {
  if (mode === 'off') return { ...row, note: `${workflow} is off here: kept, for work by hand` };
  return mode === 'silent' ? { ...row, note: 'silent: decided and recorded, nothing was sent' } : row;
}

/** A commit names an answer: it is the one being heard, or one this case has heard. */
async function checkApprovals(parts: Needs, event: CaseEvent, step: Step): Promise<void> {
  for (const effect of step.effects) {
    if (effect.weight !== 'commit') continue;
    const { answer, person } = effect.approval;
    const heardNow = answer === event.id && event.actor.kind === 'person' && event.actor.person === person;
    if (!heardNow && (await parts.cases.heard(event.caseId, answer)) === null) {
      const what = namesOf(effect).message ?? effect.kind;
      throw new CommitWithoutApproval(`${what}: the approval names an answer that this case has not heard`);
    }
  }
}
