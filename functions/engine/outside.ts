import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { caseNumber } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Seen, TaskRow } from '#core/workflow.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Desk } from '#ports/desk.js';
import type { OutsideAnswer, OutsideDesk, OutsideHistory, OutsideList, OutsideTask } from '#ports/outside.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';
import type { ProgressReport } from './progress.ts';

interface Needs {
  readonly parts: Parts;
  readonly desk: Pick<Desk, 'waiting'>;
  /** Does the service get work done? */
  readonly progress: () => Promise<Pick<ProgressReport, 'ok' | 'missing'>>;
}

/** Most tasks of one list. */
const MOST_TASKS = 50;
type Asked = 'outside-waiting' | 'outside-show' | 'outside-history' | 'outside-status' | 'outside-refused';

interface Found {
  readonly number: CaseNumber;
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly seen: Seen;
  readonly row: TaskRow;
}

/** Reading for outside orchestrators: by the table of permissions, as a click of the same person in Teams would be. */
export function outsideDesk({ parts, desk, progress }: Needs): OutsideDesk {
  const record = (person: Person, action: Asked, outcome: AuditEntry['outcome'], caseId: CaseId | null, detail: AuditEntry['detail']) =>
    parts.audit.record({ caseId, at: parts.clock.now(), actor: { kind: 'person', person: person.id }, action, outcome, detail });

  async function list(person: Person, asked: Asked): Promise<OutsideAnswer<OutsideList>> {
    const rows = await desk.waiting(person);
    if ('denied' in rows) {
      await record(person, asked, 'denied', null, {});
      return { ok: false, why: rows.denied };
    }
    const waiting = rows.filter((row) => row.waiting).map((row) => taskOf(row.caseNumber, row));
    await record(person, asked, 'done', null, { tasks: waiting.length });
    return { ok: true, found: { all: waiting.length, tasks: waiting } };
  }

  /** The case, once this person may see it. */
  async function find(person: Person, asked: Asked, typed: string): Promise<OutsideAnswer<Found>> {
    const number = caseNumber.safeParse(typed.trim().toUpperCase());
    if (!number.success) {
      await record(person, asked, 'nothing', null, { check: 'not-a-case-number' });
      return { ok: false, why: 'This is no case number: six or seven characters, such as 7KF3QN. Was one misread?' };
    }
    const found = await caseOf(parts, number.data);
    if (found === null) {
      await record(person, asked, 'nothing', null, { number: number.data });
      return { ok: false, why: `There is no case ${number.data}.` };
    }
    const action: Action = 'view';
    const verdict = authorise(person, action, found.seen.subject);
    await record(person, asked, verdict.allowed ? 'done' : 'denied', found.caseId, { number: number.data });
    return verdict.allowed ? { ok: true, found } : { ok: false, why: verdict.why };
  }

  return {
    async waiting(person) {
      const answer = await list(person, 'outside-waiting');
      return answer.ok ? { ok: true, found: { ...answer.found, tasks: answer.found.tasks.slice(0, MOST_TASKS) } } : answer;
    },
    async show(person, typed) {
      const answer = await find(person, 'outside-show', typed);
      if (!answer.ok) return answer;
      const { number, row, seen } = answer.found;
      const says = seen.sharedCard({ caseNumber: number, now: parts.clock.now(), names: parts.directory.names() })?.speak ?? null;
      return { ok: true, found: { ...taskOf(number, row), revision: row.revision, open: row.open, says } };
    },
    async history(person, typed) {
      const answer = await find(person, 'outside-history', typed);
      return answer.ok ? { ok: true, found: await historyOf(parts, answer.found) } : answer;
    },
    refused: (person, check) => record(person, 'outside-refused', check === 'unknown-tool' ? 'denied' : 'nothing', null, { check }),
    async status(person) {
      const answer = await list(person, 'outside-status');
      if (!answer.ok) return answer;
      const { ok, missing } = await progress();
      const waiting: Record<string, number> = {};
      for (const { urgency } of answer.found.tasks) waiting[urgency] = (waiting[urgency] ?? 0) + 1;
      return { ok: true, found: { working: ok, missing, waiting } };
    },
  };
}

async function caseOf(parts: Parts, number: CaseNumber): Promise<Found | null> {
  const known = await parts.cases.findByNumber(number);
  if (known === null) return null;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  const seen = workflow.see(state);
  return seen.row === null ? null : { ...known, number, seen, row: seen.row };
}

/** Field by field: a row that grows another field does not show it outside. */
function taskOf(number: CaseNumber, { kind, urgency, status, since, owner, note }: TaskRow): OutsideTask {
  return { caseNumber: number, kind, urgency: urgency === '' ? 'not yet known' : urgency, status, since, owner, note };
}

async function historyOf(parts: Parts, { number, workflow, caseId }: Found): Promise<OutsideHistory> {
  const { facts } = await parts.cases.read(workflow, caseId);
  const names = parts.directory.names();
  const told = facts.map(({ at, fact }) => {
    const type = textIn(fact, 'type') ?? 'something';
    const who = textIn(memberOf(fact, 'by'), 'id') ?? textIn(memberOf(fact, 'approval'), 'person');
    // The fact's own words may name a patient; its type is one of a closed list, and a name comes from people.json.
    return { at, what: type.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`), by: who === null ? null : (names[who] ?? null) };
  });
  return { caseNumber: number, facts: told };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textIn(value: unknown, name: string): string | null {
  const found = memberOf(value, name);
  return typeof found === 'string' ? found : null;
}
