import { approvalBy } from '#core/approval.js';
import { authorise } from '#core/authorise.js';
import { caseNumber as caseNumberOf, eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { PaperCase } from '#core/paper.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { Answer, Seen } from '#core/workflow.js';
import type { PaperRow } from '#domain/downtime.js';
import type { PaperDesk, PaperReply } from '#ports/downtime.js';
import type { Caller } from '#ports/queue.js';
import { caseNow } from './case-now.ts';
import { personBehind } from './caller.ts';
import { decisionIn, personNamed, refused, timeIn } from './downtime-row.ts';
import type { Decision, Refused } from './downtime-row.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

export type EntryNeeds = Pick<Parts, 'audit' | 'cases' | 'clock' | 'directory' | 'log' | 'modeOf' | 'wake' | 'workflows'> & {
  readonly zone: string;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
};

/** A row whose every cell was found to be right. */
interface Checked {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly caseNumber: CaseNumber;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly decider: Person;
  readonly decidedAt: Instant;
}

/**
 * Takes back in what was decided on paper: one row at a time, as the answer of the person who decided, with the one who types it in beside them in the audit.
 * The same row again changes nothing: its event is known by case, revision, decision, person and time. What was decided or changed meanwhile stands.
 */
export function paperDesk(needs: EntryNeeds): PaperDesk {
  return {
    async enter(caller, { row, dryRun }) {
      const enterer = await entererOf(needs, caller);
      if (!('id' in enterer)) return enterer;
      const checked = await check(needs, row);
      if ('text' in checked) {
        if (!dryRun) await noted(needs, enterer, row, checked.why);
        return { ok: true, outcome: checked.outcome, text: checked.text };
      }
      return answer(needs, enterer, checked, row, dryRun);
    },
  };
}

async function entererOf(needs: EntryNeeds, caller: Caller): Promise<Person | Extract<PaperReply, { ok: false }>> {
  const person = personBehind(needs.directory, needs.rehearsal, caller);
  const verdict = person === null ? null : authorise(person, 'enter-paper', null);
  if (person !== null && verdict?.allowed === true) return person;
  const actor = person === null ? ({ kind: 'system', part: 'control' } as const) : ({ kind: 'person', person: person.id } as const);
  await needs.audit.record({
    caseId: null,
    at: needs.clock.now(),
    actor,
    action: 'enter-paper',
    outcome: 'denied',
    detail: { account: caller.account },
  });
  if (verdict?.allowed === false) return { ok: false, code: 'denied', text: verdict.why };
  const who = caller.as ?? `the account ${caller.account}`;
  return {
    ok: false,
    code: 'denied',
    text: `Nobody is known as ${who}: people.json names an account as osAccount (--as PERSON plays one on the rehearsal site).`,
  };
}

/** What was tried is on record, without a word of the row. */
async function noted({ audit, clock, cases }: EntryNeeds, enterer: Person, row: PaperRow, why: string): Promise<void> {
  const number = caseNumberOf.safeParse(row.caseNumber);
  const known = number.success ? await cases.findByNumber(number.data) : null;
  const actor = { kind: 'person', person: enterer.id } as const;
  const detail = { number: number.success ? number.data : null, why };
  await audit.record({ caseId: known?.caseId ?? null, at: clock.now(), actor, action: 'enter-paper', outcome: 'nothing', detail });
}

async function check(needs: EntryNeeds, row: PaperRow): Promise<Checked | Refused> {
  const number = caseNumberOf.safeParse(row.caseNumber.trim().toUpperCase());
  const known = number.success ? await needs.cases.findByNumber(number.data) : null;
  if (!number.success || known === null)
    return refused('no-case', `There is no case ${number.success ? number.data : 'of this number'}: was a digit misread?`);
  const decision = decisionIn(row);
  if ('text' in decision) return decision;
  const decider = personNamed(needs.directory, row.person);
  if ('text' in decider) return decider;
  const decidedAt = timeIn(row, { zone: needs.zone, now: needs.clock.now() });
  if (typeof decidedAt !== 'string') return decidedAt;
  const { workflow, caseId } = known;
  const now = await caseNow(needs, workflow, caseId);
  const seen = now.workflow.see(now.state);
  const paper = seen.paper({ caseNumber: number.data, now: needs.clock.now(), names: needs.directory.names() });
  return mixedUp(row, paper) ?? { workflow, caseId, caseNumber: number.data, seen, decision, decider, decidedAt };
}

/** Rows of a table are easily sorted apart: a decision must not slip to another patient. */
function mixedUp(row: PaperRow, paper: PaperCase | null): Refused | null {
  const isPatient = bare(row.patient) === bare(paper?.patient.number ?? '');
  const isOrder = bare(row.order) === bare(paper?.order ?? '');
  if (isPatient && isOrder) return null;
  const what = isPatient ? 'order number' : 'patient number';
  return refused(
    'mixed-up',
    `The ${what} of this row is not that of the case: were columns sorted apart, or records merged? Open the case in Teams.`,
    'conflict',
  );
}

/** A spreadsheet takes leading zeros away. */
const bare = (number: string): string => number.trim().replace(/^0+(?=.)/u, '');

async function answer(needs: EntryNeeds, enterer: Person, checked: Checked, row: PaperRow, dryRun: boolean): Promise<PaperReply> {
  const { workflow, caseId, caseNumber, seen, decision, decider, decidedAt } = checked;
  const { verb, protocolId, inRis } = decision;
  const actor = { kind: 'person', person: decider.id, enteredBy: enterer.id } as const;
  const mode = needs.modeOf(workflow, seen.subject.modality);
  const verdict = authorise(decider, verb, seen.subject);
  if (!verdict.allowed || mode === 'off' || mode === 'silent') {
    const text = verdict.allowed ? `${workflow} is ${mode} here: nothing is decided in Radloop.` : verdict.why;
    const detail = { number: caseNumber, action: verb };
    if (!dryRun) await needs.audit.record({ caseId, at: needs.clock.now(), actor, action: 'enter-paper', outcome: 'denied', detail });
    return { ok: true, outcome: 'refused', text };
  }
  const revision = Number(row.revision);
  const note = row.note.trim();
  const id = eventId.parse(`paper:${revision}:${verb}:${decider.id}:${decidedAt}:${protocolId ?? ''}`);
  const before = await needs.cases.heard(caseId, id);
  if (before !== null) return enteredBefore(before.answer);
  const approval = verb === 'reject' || revision < 1 ? null : approvalBy(decider, decidedAt, caseNumber, revision, id);
  const paper = { enteredBy: { id: enterer.id, name: enterer.name }, decidedAt, inRis };
  const input = {
    type: 'personAnswered',
    verb,
    person: decider.id,
    name: decider.name,
    revision,
    protocolId,
    text: note === '' ? null : note,
    approval,
    paper,
  };
  const event = { id, workflow, caseId, occurredAt: decidedAt, actor, input };
  if (dryRun) return replyOf(await tried(needs, event), true);
  return replyOf(await runCase(needs, event), false);
}

/** What the case would answer; nothing is written. */
async function tried(needs: EntryNeeds, { id, workflow, caseId, actor, input }: Parameters<typeof runCase>[1]): Promise<Answer | undefined> {
  const { caseNumber, state, ...known } = await caseNow(needs, workflow, caseId);
  const moment = { now: needs.clock.now(), caseId, caseNumber, event: id, actor };
  return known.workflow.step(state, input, moment).answer;
}

function enteredBefore(given: Answer | undefined): PaperReply {
  const won = given?.outcome === 'won' || given?.outcome === 'noted';
  return won ? { ok: true, outcome: 'before', text: 'This row was entered before: nothing is done again.' } : replyOf(given, false);
}

function replyOf(given: Answer | undefined, dryRun: boolean): PaperReply {
  if (given === undefined) return { ok: true, outcome: 'refused', text: 'This changed nothing.' };
  const { outcome, text } = given;
  switch (outcome) {
    case 'won':
    case 'noted':
      return { ok: true, outcome: dryRun ? 'would' : 'done', text };
    case 'already':
    case 'stale':
    case 'closed':
      return { ok: true, outcome: 'conflict', text };
    case 'denied':
    case 'invalid':
      return { ok: true, outcome: 'refused', text };
    default:
      return outcome satisfies never;
  }
}
