import type { PersonId } from '#core/ids.js';
import { addMinutes, epochOf } from '#core/time.js';
import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { Approval } from '#core/approval.js';
import type { Effect } from '#core/effect.js';
import { forget, pages, print, reach, showCard, tell, wakeAt } from './effects.ts';
import { evolve } from './evolve.ts';
import { recordMessage } from './events.ts';
import type { Fact, FactOf, Input, Reached, Skipped, WhyNext } from './events.ts';
import { handOffOf, once, rungs } from './ladder.ts';
import type { Rung } from './ladder.ts';
import { ruleOf } from './policy.ts';
import type { Policy } from './policy.ts';
import { declarersOf, isAlert, isEscalating, isToldAgain, levelOf } from './state.ts';
import type { Alert } from './state.ts';
import { fold } from './turn.ts';

/**
 * The next level that has somebody on it, from the one after `from` on; those that have nobody are skipped at once. After the last the failsafe.
 * @param alert as it is after the facts that led here
 */
export function goOn(alert: Alert, from: number, because: WhyNext, moment: Moment<Policy>, approval: Approval | null = null): Decision<Fact> {
  const { policy, now } = moment;
  const ladder = rungs(alert, policy, now);
  const late = lateOf(alert, ladder, from);
  const passed: Skipped[] = [];
  for (const { level, reached, skipped, placeUnsure } of ladder) {
    if (level <= from) continue;
    passed.push(...skipped);
    if (reached.length === 0) continue;
    const until = addMinutes(now, windowOf(level, alert, policy));
    const people = once([...reached, ...late]);
    const fact: Fact = { type: 'stepTaken', at: now, v: 1, level, because, reached: [...people], skipped: passed, placeUnsure, until };
    const after = evolve(alert, fact);
    if (!isAlert(after)) return nothing;
    return { facts: [fact], effects: [...reachAll(after, people, approval, moment), handOff(after, moment)] };
  }
  return toFailsafe(alert, late, passed, because, moment, approval);
}

/** Who stands on a level up to this one and was not called yet: it is not who stood there when it was reached. */
function lateOf({ addressed }: Alert, ladder: readonly Rung[], upTo: number): readonly Reached[] {
  const standing = ladder.filter(({ level }) => level <= upTo).flatMap(({ reached }) => reached);
  return once(standing).filter(({ person }) => !addressed.includes(person));
}

/** Minutes that a level has: until the next one is due. */
export function windowOf(level: number, alert: Alert, policy: Policy): number {
  const { levelsAfterMinutes, failsafeAfterMinutes } = ruleOf(alert, policy);
  const begins = levelsAfterMinutes[level - 1] ?? levelsAfterMinutes.at(-1) ?? 0;
  return Math.max((levelsAfterMinutes[level] ?? failsafeAfterMinutes) - begins, 0.05);
}

/** In the same second in every way: private chat, the channel with a mention, and each way besides Teams. Of somebody without one the next is not waited for. */
function reachAll(alert: Alert, reached: readonly Reached[], approval: Approval | null, moment: Moment<Policy>): Effect[] {
  return [...reached.flatMap(({ person }) => reach(person, 'alert', alert, moment, approval)), showCard(alert, moment)];
}

/** Levels that were reached, as they are now; at the failsafe all of them. */
function standing(alert: Alert, { policy, now }: Moment<Policy>): readonly Reached[] {
  const upTo = alert.failsafe === null ? levelOf(alert) : Number.POSITIVE_INFINITY;
  return once(
    rungs(alert, policy, now)
      .filter(({ level }) => level <= upTo)
      .flatMap(({ reached }) => reached),
  );
}

function handOff(alert: Alert, moment: Moment<Policy>): Effect {
  const at = handOffOf(standing(alert, moment), moment.policy, moment.now);
  // One that comes a moment too early is set again for the same time: it is another one.
  return at === null ? forget('hand-off', moment) : wakeAt('hand-off', at, epochOf(moment.now), moment);
}

