import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { eventId } from '#core/ids.js';
import { howCalled } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import { CRITICAL, alertKey, examOf as examKeyOf } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import type { Declaration, Declared } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
import { examOf, no, record } from './critical-exam.ts';
import type { Elsewhere } from './critical-exam.ts';
import { criticalWordsIn } from './critical-words.ts';
import { digest } from './digest.ts';
import { byUrgency } from './open-cases.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';
import { saidOf } from './search.ts';
import { whereNow } from './whereabouts.ts';

/** Which class of the site's findings these words name, with its category; null: none. Pure. */
export type ClassOf = (finding: string) => { readonly id: string; readonly category: 1 | 2 | 3 } | null;

/** Alerts of one class on one exam that may be open, closed or withdrawn one after the other. */
const MOST_OF_ONE = 20;
/** As a finding is kept (domain/critical.ts). */
const LONGEST_FINDING = 500;

/**
 * Writes a critical result: one alert is exam, class of the finding and a number. One that is open already is the same; after one that has ended it is the next.
 * Nothing of it is sent yet. @param found told of the exam once it is known
 */
export async function declareCritical(
  parts: Parts,
  { classOf, ...elsewhere }: Elsewhere & { readonly classOf: ClassOf },
  declaration: Declaration,
  found: (about: About) => void = () => undefined,
): Promise<Declared> {
  const { person, side, via } = declaration;
  const says = criticalWordsIn(person.language);
  const finding = declaration.finding.trim();
  const verdict = authorise(person, 'declare-critical', null);
  if (!verdict.allowed) {
    await record(parts, person, 'denied', {});
    return no('denied', verdict.why);
  }
  if (!isSetUp(parts)) return no('not-sent', says.notSetUp);
  if (finding === '' || finding.length > LONGEST_FINDING) return no('not-sent', says.noFinding);
  const exam = await examOf(parts, elsewhere, person, declaration.of);
  if ('ok' in exam) return exam;
  const about = await whereNow(parts, exam.about);
  found(about);
  if (isOther(about, declaration.also)) return no('unknown', says.otherExam);
  const known = classOf(finding);
  const classId = known?.id ?? 'other';
  const category = declaration.category ?? known?.category ?? 1;
  const language = person.language === undefined ? {} : { language: person.language };
  for (let n = 1; n <= MOST_OF_ONE; n += 1) {
    // What no class is for is another finding unless it is said in the same words.
    const key = alertKey(examKeyOf(about), classId === 'other' ? `other ${digest(finding.toLowerCase())}` : classId, n);
    const caseId = parts.cases.caseIdOf(CRITICAL, key);
    const { workflow, state, caseNumber } = await caseNow(parts, CRITICAL, caseId);
    const seen = workflow.see(state);
    const { row } = seen;
    // One that is over and listed until everybody has seen that is none that could be sent.
    const isOver = row !== null && (!row.open || row.status === 'withdrawn' || row.status === 'changed');
    // What a report or a model has raised is declared by a person now.
    if (row !== null && !isOver && row.status !== 'asking') {
      const kind = seen.kind(person.language) ?? row.kind;
      return { ok: true, caseNumber, text: says.written(caseNumber, kind, row.status === 'draft') };
    }
    if (isOver) continue;
    const answer = await runCase(parts, {
      id: eventId.parse(`declared:${digest(`${person.id}|${finding}|${category}`)}`),
      ...{ workflow: CRITICAL, caseId, occurredAt: parts.clock.now(), actor: { kind: 'person', person: person.id } },
      input: {
        ...{ type: 'criticalDrafted', by: { id: person.id, name: person.name }, via, about },
        finding: { text: finding, classId, side, category },
        ...language,
      },
    });
    await record(parts, person, 'done', { number: caseNumber });
    return { ok: true, caseNumber, text: answer?.text ?? caseNumber };
  }
  return no('not-sent', says.tooMany);
}

/** Where a system says neither, the card shows what is known, and the radiologist compares. */
function isOther({ accessionNumber, patient: { name } }: About, also: Declaration['also']): boolean {
  const isOtherNumber = also?.accession != null && accessionNumber !== null && also.accession.toUpperCase() !== accessionNumber.toUpperCase();
  return isOtherNumber || (also?.patient != null && name !== null && howCalled(saidOf(also.patient), name) === null);
}

/** Open critical results that this person may see; of whoever sits at the failsafe those that are there. No patient data. */
export async function alertsFor(parts: Parts, person: Person): Promise<readonly CaseRow[] | { readonly denied: string }> {
  const rights: readonly Action[] = ['view', 'take-failsafe'];
  const verdicts = rights.map((right) => authorise(person, right, null));
  const [first] = verdicts;
  if (first?.allowed === false && verdicts.every(({ allowed }) => !allowed)) {
    await record(parts, person, 'denied', {}, 'view');
    return { denied: first.why };
  }
  if (!isSetUp(parts)) return [];
  // Each of them, however many: none is left out of this list.
  const mine: CaseRow[] = [];
  for (const row of byUrgency(await parts.views.open(CRITICAL))) {
    const { workflow, state } = await caseNow(parts, CRITICAL, row.caseId);
    const { subject } = workflow.see(state);
    const isAtFailsafe = row.status === 'failsafe' && authorise(person, 'take-failsafe', subject).allowed;
    if (isAtFailsafe || authorise(person, 'view', subject).allowed) mine.push(row);
  }
  return mine;
}

export function isSetUp({ workflows }: Pick<Parts, 'workflows'>): boolean {
  return workflows.some(({ name }) => name === CRITICAL);
}
