import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import type { Action, Verdict } from '#core/authorise.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { isAlike } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import type { Alike, Answer, Seen } from '#core/workflow.js';
import type { Desk, Next, Opened, PersonAnswer } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
import { openCases, openRows } from './open-cases.ts';
import type { Parts } from './parts.ts';
import { refusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';
import { runCase } from './run-case.ts';

interface Found {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly seen: Seen;
}

/** Refused activities of one source and check that get a row each within a minute. */
const MOST_ALONE = 12;

/** What Teams asks of the engine: authorised on every call, audited before it answers. */
export function desk(parts: Parts, protocolIds: readonly string[], record: Refusals = refusals(parts)): Desk {
  return {
    waiting: (person) => waiting(parts, person),
    open: (person, number, notice) => open(parts, person, number, notice),
    next: (person, after) => next(parts, person, after),
    async shared(number) {
      const found = await find(parts, number);
      return found?.seen.sharedCard(lookNow(parts, number)) ?? null;
    },
    async shown(person, number) {
      const found = await find(parts, number);
      if (found?.seen.row == null) return null;
      return { shown: await parts.audit.shownRevision(found.caseId, person), current: found.seen.row.revision };
    },
    answer: (answer) => answerCase(parts, answer),
    caseOfConversation: (conversationId) => parts.cases.findByConversation(conversationId),
    deny(what, detail) {
      const { status = null, check = null, from = null } = detail;
      const counted = { source: `${what} ${String(from)}`, check: `${what} ${String(check)}`, shared: { status, check, from }, alone: MOST_ALONE };
      return record.note({ ...counted, actor: { kind: 'system', part: 'guard' }, action: what, detail });
    },
    protocolIds: () => protocolIds,
  };
}

async function find(parts: Parts, number: CaseNumber): Promise<Found | null> {
  const known = await parts.cases.findByNumber(number);
  if (!known) return null;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  return { ...known, seen: workflow.see(state) };
}

async function waiting(parts: Parts, person: Person): Promise<readonly CaseRow[] | { readonly denied: string }> {
  const verdict = authorise(person, 'list-waiting', null);
  if (!verdict.allowed) {
    await denied(parts, person, null, 'list-waiting', verdict);
    return { denied: verdict.why };
  }
  return openRows(parts);
}

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

async function open(parts: Parts, person: Person, number: CaseNumber, notice?: string): Promise<Opened> {
  const found = await find(parts, number);
  const row = found?.seen.row ?? null;
  if (found === null || row === null) return { ok: false, why: `There is no case ${number}.` };
  const { caseId, seen } = found;
  const { subject } = seen;
  const verdict = authorise(person, 'view', subject);
  if (!verdict.allowed) {
    await denied(parts, person, caseId, 'view', verdict);
    return { ok: false, why: verdict.why };
  }
  const may = {
    decide: authorise(person, 'approve', subject).allowed,
    ask: authorise(person, 'ask-orderer', subject).allowed,
    answer: authorise(person, 'answer-question', subject).allowed,
  };
  const alike = await alikeTo(parts, number, seen);
  const more = { alike, ...inLanguageOf(person), ...(notice === undefined ? {} : { notice }) };
  const view = seen.personalView({ ...lookNow(parts, number), ...more }, may);
  if (view === null) return { ok: false, why: `Case ${number} has no order yet.` };
  const { revision } = row;
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail: { number, revision } });
  return { ok: true, caseNumber: number, revision, title: `${seen.kind(person.language) ?? row.kind} ${number}`, view };
}

async function answerCase(parts: Parts, answer: PersonAnswer): Promise<Answer> {
  const { person, caseNumber, revision, verb, protocolId = null, text = null } = answer;
  const found = await find(parts, caseNumber);
  if (found === null) return { outcome: 'invalid', text: `There is no case ${caseNumber}.` };
  const { workflow, caseId, seen } = found;
  const verdict = authorise(person, verb, seen.subject);
  if (!verdict.allowed) {
    await denied(parts, person, caseId, verb, verdict);
    return { outcome: 'denied', text: verdict.why };
  }
  const mode = parts.modeOf(workflow, seen.subject.modality);
  if (mode === 'off' || mode === 'silent') {
    await denied(parts, person, caseId, verb, { allowed: false, why: 'mode' });
    return { outcome: 'denied', text: `${workflow} is ${mode} here: nothing is decided in Teams, work as before.` };
  }
  const now = parts.clock.now();
  // Teams repeats a click under a new id and time: case, revision, verb and person are what it is known by (DECISIONS 15).
  const id = eventId.parse(`answer:${revision}:${verb}:${person.id}:${digest(`${protocolId ?? ''}|${text ?? ''}`)}`);
  const commits = verb === 'approve' || verb === 'choose-other';
  const approval = commits && revision > 0 ? approvalBy(person, now, caseNumber, revision, id) : null;
  const input = { type: 'personAnswered', verb, person: person.id, name: person.name, revision, protocolId, text, approval, ...inLanguageOf(person) };
  const given = await runCase(parts, { id, workflow, caseId, occurredAt: now, actor: { kind: 'person', person: person.id }, input });
  return given ?? { outcome: 'invalid', text: 'This changed nothing.' };
}

/** Tells two different texts of the same person on the same revision apart (FNV-1a; no secret, no patient data in an id). */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16);
}

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
