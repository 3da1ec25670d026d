import type { Effect } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes, addSeconds } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import { serviceFor } from '#domain/on-call.js';
import type { LookStep } from '#domain/on-call.js';
import { forgetDeadline, showCard, tell, wakeAt } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input, LookReason } from './events.ts';
import { isLookWanted, LOOK_NOTES } from './look.ts';
import type { Policy } from './policy.ts';
import type { State } from './state.ts';

/** Name of the deadline; its epoch is the revision that is put. */
const LOOK = 'look';

type Waiting = Extract<State, { status: 'waiting' }>;
type LookFact = Extract<Fact, { type: 'lookAsked' }>;

/**
 * What every decision has besides (ORD-22): a STAT task that is put makes the person on duty look, one that is handed over its new owner; what is answered,
 * cancelled or put aside makes nobody look any more.
 */
export function madeToLook(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const { facts, effects } = decision;
  const after = facts.reduce<State>(evolve, before);
  const begun = after.status === 'waiting' ? beginning(after, facts, moment) : null;
  if (begun !== null) return { ...decision, facts: [...facts, begun], effects: [...effects, ...following(after, begun, moment)] };
  return isLookWanted(before) && !isLookWanted(after) ? { ...decision, effects: [...effects, forgetDeadline(LOOK, moment)] } : decision;
}

function beginning(state: Waiting, facts: readonly Fact[], moment: Moment<Policy>): LookFact | null {
  const { onCall = null } = moment.policy;
  if (onCall === null || state.priority !== 'STAT') return null;
  const handed = facts.findLast((fact) => fact.type === 'handedOver');
  const [first] = onCall.madeToLook.steps;
  if (handed !== undefined && first !== undefined) {
    const until = first.minutes === null ? null : addMinutes(moment.now, first.minutes);
    return { ...asked(state, 'handed-over', moment), step: 0, people: [handed.to.id], service: null, until, skipped: [] };
  }
  return facts.some(({ type }) => type === 'approvalAsked') ? nextAsked(state, 0, 'put', moment) : null;
}

/** The next step that has somebody to ask, from `from` on; those that have nobody are skipped at once. */
function nextAsked(state: Waiting, from: number, because: LookReason, moment: Moment<Policy>): LookFact | null {
  const steps = moment.policy.onCall?.madeToLook.steps ?? [];
  const skipped: number[] = [];
  for (const [index, step] of steps.entries()) {
    if (index < from) continue;
    const { people, service } = peopleOf(step, state, moment);
    if (people.length === 0) {
      skipped.push(index + 1);
      continue;
    }
    const until = step.minutes === null ? null : addMinutes(moment.now, step.minutes);
    return { ...asked(state, because, moment), step: index + 1, people: [...people], service, until, skipped };
  }
  return null;
}

function asked(state: Waiting, because: LookReason, moment: Moment<Policy>) {
  return { type: 'lookAsked', at: moment.now, v: 1, revision: state.revision, because } as const;
}

/** Who has been asked is not asked again, and nobody decides what they ordered themselves. */
function peopleOf(
  { to }: LookStep,
  state: Waiting,
  { policy, now }: Moment<Policy>,
): { readonly people: readonly PersonId[]; readonly service: string | null } {
  const known = state.look?.asked.flatMap(({ people }) => people) ?? [];
  if (to === 'coordinator') return { people: policy.coordinators.filter((person) => !known.includes(person)), service: null };
  const { onCall = null } = policy;
  const service = onCall === null ? null : serviceFor(onCall, state.order.modality);
  const levels = onCall === null || service === null ? [] : (onCall.roster.at(service, now) ?? []);
  const people = levels.find(({ level }) => level === to.level)?.people ?? [];
  return { people: people.filter((person) => person !== state.orderer && !known.includes(person)), service };
}

function following(state: State, fact: LookFact, moment: Moment<Policy>): Effect[] {
  const note = fact.service === null ? 'not-looked-at' : 'on-duty';
  // Whoever it is handed over to is told so.
  const told = fact.because === 'handed-over' ? [] : fact.people.map((person) => tell(person, note, fact.revision, moment, 'stat'));
  const isArmed = isLookWanted(state) && state.look.until !== null;
  const wait = fact.until === null ? (isArmed ? [forgetDeadline(LOOK, moment)] : []) : [wakeAt(LOOK, fact.revision, fact.until, moment)];
  return [...told, ...wait];
}

/** Steps are a minute or more apart. */
const CLOCKS_APART_SECONDS = 5;

/** Nobody of those who were asked has looked in time. */
export function byLook(state: State, input: Extract<Input, { type: 'deadlinePassed' }>, moment: Moment<Policy>): Decision<Fact> | null {
  if (input.name !== LOOK) return null;
  if (!isLookWanted(state) || input.epoch !== state.revision) return nothing;
  // One that was overtaken, because the next were asked for another reason. A clock that is a little behind is none: its timer does not come again.
  if (state.look.until === null || addSeconds(moment.now, CLOCKS_APART_SECONDS) < state.look.until) return nothing;
  return asksNext(state, 'not-opened', moment);
}

/** Somebody who was asked could not be told, nor anybody else of their step: the next are asked at once. */
export function byUntold(state: State, failed: Extract<Fact, { type: 'deliveryFailed' }>, moment: Moment<Policy>): Decision<Fact> {
  const facts: Fact[] = [failed];
  const after = evolve(state, failed);
  if (!isLookWanted(after) || failed.person === undefined || !LOOK_NOTES.includes(failed.message)) return { facts, effects: [] };
  const last = after.look.asked.at(-1)?.people ?? [];
  if (!last.includes(failed.person) || !last.every((person) => after.look.unreached.includes(person))) return { facts, effects: [] };
  const next = asksNext(after, 'not-reached', moment);
  return { facts: [...facts, ...next.facts], effects: next.effects };
}

function asksNext(state: Waiting & { readonly look: NonNullable<Waiting['look']> }, because: LookReason, moment: Moment<Policy>): Decision<Fact> {
  const begun = nextAsked(state, state.look.asked.at(-1)?.step ?? 0, because, moment);
  if (begun === null) return nothing;
  const after = evolve(state, begun);
  return { facts: [begun], effects: [...following(state, begun, moment), ...(after.status === 'waiting' ? [showCard(after, moment)] : [])] };
}

/** Somebody who was asked has opened it. */
export function byOpening(state: State, { person, revision }: Extract<Input, { type: 'caseOpened' }>, moment: Moment<Policy>): Decision<Fact> {
  if (state.status !== 'waiting' || state.look === null || state.look.revision !== revision || state.revision !== revision) return nothing;
  const { asked: all, openedBy } = state.look;
  if (!all.some(({ people }) => people.includes(person)) || openedBy.some(({ by }) => by === person)) return nothing;
  const stops = moment.policy.onCall?.madeToLook.stoppedBy === 'opened';
  const fact: Fact = { type: 'lookedAt', at: moment.now, v: 1, revision, by: person, stops };
  const after = evolve(state, fact);
  return { facts: [fact], effects: after.status === 'waiting' ? [showCard(after, moment)] : [] };
}
