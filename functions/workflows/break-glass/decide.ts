import { breakGlassMinutes } from '#core/break-glass.js';
import { formatTime } from '#cards/kit/text.js';
import type { PersonId } from '#core/ids.js';
import { addMinutes, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Answer, Decision, Moment } from '#core/workflow.js';
import { forget, tell, wakeAt, whoIsTold } from './effects.ts';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';
import { activeOf, waitsForSecond } from '#domain/break-glass.js';
import type { Access as State } from '#domain/break-glass.js';
import { wordsIn } from './words-in.ts';
import type { Words } from './words.ts';

type At = Moment<Policy>;
type Of<Type extends Input['type']> = Extract<Input, { type: Type }>;

/** Opens, ends, lengthens by a second person, has it judged. A view is nowhere here: the desk asks `activeOf` at each one. */
export function decide(state: State, input: Input, moment: At): Decision<Fact> {
  switch (input.type) {
    case 'accessAsked':
      return open(state, input, moment);
    case 'accessEndAsked':
      return end(state, input, moment);
    case 'longerAsked':
      return askLonger(state, input, moment);
    case 'longerConfirmed':
      return confirmLonger(state, input, moment);
    case 'reviewGiven':
      return review(state, input, moment);
    case 'deadlinePassed':
      return byDeadline(state, input, moment);
    case 'personTold':
      return { facts: [{ type: 'noticeGiven', ...now(moment), person: input.person, note: input.note }], effects: [] };
    case 'effectFailed':
      return { facts: [{ type: 'noticeFailed', ...now(moment), note: input.message, code: input.code }], effects: [] };
    case 'historyMissing':
    case 'cardsLost':
      return nothing;
    default:
      return input satisfies never;
  }
}

function open(state: State, input: Of<'accessAsked'>, moment: At): Decision<Fact> {
  const { by, target, reason, text, signedInAt } = input;
  const said = answers(input);
  const { policy } = moment;
  if (state.status === 'known' && (state.by.id !== by.id || state.target.caseId !== target.caseId)) return answered('invalid', said.anotherCase);
  const active = activeOf(state, moment.now);
  if (active !== null) return answered('already', said.openAlready(target.caseNumber, timeOf(active.until, moment)));
  if (text.trim().length < 3) return answered('invalid', said.needsReason);
  const told = whoIsTold(policy, by.id);
  if (told.length === 0) return answered('invalid', said.nobodyToTell);
  const before = state.status === 'known' ? state.openings : [];
  const opening = (before.at(-1)?.n ?? 0) + 1;
  const until = addMinutes(moment.now, breakGlassMinutes.open);
  const closed: Fact[] = before
    .filter(({ closedAt }) => closedAt === null)
    .map(({ n }) => ({ type: 'glassClosed', ...now(moment), opening: n, why: 'time' }));
  return {
    facts: [...closed, { type: 'glassBroken', ...now(moment), opening, by, target, reason, text, signedInAt, until }],
    effects: [
      ...tell(told, 'opened', opening, moment),
      wakeAt('end', epochOf(until), until, moment),
      wakeAt(`review-${opening}`, opening, addMinutes(moment.now, breakGlassMinutes.review), moment),
    ],
    answer: { outcome: 'won', text: said.opened(target.caseNumber, timeOf(until, moment)) },
  };
}

function end(state: State, input: Of<'accessEndAsked'>, moment: At): Decision<Fact> {
  const active = activeOf(state, moment.now);
  if (active === null) return answered('closed', answers(input).notOpen);
  return {
    facts: [{ type: 'glassClosed', ...now(moment), opening: active.n, why: 'person' }],
    effects: [forget('end', moment)],
    answer: { outcome: 'won', text: answers(input).ended },
  };
}

