import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import type { Subject, Verdict } from '#core/authorise.js';
import type { CaseEvent } from '#core/event.js';
import { eventId } from '#core/ids.js';
import type { Answer, Mode, Seen } from '#core/workflow.js';
import { CRITICAL } from '#domain/critical.js';
import type { PersonAnswer } from '#ports/desk.js';
import { caseNow } from './case-now.ts';
import { digest } from './digest.ts';
import { denied, find, inLanguageOf } from './found.ts';
import type { Found } from './found.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

/** What was declared by a person holds whatever the site has switched off. */
function modeFor(parts: Pick<Parts, 'modeOf'>, workflow: string, seen: Seen): Mode {
  const mode = parts.modeOf(workflow, seen.subject.modality);
  return seen.modeFor?.(mode) ?? mode;
}

/** What becomes of an answer, from whatever surface it comes: authorised on the case as it stands, on record, and heard once. */
export async function answerCase(parts: Parts, answer: PersonAnswer): Promise<Answer> {
  const { person, caseNumber, verb, to } = answer;
  const found = await find(parts, caseNumber);
  if (found === null) return { outcome: 'invalid', text: `There is no case ${caseNumber}.` };
  const { workflow, caseId, seen } = found;
  if (seen.verbs?.includes(verb) !== true)
    return { outcome: 'invalid', text: `That is nothing that can be done with ${caseNumber}. Nothing was changed.` };
  const press = workflow === CRITICAL ? await pressOf(parts, found, answer) : { event: eventOf(parts, found, answer) };
  if ('first' in press) return press.first;
  const { id, ...event } = press.event;
  const mayReceive = receiverOf(parts, found, answer);
  const verdict = authorise(person, verb, seen.subject);
  const mode = modeFor(parts, workflow, seen);
  const isQuiet = mode === 'off' || mode === 'silent';
  // What counted may have ended the right to say it: a question is closed by its answer.
  const before = verdict.allowed && !isQuiet ? null : await parts.cases.heard(caseId, id);
  if (before?.answer !== undefined) return before.answer;
  if (!verdict.allowed) {
    await denied(parts, person, caseId, verb, verdict);
    return { outcome: 'denied', text: verdict.why };
  }
  if (isQuiet) {
    await denied(parts, person, caseId, verb, { allowed: false, why: 'mode' });
    return { outcome: 'denied', text: `${workflow} is ${mode} here: nothing is decided in Teams, work as before.` };
  }
  if (verb === 'hand-over' && mayReceive?.allowed === false) {
    const actor = { kind: 'person', person: person.id } as const;
    await parts.audit.record({
      caseId,
      at: parts.clock.now(),
      actor,
      action: verb,
      outcome: 'nothing',
      detail: { to: String(to), refused: 'receiver' },
    });
    return { outcome: 'invalid', text: `${mayReceive.why} Nothing was changed.` };
  }
  const right = { isLost: false };
  const may = (subject: Subject): boolean => {
    right.isLost = !authorise(person, verb, subject).allowed;
    return !right.isLost;
  };
  const given = await runCase(parts, { id, ...event }, undefined, may);
  // The case has changed since it was looked at above: the refusal is said and recorded as any other.
  if (right.isLost) return answerCase(parts, answer);
  return given ?? { outcome: 'invalid', text: 'This changed nothing.' };
}

/** Rounds that one press raises at most: Teams repeats it while nothing else has happened. */
const ROUNDS_OF_A_PRESS = 2;

/**
 * What a press of a critical result is: a repeat (invariant 17), which gets the answer that it got before, or an event of its own. It is known in the round of its
 * card, or in one of the last where the card says none. One that was heard and would win now is no repeat: what it did was undone since, and nobody is told that an
 * alert is theirs which has gone on.
 */
async function pressOf(parts: Parts, found: Found, answer: PersonAnswer): Promise<{ readonly first: Answer } | { readonly event: CaseEvent }> {
  const { seen, caseId } = found;
  const rounds =
    answer.round === undefined
      ? Array.from({ length: ROUNDS_OF_A_PRESS + 1 }, (_, n) => seen.round - n).filter((round) => round >= 0)
      : [answer.round];
  let event = eventOf(parts, found, answer);
  for (const [index, round] of rounds.entries()) {
    let first: Answer | undefined;
    for (let times = 0; ; times += 1) {
      const told = eventOf(parts, found, { ...answer, round }, times);
      const before = await parts.cases.heard(caseId, told.id);
      if (before === null) {
        if (index === 0) event = told;
        break;
      }
      first = before.answer;
    }
    if (first !== undefined) return (await wouldWin(parts, found, answer, event)) ? { event } : { first };
  }
  return { event };
}

