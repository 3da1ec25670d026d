import { z } from 'zod/v4';
import { pagingChannels } from './paging-ledger.ts';
import type { PagingChannel } from './paging-ledger.ts';

const fault = z.strictObject({
  channel: z.enum([...pagingChannels, 'all']),
  what: z.enum([
    /** As ever. */
    'none',
    /** The port is closed (mail, printer), or each connection is ended as soon as something comes (HTTP). */
    'down',
    /** It answers after `ms`. */
    'slow',
    /** It takes the connection and answers nothing; nobody sees the page. */
    'hang',
    /** It takes no more for now (HTTP 429 with `retryAfterSeconds`, SMTP 452). */
    'throttled',
    /** HTTP 503, SMTP 451. */
    'unavailable',
    /** HTTP 400, SMTP 550. */
    'refused',
    /** HTTP 403, SMTP 535. */
    'not-allowed',
    /** Of the SMS gateway: HTTP 202, and of the one recipient `status`. */
    'recipient',
    /** Of the SMS gateway: HTTP 202, and then a report that it could not be delivered. */
    'undeliverable',
    /** It answers with something else: a web page, bytes. */
    'garbage',
    /** HTTP 302. */
    'redirect',
    /** It answers without end. */
    'huge',
    /** The connection is cut: before anything was read, or after the page has arrived and before the answer. */
    'cut',
    'cut-after',
    /** The page has arrived, and no answer comes. */
    'hang-after',
  ]),
  times: z.number().int().positive().optional(),
  ms: z.number().int().positive().max(60_000).default(1000),
  status: z.number().int().default(503),
  retryAfterSeconds: z.number().int().positive().optional(),
});
export type Fault = z.infer<typeof fault>;

export interface PagingFaults {
  /** What is wrong with it, in words; undefined: it stands. */
  readonly set: (body: unknown) => string | undefined;
  /** What goes wrong with this one. Counts it. */
  readonly next: (channel: PagingChannel) => Fault | null;
  /** Of each channel. */
  readonly now: () => readonly Fault[];
}

/** What goes wrong on purpose: POST /faults sets it for one channel or all, GET /faults tells. @param changed told when a channel's port has to open or close */
export function openPagingFaults(changed: (channel: PagingChannel, isDown: boolean) => void): PagingFaults {
  const set = new Map<PagingChannel, Fault & { left: number }>();
  const clear = (channel: PagingChannel): void => {
    if (set.get(channel)?.what === 'down') changed(channel, false);
    set.delete(channel);
  };
  return {
    set: (body) => {
      const parsed = fault.safeParse(body);
      if (!parsed.success) return z.prettifyError(parsed.error);
      const { channel: named, what, times } = parsed.data;
      for (const channel of named === 'all' ? pagingChannels : [named]) {
        clear(channel);
        if (what === 'none') continue;
        set.set(channel, { ...parsed.data, channel, left: times ?? Number.POSITIVE_INFINITY });
        if (what === 'down') changed(channel, true);
      }
      return undefined;
    },
    next: (channel) => {
      const one = set.get(channel);
      if (one === undefined) return null;
      one.left -= 1;
      if (one.left <= 0) clear(channel);
      return one;
    },
    now: () => [...set.values()].map(({ left: _left, ...one }) => one),
  };
}
