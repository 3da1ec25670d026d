import { z } from 'zod/v4';
import { contrast, modality, priority, region } from './modality.ts';

/** Where a row of content comes from and who has answered for it. A row with `reviewedBy: null` is recorded, never shown as advice. */
export const provenance = z.object({
  version: z.string().min(1),
  source: z.string().min(1),
  sourceDate: z.string(),
  reviewedBy: z.string().nullable(),
  effectiveFrom: z.string(),
});

/** One protocol of the site's catalogue. Only what is in the catalogue can be proposed (ORD-03). */
export const protocol = provenance.extend({
  /** The site's code, such as CT-HEAD-WO. */
  id: z.string().regex(/^[A-Z0-9-]{2,40}$/u),
  name: z.string().min(1),
  modality,
  region,
  contrast,
  phases: z.array(z.string()),
  sequences: z.array(z.string()),
  /** Millimetres; null where slices have no meaning. */
  sliceMm: z.number().nullable(),
  /** Words of procedure texts and indications that speak for it, lower case. */
  terms: z.array(z.string()),
  /** Words that speak against it. */
  notTerms: z.array(z.string()),
});
export type Protocol = z.infer<typeof protocol>;

/** What is shown of a protocol. */
export const protocolChoice = z.object({
  id: z.string(), name: z.string(), modality, region, contrast,
  phases: z.array(z.string()), sequences: z.array(z.string()), sliceMm: z.number().nullable(),
}); // prettier-ignore
export type ProtocolChoice = z.infer<typeof protocolChoice>;

/** A piece of a text that led to something. Offsets count UTF-16 code units of the text it was found in. */
export const phrase = z.object({ text: z.string(), start: z.number().int().nonnegative(), end: z.number().int().nonnegative() });
export type Phrase = z.infer<typeof phrase>;

/** What every model says about itself with each answer. */
const answeredBy = z.object({ model: z.string(), version: z.string(), formatVersion: z.literal(1) });

/** Answer to task `protocol-choice`. `protocolId` null: it abstains, the best guess is `alternatives[0]`. */
export const protocolAnswer = answeredBy.extend({
  task: z.literal('protocol-choice'),
  protocolId: z.string().nullable(),
  alternatives: z.array(z.string()),
  /** 0..1 */
  confidence: z.number().min(0).max(1),
  reasons: z.array(z.string()),
});
export type ProtocolAnswer = z.infer<typeof protocolAnswer>;

/** Answer to task `order-priority`. Phrases are of the indication. */
export const priorityAnswer = answeredBy.extend({
  task: z.literal('order-priority'),
  priority,
  phrases: z.array(phrase),
});
export type PriorityAnswer = z.infer<typeof priorityAnswer>;

export const modelAnswer = z.discriminatedUnion('task', [protocolAnswer, priorityAnswer]);
export type ModelAnswer = z.infer<typeof modelAnswer>;
export type ModelTask = ModelAnswer['task'];

/** One finding of the safety checks. */
export const flag = z.object({
  /** COMMANDS.md lists the codes; a site may add its own. */
  code: z.string(),
  severity: z.enum(['stop', 'ask', 'inform']),
  /** Rule id and version, such as `iodinated-egfr@2026-11`. */
  rule: z.string(),
  source: z.string(),
  text: z.string(),
  /** What it rests on: a lab value with date and unit, a sentence, an allergy entry. */
  evidence: z.array(z.string()),
});
export type Flag = z.infer<typeof flag>;
