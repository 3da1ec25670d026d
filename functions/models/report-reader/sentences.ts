import { behindListMark, trimmed } from './lines.ts';
import type { Line } from './lines.ts';
import type { Section } from './sections.ts';

/** One sentence, or an item of a list, without bullet and blanks at its ends. Offsets count UTF-16 units of the raw text. */
export interface Sentence {
  readonly section: Section;
  readonly start: number;
  readonly end: number;
}

/** The sentences of all sections, in order. @param abbreviations in lower case, without their full stop */
export function sentencesOf(text: string, sections: readonly Section[], lines: readonly Line[], abbreviations: ReadonlySet<string>): Sentence[] {
  const sentences: Sentence[] = [];
  let line = 0;
  for (const section of sections) {
    while (line < lines.length && (lines[line]?.end ?? 0) <= section.start) line += 1;
    let from = section.start;
    for (let n = line; n < lines.length && (lines[n]?.start ?? 0) < section.end; n += 1) {
      const one = lines[n];
      if (one === undefined) break;
      const end = Math.min(one.end, section.end);
      for (let i = Math.max(from, one.start); i < end; i += 1) {
        if (!endsSentence(text, i, abbreviations)) continue;
        push(sentences, text, section, from, i + 1);
        from = i + 1;
      }
      if (!one.goesOn || n === lines.length - 1) {
        push(sentences, text, section, from, end);
        from = Math.max(from, end);
      }
    }
    push(sentences, text, section, from, section.end);
  }
  return sentences;
}

function push(sentences: Sentence[], text: string, section: Section, from: number, to: number): void {
  const { start, end } = trimmed(text, from, to);
  if (end <= start) return;
  const begin = behindListMark(text, start, end);
  if (begin < end) sentences.push({ section, start: begin, end });
}

function endsSentence(text: string, i: number, abbreviations: ReadonlySet<string>): boolean {
  const mark = text.charAt(i);
  if (mark === ';') return true;
  const next = text.charAt(i + 1);
  // "stridor ? epiglottitis ? foreign body": a mark of its own asks about what follows.
  if (mark === '!' || mark === '?') return (next === '' || /\s/u.test(next)) && /\S/u.test(text.charAt(i - 1));
  if (mark !== '.') return false;
  if (next !== '' && !/[\s"')\]]/u.test(next))
    return /[a-z)]/u.test(text.charAt(i - 1)) && /\p{Lu}/u.test(next) && /\p{Ll}/u.test(text.charAt(i + 2));
  let start = i;
  while (start > 0 && i - start < 12 && /[\p{L}\p{N}./]/u.test(text.charAt(start - 1))) start -= 1;
  const word = text.slice(start, i).toLowerCase();
  // "Fracture: no.", but "No. 4".
  if (word === 'no') return !/^\s*[0-9]/u.test(text.slice(i + 1, i + 4));
  if (abbreviations.has(word) || /^(?:[a-z]\.)+[a-z]$/u.test(word)) return false;
  // An initial ("J. Smith"), and the number of a list item that the line began with.
  if (/^(?![LRCTVS])\p{Lu}$/u.test(text.slice(start, i)) && /\p{Lu}/u.test(text.charAt(i + 2)) && /\s/u.test(text.charAt(start - 1))) return false;
  return !(/^[0-9]{1,2}$/u.test(word) && /[\n.:;]\s*$/u.test(text.slice(Math.max(0, start - 3), start)));
}
