import { readOrder } from '#domain/condition.js';
import type { ReadOrder } from '#domain/condition.js';
import type { Content, SafetyRule } from '#domain/content.js';
import type { Context } from '#domain/context.js';
import type { CONTEXT_PARTS } from '#domain/context.js';
import { covered } from '#domain/exam.js';
import type { Modality, Region } from '#domain/modality.js';
import type { Order } from '#domain/order.js';
import type { Flag, ProtocolChoice } from '#domain/protocol.js';
import { affirmed, findTerms, readText, sentenceAround } from '#domain/text.js';
import type { Hit, ReadText } from '#domain/text.js';

/** What is checked. `today` is a day of the site, YYYY-MM-DD: ages of laboratory values are counted from it. */
export interface SafetyQuestion {
  readonly order: Order;
  /** Null when the EHR gave none: then what rests on it reads "not checked". */
  readonly context: Context | null;
  readonly protocol: ProtocolChoice | null;
  readonly today: string;
}

export type Part = (typeof CONTEXT_PARTS)[number];

/** A text of the order or of the EHR that may speak of a danger. */
export interface Source {
  readonly from: 'indication' | 'problem' | 'note' | 'medication' | 'allergy';
  readonly read: ReadText;
}

/** A term found, with the sentence that is cited. */
export interface Cited {
  readonly hit: Hit;
  readonly source: Source;
  readonly cite: string;
}

/** One question with everything that its checks look at. */
export interface Look extends SafetyQuestion {
  readonly content: Content;
  readonly read: ReadOrder;
  readonly sources: readonly Source[];
  readonly modality: Modality | null;
  readonly region: Region | null;
  /** Iodinated contrast into a vessel, by the proposal or by the order's own words. */
  readonly iodinated: boolean;
  readonly gadolinium: boolean;
  readonly radiotracer: boolean;
  /** Contrast into the thecal sac or a joint. */
  readonly iodinatedElsewhere: boolean;
}

/** A check finds evidence for one row; null: nothing to say. */
export interface Check {
  readonly rule: string;
  /** Does the question arise for this order at all? */
  readonly asked: (look: Look) => boolean;
  /** Parts of the context without which "nothing found" would be a guess. */
  readonly needs: readonly Part[];
  readonly find: (look: Look, row: SafetyRule) => readonly string[] | null;
}

export function lookAt(question: SafetyQuestion, content: Content): Look {
  const { order, context, protocol } = question;
  const read = readOrder(order, context, content.vocabulary);
  const texts: readonly (readonly [Source['from'], readonly string[]])[] = [
    ['indication', [order.indication ?? '']],
    ['problem', context?.problems ?? []],
    ['note', context?.notes ?? []],
    ['medication', context?.medications ?? []],
    ['allergy', context?.allergies ?? []],
  ];
  const modality = read.exam.modality ?? protocol?.modality ?? null;
  const ordered = read.exam.contrast;
  const vessel = ['iv', 'arterial', 'multiphase', 'oral+iv', 'rectal+iv', 'given', 'both'];
  const proposed = protocol?.contrast ?? null;
  return {
    ...question,
    content,
    read,
    sources: texts.flatMap(([from, lines]) =>
      lines.filter((line) => line.trim() !== '').map((line) => ({ from, read: readText(line, content.vocabulary) })),
    ),
    modality,
    region: read.exam.region ?? protocol?.region ?? null,
    iodinated:
      (modality === 'CT' && ordered !== null && vessel.includes(ordered)) ||
      ((protocol?.modality === 'CT' || protocol?.modality === 'MG') && proposed !== null && vessel.includes(proposed)),
    gadolinium: (modality === 'MR' && ordered === 'gad') || proposed === 'gad',
    radiotracer: modality === 'NM' || proposed === 'radiotracer',
    iodinatedElsewhere: proposed === 'intrathecal' || (proposed === 'intra-articular' && protocol?.modality !== 'MR'),
  };
}

