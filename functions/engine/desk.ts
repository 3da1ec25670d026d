import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import type { Action, Verdict } from '#core/authorise.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Answer, Seen } from '#core/workflow.js';
import type { Desk, Opened, PersonAnswer } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
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
    open: (person, number) => open(parts, person, number),
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

const order: readonly string[] = ['STAT', 'URGENT', 'ROUTINE'];

async function waiting(parts: Parts, person: Person): Promise<readonly CaseRow[] | { readonly denied: string }> {
  const verdict = authorise(person, 'list-waiting', null);
  if (!verdict.allowed) {
    await denied(parts, person, null, 'list-waiting', verdict);
    return { denied: verdict.why };
  }
  const rows = (await Promise.all(parts.workflows.map(({ name }) => parts.views.open(name)))).flat();
  const rank = (row: CaseRow): number => (order.includes(row.urgency) ? order.indexOf(row.urgency) : order.length);
  return rows.sort((a, b) => rank(a) - rank(b) || (a.since < b.since ? -1 : 1));
}

async function open(parts: Parts, person: Person, number: CaseNumber): Promise<Opened> {
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
  const view = seen.personalView(lookNow(parts, number), may);
  if (view === null) return { ok: false, why: `Case ${number} has no order yet.` };
  const { revision } = row;
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail: { number, revision } });
  return { ok: true, caseNumber: number, revision, title: `${row.kind} ${number}`, view };
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
  const input = { type: 'personAnswered', verb, person: person.id, name: person.name, revision, protocolId, text, approval };
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

function lookNow(parts: Parts, caseNumber: CaseNumber) {
  return { caseNumber, now: parts.clock.now(), names: parts.directory.names() };
}
