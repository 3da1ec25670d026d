import { formatDayTime } from '#cards/kit/text.js';
import type { Effect } from '#core/effect.js';
import type { Answer, Decision, Moment, TakeBack } from '#core/workflow.js';
import type { PersonId } from '#core/ids.js';
import { isExamined } from './card-status.ts';
import { putQuestion } from './decide-proposal.ts';
import { cardIfShown, forgetDeadline, tell, tellCoordinators, wakeAt, withdraw } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact, Input } from './events.ts';
import { lastOwnAct } from './own-acts.ts';
import type { OwnAct } from './own-acts.ts';
import type { Policy } from './policy.ts';
import { isOpened, isOpenTask, isUndecided } from './state.ts';
import type { Opened, State } from './state.ts';
import { wordsIn } from './words-in.ts';
import type { Words } from './words.ts';

type Answered = Extract<Input, { type: 'personAnswered' }>;
type At = Moment<Policy>;

const REMIND = 'remind-';

/** One deadline a person. */
function reminderName(person: PersonId): string {
  return `${REMIND}${person}`;
}

/** Sets a reminder for whoever asks; a new one replaces theirs of before. */
export function remind(state: Opened, input: Answered, moment: At): Decision<Fact> {
  const answers = answersTo(input, moment);
  if (!isOpenTask(state)) return refused('closed', answers.noReminder);
  if (input.due === undefined || input.due <= moment.now) return refused('invalid', answers.needsTime);
  const { person, due } = input;
  const facts: Fact[] = [{ type: 'reminderSet', at: moment.now, v: 1, person, due }];
  const text = answers.reminderSet(moment.caseNumber, formatDayTime(due, moment.policy.zone, input.language ?? moment.policy.language));
  return { facts, effects: [wakeAt(reminderName(person), state.reminderEpoch, due, moment)], answer: { outcome: 'noted', text } };
}

/** The reminder is due: its person is told once, and only while the case is open. Null: the deadline is none of a reminder. */
export function byReminder(state: Opened, input: Extract<Input, { type: 'deadlinePassed' }>, moment: At): Decision<Fact> | null {
  if (!input.name.startsWith(REMIND)) return null;
  const due = state.reminders.find(({ person, epoch }) => reminderName(person) === input.name && epoch === input.epoch);
  if (due === undefined) return { facts: [], effects: [] };
  const facts: Fact[] = [{ type: 'reminderDue', at: moment.now, v: 1, person: due.person }];
  return { facts, effects: [tell(due.person, 'reminder', state.revision, moment)] };
}

/** Deadlines of reminders that a closed case has no use for. */
export function quiet(before: State, decision: Decision<Fact>, moment: At): Decision<Fact> {
  if (!isOpened(before) || before.reminders.length === 0) return decision;
  const after = decision.facts.reduce<State>(evolve, before);
  if (!isOpened(after) || isOpenTask(after)) return decision;
  return { ...decision, effects: [...decision.effects, ...before.reminders.map(({ person }) => forgetDeadline(reminderName(person), moment))] };
}

/** The case is somebody else's to decide from now on; whoever may decide it still may. */
export function handOver(state: Opened, input: Answered, moment: At): Decision<Fact> {
  const answers = answersTo(input, moment);
  const { to } = input;
  if (!isUndecided(state)) return refused('closed', answers.nothingToHandOver);
  if (to === undefined) return refused('invalid', answers.needsReceiver);
  if (to.id === input.person && state.handedOver === null) return refused('invalid', answers.yoursAlready);
  const text = answers.handedOver(moment.caseNumber, to.name);
  // Said again, by whoever handed it over: it is done.
  if (state.handedOver?.to.id === to.id) return refused(state.handedOver.by.id === input.person ? 'noted' : 'already', text);
  if ((input.round ?? state.round) !== state.round) return refused('stale', answers.stale);
  const by = { id: input.person, name: input.name };
  const facts: Fact[] = [{ type: 'handedOver', at: moment.now, v: 1, by, to }];
  const before = state.handedOver?.to.id;
  const effects = [
    ...(to.id === by.id ? [] : [tell(to.id, 'handed-over', state.revision, moment)]),
    ...(before === undefined || before === by.id ? [] : [tell(before, 'handed-on', state.revision, moment)]),
    ...cardIfShown(state, facts, moment),
  ];
  return { facts, effects, answer: { outcome: 'noted', text } };
}

