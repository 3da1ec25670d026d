import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { isHousekeeping } from '#core/housekeeping.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { CRITICAL, about as aboutShape } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { FOLLOW_UP } from '#domain/follow-up.js';
import { recordNumbers } from '#domain/patient.js';
import type { Declaration, Declared, ExamLook } from '#ports/desk.js';
import { caseNow } from './case-now.ts';
import { criticalWordsIn } from './critical-words.ts';
import type { PhoneOf } from './not-sent.ts';
import type { Parts } from './parts.ts';
import { aboutTyped } from './typed-exam.ts';

/** What stands in the way of a declaration, said to whoever declares. */
export type Refused = Extract<Declared, { ok: false }>;

/** Where an exam is found that no case is of. */
export interface Elsewhere {
  /** None where it does not know the number or does not answer in time. Never rejects. */
  readonly inEhr: (accession: string) => Promise<readonly About[]>;
  /** Whose numbers people type as record numbers. */
  readonly assigner: string;
  readonly phoneOf: PhoneOf;
}

/** An exam, and where that is from: the case that says it, the EHR, or the person who typed it. */
interface Exam {
  readonly about: About;
  readonly from: { readonly caseId: CaseId; readonly number: CaseNumber; readonly workflow: string } | 'ehr' | 'typed';
}

/** The exam that a critical result is about, as this person may see it: by any case of it, its order's or that of another critical result, or by its accession number. */
export async function examOf(parts: Parts, elsewhere: Elsewhere, person: Person, of: Declaration['of']): Promise<Exam | Refused> {
  return 'caseNumber' in of ? examOfCase(parts, person, of.caseNumber) : examUnder(parts, elsewhere, person, of);
}

/** The exam of an accession number and whose it is, for whoever compares it with what they read. On record as a look, at the case where one says it. */
export async function lookAtExam(parts: Parts, elsewhere: Elsewhere, person: Person, accession: string): Promise<ExamLook> {
  const verdict = authorise(person, 'declare-critical', null);
  if (!verdict.allowed) {
    await record(parts, person, 'denied', {});
    return no('denied', verdict.why);
  }
  const exam = await examUnder(parts, elsewhere, person, { accession });
  if ('ok' in exam) return exam;
  const { about, from } = exam;
  const of = typeof from === 'string' ? { caseId: null, detail: { from } } : { caseId: from.caseId, detail: { number: from.number } };
  const actor = { kind: 'person', person: person.id } as const;
  const detail = { ...of.detail, surface: 'exam' };
  await parts.audit.record({ caseId: of.caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail });
  const { name, birthDate, sex } = about.patient;
  const [first] = recordNumbers(about.patient);
  return {
    ...{ ok: true, accession: about.accessionNumber ?? accession, exam: about.exam, birthDate, sex },
    name: name === null ? null : [name.family, name.given].filter((part) => part !== '').join(', '),
    number: first === undefined ? null : { id: first.id, assigner: first.assigner },
    phoneNow: elsewhere.phoneOf(about),
  };
}

async function examOfCase(parts: Parts, person: Person, number: CaseNumber): Promise<Exam | Refused> {
  const says = criticalWordsIn(person.language);
  const known = await parts.cases.findByNumber(number);
  if (known === null || isHousekeeping(known.workflow)) return no('unknown', says.noSuchCase(number));
  const { exam, verdict } = await read(parts, person, known);
  if (!verdict.allowed) {
    await record(parts, person, 'denied', { number });
    return no('denied', verdict.why);
  }
  return exam ?? no('unknown', says.noExam(number));
}