/** Whoever always sits somewhere, and everybody else once more. */
function toFailsafe(
  before: Alert,
  late: readonly Reached[],
  skipped: readonly Skipped[],
  because: WhyNext,
  moment: Moment<Policy>,
  approval: Approval | null = null,
): Decision<Fact> {
  const until = addMinutes(moment.now, ruleOf(before, moment.policy).failsafeEveryMinutes);
  const told: Fact[] = late.length === 0 ? [] : [{ type: 'incomingTold', at: moment.now, v: 1, reached: [...late] }];
  const facts: Fact[] = [...told, { type: 'failsafeReached', at: moment.now, v: 1, because, skipped: [...skipped], until }];
  const after = facts.reduce<Alert>(fold, before);
  return { facts, effects: [...atFailsafe(after, 'failsafe', [], moment, approval), handOff(after, moment)] };
}

/** The switchboard on screen and on paper, the coordinators, whoever is addressed, and whoever declared it, who can phone too. */
export function atFailsafe(
  alert: Alert,
  note: 'failsafe' | 'failsafe-again',
  more: readonly Reached[],
  moment: Moment<Policy>,
  approval: Approval | null = null,
): Effect[] {
  const { policy } = moment;
  const operators = policy.withRole('switchboard');
  const others = [...new Set([...alert.addressed, ...more.map(({ person }) => person), ...policy.withRole('coordinator')])];
  const declarers = [...new Set(declarersOf(alert))].filter((person) => !others.includes(person) && !operators.includes(person));
  return [
    ...operators.flatMap((person) => [tell(person, note, alert, moment, approval), ...pages(person, note, alert, moment, approval)]),
    ...print(note, alert, moment),
    ...others.filter((person) => !operators.includes(person)).flatMap((person) => reach(person, 'repeat', alert, moment, approval)),
    ...declarers.map((person) => tell(person, 'untaken', alert, moment)),
    showCard(alert, moment),
  ];
}

/** Whoever stands now at a level that was reached and was not called yet. */
export function incoming(alert: Alert, moment: Moment<Policy>): readonly Reached[] {
  return standing(alert, moment).filter(({ person }) => !alert.addressed.includes(person));
}

/** The shift has changed: who comes on duty is told, and either of the two may take it. One that is taken goes on from here if it lapses. */
export function handedOff(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  return incomingCalled(alert, {}, moment);
}

/** The patient was moved: whose they are now is called in the same second, and who was called before may still take it. */
export function calledThere(alert: Alert, moment: Moment<Policy>): Decision<Fact> {
  const called = incomingCalled(alert, { because: 'moved' }, moment);
  const after = called.facts.reduce<Alert>(fold, alert);
  const isShown = called.facts.length > 0 || after.posting !== null;
  return isShown ? { ...called, effects: [...called.effects, showCard(after, moment)] } : called;
}

function incomingCalled(alert: Alert, why: Pick<FactOf<'incomingTold'>, 'because'>, moment: Moment<Policy>): Decision<Fact> {
  if (!isToldAgain(alert)) return nothing;
  const fresh = isEscalating(alert) ? incoming(alert, moment) : [];
  if (fresh.length === 0) return { facts: [], effects: [handOff(alert, moment)] };
  const fact: Fact = { type: 'incomingTold', at: moment.now, v: 1, reached: [...fresh], ...why };
  const after = fold(alert, fact);
  return { facts: [fact], effects: [...fresh.flatMap(({ person }) => reach(person, 'alert', after, moment)), handOff(after, moment)] };
}

/** What is said again and again while it lasts. */
const REPEATED: readonly string[] = [
  'repeat',
  'failsafe-again',
  'still-asked',
  'phone-reading-room',
  'unsent',
  'conversation-due',
  'withdrawn',
  'changed',
  'untaken',
];