/** Runs the checks. A question without a reviewed row, or without the part of the context it rests on, reads "not checked", never "safe". */
export function runChecks(checks: readonly Check[], look: Look): Flag[] {
  const flags: Flag[] = [];
  for (const check of checks) {
    if (!check.asked(look)) continue;
    const row = look.content.safety.find((one) => one.ruleId === check.rule);
    if (row?.reviewedBy == null) {
      flags.push(notChecked(row?.question ?? check.rule, 'no reviewed rule covers it', row));
      continue;
    }
    const lacking = missingParts(check, look);
    if (lacking !== null) flags.push(notChecked(row.question, lacking, row));
    const evidence = check.find(look, row);
    if (evidence !== null) flags.push(flagOf(row, evidence));
  }
  return flags.filter((flag, n) => flags.findIndex((other) => other.code === flag.code && other.text === flag.text) === n);
}

function missingParts(check: Check, { context }: Look): string | null {
  if (check.needs.length === 0) return null;
  if (context === null) return 'the EHR did not answer';
  const lacking = check.needs.filter((part) => context.missing.includes(part));
  return lacking.length === 0 ? null : `the EHR did not give ${lacking.join(' and ')}`;
}

function flagOf(row: SafetyRule, evidence: readonly string[]): Flag {
  const { code, severity, text } = row.output;
  return {
    code,
    severity,
    rule: `${row.ruleId}@${row.version}`,
    source: `${row.source} (${row.sourceDate})`,
    text,
    evidence: [...new Set(evidence)],
  };
}

function notChecked(question: string, why: string, row: SafetyRule | undefined): Flag {
  return {
    code: 'not-checked',
    severity: 'ask',
    rule: row === undefined ? 'none' : `${row.ruleId}@${row.version}`,
    source: row === undefined ? 'none' : row.source,
    text: `${question} not checked: ${why}.`,
    evidence: [],
  };
}

export function wordsOf(row: SafetyRule, name: string): readonly string[] {
  return row.words[name] ?? [];
}

/** Content is refused when a number is missing, so the bound that never fires is unreachable in practice. */
export function numberOf(row: SafetyRule, name: string): number {
  return row.numbers[name] ?? Number.NaN;
}

/** Where the texts affirm one of the terms. */
export function cited(look: Look, terms: readonly string[], from?: readonly Source['from'][]): readonly Cited[] {
  return look.sources
    .filter((source) => from === undefined || from.includes(source.from))
    .flatMap((source) => affirmed(source.read, terms, look.content.vocabulary).map((hit) => ({ hit, source, cite: cite(source, hit) })));
}

/** Is one of the terms in this text, whatever it says of it? */
export function says(source: Source, terms: readonly string[], look: Look): boolean {
  return findTerms(source.read, terms, look.content.vocabulary).length > 0;
}

export function cite(source: Source, hit: Hit): string {
  return `${label[source.from]}: “${sentenceAround(source.read.text, hit.start, hit.end)}”`;
}

const label: Readonly<Record<Source['from'], string>> = {
  indication: 'Indication',
  problem: 'Problem list',
  note: 'Note',
  medication: 'Medication',
  allergy: 'Allergy list',
};

/** Does the sentence around a hit speak of the past: a year gone by, or words that say so? */
export function isPast({ hit, source }: Cited, past: readonly string[], look: Look): boolean {
  const sentence = sentenceAround(source.read.text, hit.start, hit.end);
  const year = Number(look.today.slice(0, 4));
  const years = [...sentence.matchAll(/\b(?:19|20)\d\d\b/gu)].map((match) => Number(match[0]));
  return years.some((one) => one < year) || findTerms(readText(sentence, look.content.vocabulary), past, look.content.vocabulary).length > 0;
}

/** Whole days from a date to `today`; null when the date is not there. Never negative. */
export function daysOld(date: string | null, today: string): number | null {
  const from = Date.parse((date ?? '').slice(0, 10));
  const to = Date.parse(today);
  return Number.isNaN(from) || Number.isNaN(to) ? null : Math.max(0, Math.round((to - from) / 86_400_000));
}

export function isOneOf(region: Region | null, regions: readonly Region[]): boolean {
  return region !== null && regions.includes(region);
}

export function coversRegion(outer: Region, inner: Region, look: Look): boolean {
  return covered(outer, look.content.vocabulary).includes(inner);
}
