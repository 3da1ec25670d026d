import type { ExamSaid } from '#domain/utterance.js';
import { nameAt } from './name-at.ts';
import type { Name } from './name-at.ts';
import { classesOf } from './lexicon.ts';

/** A declaration in words that names its exam otherwise than by a case number, and what is left of it. */
interface ExamInWords {
  readonly exam: ExamSaid;
  readonly rest: string;
}

/** Where something stands in a text, with what leads up to it. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly said: string;
}

const ofCritical = /\b(?:crit(?:ical|icals)?|actionable|red alert|cat(?:egory)?\W?(?:[123]|one|two|three)|cr[ií]tic[oa])\b/iu;

/**
 * The accession number and the patient's name, as they were written, of words about a critical result; null: it says neither. @param text as `cleaned` gives it
 * @param hasCase does it name a case? Then a name is read only where a word marks it: "dissection of innominate" is a finding
 */
export function examSaid(text: string, hasCase: (text: string) => boolean): ExamInWords | null {
  if (!ofCritical.test(text)) return null;
  const number = accessionIn(text);
  const without = number === null ? text : cut(text, number);
  const patient = number !== null || hasCase(without) ? markedIn(without, true) : (markedIn(without, false) ?? unmarkedIn(without));
  if (number === null && patient === null) return null;
  return {
    exam: { accession: number?.said ?? null, patient: patient?.said ?? null },
    rest: patient === null ? without : cut(without, patient),
  };
}

/** Without it, and without the marks that only it needed. */
function cut(text: string, { from, to }: Part): string {
  return `${text.slice(0, from)} ${text.slice(to)}`
    .replaceAll(/\(\s*\)|\[\s*\]/gu, ' ')
    .replaceAll(/[^\S\n]+/gu, ' ')
    .replaceAll(/ (?=[,;:.!?])/gu, '')
    .replaceAll(/([,;:–-])(?:\s*[,;:–-])+/gu, '$1')
    .replaceAll(/\.(?:\s*\.)+/gu, '.')
    .replace(/^(\s*crit\w*(?: (?:finding|result|alert))?)\s*\.\s*(?=\S)/iu, '$1: ')
    .replaceAll(/^[\s,;:.–-]+|[\s,;:–-]+$/gu, '');
}

