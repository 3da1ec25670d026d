import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import type { Action, Subject, Verdict } from '#core/authorise.js';
import { BREAK_GLASS } from '#core/break-glass.js';
import type { CaseEvent } from '#core/event.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { isAlike } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import type { Alike, Answer, Seen } from '#core/workflow.js';
import { momentOf, whenOf } from '#domain/when.js';
import type { Desk, Next, Opened, PersonAnswer } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
import { digest } from './digest.ts';
import { receiversOf } from './hand-over.ts';
import { openCases, openRows } from './open-cases.ts';
import { tellLooked, tellStanding } from './looked.ts';
import type { Parts } from './parts.ts';
import { refusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';
import { runCase } from './run-case.ts';
import { search } from './search.ts';

interface Found {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly seen: Seen;
}

/** Refused activities of one source and check that get a row each within a minute. */
const MOST_ALONE = 12;

/** Of the site, for what words mean. */
export interface DeskSite {
  /** IANA zone. */
  readonly zone: string;
  /** Null: the site has no rota. */
  readonly rota: Rota | null;
  /** Where a case stands on the tab, for whoever may open it there in an emergency. Left out: there is no tab. */
  readonly tab?: (caseNumber: CaseNumber) => string;
}

/** How a case is opened. */
export interface Opening {
  /** Why it is opened anew. */
  readonly notice?: string | undefined;
  /** Told to who may not, and could in an emergency. */
  readonly site?: Pick<DeskSite, 'tab'>;
  /** The person has an emergency access to it: they see it, decide nothing, and it does not count as shown. */
  readonly emergency?: boolean;
  /** False: it has yet to reach the person, and counts once that is told (Desk.seen). @default true */
  readonly counts?: boolean;
}

/** What Teams asks of the engine: authorised on every call, audited before it answers. */
export function desk(
  parts: Parts,
  protocolIds: readonly string[],
  record: Refusals = refusals(parts),
  site: DeskSite = { zone: 'UTC', rota: null },
): Desk {
  return {
    waiting: (person) => waiting(parts, person),
    open: (person, number, notice, counts) => openCase(parts, person, number, { notice, site, ...(counts === undefined ? {} : { counts }) }),
    async seen(person, number, revision, posting) {
      const found = await find(parts, number);
      if (found === null) return;
      await countAsSeen(parts, person, found, { number, revision });
      if (posting !== undefined) await tellStanding(parts, person, found, { revision, posting });
    },
    next: (person, after) => next(parts, person, after),
    async shared(number) {
      const found = await find(parts, number);
      return found?.seen.sharedCard(lookNow(parts, number)) ?? null;
    },
    async shown(person, number) {
      const found = await find(parts, number);
      if (found?.seen.row == null) return null;
      const { row, round } = found.seen;
      return { shown: await parts.audit.shownRevision(found.caseId, person), current: row.revision, round };
    },
    answer: (answer) => answerCase(parts, answer),
    keep: (answer) => keepAnswer(parts, answer),
    search: (person, words, modality) => search(parts, person, words, modality),
    async stands(person, number, revision, posting) {
      const found = await find(parts, number);
      if (found?.seen.viewsEnd === true) await tellStanding(parts, person, found, { revision, posting });
    },
    due(said) {
      const when = whenOf(said);
      return when === null ? null : momentOf(when, parts.clock.now(), site.zone);
    },
    async receivers(person, number, said) {
      const found = await find(parts, number);
      if (found === null) return { denied: `There is no case ${number}.` };
      const verdict = authorise(person, 'hand-over', found.seen.subject);
      await denied(parts, person, found.caseId, 'hand-over', verdict);
      return verdict.allowed ? receiversOf(parts, site.rota, person, found.seen.subject, said) : { denied: verdict.why };
    },
    async takeBack(person, number) {
      const found = await find(parts, number);
      if (found === null) return { denied: `There is no case ${number}.` };
      const verdict = authorise(person, 'take-back', found.seen.subject);
      await denied(parts, person, found.caseId, 'take-back', verdict);
      const last = found.seen.takeBack(person.id, { ...lookNow(parts, number), ...inLanguageOf(person) });
      return verdict.allowed && last !== null ? last : { denied: verdict.allowed ? `There is nothing to take back of ${number}.` : verdict.why };
    },
    caseOfConversation: (conversationId) => parts.cases.findByConversation(conversationId),
    deny(what, detail) {
      const { status = null, check = null, from = null, aadObjectId = null } = detail;
      // All of Teams comes from one place: whom a genuine token names is told apart from others.
      const counted = {
        source: `${what} ${String(from)} ${String(aadObjectId)}`,
        check: `${what} ${String(check)}`,
        shared: { status, check, from },
        alone: MOST_ALONE,
      };
      return record.note({ ...counted, actor: { kind: 'system', part: 'guard' }, action: what, detail });
    },
    protocolIds: () => protocolIds,
  };
}

async function find(parts: Parts, number: CaseNumber): Promise<Found | null> {
  const known = await parts.cases.findByNumber(number);
  // An emergency access has a number, and is no task.
  if (!known || known.workflow === BREAK_GLASS) return null;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  return { ...known, seen: workflow.see(state) };
}

async function waiting(parts: Parts, person: Person): Promise<readonly CaseRow[] | { readonly denied: string }> {
  const verdict = authorise(person, 'list-waiting', null);
  if (!verdict.allowed) {
    await denied(parts, person, null, 'list-waiting', verdict);
    return { denied: verdict.why };
  }
  // Who opens no case at all has the list for its numbers; who may open every one is spared the look into each.
  if (!authorise(person, 'view', null).allowed || authorise(person, 'view', anyCase).allowed) return openRows(parts);
  const { cases } = await openCases(parts);
  return cases.filter(({ subject }) => authorise(person, 'view', subject).allowed).map(({ row }) => row);
}

/** On nobody's list but of those who have all of them. */
const anyCase: Subject = { modality: null, orderer: null, askedOf: null };

/** Only what a press would decide: it waits for a decision, this person may take it, and the workflow is not off or silent here. */
async function next(parts: Parts, person: Person, after: CaseNumber): Promise<Next | null> {
  const { cases, left } = await openCases(parts);
  const mine = cases.filter(({ row, subject }) => {
    const mode = parts.modeOf(row.workflow, subject.modality);
    const isAsked = row.waiting && row.revision > 0 && subject.askedOf === null && row.caseNumber !== after;
    return isAsked && mode !== 'off' && mode !== 'silent' && authorise(person, 'approve', subject).allowed;
  });
  const [first] = mine;
  return first === undefined ? null : { row: first.row, waiting: mine.length, orMore: left > 0 };
}

/** Other open cases whose patient could be taken for this one's. A look at them that fails holds no view up: the view says that they were not compared. */
async function alikeTo(parts: Parts, number: CaseNumber, { likeness }: Seen): Promise<Alike> {
  if (likeness === null) return { cases: [], complete: true };
  const open = await openCases(parts).catch((error: unknown) => {
    parts.log.error('desk.names-not-compared', { fault: error });
    return null;
  });
  if (open === null) return { cases: [], complete: false };
  const { cases, left } = open;
  const alike = cases.filter((one) => one.row.caseNumber !== number && one.likeness !== null && isAlike(likeness, one.likeness));
  return { cases: alike.map(({ row }) => row.caseNumber), complete: left === 0 };
}

export async function openCase(
  parts: Parts,
  person: Person,
  number: CaseNumber,
  { notice, site, emergency = false, counts = true }: Opening,
): Promise<Opened> {
  const found = await find(parts, number);
  const row = found?.seen.row ?? null;
  if (found === null || row === null) return { ok: false, why: `There is no case ${number}.` };
  const { caseId, seen } = found;
  const { subject } = seen;
  const verdict = authorise(person, 'view', subject);
  if (!verdict.allowed && !emergency) {
    await denied(parts, person, caseId, 'view', verdict);
    const where = authorise(person, 'break-glass', subject).allowed ? site?.tab?.(number) : undefined;
    return { ok: false, why: where === undefined ? verdict.why : `${verdict.why} In an emergency you may open it on the Radloop tab: ${where}` };
  }
  const may = {
    decide: authorise(person, 'approve', subject).allowed,
    ask: authorise(person, 'ask-orderer', subject).allowed,
    answer: authorise(person, 'answer-question', subject).allowed,
    takeBack: authorise(person, 'take-back', subject).allowed,
    least: !authorise({ ...person, roles: person.roles.filter((role) => role !== 'technologist') }, 'view', subject).allowed,
  };
  const alike = await alikeTo(parts, number, seen);
  const more = { alike, ...inLanguageOf(person), ...(notice === undefined ? {} : { notice }) };
  const nothingMore = { decide: false, ask: false, answer: false };
  const view = seen.personalView({ ...lookNow(parts, number), ...more }, verdict.allowed ? may : nothingMore);
  if (view === null) return { ok: false, why: `Case ${number} has no order yet.` };
  const { revision } = row;
  if (verdict.allowed && counts) await countAsSeen(parts, person, found, { number, revision });
  else {
    const actor = { kind: 'person', person: person.id } as const;
    // Without its revision it was not shown in the sense that words may act on it; BTG: purposeOfUse "break the glass".
    const detail = verdict.allowed ? { number } : { number, purpose: 'BTG' };
    await parts.audit.record({ caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail });
  }
  return { ok: true, caseNumber: number, revision, title: `${seen.kind(person.language) ?? row.kind} ${number}`, view, ends: seen.viewsEnd ?? false };
}

/** Puts on record that the view of this revision is what the person was shown, and stops who is made to look after them (DECISIONS 12). */
async function countAsSeen(
  parts: Parts,
  person: Person,
  found: Found,
  view: { readonly number: CaseNumber; readonly revision: number },
): Promise<void> {
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId: found.caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail: view });
  await tellLooked(parts, person, found, view.revision);
}

