import type { Content, FindingClass, SectionKind } from '#domain/content.js';
import { saidIn, saidOf } from './assertion.ts';
import { betweenOf, handedOn, isClear, isItem, isNext, isOfAll, mayBeAnswered, turnBack, turnOf } from './between.ts';
import type { Between } from './between.ts';
import { classesOf, mentionsIn } from './classes.ts';
import type { Classes } from './classes.ts';
import type { Heard } from './features.ts';
import { negation } from './negation.ts';
import { Patterns } from './pattern.ts';
import type { Hit } from './pattern.ts';
import type { Assertion, Negation, Report, ReportReading } from './reading.ts';
import { resolved } from './resolve.ts';
import type { Stated } from './resolve.ts';
import { secondLook } from './second-look.ts';
import type { Look } from './second-look.ts';
import { leavesOpen, leftOpenOf, withLoose } from './left-open.ts';
import type { LeftOpen } from './left-open.ts';
import { openLook } from './open-look.ts';
import type { OpenLook } from './open-look.ts';
import { headingsOf, sectionsOf } from './sections.ts';
import type { Line } from './lines.ts';
import { sentencesOf } from './sentences.ts';
import type { Sentence } from './sentences.ts';
import { sideOf } from './side.ts';
import { bit, triggersOf } from './triggers.ts';
import type { Triggers } from './triggers.ts';
import { wordsOf } from './words.ts';
import type { Token } from './words.ts';

export interface ReportReader {
  /** Content that was read by. */
  readonly version: string;
  readonly read: (report: Report) => ReportReading;
  readonly negation: (concept: string, sentence: string) => Negation;
}

/** Longer sentences are cut here: a report without a full stop must not tie its end to its beginning. Words. */
const longestSentence = 400;
/** Characters of an exam's name that are read. */
const longestExam = 500;

/**
 * A reader of signed reports by the content's classes and language: pure, offline, the same answer every time, in time linear in the text. English.
 * @param look a second opinion on what the rules call stated; null: none
 * @param open what is asked about where the rules find nothing; null: nothing
 * @throws PatternError where a row of the content holds no pattern
 */
export function reportReader(
  content: Pick<Content, 'findings' | 'reportLanguage' | 'version'>,
  look: Look | null = secondLook,
  open: OpenLook | null = openLook,
): ReportReader {
  const patterns = new Patterns(content.reportLanguage.words);
  const kit: Kit = {
    patterns,
    triggers: triggersOf(content.reportLanguage, patterns),
    between: betweenOf(content.reportLanguage, patterns),
    classes: classesOf(content.findings, content.reportLanguage, patterns),
    headings: headingsOf(content.reportLanguage),
    head: new Set(content.reportLanguage.head.map((one) => patterns.seek(one))),
    looks: new Set(content.reportLanguage.looks.map((one) => patterns.seek(one))),
    advice: new Set(content.reportLanguage.advice.map((one) => patterns.seek(one))),
    retracts: new Set(content.reportLanguage.retracts.map((one) => patterns.seek(one))),
    abbreviations: new Set(content.reportLanguage.abbreviations),
    leftOpen: leftOpenOf(content, patterns),
  };
  return {
    version: content.version,
    read: (report) => read(report, kit, look, open),
    negation: (concept, sentence) => negation(concept, sentence, kit),
  };
}

interface Kit {
  readonly patterns: Patterns;
  readonly triggers: Triggers;
  readonly between: Between;
  readonly classes: Classes;
  readonly headings: ReadonlyMap<string, SectionKind>;
  /** What tells that the first lines of a report are its question. */
  readonly head: ReadonlySet<number>;
  /** What tells that a sentence describes an image. */
  readonly looks: ReadonlySet<number>;
  readonly advice: ReadonlySet<number>;
  readonly retracts: ReadonlySet<number>;
  readonly abbreviations: ReadonlySet<string>;
  readonly leftOpen: LeftOpen;
}

