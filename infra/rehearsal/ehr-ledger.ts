import { join } from 'node:path';
import { z } from 'zod/v4';
import { openLedger } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/** One line of `ledgers/ehr.jsonl`: a resource that somebody wrote, as it stood there then; on the disk before its writer is answered. */
const line = z.object({
  event: z.literal('written'),
  at: z.string().optional(),
  method: z.enum(['POST', 'PUT']),
  type: z.string(),
  id: z.string(),
  version: z.string().nullable(),
  resource: z.unknown(),
});
export type EhrLine = z.infer<typeof line>;

export function openEhrLedger(dataDir: string): { readonly ledger: Ledger<EhrLine>; readonly past: EhrLine[] } {
  return openLedger(join(dataDir, 'ledgers', 'ehr.jsonl'), (json) => line.parse(json));
}
