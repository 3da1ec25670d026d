import { join } from 'node:path';
import { z } from 'zod/v4';
import { openLedger } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/** One line of `ledgers/ris.jsonl`. `bytes` and `ackBytes` are whole MLLP frames as they were on the wire, base64. */
const line = z.discriminatedUnion('event', [
  /** An order message was written and is about to be sent; `attempt` from 1, the same bytes each time. */
  z.object({ event: z.literal('order-out'), at: z.string().optional(), controlId: z.string(), order: z.string(), attempt: z.number(), bytes: z.string() }),
  /** The receiver's answer to it. */
  z.object({ event: z.literal('order-ack'), at: z.string().optional(), controlId: z.string(), order: z.string(), code: z.string(), bytes: z.string() }),
  /**
   * A message came in at the RIS's port; written before it is answered. `effect`: what it changed, null when it changed nothing
   * (a repeat, or refused). `conflict`: the control id was used before for other bytes.
   */
  z.object({
    event: z.literal('received'), at: z.string().optional(), controlId: z.string(), type: z.string(), order: z.string(), bytes: z.string(),
    repeat: z.boolean(), conflict: z.boolean(), effect: z.string().nullable(), ackCode: z.string(), ackBytes: z.string(), why: z.string().nullable(),
  }),
  /** Something that is not a message: the port opened, closed, a line broke, a frame could not be read. */
  z.object({ event: z.literal('note'), at: z.string().optional(), text: z.string(), bytes: z.string().nullable() }),
]); // prettier-ignore
export type RisLine = z.infer<typeof line>;

export function openRisLedger(dataDir: string): { readonly ledger: Ledger<RisLine>; readonly past: RisLine[] } {
  return openLedger(join(dataDir, 'ledgers', 'ris.jsonl'), (json) => line.parse(json));
}