async function wouldWin(
  parts: Parts,
  { workflow: name, caseId, seen }: Found,
  { person, verb }: PersonAnswer,
  { id, occurredAt, actor, input }: CaseEvent,
): Promise<boolean> {
  if (!authorise(person, verb, seen.subject).allowed) return false;
  const { workflow, state, caseNumber } = await caseNow(parts, name, caseId);
  return workflow.step(state, input, { now: occurredAt, caseId, caseNumber, event: id, actor }).answer?.outcome === 'won';
}

/** The same event as the answer's own work tells: whichever comes first is heard, the other one gets its answer. */
export async function keepAnswer(parts: Parts, answer: PersonAnswer): Promise<boolean> {
  const { person, verb, caseNumber } = answer;
  const found = await find(parts, caseNumber);
  if (found === null) return false;
  const { workflow, seen } = found;
  const mode = modeFor(parts, workflow, seen);
  const counts = seen.verbs?.includes(verb) === true && authorise(person, verb, seen.subject).allowed && mode !== 'off' && mode !== 'silent';
  if (!counts || (verb === 'hand-over' && receiverOf(parts, found, answer)?.allowed === false)) return false;
  const press = workflow === CRITICAL ? await pressOf(parts, found, answer) : { event: eventOf(parts, found, answer) };
  if ('event' in press) await parts.bus.publish(press.event);
  parts.wake();
  return true;
}

/** May whoever a case is handed to decide it? Null: nobody that people.json knows was named. */
function receiverOf({ directory }: Parts, { seen }: Found, { to }: PersonAnswer): Verdict | null {
  const receiver = to === undefined ? null : directory.byId(to);
  return receiver === null ? null : authorise(receiver, 'approve', seen.subject);
}

/** What a person's answer tells its case. @param times how often the same was heard before and has come to nothing since */
function eventOf(parts: Parts, { workflow, caseId, seen }: Found, answer: PersonAnswer, times = 0): CaseEvent {
  const { person, caseNumber, revision, verb, protocolId = null, text = null, due, to, confirmed, fields = {} } = answer;
  const receiver = to === undefined ? null : parts.directory.byId(to);
  // Teams repeats a click under a new id and time: case, revision, verb and person are what it is known by (DECISIONS 15).
  const round = answer.round ?? seen.round;
  const form = Object.keys(fields).length === 0 ? '' : `|${JSON.stringify(Object.entries(fields).sort())}`;
  const isRepeatable = ownActs.has(verb) || workflow === CRITICAL;
  const own = isRepeatable ? `|${round}|${receiver?.id ?? ''}|${due?.slice(0, 16) ?? ''}|${confirmed === true}` : '';
  const id = eventId.parse(
    `answer:${revision}:${verb}:${person.id}:${digest(`${protocolId ?? ''}|${text ?? ''}${own}${form}${times === 0 ? '' : `|${times}`}`)}`,
  );
  const now = parts.clock.now();
  const commits = verb === 'approve' || verb === 'choose-other' || verb === 'release-critical';
  const approval = commits && revision > 0 ? approvalBy(person, now, caseNumber, revision, id) : null;
  const more = {
    ...(due === undefined ? {} : { due }),
    ...(receiver === null ? {} : { to: { id: receiver.id, name: receiver.name } }),
    ...(isRepeatable ? { round, confirmed: confirmed === true } : {}),
    ...(workflow === CRITICAL ? { fields } : {}),
    ...inLanguageOf(person),
  };
  const input = { type: 'personAnswered', verb, person: person.id, name: person.name, revision, protocolId, text, approval, ...more };
  return { id, workflow, caseId, occurredAt: now, actor: { kind: 'person', person: person.id }, input };
}

/** Acts that may be done again on the same revision: the round and what they name tell them apart. */
const ownActs: ReadonlySet<PersonAnswer['verb']> = new Set<PersonAnswer['verb']>(['remind', 'hand-over', 'take-back']);