const markedNumber =
  /(?:\b(?:on|for|of|in|with|en|del?) )?(?:\b(?:the|exam|study|scan|case|el|estudio) ){0,3}(?:\b(?:accession|accn?|acsn)\b|\bn[uú]mero de acceso\b)\.?\s*(?:(?:number|num|no|nr)\b\.?|#)?\s*(?:is )?[:=#]?\s*(?<number>[\p{L}\p{N}][\p{L}\p{N}._/-]{1,30})/giu;
/** "on A1234567", where nothing else follows than what was found. */
const plainNumber = /\b(?:on|for|of)[ .:#]+(?<number>[a-z0-9][a-z0-9-]{4,31})(?=\s*(?:[:;,!.–]|- |$))/giu;
/** "A1234567 critical: free air". */
const leadingNumber = /^\s*(?<number>[a-z0-9][a-z0-9-]{4,31})\b(?=\s*(?:[:,–-]|is a?|has a?)?\s*(?:new )?crit)/giu;
const caseNumberShape = /^[2-9BCDFGHJKMNPQRTVWXY]{6,7}$/iu;
const dateOrMeasure = /^\d{1,4}-\d{1,2}-\d{1,4}$|^\d+(?:ml|cc|mm|cm|mg|hu|min|mins|h|hrs)$/iu;

function accessionIn(text: string): Part | null {
  const marked = partsOf(text, markedNumber).find(({ said }) => /\d/u.test(said) && !dateOrMeasure.test(said));
  return (
    marked ??
    [...partsOf(text, plainNumber), ...partsOf(text, leadingNumber)].find((part) => /\d.*\d.*\d/u.test(part.said) && isNoOther(part.said)) ??
    null
  );
}

function isNoOther(said: string): boolean {
  return !caseNumberShape.test(said) && !dateOrMeasure.test(said);
}

function partsOf(text: string, pattern: RegExp): Part[] {
  return [...text.matchAll(pattern)].map((found) => {
    const said = (found.groups?.['number'] ?? '').replace(/[._/-]+$/u, '');
    const written = found[0].replace(/[._/-]+$/u, '');
    return { from: found.index, to: found.index + written.length, said };
  });
}

const before = String.raw`(?:\b(?:on|for|of|in|about|with|en|de) )?(?:\b(?:the|our|my|el|la) )?`;
const title = String.raw`(?:\b(?:mrs?|ms|miss|mx|baby(?: boy| girl)?|sra?|srta|señora?|don|doña)\b\.? ?)`;
/** "MR brain" is a scanner's. */
const noBody = String.raw`(?!(?:[clt]-?spine|spine|brain|head|neck|chest|abdom\w*|pelvi\w*|knee|hip|shoulder|liver|cardiac|heart|lumbar|cervical|thoracic|angio\w*|arthro\w*|entero\w*|scan|study|exam|imaging|images?|orbits?|prostate|breast)\b)`;
/** What says that a patient's name follows. */
const marks: readonly RegExp[] = [
  new RegExp(String.raw`${before}\b(?:patient|pt|paciente)\b\.?(?:'s)?\s*(?:(?:name(?: is)?|named|called|nombre|is)\b)?\s*[:=]?\s*${title}?`, 'giu'),
  new RegExp(String.raw`${before}\b(?:name(?: is)?|named|nombre)\b\s*[:=]?\s*${title}?`, 'giu'),
  new RegExp(String.raw`${before}${title}${noBody}`, 'giu'),
]; // prettier-ignore

/** @param onlyCapital where the exam is named otherwise, "patient unstable" is a remark */
function markedIn(text: string, onlyCapital: boolean): Part | null {
  for (const mark of marks)
    for (const found of text.matchAll(mark)) {
      const name = nameAt(text, found.index + found[0].length, true);
      // "patient is crashing" is a remark too.
      const needsCapital = onlyCapital || /\bis\s*$/iu.test(found[0]);
      if (name !== null && (name.isCapital || !needsCapital)) return { ...name, from: found.index };
    }
  return null;
}

function unmarkedIn(text: string): Part | null {
  return leading(text) ?? afterHead(text) ?? afterPreposition(text) ?? trailing(text);
}

/** "Sanchez, Maria - critical: free air", "Sanchez has a critical: free air". */
function leading(text: string): Part | null {
  const [greeting = ''] = /^(?:(?:hi|hey|hello|radloop|please|urgent)\b|[\s,:!-])*/iu.exec(text) ?? [];
  const name = nameAt(text, greeting.length, false);
  if (name === null) return null;
  const [between] = /^\s*(?:[-–:,]|(?:has|with|shows)(?: a)?\b)\s*(?=(?:new )?crit)/iu.exec(text.slice(name.to)) ?? [];
  return between === undefined ? null : { said: name.said, from: greeting.length, to: name.to + between.length };
}

/** "critical Sanchez: free air"; after a colon only where what was found follows: "critical: Sanchez, free air". */
function afterHead(text: string): Part | null {
  for (const head of text.matchAll(/\bcrit(?:icals?)?\b(?: (?:finding|result|alert))?(?<mark>\s*[-–,:])?\s+/giu)) {
    const at = head.index + head[0].length;
    const name = nameAt(text, at, false);
    if (name === null) continue;
    const next = text.slice(name.to);
    const isAfterColon = head.groups?.['mark']?.includes(':') === true;
    if (isAfterColon ? name.isCapital && /^\s*[,:–-]/u.test(next) && saysFinding(next) : /^\s*(?:[:–]|- )/u.test(next)) return { ...name, from: at };
  }
  return null;
}

function saysFinding(text: string): boolean {
  return (text.toLowerCase().match(/[a-z]+/gu) ?? []).some((word) => classesOf(word).includes('FIND'));
}

/** "on sanchez garcia", "in Sanchez's CT". */
function afterPreposition(text: string): Part | null {
  const found = [...text.matchAll(/\b(?<word>on|for|of|in) (?:the )?/giu)].flatMap((lead): (Name & Part)[] => {
    const name = nameAt(text, lead.index + lead[0].length, false);
    const isLoose = /^(?:on|for)$/iu.test(lead.groups?.['word'] ?? '');
    return name === null || (!isLoose && !name.isCapital) ? [] : [{ ...name, from: lead.index }];
  });
  return found.find(({ isCapital }) => isCapital) ?? found.at(-1) ?? null;
}

/** "critical: free air, Sanchez Garcia". */
function trailing(text: string): Part | null {
  for (const mark of text.matchAll(/[,;–]\s*| [-/] /gu)) {
    const name = nameAt(text, mark.index + mark[0].length, false);
    if (name?.isCapital === true && /^[\s.!]*$/u.test(text.slice(name.to))) return { ...name, from: mark.index };
  }
  return null;
}
