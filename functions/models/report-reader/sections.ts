import type { ReportLanguage, SectionKind } from '#domain/content.js';
import { linesOf } from './lines.ts';
import type { Line } from './lines.ts';
import { folded } from './words.ts';

/** A part of the report under one heading; `start` is behind the heading. */
export interface Section {
  readonly kind: SectionKind;
  /** As it stands in the text, without colon; empty: none. */
  readonly heading: string;
  readonly start: number;
  readonly end: number;
}

interface Mark {
  readonly kind: SectionKind;
  readonly from: number;
  readonly start: number;
  /** It ends a question in its line and says nothing of what stands before that. */
  readonly weak?: true;
}

/** Kinds that tell nothing of the present exam; without a heading of findings they end with their line. */
const aside: ReadonlySet<SectionKind> = new Set<SectionKind>(['question', 'comparison', 'technique', 'other']);
/** Of the headings of findings those that head all of them, not those of one organ. */
const main = /finding|observation|interpretation|description|result|report/iu;
const mostWords = 6;
const mostLetters = 60;

/** Headings of the content, by their folded words. */
export function headingsOf({ headings }: ReportLanguage): ReadonlyMap<string, SectionKind> {
  return new Map(headings.flatMap(({ kind, says }) => says.map((one): [string, SectionKind] => [key(one), kind])));
}

function key(text: string): string {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '').map(folded).join(' '); // prettier-ignore
}

