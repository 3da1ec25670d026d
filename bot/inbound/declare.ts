import { caseNumber as caseNumberShape } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Declaration, Declared, Desk } from '#ports/desk.js';
import type { Plan } from '../conversation/plan.ts';
import { examCard } from '../conversation/exam-card.ts';
import type { Turn } from '../turn.ts';
import type { DeclarePress } from './card-answer.ts';
import type { Talk } from '../words.ts';

type Asked = Pick<Declaration, 'of' | 'finding' | 'category' | 'also'>;

/** Writes a critical result in the words of whoever declares it; nothing of it is sent. */
function writeCritical(desk: Desk, person: Person, asked: Asked): Promise<Declared> {
  return desk.declare({ ...asked, person, side: sideIn(asked.finding), via: 'words' });
}

/** The same by a press: of an exam that was chosen for what was said in words, or with the form behind the button. */
export function writePressed(desk: Desk, person: Person, pressed: DeclarePress): Promise<Declared> {
  const { caseNumber, found, category = null, criticalFinding = '', criticalCategory, criticalSide } = pressed;
  const of = { caseNumber };
  if (found !== undefined) return writeCritical(desk, person, { of, finding: found, category });
  const given = ([1, 2, 3] as const).find((one) => String(one) === criticalCategory) ?? null;
  const side = criticalSide === undefined || criticalSide === '' ? null : criticalSide;
  return desk.declare({ person, of, finding: criticalFinding, category: given, side, via: 'button' });
}

/** Null: it says none, or one and the other. "Right now" is no side. */
function sideIn(finding: string): 'left' | 'right' | 'both' | null {
  const isLeft = /\b(?:left|l-sided)\b/iu.test(finding);
  const isRight = /\b(?:right|r-sided)\b(?! (?:now|away)\b)/iu.test(finding);
  if (/\b(?:bilateral|both)\b/iu.test(finding)) return 'both';
  return isLeft === isRight ? null : isLeft ? 'left' : 'right';
}

/** How what is said is shown. */
interface Shown {
  readonly talk: Talk;
  readonly language: 'en' | 'es';
  /** IANA zone of the site. */
  readonly zone: string;
}

/**
 * What was planned, written; null: it is asked which exam is meant. A patient's name means one exam only where there is no other: of several, and of one that is not called
 * exactly so, the person chooses.
 */
export async function writePlanned(
  desk: Desk,
  turn: Turn,
  { of, finding, category, also }: Extract<Plan, { kind: 'declare' }>,
  shown: Shown,
): Promise<Declared | null> {
  const asked = { finding, category, ...(also === null ? {} : { also }) };
  if ('accession' in of) return writeCritical(desk, turn.person, { of, ...asked });
  if ('caseNumber' in of) return writeCritical(desk, turn.person, { of: { caseNumber: caseNumberShape.parse(of.caseNumber) }, ...asked });
  const found = await desk.examsCalled(turn.person, of.patient);
  if (!found.ok) return found;
  const [first] = found.exams;
  if (found.certain) return writeCritical(desk, turn.person, { of: { caseNumber: first.caseNumber }, ...asked });
  const posting = await turn.showView(examCard(found, { finding, category }, shown));
  if (posting === null) return { ok: false, code: 'not-sent', why: desk.notSent(turn.person) };
  for (const { caseNumber, revision } of found.exams) await desk.stands(turn.person, caseNumber, revision, posting);
  return null;
}
