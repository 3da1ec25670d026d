import type { Effect } from '#core/effect.js';
import { nothing } from '#core/workflow.js';
import type { Decision } from '#core/workflow.js';
import { patientOf } from '#domain/critical.js';
import { itself, judgement, rankOf } from './alike.ts';
import { joining } from './decide-source.ts';
import { showCard, tell, tellAlert } from './effects.ts';
import type { Fact, Input, WhyAlike } from './events.ts';
import { dutyRadiologists } from './ladder.ts';
import { isEnded } from './state.ts';
import type { Alert } from './state.ts';
import { fold, no } from './turn.ts';
import type { At, Turn } from './turn.ts';

/**
 * Whether two alerts of one accession number and class are one. Where a system cannot tell (another patient, no patient, an exam that a person typed) a person is asked,
 * and both go on as ever. Of two that are one the less urgent question ends, once the other has taken in what was known of it.
 */
type Found = Extract<Input, { type: 'alikeFound' }>;
type Judged = Extract<Input, { type: 'alikeJudged' }>;

/** Another one has the number. Both say so; people are told by the younger of the two, once. What was judged, or taken back, is asked nothing. */
export function alikeFound(alert: Alert, input: Found, moment: At): Decision<Fact> {
  const why = whyOf(alert, input);
  const isKnown = alert.alike.some((one) => one.with === input.of);
  if (why === null || isKnown || (isEnded(alert) && alert.status !== 'closed')) return nothing;
  const answer = input.answers ? [] : [tellAlert({ number: input.of }, itself(alert, true, moment), 'alike', moment)];
  if (isEnded(alert)) return { facts: [], effects: answer };
  const { policy } = moment;
  const people = [...new Set([...dutyRadiologists(policy, moment.now), ...policy.withRole('coordinator')])];
  const told = isOlder(alert, input, moment) ? [] : people;
  const fact: Fact = { type: 'alikeFound', at: moment.now, v: 1, with: input.of, why, people };
  const after = fold(alert, fact);
  return { facts: [fact], effects: [...answer, ...told.map((person) => tell(person, 'alike', after, moment)), ...drawnAnew(after, moment)] };
}

/** Null: of one patient, and both as systems say it; what is known of each finds it by itself. What a person types has the number alone. */
function whyOf({ about }: Alert, { patient, typed }: Found): WhyAlike | null {
  const own = patientOf(about.patient);
  if (own.length === 0 || patient.length === 0) return own.length === patient.length ? null : 'no-patient';
  const isTyped = typed || about.asTyped === true;
  const numbers = (some: readonly string[]) => (isTyped ? some.map((one) => one.slice(one.indexOf('|') + 1)) : some);
  const others = numbers(patient);
  if (!numbers(own).some((one) => others.includes(one))) return 'other-patient';
  return typed === (about.asTyped === true) ? null : 'typed';
}

function isOlder(alert: Alert, { of, opened }: { readonly of: string; readonly opened: string }, { caseNumber }: At): boolean {
  return alert.opened === opened ? caseNumber < of : alert.opened < opened;
}

function drawnAnew(after: Alert, moment: At): readonly Effect[] {
  return after.posting === null ? [] : [showCard(after, moment)];
}

/** "The same" and "not the same", by a named person: the other one hears it. */
export function judged(alert: Alert, { by, answer, says }: Turn, moment: At): Decision<Fact> {
  const same = answer.verb === 'join-alert';
  const found = alert.alike.find((one) => one.with === answer.fields['with']);
  if (found === undefined) return no('invalid', says.nothingAlike(moment.caseNumber));
  if (found.judged !== null) return no('already', says.judgedBy(found.judged.by.name, found.judged.same));
  const fact: Fact = { type: 'alikeJudged', at: moment.now, v: 1, by, with: found.with, same };
  const after = fold(alert, fact);
  return {
    facts: [fact],
    effects: [tellAlert({ number: found.with }, judgement(after, by, same, false, moment), 'judged', moment), ...drawnAnew(after, moment)],
    answer: { outcome: 'won', text: same ? says.joined(moment.caseNumber, found.with) : says.keptApart(moment.caseNumber, found.with) },
  };
}

/** A person said it there. One that yields ends only when the other has taken it in, so that at no moment neither goes on; of two that were sent both go on. */
export function judgedThere(alert: Alert, input: Judged, moment: At): Decision<Fact> {
  const { of, by, same } = input;
  const isAsked = alert.alike.some((one) => one.with === of && one.judged === null);
  const facts: Fact[] = isAsked ? [{ type: 'alikeJudged', at: moment.now, v: 1, by, with: of, same }] : [];
  const after = facts.reduce<Alert>(fold, alert);
  if (!same) return { facts, effects: isAsked ? drawnAnew(after, moment) : [] };
  if (alert.status === 'same') return nothing;
  if (!input.yields && yieldsTo(after, input, moment)) {
    const said = tellAlert({ number: of }, judgement(after, by, true, true, moment), 'judged', moment);
    return { facts, effects: [said, ...drawnAnew(after, moment)] };
  }
  const held: Fact[] = alert.holds.includes(of) ? [] : [{ type: 'tookIn', at: moment.now, v: 1, by, of }];
  const taken = takingIn(held.reduce<Alert>(fold, after), input, moment);
  const answer = tellAlert({ number: of }, { type: 'takenIn', of: moment.caseNumber, by, rank: rankOf(after) }, 'taken-in', moment);
  return { facts: [...facts, ...held, ...taken.facts], effects: once([answer, ...drawnAnew(after, moment), ...taken.effects]) };
}

function yieldsTo(alert: Alert, input: Judged, moment: At): boolean {
  const own = rankOf(alert);
  return own < 2 && alert.holds.length === 0 && !isEnded(alert) && (own < input.rank || (own === input.rank && !isOlder(alert, input, moment)));
}

/** As further sources of this one: the graver category counts, and nobody is paged anew. */
function takingIn(alert: Alert, { sources, category, since }: Judged, moment: At): Decision<Fact> {
  return sources.reduce<Decision<Fact>>(
    (before, source) => {
      const next = joining(before.facts.reduce<Alert>(fold, alert), { source, category, since }, moment);
      return { facts: [...before.facts, ...next.facts], effects: [...before.effects, ...next.effects] };
    },
    { facts: [], effects: [] },
  );
}

/** Of what is done twice in one decision the last. */
function once(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(({ key }, n) => !effects.slice(n + 1).some((later) => later.key === key));
}

/**
 * The other one goes on with all that was known here, also with what has come meanwhile: this ends, unless it has come further than that one since, or has taken another
 * in itself: so that of several one is always left.
 */
export function takenIn(alert: Alert, { of, by, rank }: Extract<Input, { type: 'takenIn' }>, moment: At): Decision<Fact> {
  const own = rankOf(alert);
  if (isEnded(alert) || own === 2 || own > rank || alert.holds.length > 0) return nothing;
  const fact: Fact = { type: 'foundSame', at: moment.now, v: 1, by, as: of };
  const rest = tellAlert({ number: of }, judgement(alert, by, true, true, moment), 'further', moment);
  return { facts: [fact], effects: [rest, ...drawnAnew(fold(alert, fact), moment)] };
}
