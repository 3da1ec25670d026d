import { readOrder } from '#domain/condition.js';
import type { Content } from '#domain/content.js';
import type { Context } from '#domain/context.js';
import { overlap } from '#domain/exam.js';
import type { Order } from '#domain/order.js';
import type { Protocol, ProtocolAnswer } from '#domain/protocol.js';
import { agrees, allowedModalities, evidenceFor, readEvidence, spoken } from './evidence.ts';
import type { Evidence, Reading } from './evidence.ts';

const MODEL = 'radloop-protocol-choice';
const MODEL_VERSION = '1';

interface Scored {
  readonly protocol: Protocol;
  readonly score: number;
  readonly evidence: readonly Evidence[];
}

/**
 * The protocol of the site's reviewed catalogue that fits an order best, with reasons, or an abstention.
 * Pure and additive: each reason that is told is a summand of the score. The procedure's words weigh most, then clinical rules, then the indication.
 */
export function chooseProtocol({ order, context }: { readonly order: Order; readonly context: Context | null }, content: Content): ProtocolAnswer {
  const reading = readEvidence(readOrder(order, context, content.vocabulary), content);
  const catalogue = content.protocols.filter((row) => row.reviewedBy !== null);
  if (catalogue.length === 0) return abstain([], 0, ['No protocol of the catalogue has a reviewer yet.'], content);
  const scored = candidates(reading, catalogue)
    .map((protocol) => score(protocol, reading, content))
    .sort((a, b) => b.score - a.score || (a.protocol.id < b.protocol.id ? -1 : 1));
  const [best] = scored;
  if (best === undefined) return abstain([], 0, [`The catalogue has no ${reading.order.exam.modality ?? ''} protocol.`], content);

  const doubts = doubtsOf(best, reading, content);
  const confidence = confidenceOf(best, scored, doubts.length, content);
  const alternatives = differing(scored, best);
  const numbers = content.tuning.protocolChoice;
  const nothingSaid = reading.order.exam.region === null && reading.pointedTo.length === 0;
  const reasons = [...told(best.evidence), ...doubts];
  if (confidence < numbers.abstainBelow || nothingSaid) {
    const why = nothingSaid ? 'Neither the procedure nor its reason names a part of the body.' : 'Nothing in the catalogue fits clearly.';
    return abstain([best.protocol.id, ...alternatives], Math.min(confidence, numbers.abstainBelow), [why, ...reasons], content);
  }
  return { ...answeredBy(content), protocolId: best.protocol.id, alternatives, confidence, reasons };
}

/** The ordered modality's protocols, and those a clinical rule brings in from another. */
function candidates(reading: Reading, catalogue: readonly Protocol[]): readonly Protocol[] {
  const allowed = allowedModalities(reading);
  if (allowed === null) return catalogue;
  const leaving = reading.rules.filter((rule) => rule.leavesModality);
  const { modality } = reading.order.exam;
  return catalogue.filter((row) => row.modality === modality || leaving.some((rule) => agrees(rule, row)));
}

function score(protocol: Protocol, reading: Reading, content: Content): Scored {
  const evidence = evidenceFor(protocol, reading, content);
  return { protocol, evidence, score: evidence.reduce((sum, one) => sum + one.weight, 0) };
}

function told(evidence: readonly Evidence[]): string[] {
  const strong = evidence.filter((one) => one.weight > 0 && one.why !== null).sort((a, b) => b.weight - a.weight);
  return [...new Set(strong.flatMap((one) => (one.why === null ? [] : [one.why])))];
}

/** What makes the choice less sure, in sentences. */
function doubtsOf(best: Scored, { order, pointedTo }: Reading, content: Content): string[] {
  const doubts: string[] = [];
  const { exam } = order;
  if (exam.region === null) doubts.push('The procedure’s text names no part of the body.');
  if (exam.contrast === null && (best.protocol.modality === 'CT' || best.protocol.modality === 'MR')) {
    const ruled = best.evidence.some((one) => one.weight >= 2 && one.why !== null && !one.why.startsWith('The order names'));
    if (!ruled) doubts.push('The order does not say whether contrast is given.');
  }
  if (pointedTo.length > 0 && !pointedTo.some((region) => overlap(region, best.protocol.region, content.vocabulary))) {
    doubts.push(`The reason for the exam points to ${pointedTo.slice(0, 2).map(spoken).join(' and ')}.`);
  }
  return doubts;
}

/** From the distance to the best protocol of another kind; the same kind under another name is no rival. */
function confidenceOf(best: Scored, scored: readonly Scored[], doubts: number, content: Content): number {
  const numbers = content.tuning.protocolChoice;
  const rival = scored.find((one) => !sameKind(one.protocol, best.protocol));
  const margin = rival === undefined ? best.score : best.score - rival.score;
  const plain = 1 / (1 + Math.exp(-(numbers.intercept + numbers.slope * margin)));
  const held = Math.min(numbers.most, Math.max(numbers.least, plain - doubts * numbers.doubt));
  return Math.round(held * 1000) / 1000;
}

/** Up to three others, of different kinds: a list of the same exam under three names helps nobody. */
function differing(scored: readonly Scored[], best: Scored): string[] {
  const kept: Protocol[] = [best.protocol];
  for (const { protocol } of scored) {
    if (kept.length > 3) break;
    if (!kept.some((one) => sameKind(one, protocol))) kept.push(protocol);
  }
  return kept.slice(1).map((protocol) => protocol.id);
}

function sameKind(a: Protocol, b: Protocol): boolean {
  return a.modality === b.modality && a.region === b.region && a.contrast === b.contrast;
}

function abstain(alternatives: readonly string[], confidence: number, reasons: readonly string[], content: Content): ProtocolAnswer {
  return { ...answeredBy(content), protocolId: null, alternatives: [...alternatives], confidence, reasons: [...reasons] };
}

function answeredBy(content: Content) {
  return { task: 'protocol-choice', model: MODEL, version: `${MODEL_VERSION}+${content.version.slice(0, 12)}`, formatVersion: 1 } as const;
}
