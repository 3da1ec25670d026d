import { pagingChannel } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { personId } from '#core/ids.js';
import { fact as factShape } from '#workflows/critical-results/events.js';
import { nowFor, toldTo } from '#workflows/critical-results/notes.js';
import { isOvertaken, stands } from '#workflows/critical-results/page.js';
import { isAlert, unseenOf } from '#workflows/critical-results/state.js';
import { NOTES, english } from '#workflows/critical-results/words.js';
import type { Page, Real, Sent } from './critical-real.ts';
import type { Phase, Reference } from './critical-reference.ts';
import { holders, personOf, ruleFor, SECRETS, waysOf } from './critical-world.ts';

/** The laws of issue 7, at every instant of a history. Each throws a sentence that says which was broken. */

const STATUS: Readonly<Record<Phase, string>> = {
  none: 'none',
  draft: 'draft',
  asking: 'asking',
  open: 'open',
  failsafe: 'open',
  taken: 'open',
  acknowledged: 'acknowledged',
  spoken: 'read-back',
  closed: 'closed',
  no: 'not-critical',
  withdrawn: 'withdrawn',
};
const WAKING = ['alert', 'repeat', 'failsafe', 'failsafe-again', 'untaken'];
const INSIDE = ['coordinator', 'switchboard', 'reading-radiologist', 'protocoling-radiologist'];

function law(holds: boolean, says: string): asserts holds {
  if (!holds) throw new Error(says);
}

const sorted = (some: Iterable<string>): string => [...some].toSorted().join(' ');

/** (a), (b), (d), (e): how it stands is what the reference says, and what is waited for is armed. */
export function check(model: Reference, real: Real): void {
  const { state } = real;
  law(state.status === STATUS[model.phase], `it is ${state.status}, the reference says ${model.phase}`);
  if (!isAlert(state)) return;
  told(real);
  law(state.finding.category === model.category, `category ${state.finding.category}, the reference says ${model.category}`);
  law(state.revision === model.version, `version ${state.revision}, the reference says ${model.version}`);
  law(sorted(state.addressed) === sorted(model.called), `called: ${sorted(state.addressed)}; the reference says ${sorted(model.called)}`);
  const until = state.until === null ? null : Date.parse(state.until);
  law(
    until === model.due,
    `waits until ${String(state.until)}, the reference says ${model.due === null ? 'for nothing' : new Date(model.due).toISOString()}`,
  );
  const timer = real.timers.get('window');
  if (until === null) law(timer === undefined, 'a timer of a window is armed and nothing is waited for');
  else {
    law(timer?.at === state.until && timer.epoch === state.epoch, 'the timer that is armed is not the one of this window');
    law(timer.dueAt + 10_000 >= real.elapsed, 'its window is over and nothing was done');
  }
  const waitedFor = model.phase === 'withdrawn' ? model.unseen : model.changeUnseen;
  law(sorted(unseenOf(state)) === sorted(waitedFor), `not seen by: ${sorted(unseenOf(state))}; the reference says ${sorted(waitedFor)}`);
  const reminder = real.timers.get('seen');
  if (model.reminder === null) law(reminder === undefined, 'a reminder of a change is armed and everybody has seen it');
  else
    law(
      reminder?.at === new Date(model.reminder).toISOString() && reminder.epoch === state.notices,
      'the reminder of a change is not the one of now',
    );
  const isLastingAlert =
    !['closed', 'no', 'none'].includes(model.phase) &&
    !(model.phase === 'asking' && model.category === 3) &&
    !(model.phase === 'withdrawn' && model.unseen.size === 0);
  if (isLastingAlert) law(until !== null, 'an open alert is silent: nothing is waited for');
  if (model.phase === 'failsafe') law(state.failsafe !== null && state.failsafe.taken === null, 'it is not at the failsafe');
  if (model.phase === 'taken') law(state.failsafe?.taken?.until === state.until, 'it rests for other than the rest of who took it');
  if (model.phase === 'open') law(state.failsafe === null, 'it is at the failsafe before its time');
  inTime(model, real);
  if (model.isTaken()) {
    const by = state.readBack?.by.id ?? state.acknowledged?.by.id;
    law(by === model.takenBy, `taken by ${String(by)}, the reference says ${String(model.takenBy)}`);
  }
  const over = state.overBefore?.status ?? null;
  law(over === (model.before?.phase ?? null), `it had ended as ${String(over)}, the reference says ${String(model.before?.phase)}`);
  const isHeld = ['spoken', 'closed'].includes(model.phase) || (['draft', 'asking'].includes(model.phase) && model.before?.phase === 'closed');
  law(state.record.stands === isHeld, 'the hospital’s record holds what does not stand, or not what does');
}