/** Two patients under one number are never chosen between. What a person types is taken only of an exam that nothing knows. */
async function examUnder(
  parts: Parts,
  elsewhere: Elsewhere,
  person: Person,
  of: Extract<Declaration['of'], { readonly accession: string }>,
): Promise<Exam | Refused> {
  const says = criticalWordsIn(person.language);
  const accession = of.accession.trim();
  const here = await examsHere(parts, person, accession);
  const known = here.length > 0 ? here : await examsInEhr(elsewhere, person, accession);
  const certain = known.filter(({ exam }) => exam.about.asTyped !== true);
  const exams = (certain.length > 0 ? certain : known).filter(({ maySee }) => maySee).map(({ exam }) => exam);
  if (certain.length > 0 && exams.length === 0) {
    await record(parts, person, 'denied', {});
    return no('unknown', says.noAccession(elsewhere.phoneOf(null)));
  }
  if (of.typed !== undefined) {
    const about = aboutTyped(accession, of.typed, elsewhere.assigner);
    if (about === null) return no('unknown', says.notTyped);
    const same = exams.find((exam) => sharesNumber(exam.about, about));
    if (same !== undefined) return same;
    return certain.length === 0 ? { about, from: 'typed' } : no('unknown', says.otherPatient);
  }
  const [first] = exams;
  if (first === undefined) return no('unknown', says.noAccession(elsewhere.phoneOf(null)));
  if (exams.some((exam) => exam !== first && !isSamePatient(exam.about, first.about))) return no('unknown', says.severalPatients);
  return exams.find(({ from }) => typeof from !== 'string' && from.workflow !== CRITICAL) ?? first;
}

interface Known {
  readonly exam: Exam;
  readonly maySee: boolean;
}

/** Of all cases, ended ones too: what is read has mostly been answered long ago. */
async function examsHere(parts: Parts, person: Person, accession: string): Promise<readonly Known[]> {
  const spelled = [...new Set([accession, accession.toUpperCase(), accession.toLowerCase()])];
  const led = (await Promise.all(spelled.map((one) => parts.cases.findByKey(`accession||${one}`)))).flat();
  const cases = await Promise.all(led.filter(({ workflow }) => !isHousekeeping(workflow)).map((known) => read(parts, person, known)));
  // What was typed wrongly ends with the critical result that it was typed for.
  return cases.flatMap(({ exam, isOpen, verdict }) =>
    exam === null || (exam.about.asTyped === true && !isOpen) ? [] : [{ exam, maySee: verdict.allowed }],
  );
}

/** Those of whom two identifiers are known. */
async function examsInEhr({ inEhr }: Elsewhere, person: Person, accession: string): Promise<readonly Known[]> {
  return (await inEhr(accession)).flatMap((about) => {
    const { name, birthDate } = about.patient;
    if (recordNumbers(about.patient).length === 0 || (name === null && birthDate === null)) return [];
    const subject = { modality: about.modality, orderer: null, askedOf: null };
    return [{ exam: { about, from: 'ehr' as const }, maySee: authorise(person, 'view', subject).allowed }];
  });
}

async function read(parts: Parts, person: Person, known: { readonly workflow: string; readonly caseId: CaseId }) {
  const { subject, ...found } = await examIn(parts, known);
  return { ...found, verdict: authorise(person, 'view', subject) };
}

/** The exam that a case is of, whoever asks; null: it names none. */
export async function examIn(
  parts: Pick<Parts, 'cases' | 'workflows'>,
  { workflow: name, caseId }: { readonly workflow: string; readonly caseId: CaseId },
) {
  const { workflow, state, caseNumber: number } = await caseNow(parts, name, caseId);
  const { about, subject, row } = workflow.see(state);
  const said = about as Partial<About> | null | undefined;
  const orderCase = name === CRITICAL || name === FOLLOW_UP ? (said?.orderCase ?? null) : number;
  const found = aboutShape.safeParse({ ...said, orderCase });
  const exam: Exam | null = found.success ? { about: found.data, from: { caseId, number, workflow: name } } : null;
  return { exam, isOpen: row?.open === true, subject };
}

function isSamePatient(one: About, other: About): boolean {
  const numbers = recordNumbers(other.patient);
  return recordNumbers(one.patient).some(({ id, assigner }) => numbers.some((own) => own.id === id && own.assigner === assigner));
}

/** Whose number a typed one is, is not said. */
function sharesNumber(one: About, other: About): boolean {
  const numbers = recordNumbers(other.patient).map(({ id }) => id);
  return recordNumbers(one.patient).some(({ id }) => numbers.includes(id));
}

export function no(code: Refused['code'], why: string): Refused {
  return { ok: false, code, why };
}

export async function record(
  { audit, clock }: Pick<Parts, 'audit' | 'clock'>,
  person: Person,
  outcome: 'done' | 'denied',
  detail: Readonly<Record<string, string>>,
  action: Action = 'declare-critical',
): Promise<void> {
  await audit.record({ caseId: null, at: clock.now(), actor: { kind: 'person', person: person.id }, action, outcome, detail });
}
