import { authorise } from '#core/authorise.js';
import type { Subject } from '#core/authorise.js';
import { BREAK_GLASS } from '#core/break-glass.js';
import type { CaseId } from '#core/ids.js';
import { howCalled } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { CRITICAL } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { recordNumbers } from '#domain/patient.js';
import type { CaseStore } from '#ports/case-store.js';
import type { NamedExam, NamedExams } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { isSetUp } from './critical.ts';
import { examIn, no, record } from './critical-exam.ts';
import { criticalWordsIn } from './critical-words.ts';
import type { PhoneOf } from './not-sent.ts';
import { letOthersIn, openRows, stands } from './open-cases.ts';
import type { Parts } from './parts.ts';
import { saidOf } from './search.ts';

/** Minutes since an ended case was last written: what is read today was mostly answered in the last days. */
const RECENT_MINUTES = 3 * 24 * 60;
/** Milliseconds for reading cases: an answer comes within the second. */
const READ_WITHIN_MS = 350;
const READ_AT_ONCE = 20;
/** As in a search (search.ts): nobody is shown a list of patients. */
const MOST_SHOWN = 5;

interface Known {
  readonly of: Instant;
  readonly readAt: Instant;
  /** Null: it names no exam, or one that was typed and is over. */
  readonly exam: { readonly about: About; readonly subject: Subject } | null;
}
type Case = NonNullable<Known['exam']> & { readonly row: CaseRow };

/** Of each store what was read of the last days' cases, in memory alone: nothing that could be searched is written. */
const remembered = new WeakMap<CaseStore, ReadonlyMap<CaseId, Known>>();

/**
 * Exams of patients who are called so, for whoever declares a critical result: of open cases and of those of the last days. Whether it is the one that is meant a
 * person says. The search has its audit row, and each exam that is given to choose from has one, as a view has.
 */
export async function examsCalled(parts: Parts, phoneOf: PhoneOf, person: Person, name: string): Promise<NamedExams> {
  const says = criticalWordsIn(person.language);
  const verdict = authorise(person, 'declare-critical', null);
  if (!verdict.allowed) {
    await record(parts, person, 'denied', {});
    return no('denied', verdict.why);
  }
  if (!isSetUp(parts)) return no('not-sent', says.notSetUp);
  const said = saidOf(name);
  const { cases, complete } = await recentCases(parts);
  const found = cases.flatMap((one) => {
    const { name: own } = one.about.patient;
    const how = own === null || said.length === 0 ? null : howCalled(said, own);
    return how !== null && authorise(person, 'view', one.subject).allowed ? [{ ...one, how }] : [];
  });
  const exams = eachOnce(found);
  const [first, ...more] = exams.slice(0, MOST_SHOWN);
  const certain = complete && exams.length === 1 && first?.how === 'exactly';
  const actor = { kind: 'person', person: person.id } as const;
  const at = parts.clock.now();
  const detail = { surface: 'critical-result', found: exams.length, shown: certain || first === undefined ? 0 : 1 + more.length };
  await parts.audit.record({ caseId: null, at, actor, action: 'search', outcome: first === undefined ? 'nothing' : 'done', detail });
  if (first === undefined) return no('unknown', says.nobodyCalledSo(phoneOf(null), complete));
  const shown = [first, ...more] as const;
  for (const { row } of certain ? [] : shown) {
    const ofCase = { number: row.caseNumber, surface: 'critical-result' };
    await parts.audit.record({ caseId: row.caseId, at, actor, action: 'view', outcome: 'done', detail: ofCase });
  }
  return { ok: true, exams: [named(first), ...more.map(named)], more: exams.length - shown.length, certain, complete };
}

/** An exam may be an order's case and that of another critical result: it is named by the order's. */
function eachOnce<Found extends Case>(found: readonly Found[]): readonly Found[] {
  const byExam = new Map<string, Found>();
  for (const one of found) {
    const { accessionNumber, orderCase, patient, asTyped } = one.about;
    const key = [accessionNumber?.toUpperCase() ?? orderCase ?? one.row.caseId, recordNumbers(patient)[0]?.id, asTyped].join('|');
    const before = byExam.get(key);
    if (before === undefined || before.row.workflow === CRITICAL) byExam.set(key, one);
  }
  return [...byExam.values()];
}

function named({ row, about }: Case): NamedExam {
  const { name, birthDate } = about.patient;
  return {
    ...{ caseNumber: row.caseNumber, revision: row.revision, since: row.since, exam: about.exam, birthDate },
    name: [name?.family ?? '', name?.given ?? ''].filter((part) => part !== '').join(', '),
    number: recordNumbers(about.patient)[0]?.id ?? null,
  };
}

/** The newest first; what could not be read in time is read at the next asking. */
async function recentCases(parts: Parts): Promise<{ readonly cases: readonly Case[]; readonly complete: boolean }> {
  const until = performance.now() + READ_WITHIN_MS;
  const rows = await recentRows(parts);
  const before = remembered.get(parts.cases) ?? new Map<CaseId, Known>();
  const known = new Map<CaseId, Known>();
  const unread: CaseRow[] = [];
  for (const row of rows) {
    const one = before.get(row.caseId);
    if (one !== undefined && stands(one, row)) known.set(row.caseId, one);
    else unread.push(row);
  }
  let read = 0;
  while (read < unread.length && performance.now() < until) {
    const some = unread.slice(read, read + READ_AT_ONCE);
    const found = await Promise.all(some.map(async (row) => [row.caseId, await lookAt(parts, row)] as const));
    for (const [caseId, one] of found) if (one !== null) known.set(caseId, one);
    read += some.length;
    await letOthersIn();
  }
  remembered.set(parts.cases, known);
  const cases = rows.flatMap((row): Case[] => {
    const exam = known.get(row.caseId)?.exam ?? null;
    return exam === null ? [] : [{ ...exam, row }];
  });
  return { cases, complete: rows.every(({ caseId }) => known.has(caseId)) };
}

async function recentRows(parts: Pick<Parts, 'views' | 'workflows' | 'clock'>): Promise<readonly CaseRow[]> {
  const from = addMinutes(parts.clock.now(), -RECENT_MINUTES);
  const names = parts.workflows.map(({ name }) => name).filter((name) => name !== BREAK_GLASS);
  const [open, ...ended] = await Promise.all([openRows(parts), ...names.map((name) => parts.views.since(name, from))]);
  const rows = new Map([...open, ...ended.flat()].map((row) => [row.caseId, row]));
  return [...rows.values()].toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

/** Null: it can't be read, which keeps none of the others from being found. */
async function lookAt(parts: Parts, row: CaseRow): Promise<Known | null> {
  try {
    const { exam, isOpen, subject } = await examIn(parts, row);
    const isOver = exam === null || (exam.about.asTyped === true && !isOpen);
    return { of: row.updatedAt, readAt: parts.clock.now(), exam: isOver ? null : { about: exam.about, subject } };
  } catch (error) {
    parts.log.error('desk.exam-not-read', { fault: error });
    return null;
  }
}
