import { join } from 'node:path';
import { z } from 'zod/v4';
import { openLedger } from './ledger.ts';

export const pagingChannels = ['pager', 'sms', 'voice', 'email', 'print'] as const;
export type PagingChannel = (typeof pagingChannels)[number];

/** One line of `ledgers/pages.jsonl`: what came, written before it is answered. */
const line = z.object({
  at: z.string().optional(),
  channel: z.enum(pagingChannels),
  /** `arrived`: whoever it is for sees it, whatever the sender is answered. `refused`: nobody does. */
  event: z.enum(['arrived', 'refused']),
  /** The sender's, by which a repeat is known; of a sheet the sha256 of its bytes. */
  key: z.string(),
  repeat: z.boolean(),
  to: z.string(),
  subject: z.string().nullable(),
  text: z.string(),
  callBack: z.string().nullable(),
  /** Why it was refused, or what went wrong on purpose after it arrived. */
  why: z.string().nullable(),
});
export type PageLine = z.infer<typeof line>;
export type Arrival = Omit<PageLine, 'at' | 'event' | 'repeat' | 'why'>;

export interface PagingLedger {
  /** What has come so far, oldest first. */
  readonly lines: readonly PageLine[];
  readonly write: (event: PageLine['event'], arrival: Arrival, why: string | null) => void;
  readonly close: () => void;
}

export function openPagingLedger(dataDir: string): PagingLedger {
  const { ledger, past } = openLedger(join(dataDir, 'ledgers', 'pages.jsonl'), (json) => line.parse(json));
  const nameOf = ({ channel, key, to }: Arrival): string => `${channel}\n${key}\n${to}`;
  const seen = new Set(past.filter(({ event }) => event === 'arrived').map(nameOf));
  return {
    lines: past,
    write: (event, arrival, why) => {
      const written: PageLine = { event, ...arrival, repeat: seen.has(nameOf(arrival)), why };
      past.push({ ...written, at: ledger.write(written) });
      if (event === 'arrived') seen.add(nameOf(arrival));
    },
    close: () => {
      ledger.close();
    },
  };
}