/** (e): at the failsafe when the sum of the windows is over, each timer up to ten seconds late. */
function inTime(model: Reference, real: Real): void {
  if (model.phase !== 'open') real.climbing = null;
  else if (real.climbing?.version !== model.version) real.climbing = { since: real.elapsed, version: model.version };
  const seconds = real.climbing === null ? 0 : (real.elapsed - real.climbing.since) / 1000;
  const most =
    Math.max(...[1, 2, 3].filter((one) => one >= model.category).map((one) => ruleFor(one as 1 | 2 | 3).failsafeAfterMinutes)) * 60 + 4 * 10;
  law(seconds <= most, `it climbs for ${seconds} s and is not at the failsafe`);
}

/** (i): once all has come, each message in a private chat says how it stands, or is the line that a newer one has left of it. */
function told({ state, chats, queue, lostTo, policy }: Real): void {
  if (!isAlert(state) || queue.some(({ kind }) => kind === 'tellPerson')) return;
  for (const { person, note, says } of chats.values()) {
    if (lostTo.has(person) || note === 'earlier') continue;
    const name = nowFor(state, person, policy);
    const { title } = { ...english.notes, ...english.now }[name];
    if (note === 'now') law(says.includes(title), `a message to ${person} does not say "${title}"`);
    else
      law(
        NOTES.some((one) => one === note && (stands(one, state) || stands(one, toldTo(state, person, policy)))),
        `a message to ${person} is still ${note}, and it is ${state.status}`,
      );
  }
  for (const person of new Set([...chats.values()].map((one) => one.person))) {
    const whole = [...chats.values()].filter((one) => one.person === person && one.note !== 'earlier' && one.note !== 'not-recorded');
    law(lostTo.has(person) || whole.length <= 1, `${whole.length} messages about it stand whole in the chat of ${person}`);
  }
}

/** (f), (g): what the last decision sent, and to whom. */
export function heard(model: Reference, real: Real, before: Phase): void {
  const { effects, facts } = real.last;
  const has = (wanted: (effect: Effect) => boolean): boolean => effects.some(wanted);
  const reaches = (person: string, note: string): void => {
    law(
      has((one) => one.kind === 'tellPerson' && one.person === person && one.note === note),
      `${person} gets no ${note} in the chat`,
    );
    const isEveryWay = note !== 'alert' && model.category !== 3;
    const channels = isEveryWay ? pagingChannel.options : ruleFor(model.category).channels;
    for (const way of real.gaps.otherWays ? [] : (waysOf[person] ?? []).filter((one) => channels.includes(one))) {
      law(
        has((one) => one.kind === 'page' && one.to === person && one.channel === way && one.note === note),
        `${person} gets no ${note} by ${way}`,
      );
    }
  };
  if (model.calls?.failsafe === true) {
    const note = has((one) => one.kind === 'tellPerson' && one.note === 'failsafe-again') ? 'failsafe-again' : 'failsafe';
    for (const operator of holders('switchboard', real.gaps)) reaches(operator, note);
    for (const person of [...model.called, ...holders('coordinator', real.gaps)]) reaches(person, 'repeat');
    if (!real.gaps.printer)
      law(
        has((one) => one.kind === 'page' && one.channel === 'print'),
        'nothing is printed at the failsafe',
      );
    law(
      has(({ kind }) => kind === 'showCard'),
      'the channel hears nothing of the failsafe',
    );
  }
  if (facts.some(({ type }) => type === 'askedWhether') && model.isPutToAll())
    for (const operator of holders('switchboard', real.gaps)) reaches(operator, 'phone-reading-room');
  for (const person of model.calls?.step ?? []) reaches(person, 'alert');
  if (model.calls?.step.length !== undefined && model.calls.step.length > 0)
    law(
      has(({ kind }) => kind === 'showCard'),
      'the channel hears nothing of the step',
    );
  nobodyPassedOver(model, real);
  if (facts.some(({ type }) => type === 'readBack'))
    for (const person of Object.keys(waysOf).filter((one) => model.isDeclarer(one)))
      law(
        has((one) => one.kind === 'tellPerson' && one.person === person && one.note === 'was-read-back'),
        `${person} declared or sent it, and does not see what was read back`,
      );
  const released = isAlert(real.state) ? real.state.released : null;
  for (const effect of effects) {
    if ((effect.kind === 'sendHl7' || effect.kind === 'writeFhir') && effect.weight === 'commit')
      law(effect.approval.answer === released?.approval.answer, 'the hospital’s record is told without the approval of the release');
    if (effect.kind !== 'tellPerson' && effect.kind !== 'page') continue;
    const to = effect.kind === 'page' ? effect.to : effect.person;
    const isInside = to === 'PRINTER' || personOf(to).roles.some((role) => INSIDE.includes(role));
    if (released === null) law(isInside, `${to} is told of what nobody has released`);
    if (effect.weight === 'commit') law(effect.approval.answer === released?.approval.answer, 'a commit without the approval of the release');
    const isFirst = (before === 'draft' || before === 'asking') && facts.some(({ type }) => type === 'alertReleased');
    if (!isFirst || isInside) continue;
    const isLine = effect.kind === 'tellPerson' && effect.note === 'earlier';
    law(effect.weight === 'commit' || isLine, `the first message to ${to} is no commit`);
  }
  for (const fact of facts) factShape.parse(fact);
  law(
    SECRETS.every((secret) => real.last.answer?.text.includes(secret) !== true),
    'an answer names the patient or the finding',
  );
}