/** What this person would take back, and what it means now. */
export function couldTakeBack(state: State, person: PersonId, caseNumber: string, words: Words): TakeBack | null {
  const act = isOpened(state) ? lastOwnAct(state, person) : null;
  if (act === null || !isOpened(state)) return null;
  return { says: words.ownActs[act.what](caseNumber), sent: isSent(state, act) ? words.answers.alreadySent : null };
}

function isSent(state: Opened, { what }: OwnAct): boolean {
  return what === 'approval' && state.status === 'approved' && state.written === 'written';
}

/** The last thing that this person did on the case: undone where nothing has left, put anew where the RIS has it (DECISIONS 13). */
export function takeBack(state: Opened, input: Answered, moment: At): Decision<Fact> {
  const answers = answersTo(input, moment);
  if (state.status === 'cancelled') return refused('closed', answers.cancelled);
  const act = lastOwnAct(state, input.person);
  const wasBy = state.takenBack?.by.id ?? null;
  if (act === null)
    return refused(wasBy === input.person ? 'already' : 'invalid', wasBy === input.person ? answers.takenBackAlready : answers.nothingOfYours);
  if ((input.round ?? state.round) !== state.round) return refused('stale', answers.stale);
  const sent = isSent(state, act);
  // The exam was done by it: a new answer in the RIS would change nothing for the patient.
  if (act.what === 'approval' && isExamined(state)) return refused('closed', answers.tooLate);
  if (sent && input.confirmed !== true) return refused('stale', answers.sentMeanwhile);
  const by = { id: input.person, name: input.name };
  const behind = state.status === 'approved' ? state.decided.approval.answer : undefined;
  const fact: Fact = { type: 'takenBack', at: moment.now, v: 1, by, what: act.what, sent, ...(behind === undefined ? {} : { behind }) };
  const text = sent ? answers.takenBackSent(moment.caseNumber) : answers.takenBack(moment.caseNumber, act.what);
  return { ...undone(state, act, fact, moment), answer: { outcome: 'noted', text } };
}

function undone(state: Opened, { what }: OwnAct, fact: Fact, moment: At): Decision<Fact> {
  const next = evolve(state, fact);
  switch (what) {
    case 'approval':
    case 'rejection': {
      if (!isOpened(next)) return { facts: [fact], effects: [] };
      const put = putQuestion(next, moment);
      const told = tellCoordinators('taken-back', next.revision + 1, moment);
      return { facts: [fact, ...put.facts], effects: [...withdraw(moment), ...put.effects, ...told] };
    }
    case 'question': {
      if (!isOpened(next)) return { facts: [fact], effects: [] };
      const put = putQuestion(next, moment);
      return { facts: [fact, ...put.facts], effects: [...put.effects, forgetDeadline('question', moment)] };
    }
    case 'hand-over': {
      const to = state.handedOver?.to.id;
      const told = to === undefined ? [] : [tell(to, 'handed-on', state.revision, moment)];
      return { facts: [fact], effects: [...told, ...cardIfShown(state, [fact], moment)] };
    }
    case 'reminder':
      return { facts: [fact], effects: fact.type === 'takenBack' ? [forgetDeadline(reminderName(fact.by.id), moment)] : [] };
    default:
      return what satisfies never;
  }
}

/** It had left all the same: the RIS has what was taken back. */
export function leftAllTheSame(state: State, behind: string | undefined, moment: At): Effect[] {
  if (!isOpened(state) || state.takenBack === null || state.takenBack.inRis || behind === undefined || state.takenBack.answer !== behind) return [];
  const { by } = state.takenBack;
  const others = tellCoordinators('left-all-the-same', state.revision, moment).filter((one) => one.kind !== 'tellPerson' || one.person !== by.id);
  return [tell(by.id, 'left-all-the-same', state.revision, moment), ...others];
}

function answersTo({ language }: Answered, { policy }: At): Words['answers'] {
  return wordsIn(language ?? policy.language).answers;
}

function refused(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { facts: [], effects: [], answer: { outcome, text } };
}
