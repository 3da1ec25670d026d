import { applies } from '#domain/condition.js';
import type { ReadOrder } from '#domain/condition.js';
import type { ChoiceRule, Content, Tuning } from '#domain/content.js';
import { bodyPartsIn, icdRegions, overlap } from '#domain/exam.js';
import type { Modality, Region } from '#domain/modality.js';
import type { Protocol } from '#domain/protocol.js';
import { affirmed, findTerms } from '#domain/text.js';

/** One thing that speaks for or against a protocol. */
export interface Evidence {
  readonly weight: number;
  /** A plain sentence; null for what is too small to be told. */
  readonly why: string | null;
}

/** All that is the same for every protocol of one order. */
export interface Reading {
  readonly order: ReadOrder;
  /** Regions that the indication and its codes point to, the first named first. */
  readonly pointedTo: readonly Region[];
  readonly rules: readonly ChoiceRule[];
  readonly examText: string;
}

export function readEvidence(order: ReadOrder, content: Content): Reading {
  const { vocabulary } = content;
  const parts = bodyPartsIn(order.indication, vocabulary).map((hit) => hit.regions[0]);
  const codes = icdRegions(order.order.reasonCodes ?? [], vocabulary).map((hit) => hit.regions[0]);
  return {
    order,
    pointedTo: [...new Set([...parts, ...codes].filter((region) => region !== undefined))],
    rules: content.choices.filter((rule) => rule.reviewedBy !== null && applies(rule.when, order, vocabulary) !== null),
    examText: order.exam.read.text,
  };
}

export function evidenceFor(protocol: Protocol, reading: Reading, content: Content): Evidence[] {
  const numbers = content.tuning.protocolChoice;
  return [
    ...regionEvidence(protocol, reading, content),
    ...contrastEvidence(protocol, reading, content),
    ...termEvidence(protocol, reading, content),
    ...reading.rules.filter((rule) => agrees(rule, protocol)).map((rule) => ({ weight: rule.weight, why: rule.output })),
    { weight: numbers.similarText * similarity(reading.examText, protocol.name), why: null },
  ];
}

function regionEvidence(protocol: Protocol, { order, pointedTo }: Reading, content: Content): Evidence[] {
  const numbers = content.tuning.protocolChoice;
  const { region } = order.exam;
  if (region === null) {
    const rank = pointedTo.indexOf(protocol.region);
    return rank < 0
      ? []
      : [{ weight: numbers.regionFromIndication / (rank + 1), why: `The reason for the exam points to ${spoken(protocol.region)}.` }];
  }
  if (protocol.region === region) return [{ weight: numbers.regionSame, why: `The order names ${spoken(region)}.` }];
  return [{ weight: overlap(protocol.region, region, content.vocabulary) ? numbers.regionOther / 4 : numbers.regionOther, why: null }];
}

function contrastEvidence(protocol: Protocol, { order }: Reading, content: Content): Evidence[] {
  const numbers = content.tuning.protocolChoice;
  const said = order.exam.contrast;
  if (said === null) {
    const usual = content.vocabulary.usualContrast.find((row) => row.modality === protocol.modality && row.regions.includes(protocol.region));
    return usual?.contrast === protocol.contrast
      ? [{ weight: numbers.contrastUsual, why: 'The order does not say whether contrast is given; this is the usual way.' }]
      : [];
  }
  return [
    {
      weight: contrastWeight(protocol, said, numbers),
      why: said === protocol.contrast || said === 'given' || said === 'both' ? contrastWords(protocol) : null,
    },
  ];
}

function contrastWeight(protocol: Protocol, said: NonNullable<ReadOrder['exam']['contrast']>, numbers: Tuning['protocolChoice']): number {
  const given = protocol.contrast !== 'none';
  const trunk = ['abdomen', 'abdomen-pelvis', 'chest-abdomen-pelvis', 'neck'].includes(protocol.region);
  if (said === 'given') return !given ? numbers.contrastOther : protocol.contrast === 'iv' ? numbers.contrastSame : numbers.contrastSame / 3;
  if (said === 'both') {
    if (!given) return numbers.contrastOther;
    return (protocol.contrast === 'multiphase' && trunk) || (protocol.contrast === 'iv' && !trunk) ? numbers.contrastSame : 0;
  }
  return said === protocol.contrast ? numbers.contrastSame : numbers.contrastOther;
}

