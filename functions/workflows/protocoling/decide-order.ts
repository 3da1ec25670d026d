import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { OrderReceived } from '#domain/order.js';
import { beforeOrder } from './decide-before.ts';
import { cardIfShown, forgetDeadline, gatherContext, GRACE_SECONDS, heldAside, tell, wakeInSeconds, withdraw } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import { anotherPatient, differences, folded } from './fold.ts';
import { ordererOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';
import { messageOf, recorded } from './told.ts';

/** A new order, a change, a cancel, a status or numbers, in whatever order they come. */
export function byOrder(state: State, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  if (!isOpened(state)) return beforeOrder(state, input, moment);
  const strange = anotherPatient(state.order.patient, input.order.patient);
  if (strange !== null) return heldAside(state, input.rawHash, strange, moment);
  return input.verb === 'cancel' ? cancel(state, input, moment) : said(state, input, moment);
}

function cancel(state: Opened, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  if (state.status === 'cancelled') return nothing;
  const facts: Fact[] = [{ type: 'orderCancelled', at: moment.now, v: 1, rawHash: input.rawHash }];
  const quiet = ['context', 'models', 'answer', 'question'].map((name) => forgetDeadline(name, moment));
  const effects = [...withdraw(moment), ...quiet, ...cardIfShown(state, facts, moment)];
  return { facts, effects };
}

/** What the message adds to the order. Of a cancelled one it is kept and nothing follows. */
function said(state: Opened, input: OrderReceived, moment: Moment<Policy>): Decision<Fact> {
  const message = messageOf(input);
  const { told, decidedBy } = folded(state, [message]);
  if (told === state) return nothing;
  const fact = {
    at: moment.now,
    v: 1,
    ...recorded(told, decidedBy),
    rawHash: input.rawHash,
    orderer: ordererOf(told.order, moment.policy),
  } as const;
  const changed = differences(state.order, told.order);
  if (changed.length > 0 && state.status !== 'cancelled') return checkedAgain(state, [{ type: 'orderChanged', ...fact, changed }], moment);
  const facts: Fact[] = [{ type: 'orderNoted', ...fact }];
  // Of what is only noted, the status of the exam is what a card shows.
  const shows = told.account.orderStatus !== state.account.orderStatus && (state.status === 'waiting' || state.status === 'asking');
  return { facts, effects: shows ? cardIfShown(state, facts, moment) : [] };
}

/** Something that was decided on has changed: EHR and models are asked again, and the question is put again. @param facts end with `orderChanged`. */
export function checkedAgain(state: Opened, facts: readonly Fact[], moment: Moment<Policy>): Decision<Fact> {
  const next = facts.reduce<State>(evolve, state);
  if (!isOpened(next)) return nothing;
  // The RIS changed what somebody had decided on: what is undelivered stays here, and who decided is told once (DECISIONS 14).
  const undone =
    state.status === 'approved' ? [...withdraw(moment), tell(state.decided.approval.person, 'changed-after-approval', state.revision, moment)] : [];
  return {
    facts,
    effects: [
      ...undone,
      gatherContext(next.order, next.epoch, moment),
      wakeInSeconds('context', moment.policy.contextBudgetSeconds + GRACE_SECONDS, next.epoch, moment),
      forgetDeadline('answer', moment),
    ],
  };
}
