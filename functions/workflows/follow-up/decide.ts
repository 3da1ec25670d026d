import { addMinutes } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Answer, Decision, Moment } from '#core/workflow.js';
import type { About } from '#domain/critical.js';
import type { FollowUpOwner } from '#domain/follow-up.js';
import { recordNumbers } from '#domain/patient.js';
import { takeAway } from './effects.ts';
import { evolve, isFollowUp } from './evolve.ts';
import type { FollowUp, State } from './evolve.ts';
import type { Fact, Input } from './events.ts';
import { minutesOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { wordsIn } from './words-in.ts';

type At = Moment<Policy>;
type Of<Type extends Input['type']> = Extract<Input, { type: Type }>;

/** Keeps what a report says for days, with whose it is, until somebody says that it is dealt with. It calls nobody and asks no radiologist. */
export function decide(state: State, input: Input, moment: At): Decision<Fact> {
  return withoutPatient(state, decided(state, input, moment), moment);
}

function decided(state: State, input: Input, moment: At): Decision<Fact> {
  if (input.type === 'followUpRaised') return raised(state, input, moment);
  if (!isFollowUp(state)) return nothing;
  switch (input.type) {
    case 'reportCorrected':
      return corrected(state, input, moment);
    case 'personAnswered':
      return dealtWith(state, input, moment);
    case 'patientMerged':
      return joined(state, input, moment);
    case 'viewShown':
      return { facts: [{ type: 'viewShown', ...now(moment), person: input.person, posting: input.posting }], effects: [] };
    case 'patientUpdated':
    case 'personTold':
    case 'effectFailed':
    case 'historyMissing':
    case 'cardsLost':
      return nothing;
    default:
      return input satisfies never;
  }
}

/** What is known joins. What was dealt with is open again where a report says it in other words; what a correction took back, where any says it. */
function raised(state: State, { about, finding, source, since }: Of<'followUpRaised'>, moment: At): Decision<Fact> {
  if (isFollowUp(state)) {
    if (state.sources.some(({ version, quote }) => version === source.version && quote === source.quote)) return nothing;
    const isNews = state.status === 'withdrawn' || (state.status === 'done' && state.sources.every(({ quote }) => quote !== source.quote));
    if (!isNews) return { facts: [{ type: 'sourceJoined', ...now(moment), source }], effects: [] };
  }
  const due = addMinutes(since, minutesOf(moment.policy));
  const owner = ownerOf(about, moment.policy);
  return { facts: [{ type: 'followUpOpened', ...now(moment), about, finding, source, since, due, owner }], effects: [] };
}

/** The orderer, else the attending, of those that people.json knows; else the coordinators. */
function ownerOf({ orderingProvider, attending }: About, { providers }: Policy): FollowUpOwner {
  for (const [as, named] of [
    ['orderer', orderingProvider],
    ['attending', attending],
  ] as const) {
    const person = named == null ? undefined : providers[named.id];
    if (person !== undefined) return { person, as };
  }
  return { person: null, as: 'coordinator' };
}

/** A correction that is older than what a report said after it takes nothing back. */
function corrected(state: FollowUp, { version, reportedAt, classes }: Of<'reportCorrected'>, moment: At): Decision<Fact> {
  const isOlder = state.sources.some((one) => isLater(one.reportedAt, reportedAt));
  if (state.status !== 'open' || isOlder || classes.includes(state.finding.classId)) return nothing;
  return { facts: [{ type: 'followUpWithdrawn', ...now(moment), version }], effects: [] };
}

/** Times as sent are compared where both are written to the same precision. */
function isLater(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.length === other.length && one > other;
}

function dealtWith(state: FollowUp, { person, name, revision, text, language }: Of<'personAnswered'>, moment: At): Decision<Fact> {
  const says = wordsIn(language ?? moment.policy.language).answers;
  const said = (text ?? '').trim().slice(0, 1000).trim();
  if (state.done !== null) return answered('already', says.already(moment.caseNumber, state.done.by.name));
  if (state.status === 'withdrawn') return answered('closed', says.withdrawn(moment.caseNumber));
  if (revision !== state.revision) return answered('stale', says.stale(moment.caseNumber));
  if (said === '') return answered('invalid', says.needsText);
  return {
    facts: [{ type: 'followUpDone', ...now(moment), by: { id: person, name }, text: said }],
    effects: [],
    answer: { outcome: 'won', text: says.done(moment.caseNumber) },
  };
}

/** Two records are one patient: the number in use is one by which the patient is known here too. */
function joined({ about }: FollowUp, { prior, surviving }: Of<'patientMerged'>, moment: At): Decision<Fact> {
  const own = recordNumbers(about.patient);
  const isOwn = (one: (typeof own)[number]) => own.some(({ id, assigner }) => id === one.id && assigner === one.assigner);
  const identifiers = recordNumbers(surviving).filter((one) => !isOwn(one));
  if (!prior.some(isOwn) || identifiers.length === 0) return nothing;
  return { facts: [{ type: 'patientJoined', ...now(moment), identifiers }], effects: [] };
}

/** What every decision has besides: views of one that is over lose their patient data, also those of which the case hears only now. */
function withoutPatient(before: State, decision: Decision<Fact>, moment: At): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  if (decision.facts.length === 0 || !isFollowUp(after) || after.status === 'open') return decision;
  const facts = after.views.map(({ person, posting }): Fact => ({ type: 'privateCardOver', ...now(moment), person, posting }));
  const effects = after.views.map((view, n) => takeAway(view, n, after.revision, moment));
  return { ...decision, facts: [...decision.facts, ...facts], effects: [...decision.effects, ...effects] };
}

function answered(outcome: Answer['outcome'], text: string): Decision<Fact> {
  return { ...nothing, answer: { outcome, text } };
}

function now({ now: at }: At) {
  return { at, v: 1 } as const;
}