/** What takes the place of a message that has reached somebody. */
const EDITS: readonly string[] = ['now', 'earlier', 'view-over'];

/** Is it on record that this went that way before, or failed to? A night of repeats is not a record of thousands. */
export function isKnown(
  { attempts }: Alert,
  said: { readonly channel: string; readonly to: string; readonly note: string; readonly isFailure: boolean },
): boolean {
  const { channel, to, note, isFailure } = said;
  return (
    REPEATED.includes(note) &&
    attempts.some((one) => one.channel === channel && one.to === to && one.note === note && (one.failed !== null) === isFailure)
  );
}

/** When all that was tried at a level has failed for good, the next one is reached at once. */
export function notReached(alert: Alert, input: Extract<Input, { type: 'effectFailed' }>, moment: Moment<Policy>): Decision<Fact> {
  const { kind, message, code, person, channel = kind === 'tellPerson' ? 'chat' : kind, to = person } = input;
  // An edit calls nobody.
  if (kind === 'tellPerson' && EDITS.includes(message)) return nothing;
  if (to === undefined || isKnown(alert, { channel, to, note: message, isFailure: true })) return nothing;
  return unlessLost(alert, { type: 'notReached', at: moment.now, v: 1, channel, to, note: message, code }, moment);
}

/** What did not reach somebody; with it the next level, where nobody of this one can be reached any more. */
export function unlessLost(alert: Alert, fact: FactOf<'notReached'> | FactOf<'pageUndeliverable'>, moment: Moment<Policy>): Decision<Fact> {
  const after = evolve(alert, fact);
  if (!isAlert(after) || !isEscalating(after) || after.failsafe !== null || fact.note !== 'alert') return { facts: [fact], effects: [] };
  const step = after.steps.at(-1);
  const isLost = step?.reached.every(({ person: one }) => isUnreachable(after, one, step.triedBefore, moment.policy)) ?? false;
  if (!isLost) return { facts: [fact], effects: [] };
  const next = goOn(after, levelOf(after), 'not-reached', moment);
  return { facts: [fact, ...next.facts], effects: next.effects };
}

/** The hospital's record did not take it for good: whoever sent it writes it there by hand, and the coordinators see to it. */
export function notRecorded(alert: Alert, { message, code }: Extract<Input, { type: 'effectFailed' }>, moment: Moment<Policy>): Decision<Fact> {
  const what = recordMessage.safeParse(message).data;
  if (what === undefined) return nothing;
  const people = [...new Set([...declarersOf(alert), ...moment.policy.withRole('coordinator')])];
  return {
    facts: [{ type: 'resultNotSent', at: moment.now, v: 1, what, code }],
    effects: people.map((person) => tell(person, 'not-recorded', alert, moment)),
  };
}

/** Every way to this person has failed since. */
function isUnreachable(alert: Alert, person: PersonId, from: number, policy: Policy): boolean {
  const { channels } = ruleOf(alert, policy);
  const own = policy.channelsOf(person);
  const ways = ['chat', ...channels.filter((channel) => own.includes(channel))];
  return ways.every((way) =>
    alert.attempts.slice(from).some(({ channel, to, note, failed, logged, came }) => {
      return note === 'alert' && channel === way && to === person && (failed !== null || logged || came?.delivered === false);
    }),
  );
}

/** Whom a release has reached: people of the ladder, else at best the switchboard; then the radiologist phones now. */
export function reachedBy({ facts, effects }: Decision<Fact>): { readonly people: readonly PersonId[]; readonly isSwitchboardTold: boolean } {
  const step = facts.find((fact) => fact.type === 'stepTaken');
  const isSwitchboardTold = effects.some((effect) => (effect.kind === 'page' || effect.kind === 'tellPerson') && effect.note === 'failsafe');
  return { people: step?.reached.map(({ person }) => person) ?? [], isSwitchboardTold };
}
