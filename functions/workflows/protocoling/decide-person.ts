import { formatTime } from '#cards/kit/text.js';
import type { Effect } from '#core/effect.js';
import type { Answer, Decision, Moment } from '#core/workflow.js';
import type { Protocol } from '#domain/protocol.js';
import { handOver, remind, takeBack } from './decide-own.ts';
import { proposalOf, putQuestion } from './decide-proposal.ts';
import { forgetDeadline, showCard, tell, tellCoordinators, wakeInMinutes, writeBack, writeToEhr } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input, OnPaper } from './events.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';
import { wordsIn } from './words-in.ts';
import type { Words } from './words.ts';

type Answered = Extract<Input, { type: 'personAnswered' }>;

/** A person's answer: one wins, every other one learns who did and when. */
export function byPerson(state: State, input: Answered, moment: Moment<Policy>): Decision<Fact> {
  const answers = answersTo(input, moment);
  if (!isOpened(state)) return refused('invalid', answers.noCase);
  switch (input.verb) {
    case 'answer-question':
      return answered(state, input, moment);
    case 'remind':
      return remind(state, input, moment);
    case 'hand-over':
      return handOver(state, input, moment);
    case 'take-back':
      return takeBack(state, input, moment);
    default:
      return decideBy(state, input, input.verb, moment);
  }
}

type Deciding = Exclude<Answered['verb'], 'answer-question' | 'remind' | 'hand-over' | 'take-back'>;

function decideBy(state: Opened, input: Answered, verb: Deciding, moment: Moment<Policy>): Decision<Fact> {
  const answers = answersTo(input, moment);
  const { zone } = moment.policy;
  switch (state.status) {
    case 'gathering':
    case 'proposing':
      return refused('stale', answers.beingChecked);
    case 'approved': {
      const { approval } = state.decided;
      return refused('already', answers.alreadyDecided(approval.name, formatTime(approval.at, zone)));
    }
    case 'rejected':
      return refused('already', answers.closedRejected(state.by.name, formatTime(state.at, zone)));
    case 'cancelled':
      return refused('closed', answers.cancelled);
    case 'waiting':
    case 'asking':
      if (input.revision !== state.revision) return refused('stale', answers.stale);
      return act(state, input, verb, moment);
    default:
      return state satisfies never;
  }
}

/** In the language of whoever answered. */
function answersTo({ language }: Answered, { policy }: Moment<Policy>): Words['answers'] {
  return wordsIn(language ?? policy.language).answers;
}

function act(state: Opened, input: Answered, verb: Deciding, moment: Moment<Policy>): Decision<Fact> {
  const answers = answersTo(input, moment);
  const at = { at: moment.now, v: 1 } as const;
  const by = { id: input.person, name: input.name };
  const text = input.text?.trim() ?? '';
  switch (verb) {
    case 'approve': {
      const proposal = proposalOf(state, moment.policy);
      return proposal === null ? refused('invalid', answers.noProposal) : approve(state, input, proposal, moment);
    }
    case 'choose-other': {
      const chosen = moment.policy.content.protocols.find((row) => row.id === input.protocolId);
      return chosen === undefined
        ? refused('invalid', input.protocolId === null ? answers.needsProtocol : answers.notInCatalogue)
        : approve(state, input, chosen, moment);
    }
    case 'reject': {
      if (text === '') return refused('invalid', answers.needsReason);
      const facts: Fact[] = [{ type: 'orderRejected', ...at, revision: state.revision, by, reason: text, ...paperOf(input) }];
      const told = [...tellCoordinators('rejected', state.revision, moment), ...tellDecider(state, input, moment)];
      return closing(state, facts, moment, told, answers.won('reject', moment.caseNumber));
    }
    case 'ask-orderer': {
      if (text === '') return refused('invalid', answers.needsQuestion);
      const of = state.orderer ?? moment.policy.coordinators[0];
      if (of === undefined) return refused('invalid', answers.noOrderer);
      if (state.status === 'asking') return refused('already', answers.alreadyAsked);
      const facts: Fact[] = [{ type: 'ordererAsked', ...at, revision: state.revision, by, of, question: text }];
      const next = facts.reduce<State>(evolve, state);
      if (!isOpened(next)) return refused('invalid', answers.noCase);
      const wait = wakeInMinutes('question', moment.policy.questionWithinMinutes, next.epoch, moment.now, moment);
      const effects = [tell(of, 'question', state.revision, moment), wait, forgetDeadline('answer', moment), showCard(next, moment)];
      return { facts, effects, answer: { outcome: 'noted', text: answers.won('ask-orderer', moment.caseNumber) } };
    }
    default:
      return verb satisfies never;
  }
}

