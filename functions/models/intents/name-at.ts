import { isName, isPart } from './patient-name.ts';

export interface Name {
  readonly to: number;
  /** As written, without "'s". */
  readonly said: string;
  /** Begins with a capital, in a text that is not all capitals. */
  readonly isCapital: boolean;
}

const MOST_WORDS = 6;
const word = /\p{L}[\p{L}\p{M}]*(?:['-][\p{L}\p{M}]+)*(?:(?<=(?<![\p{L}\p{M}])\p{Lu})\.)?/uy;
/** What is said of a patient after "patient", and no name. */
const states =
  /^(?:un)?(?:stable|conscious|responsive|well|aware|known|intubated|ventilated|sedated|crashing|coding|arresting|hypotensive|hypertensive|tachycardic|hypoxic|septic|deteriorating|deteriorated|collapsed|desaturating|vomiting|asymptomatic|symptomatic|anticoagulated|hemodynamically|haemodynamically)$/u;
/** "Sanchez's head CT". */
const ownExam =
  /^\s+(?:\p{L}+\s+){0,2}?(?:ct|cta|mri?|xr|cxr|us|scan|study|exam|film|x-?ray|radiograph|ultrasound|echo|images?|mammogram|angiogram)\b/iu;

/** What "on" and "for" lead up to in a finding. */
const noNames =
  /^(?:arrival|admission|presentation|expiration|inspiration|upright|supine|decubitus|portable|comparison|heparin|warfarin|apixaban|anticoagula\w+|ecmo|pressors|ventilator|tentorium|hydrocephalus|intussusception|pneumatosis|immediate|emergent|surgical|neurosurgical)$/u;
/** Ng, Li. */
const short = /^\p{Lu}\p{Ll}$/u;
const noShort = /^(?:dr|mr|ms|pt|st|ct|us|ed|er|ir|or|rt|lt|pe|no|is|it|in|on|of|at|to|he|we|my|so|if|as|an|by|be|do|go|up|am)$/u;
/** IVH, SBO: what was found. */
const acronym = /^\p{Lu}{2,4}$/u;

interface Taken {
  readonly raw: string;
  readonly folded: string;
  readonly isCapital: boolean;
  readonly to: number;
}

/** The patient's name that begins at this place of a text; null: none does. @param isMarked a word has said so: then it may be a word that means something too */
export function nameAt(text: string, at: number, isMarked: boolean): Name | null {
  const isLoud = text === text.toUpperCase();
  const taken: Taken[] = [];
  let next = at;
  let hasComma = false;
  let isAfterComma = false;
  while (taken.length < MOST_WORDS) {
    word.lastIndex = next;
    const raw = word.exec(text)?.[0];
    if (raw === undefined) break;
    const isOwner = /'s$/iu.test(raw);
    const one = { raw, folded: folded(raw), isCapital: !isLoud && /^\p{Lu}/u.test(raw), to: next + raw.length };
    if (!goesOn(taken, one, { isMarked: isMarked && !isLoud, isAfterComma })) break;
    taken.push(one);
    const gap = /^(?:\s*,\s*|[^\S\n]+)/u.exec(text.slice(one.to))?.[0];
    isAfterComma = gap?.includes(',') === true;
    if (gap === undefined || isOwner || (isAfterComma && hasComma)) break;
    hasComma ||= isAfterComma;
    next = one.to + gap.length;
  }
  while (taken.at(-1) !== undefined && isParticle(taken.at(-1)?.folded ?? '')) taken.pop();
  const [first] = taken;
  const last = taken.at(-1);
  if (first === undefined || last === undefined) return null;
  const isWord = (one: Taken): boolean => isNamed(one) && (isMarked || (!acronym.test(one.raw) && !noNames.test(one.folded)));
  if (!taken.some(isWord) && !(isMarked && first.isCapital)) return null;
  const written = text.slice(at, last.to);
  const isOwner = /'s$/iu.test(written);
  const exam = isOwner ? (ownExam.exec(text.slice(last.to))?.[0].length ?? 0) : 0;
  return { to: last.to + exam, said: written.replace(/'s$/iu, '').trim(), isCapital: taken.some(({ isCapital }) => isCapital) };
}

function goesOn(
  taken: readonly Taken[],
  one: Taken,
  { isMarked, isAfterComma }: { readonly isMarked: boolean; readonly isAfterComma: boolean },
): boolean {
  const [first] = taken;
  if (states.test(one.folded)) return false;
  if (isNamed(one)) {
    // "Sanchez crashing": what follows a name in capitals in small letters is none.
    const isSame = first === undefined || one.isCapital || !taken.some(({ isCapital }) => isCapital);
    return isSame && !(isAfterComma && first !== undefined && one.isCapital !== taken.some(({ isCapital }) => isCapital));
  }
  if (isPart(one.folded) && !isSaid(one.folded)) return !isAfterComma || one.isCapital;
  return isMarked && first === undefined && one.isCapital;
}

function isNamed({ raw, folded: word }: Pick<Taken, 'raw' | 'folded'>): boolean {
  return isName(word) || (short.test(raw) && !noShort.test(word) && !isParticle(word));
}

function isSaid(folded: string): boolean {
  return folded === 'patient' || folded === 'paciente' || folded === 'mrn';
}

function isParticle(folded: string): boolean {
  return /^(?:de|del|la|van|von|der|den|el|al|bin|da|dos|du|le)$/u.test(folded);
}

function folded(raw: string): string {
  return raw.replace(/'s$/iu, '').replace(/\.$/u, '').toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '');
}