function askLonger(state: State, input: Of<'longerAsked'>, moment: At): Decision<Fact> {
  const said = answers(input);
  const active = activeOf(state, moment.now);
  if (active === null || state.status === 'none' || state.by.id !== input.by.id) return answered('closed', said.notOpen);
  if (waitsForSecond(active, moment.now)) return answered('already', said.longerAlready(timeOf(active.longer.until, moment)));
  if (input.text.trim().length < 3) return answered('invalid', said.needsReason);
  const patience = addMinutes(moment.now, breakGlassMinutes.second);
  // What has ended is opened anew, with a sign-in of its own: nothing waits beyond it.
  const until = patience < active.until ? patience : active.until;
  return {
    facts: [{ type: 'longerAsked', ...now(moment), opening: active.n, by: input.by, text: input.text, until }],
    effects: tell(whoIsTold(moment.policy, input.by.id), 'longer', active.n, moment),
    answer: { outcome: 'noted', text: said.longerAsked(timeOf(until, moment)) },
  };
}

function confirmLonger(state: State, input: Of<'longerConfirmed'>, moment: At): Decision<Fact> {
  const said = answers(input);
  const active = activeOf(state, moment.now);
  if (active === null || state.status === 'none' || !waitsForSecond(active, moment.now)) return answered('closed', said.nothingWaits);
  if (state.by.id === input.by.id) return answered('denied', said.anotherPerson);
  const until = addMinutes(active.until, breakGlassMinutes.open);
  const told = whoIsTold(moment.policy, state.by.id).filter((person) => person !== input.by.id);
  return {
    facts: [{ type: 'longerConfirmed', ...now(moment), opening: active.n, by: input.by, until }],
    effects: [...tell(told, 'longer-confirmed', active.n, moment), wakeAt('end', epochOf(until), until, moment)],
    answer: { outcome: 'won', text: said.longerConfirmed(timeOf(until, moment)) },
  };
}

function review(state: State, input: Of<'reviewGiven'>, moment: At): Decision<Fact> {
  const said = answers(input);
  const opening = state.status === 'known' ? state.openings.find(({ n }) => n === input.opening) : undefined;
  if (opening === undefined || state.status === 'none') return answered('invalid', said.notOpen);
  if (state.by.id === input.by.id) return answered('denied', said.anotherPerson);
  if (opening.review !== null) return answered('already', said.reviewedAlready(opening.review.by.name));
  if (activeOf(state, moment.now)?.n === opening.n) return answered('invalid', said.stillOpen);
  if (input.text.trim().length < 3) return answered('invalid', said.needsReason);
  const { by, finding, text } = input;
  return {
    facts: [{ type: 'accessReviewed', ...now(moment), opening: opening.n, by, finding, text }],
    effects: [forget(`review-${opening.n}`, moment)],
    answer: { outcome: 'won', text: said.reviewed },
  };
}

function byDeadline(state: State, { name, epoch }: Of<'deadlinePassed'>, moment: At): Decision<Fact> {
  if (state.status === 'none') return nothing;
  if (name === 'end') {
    const last = state.openings.at(-1);
    if (last === undefined || last.closedAt !== null || epochOf(last.until) !== epoch) return nothing;
    return { facts: [{ type: 'glassClosed', ...now(moment), opening: last.n, why: 'time' }], effects: [] };
  }
  const due = state.openings.find(({ n, review: given, overdue }) => name === `review-${n}` && given === null && !overdue);
  if (due === undefined) return nothing;
  const told: readonly PersonId[] = whoIsTold(moment.policy, state.by.id);
  return { facts: [{ type: 'reviewOverdue', ...now(moment), opening: due.n }], effects: tell(told, 'review-due', due.n, moment) };
}

function answers({ language }: { readonly language?: Parameters<typeof wordsIn>[0] }): Words['answers'] {
  return wordsIn(language).answers;
}

function answered(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { ...nothing, answer: { outcome, text } };
}

function timeOf(at: Instant, { policy }: At): string {
  return formatTime(at, policy.zone);
}

function now({ now: at }: At): { readonly at: Instant; readonly v: 1 } {
  return { at, v: 1 };
}
