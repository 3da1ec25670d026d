import type { Minimised, ProtocolName } from '#domain/utterance.js';
import { numbersIn } from './dictated.ts';
import { cleaned, fold } from './fold.ts';
import { classesOf } from './lexicon.ts';
import { patientNamed } from './patient-name.ts';
import { common, known, shortForms } from './vocabulary.ts';

const ordinary: ReadonlySet<string> = new Set([...known, ...common, ...Object.keys(shortForms)]);
const titles = /^(?:mr|mrs|ms|mx|miss|dr|doctor|doctora|sr|sra|señor|señora|patient|pt|paciente)$/iu;

/**
 * The sentence without case numbers, numbers of four digits or more, dates, and names: a word that begins with a capital and has no meaning here, and whatever
 * follows a title. Null: it asks for a patient by name or number, and is not sent at all. Free text may still hold what nobody could tell from an ordinary word.
 */
export function minimised(written: string, protocols: readonly ProtocolName[]): Minimised | null {
  const text = cleaned(written);
  if (patientNamed(fold(text, false).text) !== null) return null;
  const ours = new Set(protocols.flatMap(({ id, name }) => `${id} ${name}`.toLowerCase().match(/[a-z]+/gu) ?? []));
  const words = [...text.matchAll(/\d+(?:[./-]\d+)+|[\p{L}\p{N}\p{M}]+(?:['-][\p{L}\p{N}]+)*/gu)].map((match) => ({
    raw: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const inCase = new Map(numbersIn(text, words, false).map((found) => [found.from, found.to]));
  const kept: { readonly mark: string; readonly was: string }[] = [];
  let out = '';
  let last = 0;
  let isTitled = false;
  let isInName = false;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    if (word === undefined) break;
    const to = inCase.get(i);
    const end = to === undefined ? word.end : (words[to - 1]?.end ?? word.end);
    const kind: 'CASE' | 'NAME' | 'NUMBER' | null = to !== undefined ? 'CASE' : kindOf(word.raw, { isTitled, isInName }, ours);
    out += text.slice(last, word.start);
    if (kind === null) out += word.raw;
    else {
      const was = text.slice(word.start, end);
      const mark = `${kind}${kept.filter((one) => one.mark.startsWith(kind)).length + 1}`;
      kept.push({ mark, was });
      out += mark;
    }
    isTitled = titles.test(word.raw);
    isInName = kind === 'NAME';
    last = end;
    if (to !== undefined) i = to - 1;
  }
  out += text.slice(last);
  return {
    text: out,
    restored: (said) => kept.reduce((whole, { mark, was }) => whole.replaceAll(new RegExp(`\\b${mark}\\b`, 'gu'), () => was), said),
  };
}

/** @param isInName the word before was a name: given and family name may both be in small letters */
function kindOf(
  raw: string,
  { isTitled, isInName }: { readonly isTitled: boolean; readonly isInName: boolean },
  ours: ReadonlySet<string>,
): 'NAME' | 'NUMBER' | null {
  if (/\d{4,}|\d[-./]\d/u.test(raw) || /^(?=.*\d.*\d)(?=.*\p{L})[\p{L}\d-]{5,}$/u.test(raw)) return 'NUMBER';
  const lower = raw.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  if (isTitled || (isInName && !ordinary.has(lower))) return 'NAME';
  const hasMeaning = ordinary.has(lower) || ours.has(lower) || classesOf(lower).length > 0 || lower.split("'").some((part) => ordinary.has(part));
  return /^\p{Lu}/u.test(raw) && !hasMeaning && raw.length > 1 ? 'NAME' : null;
}