function read({ text, exam }: Report, kit: Kit, look: Look | null, open: OpenLook | null): ReportReading {
  const { sections, lines } = sectionsOf(text, kit.headings);
  const sentences = spoken(text, sentencesOf(text, sections, lines, kit.abbreviations));
  const about = aboutOf(exam ?? '', text, sentences, kit);
  const headEnds = headOf(text, sentences);
  const titled = titleEnd(text, sentences, lines);
  // One sentence after the other: nothing but its words and mentions is kept of it.
  const stated: Stated[] = [];
  const heard: Heard[] = [];
  const loose = new Map<Sentence, 'open' | 'harmless'>();
  let retracted = false;
  let handed = 0;
  let wasAsked = false;
  let cleared = false;
  let described = false;
  const concludes = sections.some(({ kind }) => kind === 'impression');
  for (const [i, sentence] of sentences.entries()) {
    const before = sentences[i - 1];
    if (before === undefined || !isItem(text, before, sentence)) handed = 0;
    for (const words of chunks(wordsOf(text, sentence.start, sentence.end))) {
      const tokens = kit.patterns.recognise(words);
      const hits = kit.patterns.find(tokens);
      retracted ||= sentence.section.kind === 'addendum' && hits.some(({ pattern }) => kit.retracts.has(pattern));
      const beside = sentence.end <= titled || (text.charAt(sentence.end - 1) === '?' && words.length <= mostAskedWords);
      const asked = isAsked(text, sentence, words, sentence.end <= titled, lines);
      // What stands behind a description of the image is no question of the referrer.
      described ||= text.charAt(sentence.end - 1) !== '?' && hits.some(({ pattern }) => kit.looks.has(pattern));
      const atHead = !described && (i < headEnds || asked);
      const here = statedIn({ sentence, tokens, hits, at: i, atHead, beside, handed, heard: heard.length }, about, kit);
      heard.push({ sentence, tokens });
      const left = leavesOpen(sentence, tokens, hits, kit.leftOpen);
      if (loose.get(sentence) !== 'open' && (left === 'harmless' || (left === 'open' && here.length === 0))) loose.set(sentence, left);
      if (here.length === 0 && before !== undefined && stated.length > 0) {
        const turn = turnOf(tokens, hits, wasAsked, kit.between, kit.triggers);
        if (turn !== null && isOfAll(turn, sentence, before, stated) && !sections.some(({ kind }) => kind === 'prelim')) turnBack(stated, turn, 0);
        else if (turn !== null && isNext(text, before, sentence)) turnBack(stated, turn, i - 1);
      }
      stated.push(...here);
      handed = handedOn(text, sentence, tokens, hits, kit.triggers) || handed;
      wasAsked = mayBeAnswered(text, sentence, tokens);
      const ends = sentence.section.kind === 'impression' || (!concludes && i === sentences.length - 1 && sentence.section.heading === '');
      cleared ||= ends && isClear(tokens, hits, kit.between, concludes);
    }
  }
  const told = look === null ? stated : look({ text, heard, stated, cleared });
  const found = resolved(retracted ? told.filter(({ section }) => section !== 'prelim') : told, cleared);
  return { sections, ...withLoose(found, loose, { text, heard, stated: told, cleared }, sentences, kit.leftOpen, open) };
}

/** Whether a pattern stands in the exam's name, in question or technique, or in the first two sentences: what kind of exam it is, and what is expected. */
function aboutOf(exam: string, text: string, sentences: readonly Sentence[], { patterns }: Kit): (pattern: number) => boolean {
  const all = [wordsOf(exam, 0, Math.min(exam.length, longestExam))];
  for (const [i, { section, start, end }] of sentences.entries())
    if (i < 2 || section.kind === 'question' || section.kind === 'technique') all.push(wordsOf(text, start, end));
  return patterns.within(all.flatMap(chunks).map((tokens) => patterns.recognise(tokens)));
}

interface Listened extends Heard {
  readonly hits: readonly Hit[];
  /** Its number in the report. */
  readonly at: number;
  readonly atHead: boolean;
  /** It stands beside the title, in the first line of a report that goes on below. */
  readonly beside: boolean;
  /** What the head of its list says of it. */
  readonly handed: number;
  readonly heard: number;
}

function statedIn({ sentence, tokens, hits, at, atHead, beside, handed, heard }: Listened, about: (pattern: number) => boolean, kit: Kit): Stated[] {
  const mentions = mentionsIn(tokens, hits, kit.classes, kit.patterns, about);
  if (mentions.length === 0) return [];
  const asks = atHead && sentence.section.heading === '' && hits.some(({ pattern }) => kit.head.has(pattern));
  const partly = hits.some(({ pattern }) => kit.between.partly.has(pattern));
  const measured = tokens.some(({ millimetres }) => millimetres > 0);
  const advises = hits.some(({ pattern }) => kit.advice.has(pattern));
  const said = saidIn(tokens, hits, mentions.flatMap(({ parts }) => parts), kit.triggers); // prettier-ignore
  return mentions.map(({ of, parts }): Stated => {
    const { row, expected } = kit.classes.rows[of] ?? never();
    const flags = handed | saidOf(parts, said) | (expected.some(about) ? bit.stable : 0) | (asks ? bit.question : 0);
    const from = Math.min(...parts.map((part) => part.from));
    const to = Math.max(...parts.map((part) => part.to));
    return {
      row, at, flags, first: from, section: sentence.section.kind, assertion: assertionOf(asks ? flags & ~bit.open : flags, sentence, row), side: sideOf(tokens, from, to),
      advises, beside, partly, measured, heard, parts, ...clause(sentence, tokens, from, to),
    }; // prettier-ignore
  });
}