function approve(state: Opened, input: Answered, protocol: Protocol, moment: Moment<Policy>): Decision<Fact> {
  const answers = answersTo(input, moment);
  if (input.approval === null) return refused('invalid', answers.noCase);
  const proposed = proposalOf(state, moment.policy);
  const fact: Fact = {
    type: 'protocolApproved',
    at: moment.now,
    v: 1,
    revision: state.revision,
    approval: input.approval,
    protocolId: protocol.id,
    changedFrom: proposed === null || proposed.id === protocol.id ? null : proposed.id,
    reason: input.text,
    ...paperOf(input),
  };
  const recorded = [...writeToEhr(state, protocol, input.approval, moment), ...tellDecider(state, input, moment)];
  // Somebody wrote it into the RIS by hand: a second time would be one too many.
  if (input.paper?.inRis === true) {
    const byHand: Fact = { type: 'protocolWrittenBack', at: moment.now, v: 1, behind: moment.event, controlId: '', ack: 'by hand' };
    return closing(state, [fact, byHand], moment, recorded, answers.wonInRis(moment.caseNumber));
  }
  const written = [writeBack(state.order, protocol, input.approval, moment), ...recorded];
  return closing(state, [fact], moment, written, answers.won(input.verb === 'choose-other' ? 'choose-other' : 'approve', moment.caseNumber));
}

function paperOf({ paper }: Answered): { readonly paper?: OnPaper } {
  return paper === undefined ? {} : { paper };
}

/** Whose decision somebody else typed in is told of it: they see when it was not theirs. */
function tellDecider(state: Opened, { person, paper }: Answered, moment: Moment<Policy>): Effect[] {
  return paper === undefined || paper.enteredBy.id === person ? [] : [tell(person, 'entered-from-paper', state.revision, moment)];
}

/** The decision that won: recorded, its effects, the card edited, nothing waits any more. */
function closing(state: Opened, facts: Fact[], moment: Moment<Policy>, effects: Decision<Fact>['effects'], text: string): Decision<Fact> {
  const next = facts.reduce<State>(evolve, state);
  const card = isOpened(next) ? [showCard(next, moment)] : [];
  const quiet = ['answer', 'question'].map((name) => forgetDeadline(name, moment));
  return { facts, effects: [...effects, ...card, ...quiet], answer: { outcome: 'won', text } };
}

function answered(state: Opened, input: Answered, moment: Moment<Policy>): Decision<Fact> {
  const answers = answersTo(input, moment);
  const text = input.text?.trim() ?? '';
  if (state.question === null) return refused('stale', answers.questionClosed);
  if (state.question.of !== input.person) return refused('denied', answers.notYourQuestion);
  // Said to an earlier question: "no" to that one is no answer to this one.
  if (input.revision < state.question.revision) return refused('stale', answers.questionClosed);
  if (text === '') return refused('invalid', answers.needsAnswer);
  const { by: asker } = state.question;
  const facts: Fact[] = [{ type: 'ordererAnswered', at: moment.now, v: 1, by: { id: input.person, name: input.name }, text }];
  const next = facts.reduce<State>(evolve, state);
  const answer: Answer = { outcome: 'noted', text: answers.won('answer-question', moment.caseNumber) };
  // While the order is being checked again the new revision comes of itself.
  if (!isOpened(next) || next.status === 'gathering' || next.status === 'proposing') return { facts, effects: [], answer };
  const put = putQuestion(next, moment);
  const effects = [...put.effects, forgetDeadline('question', moment), tell(asker.id, 'orderer-answered', state.revision + 1, moment)];
  return { facts: [...facts, ...put.facts], effects, answer };
}

function refused(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { facts: [], effects: [], answer: { outcome, text } };
}