function contrastWords(protocol: Protocol): string {
  return protocol.contrast === 'none' ? 'The order asks for no contrast.' : 'The order asks for contrast.';
}

function termEvidence(protocol: Protocol, { order }: Reading, content: Content): Evidence[] {
  const numbers = content.tuning.protocolChoice;
  const { vocabulary } = content;
  const inExam = longestOnly(findTerms(order.exam.read, protocol.terms, vocabulary));
  const inReason = longestOnly(affirmed(order.indication, protocol.terms, vocabulary));
  const notInExam = findTerms(order.exam.read, protocol.notTerms, vocabulary);
  const notInReason = affirmed(order.indication, protocol.notTerms, vocabulary);
  const weigh = (hits: readonly { from: number; to: number }[], each: number, most: number) =>
    Math.min(
      most,
      hits.reduce((sum, hit) => sum + each * Math.sqrt(hit.to - hit.from), 0),
    );
  return [
    { weight: weigh(inExam, numbers.termInExam, numbers.termInExamMost), why: null },
    {
      weight: weigh(inReason, numbers.termInIndication, numbers.termInIndicationMost),
      why: inReason.length === 0 ? null : `The reason for the exam says ${quoted(inReason.map((hit) => hit.text))}.`,
    },
    { weight: notInExam.length * numbers.notTermInExam, why: null },
    { weight: Math.min(2, notInReason.length) * numbers.notTermInIndication, why: null },
  ];
}

function longestOnly<H extends { readonly from: number; readonly to: number; readonly text: string }>(hits: readonly H[]): H[] {
  return hits.filter(
    (hit, i) =>
      !hits.some((other, k) => k !== i && other.from <= hit.from && other.to >= hit.to && (other.to - other.from > hit.to - hit.from || k < i)),
  );
}

/** Does a rule's preference fit the protocol? */
export function agrees({ prefer }: ChoiceRule, protocol: Protocol): boolean {
  return (
    (prefer.ids?.includes(protocol.id) ?? true) &&
    (prefer.modalities?.includes(protocol.modality) ?? true) &&
    (prefer.regions?.includes(protocol.region) ?? true) &&
    (prefer.contrasts?.includes(protocol.contrast) ?? true)
  );
}

/** Dice coefficient of letter trigrams, 0 to 1: tells near names apart when nothing else does. */
function similarity(a: string, b: string): number {
  const left = trigrams(a);
  const right = trigrams(b);
  if (left.size === 0 || right.size === 0) return 0;
  const shared = [...left].filter((gram) => right.has(gram)).length;
  return (2 * shared) / (left.size + right.size);
}

/** Names of protocols come again with every order. */
const gramsByText = new Map<string, ReadonlySet<string>>();
const MOST_KEPT = 2000;

function trigrams(text: string): ReadonlySet<string> {
  const kept = gramsByText.get(text);
  if (kept !== undefined) return kept;
  const clean = ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
  const grams = new Set(Array.from({ length: Math.max(0, clean.length - 2) }, (_, i) => clean.slice(i, i + 3)));
  if (gramsByText.size >= MOST_KEPT) gramsByText.clear();
  gramsByText.set(text, grams);
  return grams;
}

function quoted(texts: readonly string[]): string {
  return [...new Set(texts)]
    .slice(0, 4)
    .map((text) => `“${text}”`)
    .join(', ');
}

export function spoken(region: Region): string {
  return region.replaceAll('-', ' ');
}

/** Modalities that may be proposed: the ordered one, and another where a clinical rule leaves it. */
export function allowedModalities(reading: Reading): readonly Modality[] | null {
  const { modality } = reading.order.exam;
  if (modality === null) return null;
  const left = reading.rules.filter((rule) => rule.leavesModality).flatMap((rule) => rule.prefer.modalities ?? []);
  return [modality, ...left];
}