/** "CT head. Clinical: fall. There is a subdural haematoma.": where a report is nothing but its question, its findings stand behind the question's first sentence. */
function spoken(text: string, sentences: readonly Sentence[]): readonly Sentence[] {
  const first = sentences.findIndex(({ section }) => section.kind === 'question');
  if (first === -1 || !sentences.slice(first).every(({ section }) => section.kind === 'question')) return sentences;
  const before = sentences.slice(0, first).reduce((count, { start, end }) => count + wordsOf(text, start, end).length, 0);
  if (before > mostTitleWords) return sentences;
  return sentences.map((one, i) => (i > first ? { ...one, section: { ...one.section, kind: 'findings', heading: '' } } : one));
}

/** How many sentences may be title and question of a report without headings: two, or its first two paragraphs; never all. */
function headOf(text: string, sentences: readonly Sentence[]): number {
  let paragraphs = 0;
  let count = 0;
  for (let i = 1; i < Math.min(sentences.length, 8); i += 1) {
    const [last, next] = [sentences[i - 1], sentences[i]];
    if (last === undefined || next === undefined || !/\n[ \t\r]*\n/u.test(text.slice(last.end, Math.min(next.start, last.end + 200)))) continue;
    paragraphs += 1;
    if (paragraphs <= 2) count = i;
  }
  return Math.max(count, sentences.length > 2 ? 2 : 0);
}

/** Where the first line ends that begins with a title ("CT brain. Headache, family anxious about a bleed."); 0: there is none. */
function titleEnd(text: string, sentences: readonly Sentence[], lines: readonly Line[]): number {
  const [first] = sentences;
  const line = lines.find(({ start, end }) => end > start);
  if (first === undefined || line === undefined || first.section.heading !== '' || first.end >= line.end || text.slice(line.end).trim() === '')
    return 0;
  return wordsOf(text, first.start, first.end).length <= mostTitleWords ? line.end : 0;
}

const mostTitleWords = 5;
/** With its mark. */
const mostAskedWords = 5;

/** "?PE" in the first sentence or line, if the report goes on; "?PE" or "PE?" alone in the first three lines; a question mark beside the title. */
function isAsked(text: string, { section, start, end }: Sentence, words: readonly Token[], beside: boolean, lines: readonly Line[]): boolean {
  if (section.heading !== '' || start >= (lines[2]?.end ?? text.length)) return false;
  const marks = words.filter(({ word }) => word === '?');
  if (marks.length === 0) return false;
  if (beside || text.charAt(start) === '?') return true;
  if (text.charAt(end - 1) === '?')
    return words.length <= mostAskedWords && (words.length <= 3 || /^[ \t]*\r?\n/u.test(text.slice(end, end + 20))) && text.slice(end).trim() !== '';
  return (
    start === (lines.find((line) => line.end > line.start)?.start ?? 0) &&
    text.slice(end).trim() !== '' &&
    marks.some((mark) => mark.end < end && !/\s/u.test(text.charAt(mark.end)))
  );
}

function never(): never {
  throw new RangeError('a mention of a class that is not there');
}

function chunks(tokens: Token[]): Token[][] {
  if (tokens.length <= longestSentence) return [tokens];
  return Array.from({ length: Math.ceil(tokens.length / longestSentence) }, (_, i) => tokens.slice(i * longestSentence, (i + 1) * longestSentence));
}

function assertionOf(flags: number, { section: { kind } }: Sentence, row: FindingClass): Assertion {
  const is = (one: number): boolean => (flags & one) !== 0;
  if (kind === 'question' || kind === 'comparison' || kind === 'technique' || kind === 'other') return 'question';
  if (is(bit.question) && !is(bit.open)) return 'question';
  // "No other" is no denial of the one that is there.
  if (is(bit.other)) return 'other';
  // Where a clause denies and can't exclude, or tells of the past and can't exclude, somebody is asked.
  if (is(bit.open) && row.uncertain === 'asks') return 'uncertain';
  if (is(bit.negated)) return 'negated';
  if ((kind === 'recommendation' || is(bit.hypothetical)) && !is(bit.open)) return 'hypothetical';
  if (!is(bit.fresh)) {
    if (is(bit.resolved)) return 'resolved';
    if (is(bit.stable) && row.stable === 'nothing') return 'stable';
    if (is(bit.historical)) return 'historical';
  }
  return is(bit.uncertain | bit.open) ? 'uncertain' : 'affirmed';
}

/** Characters that a quoted clause may be long before it is cut to the mention's surroundings. */
const longestClause = 240;
const wordsAround = 12;

function clause({ start, end }: Sentence, tokens: readonly Token[], from: number, to: number): { start: number; end: number } {
  if (end - start <= longestClause) return { start, end };
  return { start: tokens[Math.max(0, from - wordsAround)]?.start ?? start, end: tokens[Math.min(tokens.length, to + wordsAround) - 1]?.end ?? end };
}