/** (k): after a move and after each step nobody who stands now where it has come to has not been called. */
function nobodyPassedOver(model: Reference, real: Real): void {
  if (model.calls === null || !isAlert(real.state) || real.state.status !== 'open') return;
  const { addressed, failsafe, steps } = real.state;
  const upTo = failsafe === null ? (steps.findLast(({ level }) => level > 0)?.level ?? 0) : 3;
  for (let level = 1; level <= upTo; level += 1)
    for (const person of model.who(level, real.now()))
      law(
        addressed.some((one) => one === person),
        `${person} stands on level ${level} where the patient is now, and was not called`,
      );
}

/** (c), (h): what is said when it goes out, however long it has waited. */
export function sayNothing(model: Reference, real: Real, sent: Sent, says: string | null): void {
  if (sent.kind === 'page') givesWay(real, sent, says);
  if (says === null || says === '') return;
  const note = sent.kind === 'tellPerson' || sent.kind === 'page' ? sent.note : '';
  if (WAKING.includes(note)) {
    law(model.isUntaken(), `${note} goes out, and it is ${model.phase}`);
    law('revision' in sent && sent.revision === model.version, `${note} of an older version goes out`);
  }
  if (note === 'taken') law(model.isTaken(), `"somebody has taken it" goes out, and it is ${model.phase}`);
  if (note === 'asked' || note === 'still-asked') law(model.phase === 'asking', `${note} goes out, and it is ${model.phase}`);
  if (note === 'phone-reading-room') law(model.isPutToAll(), `${note} goes out, and it is ${model.phase}`);
  for (const secret of SECRETS) law(!says.includes(secret), `${sent.kind} ${note} holds ${secret}`);
}

/** What says the same. */
const SAME: readonly (readonly string[])[] = [
  ['alert', 'repeat', 'failsafe', 'failsafe-again'],
  ['asked', 'still-asked'],
  ['phone-reading-room'],
  ['no-longer-said'],
  ['unsent'],
  ['conversation-due'],
  ['changed'],
  ['withdrawn'],
];

/** (j): of pages that say the same by one channel to one person the last one goes out, and none but for the sake of a newer one stays here. */
function givesWay({ state, pages, facts }: Real, sent: Page, says: string | null): void {
  if (!isAlert(state)) return;
  const same = SAME.find((notes) => notes.includes(sent.note)) ?? [];
  const newer = pages
    .slice(pages.indexOf(sent) + 1)
    .some(({ to, channel, note }) => to === sent.to && channel === sent.channel && same.includes(note));
  if (says !== null) {
    // Of paper the alert remembers what the same event has told people, and there may be none.
    law(!newer || sent.channel === 'print', `${sent.note} to ${sent.to} by ${sent.channel} goes out before a newer one`);
    return;
  }
  const note = NOTES.find((one) => one === sent.note);
  const told = { person: personId.parse(sent.to), revision: sent.revision };
  if (note === undefined || !stands(note, state) || isOvertaken(note, state, told)) return;
  const tookItOver = facts.some((fact) => fact.type === 'takenOver' && fact.by.id === sent.to);
  law(newer || tookItOver, `${sent.note} to ${sent.to} by ${sent.channel} stays here, and no newer one says it`);
}
