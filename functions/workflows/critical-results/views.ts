import type { Subject } from '#core/authorise.js';
import type { PagingChannel } from '#core/effect.js';
import type { PersonId } from '#core/ids.js';
import type { Likeness } from '#core/likeness.js';
import type { Instant } from '#core/time.js';
import type { Decision, Mode, Moment, TaskRow } from '#core/workflow.js';
import { alikeKey, examsOf, findingKeys, findingsOf, pageKey } from '#domain/critical.js';
import { recordNumbers } from '#domain/patient.js';
import { lastPage } from './decide-reply.ts';
import { redraw } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import { toldTo } from './notes.ts';
import type { Policy } from './policy.ts';
import { isAlert, isEnded, isEscalating, isOpen, unjudged, unseenOf } from './state.ts';
import type { Alert, State } from './state.ts';
import { english } from './words.ts';

/** Who has an alert at the failsafe that nobody has taken in hand. */
export const SWITCHBOARD = 'switchboard';

/** One line of lists and of the board: no patient data. */
export function row(state: State): TaskRow | null {
  if (!isAlert(state)) return null;
  const { status, finding, since, released, revision, failsafe } = state;
  return {
    // Closed, and somebody has not seen what was changed before.
    status: status === 'open' && failsafe !== null ? 'failsafe' : status === 'closed' && isOpen(state) ? 'changed' : status,
    waiting: isOpen(state),
    open: isOpen(state),
    kind: `${state.drill ? `${english.drill}: ` : ''}${english.kind(finding.category)}`,
    urgency: english.urgency[finding.category],
    since: released?.at ?? since,
    owner: ownerOf(state),
    note: status === 'draft' ? english.card.notSent : null,
    revision,
  };
}

function ownerOf(alert: Alert): string | null {
  const { status, draftedBy, acknowledged, failsafe, steps, asked } = alert;
  switch (status) {
    case 'draft':
      return draftedBy?.id ?? null;
    case 'asking':
      return asked.people.at(-1) ?? 'coordinator';
    case 'open':
      return failsafe === null ? (steps.at(-1)?.reached[0]?.person ?? null) : (failsafe.taken?.by.id ?? SWITCHBOARD);
    case 'acknowledged':
    case 'read-back':
      return acknowledged?.by.id ?? null;
    case 'closed':
    case 'withdrawn':
      return unseenOf(alert)[0] ?? null;
    case 'not-critical':
    case 'same':
    case 'drill-over':
      return null;
    default:
      return status satisfies never;
  }
}

export function subject(state: State): Subject {
  if (!isAlert(state)) return { modality: null, orderer: null, askedOf: null };
  const { about, addressed, released, draftedBy, acknowledged, readBack } = state;
  const declarers = [released?.by.id, draftedBy?.id].filter((id) => id !== undefined);
  const receivers = [acknowledged?.by.id, readBack?.by.id, ...state.seenByPhone].filter((id) => id !== undefined);
  // Whoever is asked may look, whatever lists they are on.
  const isQuestion = state.status === 'draft' || state.status === 'asking';
  const asked = [...(isQuestion ? state.asked.people : []), ...(isEnded(state) ? [] : unjudged(state).flatMap(({ people }) => people))];
  return { modality: about.modality, orderer: null, askedOf: null, asked, addressed, declarers, receivers, unseen: unseenOf(state) };
}

/**
 * By the numbers of exam and patient; by a gateway's ids of its pages; and by exam, patient and class, whatever its number is among those of one class. What was typed is
 * never one with what a system says; what may be the same is found by number and class alone. A drill is found by a gateway's ids alone.
 */
export function keysOf(state: State): readonly string[] {
  if (!isAlert(state)) return [];
  const pages = state.attempts.flatMap(({ channel, receipt }) => (receipt === null ? [] : [pageKey(channel, receipt)]));
  if (state.drill) return pages;
  const { accessionNumber, patient } = state.about;
  const accession = accessionNumber === null ? [] : [`accession||${accessionNumber}`];
  const finding = state.about.asTyped === true ? [] : findingKeys(state.about, state.finding.classId);
  // A correction finds an exam without an accession number by those of its order.
  const ofExam = accessionNumber === null && state.about.asTyped !== true ? examsOf(state.about).map(findingsOf) : [];
  const alike = alikeKey(state.about, state.finding.classId);
  return [
    ...accession,
    ...finding,
    ...ofExam,
    ...(alike === null ? [] : [alike]),
    ...pages,
    ...recordNumbers(patient).map(({ assigner, id }) => `patient|${assigner}|${id}`),
  ];
}

/** When this channel last took a page of it for this person, as it was by then, while nobody has taken it; null: never. */
export function pagedAt(state: State, person: PersonId, channel: PagingChannel, by: Instant): Instant | null {
  return isAlert(state) && isEscalating(state) ? (lastPage(state, person, channel, by)?.at ?? null) : null;
}

export function likenessOf(state: State): Likeness | null {
  if (!isAlert(state) || state.drill || state.about.patient.name === null) return null;
  const { name, birthDate } = state.about.patient;
  return { ...name, birthDate, numbers: recordNumbers(state.about.patient).map(({ assigner, id }) => `${assigner}|${id}`) };
}

/** What a person has declared goes out whatever the site has switched off; what a model or a report says does as the site lets it. */
export function modeFor(state: State, mode: Mode): Mode {
  // What was over, and is asked anew because a report or a model says more, is the report's or the model's again.
  const isAskedAnew = isAlert(state) && state.status === 'asking' && state.overBefore !== null;
  const isDeclared = isAlert(state) && !isAskedAnew && (state.draftedBy !== null || state.released !== null);
  return isDeclared && mode !== 'auto' ? 'assist' : mode;
}

/**
 * What every decision has besides: views of an alert that has ended lose their patient data, and those of one that was sent, which say that it was not. So do those of
 * whoever takes it or reads it back, which say that nobody has.
 */
export function withoutPatient(before: State, decision: Decision<Fact>, moment: Moment<Policy>): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  const isSent = decision.facts.some(({ type }) => type === 'alertReleased');
  const takers = decision.facts.flatMap((fact) => (fact.type === 'acknowledged' || fact.type === 'readBack' ? [fact.by.id] : []));
  if (!isAlert(after)) return decision;
  const views = isEnded(after) || isSent ? after.views : after.views.filter(({ person }) => takers.includes(person));
  if (views.length === 0) return decision;
  const facts = views.map(({ person, posting }): Fact => ({ type: 'privateCardOver', at: moment.now, v: 1, person, posting }));
  const isOver = ({ person }: { readonly person: PersonId }) => isEnded(after) && !unseenOf(after).includes(person);
  // Who had been told before hears of what is sent once more by a message that names the release.
  const isToldBefore = ({ person }: { readonly person: PersonId }) => isAlert(before) && toldTo(before, person, moment.policy) !== before;
  const effects = views.map((view, n) => {
    const as = isOver(view) ? 'view-over' : isToldBefore(view) ? 'earlier' : 'now';
    return redraw([view], { as, which: `view-${n}` }, after, moment);
  });
  return { ...decision, facts: [...decision.facts, ...facts], effects: [...decision.effects, ...effects] };
}
