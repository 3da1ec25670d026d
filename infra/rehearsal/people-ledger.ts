import { join } from 'node:path';
import { z } from 'zod/v4';
import { openLedger } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/**
 * One line of `ledgers/people.jsonl`: what a scripted person did and what came back. `click` is the same on every repeat of one click;
 * `intent` is what the person set out to do; `status` null: no answer.
 */
const line = z.object({
  at: z.string().optional(),
  click: z.string(),
  person: z.string(),
  caseNumber: z.string(),
  /** The order's number as the person's own view shows it; null before it was seen. */
  order: z.string().nullable().optional(),
  revision: z.number().nullable(),
  intent: z.string(),
  attempt: z.number(),
  status: z.number().nullable(),
  said: z.string().nullable(),
});
export type PeopleLine = z.infer<typeof line>;

export function openPeopleLedger(dataDir: string): { readonly ledger: Ledger<PeopleLine>; readonly past: PeopleLine[] } {
  return openLedger(join(dataDir, 'ledgers', 'people.jsonl'), (json) => line.parse(json));
}