/** The report in its sections, in order and without gaps but for the headings; what stands under no heading is `findings`. */
export function sectionsOf(text: string, headings: ReadonlyMap<string, SectionKind>): { readonly sections: Section[]; readonly lines: Line[] } {
  const lines = linesOf(text);
  const marks = lines.flatMap((line) => marksIn(text, line, headings));
  const lastFindings = marks.findLastIndex(
    ({ kind, from, start, weak }) => weak === undefined && kind === 'findings' && main.test(text.slice(from, start)),
  );
  const sections: Section[] = [];
  const lastBody = marks.findLastIndex(({ kind, weak }) => weak === undefined && (kind === 'findings' || kind === 'impression'));
  let body: SectionKind = 'findings';
  let begun = false;
  const add = (kind: SectionKind, from: number, start: number, end: number): void => {
    if (end > start) sections.push({ kind, heading: text.slice(from, start).replace(/[\s:*#=–-]+$/u, '').trim(), start, end }); // prettier-ignore
  };
  // Before the first heading of a report that has its findings under one stand letterhead, title and question.
  add(lastFindings > 0 || lastFindings === 0 ? 'other' : 'findings', 0, 0, marks[0]?.from ?? text.length);
  let line = 0;
  for (const [i, mark] of marks.entries()) {
    const { from, start } = mark;
    // "Preliminary report" over a report with headings is its status.
    const kind = mark.kind === 'prelim' && i < lastBody && text.charAt(start - 1) !== ':' ? 'other' : mark.kind;
    const end = marks[i + 1]?.from ?? text.length;
    const letterhead = kind === 'other' && !begun && i < lastBody;
    if (!aside.has(kind)) [body, begun] = [kind, true];
    if (letterhead || !aside.has(kind) || (kind !== 'other' && i < lastFindings)) {
      add(kind, from, start, end);
      continue;
    }
    while (line < lines.length && (lines[line]?.end ?? 0) < start) line += 1;
    // The heading may stand alone on its line: then its text is on the next one.
    let last = line;
    while (last + 1 < lines.length && (lines[last]?.goesOn === true || (lines[last]?.end ?? 0) <= start)) last += 1;
    const stop = Math.max(start, Math.min(lines[last]?.end ?? end, end));
    const none =
      kind === 'comparison'
        ? (/^\s*(?:none|nil|no prior|not available|n\/a)[^.\n]{0,40}\./iu.exec(text.slice(start, Math.min(stop, start + 80)))?.[0].length ?? 0)
        : 0;
    const close = none > 0 ? start + none : stop;
    add(kind, from, start, close);
    add(body, close, close, end);
  }
  return { sections, lines };
}

function marksIn(text: string, line: Line, headings: ReadonlyMap<string, SectionKind>): Mark[] {
  if (line.end === line.start) return [];
  const marks: Mark[] = [];
  let from = line.start;
  for (let colon = text.indexOf(':', from); colon !== -1 && colon < line.end; colon = text.indexOf(':', colon + 1)) {
    const mark = before(text, from, colon, headings, from === line.start);
    if (mark !== null) marks.push(mark);
    from = colon + 1;
  }
  if (marks.length === 0) marks.push(...alone(text, line, headings));
  const question = marks.find(({ kind }) => aside.has(kind));
  return question === undefined ? marks : [...marks, ...dictated(text, question.start, line.end, headings)].toSorted((a, b) => a.from - b.from);
}

/** "Clinical: collapsed. Report. There is a haemorrhage": a heading that was dictated as a sentence of its own behind a question. */
function dictated(text: string, start: number, end: number, headings: ReadonlyMap<string, SectionKind>): Mark[] {
  const marks: Mark[] = [];
  for (const { index, 0: all, 1: phrase = '' } of text.slice(start, end).matchAll(/(?<=[.!?] )(\p{Lu}\p{Ll}{4,20})\. (?=\S)/gu)) {
    const kind = headings.get(key(phrase));
    if (kind === 'impression' || (kind === 'findings' && main.test(phrase)))
      marks.push({ kind, from: start + index, start: start + index + all.length, weak: true });
  }
  return marks;
}

/** A cheap look before a dear one: no heading is shorter than two letters, and none ends in another mark. */
function endsHeading(text: string, from: number, colon: number, headings: ReadonlyMap<string, SectionKind>): boolean {
  let end = colon;
  while (end > from && text.charAt(end - 1) === ' ') end -= 1;
  let start = end;
  while (start > from && end - start < 24 && /[\p{L}\p{N}]/u.test(text.charAt(start - 1))) start -= 1;
  return end - start >= 2 && (headings.size === 0 || lastWords(headings).has(folded(text.slice(start, end))));
}

const known = new WeakMap<ReadonlyMap<string, SectionKind>, ReadonlySet<string>>();

function lastWords(headings: ReadonlyMap<string, SectionKind>): ReadonlySet<string> {
  const made = known.get(headings) ?? new Set([...headings.keys()].map((one) => one.slice(one.lastIndexOf(' ') + 1)));
  known.set(headings, made);
  return made;
}

/** The longest heading that ends at a colon. Within a line it must follow the end of a sentence, or stand in capitals. */
function before(text: string, from: number, colon: number, headings: ReadonlyMap<string, SectionKind>, atHead: boolean): Mark | null {
  const added = atHead && !headings.has(key(text.slice(from, Math.min(colon, from + mostLetters)))) ? addendum(text, from, colon, headings) : null;
  if (added !== null) return added;
  if (!endsHeading(text, from, colon, headings)) return null;
  const near = Math.max(from, colon - mostLetters);
  const words = [...text.slice(near, colon).matchAll(/[\p{L}\p{N}]+/gu)].slice(-mostWords);
  for (const word of words) {
    const start = near + word.index;
    const phrase = text.slice(start, colon);
    const kind = headings.get(key(phrase));
    if (kind === undefined) continue;
    const lead = text.slice(near, start).trimEnd();
    const apart = (lead.replace(/^[\s*#=_>•-]*(?:[0-9]+[.)])?/u, '') === '' && near === from && atHead) || /[.!?;)]$/u.test(lead) || (lead === '' && near === from) || phrase === phrase.toUpperCase(); // prettier-ignore
    if (apart) return { kind, from: start, start: colon + 1 };
  }
  return null;
}

/** "ATTENDING ADDENDUM - DISCREPANCY (07:35): …", "Addendum by Dr Okafor: …": a head of a line whose first word, or any in capitals, heads addenda. */
function addendum(text: string, from: number, colon: number, headings: ReadonlyMap<string, SectionKind>): Mark | null {
  if (colon - from > mostLetters) return null;
  const phrase = text.slice(from, colon);
  const words = phrase.match(/\p{L}+/gu) ?? [];
  const heads = (phrase === phrase.toUpperCase() ? words : words.slice(0, 1)).some((word) => headings.get(folded(word)) === 'addendum');
  return heads ? { kind: 'addendum', from, start: colon + 1 } : null;
}

const capitals = /^[*#=_\s]*((?:[A-Z]+(?:[ /]|$)){1,4})/u;

/** A heading without colon: alone on its line, in front of a dash, or in capitals. */
function alone(text: string, { start, end }: Line, headings: ReadonlyMap<string, SectionKind>): Mark[] {
  if (end - start <= mostLetters) {
    const kind = headings.get(key(text.slice(start, end)));
    if (kind !== undefined) return [{ kind, from: start, start: end }];
  }
  const head = text.slice(start, Math.min(end, start + mostLetters));
  const dash = /^[*#\s]*([\p{L} ]{2,40}?)\s+[-–—]+\s/u.exec(head);
  const dashed = dash?.[1] === undefined ? undefined : headings.get(key(dash[1]));
  if (dash !== null && dashed !== undefined) return [{ kind: dashed, from: start, start: start + dash[0].length }];
  const words = capitals.exec(head)?.[1]?.trim().split(/[ /]+/u) ?? [];
  for (let count = words.length; count > 0; count -= 1) {
    const phrase = words.slice(0, count).join(' ');
    const kind = headings.get(key(phrase));
    // "SOFT TISSUE NECK (AP AND LATERAL)" is a title, not the heading of an organ.
    if (kind === 'findings' && headings.get(key(words[count] ?? '')) === 'findings' && !main.test(phrase)) continue;
    if (kind !== undefined && kind !== 'other') return [{ kind, from: start, start: start + head.indexOf(words[0] ?? '') + phrase.length }];
  }
  return [];
}