async function answerCase(parts: Parts, answer: PersonAnswer): Promise<Answer> {
  const { person, caseNumber, verb, to } = answer;
  const found = await find(parts, caseNumber);
  if (found === null) return { outcome: 'invalid', text: `There is no case ${caseNumber}.` };
  const { workflow, caseId, seen } = found;
  const { id, ...event } = eventOf(parts, found, answer);
  const mayReceive = receiverOf(parts, found, answer);
  const verdict = authorise(person, verb, seen.subject);
  const mode = parts.modeOf(workflow, seen.subject.modality);
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

/** The same event as the answer's own work tells: whichever comes first is heard, the other one gets its answer. */
async function keepAnswer(parts: Parts, answer: PersonAnswer): Promise<boolean> {
  const { person, verb, caseNumber } = answer;
  const found = await find(parts, caseNumber);
  if (found === null) return false;
  const { workflow, seen } = found;
  const mode = parts.modeOf(workflow, seen.subject.modality);
  const counts = authorise(person, verb, seen.subject).allowed && mode !== 'off' && mode !== 'silent';
  if (!counts || (verb === 'hand-over' && receiverOf(parts, found, answer)?.allowed === false)) return false;
  await parts.bus.publish(eventOf(parts, found, answer));
  parts.wake();
  return true;
}

/** May whoever a case is handed to decide it? Null: nobody that people.json knows was named. */
function receiverOf({ directory }: Parts, { seen }: Found, { to }: PersonAnswer): Verdict | null {
  const receiver = to === undefined ? null : directory.byId(to);
  return receiver === null ? null : authorise(receiver, 'approve', seen.subject);
}

/** What a person's answer tells its case. */
function eventOf(parts: Parts, { workflow, caseId, seen }: Found, answer: PersonAnswer): CaseEvent {
  const { person, caseNumber, revision, verb, protocolId = null, text = null, due, to, confirmed } = answer;
  const receiver = to === undefined ? null : parts.directory.byId(to);
  // Teams repeats a click under a new id and time: case, revision, verb and person are what it is known by (DECISIONS 15).
  const round = answer.round ?? seen.round;
  const own = ownActs.has(verb) ? `|${round}|${receiver?.id ?? ''}|${due?.slice(0, 16) ?? ''}|${confirmed === true}` : '';
  const id = eventId.parse(`answer:${revision}:${verb}:${person.id}:${digest(`${protocolId ?? ''}|${text ?? ''}${own}`)}`);
  const now = parts.clock.now();
  const commits = verb === 'approve' || verb === 'choose-other';
  const approval = commits && revision > 0 ? approvalBy(person, now, caseNumber, revision, id) : null;
  const more = {
    ...(due === undefined ? {} : { due }),
    ...(receiver === null ? {} : { to: { id: receiver.id, name: receiver.name } }),
    ...(ownActs.has(verb) ? { round, confirmed: confirmed === true } : {}),
    ...inLanguageOf(person),
  };
  const input = { type: 'personAnswered', verb, person: person.id, name: person.name, revision, protocolId, text, approval, ...more };
  return { id, workflow, caseId, occurredAt: now, actor: { kind: 'person', person: person.id }, input };
}

/** Acts that may be done again on the same revision: the round and what they name tell them apart. */
const ownActs: ReadonlySet<PersonAnswer['verb']> = new Set<PersonAnswer['verb']>(['remind', 'hand-over', 'take-back']);

async function denied(parts: Parts, person: Person, caseId: CaseId | null, action: Action, verdict: Verdict): Promise<void> {
  if (verdict.allowed) return;
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId, at: parts.clock.now(), actor, action, outcome: 'denied', detail: { action } });
}

function inLanguageOf({ language }: Person) {
  return language === undefined ? {} : { language };
}

function lookNow(parts: Parts, caseNumber: CaseNumber) {
  return { caseNumber, now: parts.clock.now(), names: parts.directory.names() };
}
