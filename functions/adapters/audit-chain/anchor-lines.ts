import { z } from 'zod/v4';
import type { Anchor } from '#ports/anchors.js';

const line = z.object({
  height: z.number().int().min(0),
  upto: z.number().int().min(0),
  hash: z.string(),
  at: z.string(),
  restored: z.boolean(),
  signed: z.object({ keyVersion: z.string(), algorithm: z.enum(['Ed25519', 'ES256']), signature: z.string() }),
});

/** One line of a file of anchors, with its end. */
export function anchorLine(anchor: Anchor): string {
  return `${JSON.stringify(anchor)}\n`;
}

/** Null for a line that is none: a crash while it was written leaves a piece. */
export function anchorIn(text: string): Anchor | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Anchors of one month stand in one file. */
export function anchorFile(at: string): string {
  return `audit-anchors-${at.slice(0, 7)}.ndjson`;
}

export const ANCHOR_FILE = /^audit-anchors-\d{4}-\d{2}[.]ndjson$/u;
