import type { Subject } from '#core/authorise.js';
import { isHousekeeping } from '#core/housekeeping.js';
import type { Likeness } from '#core/likeness.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { FOLLOW_UP } from '#domain/follow-up.js';
import type { CaseStore } from '#ports/case-store.js';
import type { CaseRow } from '#ports/views.js';
import type { CaseId } from '#core/ids.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';

export interface OpenCases {
  readonly cases: readonly OpenCase[];
  /** How many more are open that have not been read yet. */
  readonly left: number;
}

/** An open case, and what its row does not say of it. */
export interface OpenCase {
  readonly row: CaseRow;
  readonly subject: Subject;
  readonly likeness: Likeness | null;
  /** Numbers of its order, its study and its patient, without who gave them. Patient data: in memory alone. */
  readonly numbers: readonly string[];
}

type Known = Omit<OpenCase, 'row'> & { readonly of: Instant; readonly readAt: Instant };

interface Remembered {
  readonly at: Instant;
  readonly known: ReadonlyMap<CaseId, Known>;
  readonly found: OpenCases;
}

/** Of each store what was read of its open cases. */
const remembered = new WeakMap<CaseStore, Remembered>();

/** Cases read for one asking: after a start with more of them open, the first askers get a part. */
const MOST_READ = 400;
/** Half a millisecond each, in one process with the intake: then whatever else waits gets its turn. */
const READ_AT_ONCE = 20;
/** With more open cases than this the rows alone take tens of milliseconds: then an answer counts for a second. */
const MANY = 1000;

const order: readonly string[] = ['STAT', 'URGENT', 'ROUTINE'];

/** Most urgent and oldest first. */
export function byUrgency(rows: readonly CaseRow[]): readonly CaseRow[] {
  const rank = (row: CaseRow): number => (order.includes(row.urgency) ? order.indexOf(row.urgency) : order.length);
  return rows.toSorted((a, b) => rank(a) - rank(b) || (a.since < b.since ? -1 : 1));
}

export async function openRows(parts: Pick<Parts, 'views' | 'workflows'>): Promise<readonly CaseRow[]> {
  // Who broke the glass is nobody's task but privacy's (break-glass.ts), a gap of a roster is filled in its calendar, and what waits for days is its owner's (follow-ups.ts).
  const names = parts.workflows.map(({ name }) => name).filter((name) => !isHousekeeping(name) && name !== FOLLOW_UP);
  return byUrgency((await Promise.all(names.map((name) => parts.views.open(name)))).flat());
}

/**
 * All open cases, the most urgent first. Only what has changed since it was asked last is read: one query for the rows, and a read for each changed case.
 */
export async function openCases(parts: Needs): Promise<OpenCases> {
  const before = remembered.get(parts.cases);
  const at = parts.clock.now();
  if (before !== undefined && before.known.size > MANY && at >= before.at && at < addSeconds(before.at, 1)) return before.found;
  const asked = underWay.get(parts.cases) ?? lookThrough(parts, before, at).finally(() => underWay.delete(parts.cases));
  underWay.set(parts.cases, asked);
  return asked;
}

type Needs = Pick<Parts, 'views' | 'workflows' | 'cases' | 'clock'>;

/** Whoever asks while somebody else's look is under way takes its answer: after a start the many would read every case once each. */
const underWay = new WeakMap<CaseStore, Promise<OpenCases>>();

async function lookThrough(parts: Needs, before: Remembered | undefined, at: Instant): Promise<OpenCases> {
  const rows = await openRows(parts);
  const known = await knownOf(parts, rows, before?.known);
  const cases = rows.flatMap((row) => {
    const one = known.get(row.caseId);
    return one === undefined ? [] : [{ row, subject: one.subject, likeness: one.likeness, numbers: one.numbers }];
  });
  const found = { cases, left: rows.length - cases.length };
  remembered.set(parts.cases, { at, known, found });
  return found;
}

async function knownOf(
  parts: Pick<Parts, 'workflows' | 'cases' | 'clock'>,
  rows: readonly CaseRow[],
  before: ReadonlyMap<CaseId, Known> = new Map(),
): Promise<Map<CaseId, Known>> {
  const after = new Map<CaseId, Known>();
  let read = 0;
  for (const row of rows) {
    let known = before.get(row.caseId);
    if ((known === undefined || !stands(known, row)) && read < MOST_READ) {
      read += 1;
      if (read % READ_AT_ONCE === 0) await letOthersIn();
      known = await lookAt(parts, row);
    }
    if (known !== undefined) after.set(row.caseId, known);
  }
  return after;
}

export function letOthersIn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What was read within a second of the row's last change may have missed another one of the same millisecond. */
export function stands({ of, readAt }: Pick<Known, 'of' | 'readAt'>, { updatedAt }: CaseRow): boolean {
  return of === updatedAt && readAt > addSeconds(updatedAt, 1);
}

async function lookAt(parts: Pick<Parts, 'workflows' | 'cases' | 'clock'>, row: CaseRow): Promise<Known> {
  const { workflow, state } = await caseNow(parts, row.workflow, row.caseId);
  const { subject, likeness, keys } = workflow.see(state);
  const numbers = [...new Set(keys.map((key) => key.split('|')[2] ?? ''))].filter((number) => number !== '');
  return { of: row.updatedAt, readAt: parts.clock.now(), subject, likeness, numbers };
}
