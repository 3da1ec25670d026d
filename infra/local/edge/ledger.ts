import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod/v4';
import { isObject, parseJson, type JsonObject } from './json.ts';

/** What the bot did in Teams: a new message in a channel, a message edited in place, a message in a private chat. */
export interface Shown {
  readonly kind: 'posted' | 'updated' | 'personal';
  readonly conversationId: string;
  readonly activityId: string;
  /** The key of channels.json, or the person's id for a private chat. */
  readonly place: string;
  /** The first Adaptive Card as the bot sent it; null: text only. */
  readonly card: JsonObject | null;
  readonly text: string;
  /** The rest of the activity: summary, alert, mentions; what a notification may show. */
  readonly around: JsonObject;
}

/** What was sent to the bot, and what it answered. Status 0: the bot did not answer. */
export interface Told {
  readonly kind: 'told';
  readonly type: string;
  readonly name: string;
  readonly person: string;
  readonly conversationId: string;
  readonly activityId: string;
  readonly replyToId: string;
  readonly text: string;
  readonly value: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export type Numbered<T> = T & { readonly n: number; readonly at: string };
export interface Feed {
  readonly next: number;
  readonly items: readonly Numbered<Shown>[];
}

/** The Teams side's own record, one JSON line each, on disk before anybody is told. It knows nothing of the service's store. */
export interface Ledger {
  record<T extends Shown | Told>(line: T): Numbered<T>;
  /** What was shown after line `since`; waits up to `waitSeconds` when there is nothing yet. */
  feed(since: number, waitSeconds: number): Promise<Feed>;
  shown(): readonly Numbered<Shown>[];
  readonly close: () => void;
}

/** A line of our own, read back. */
const shownLine = z.object({
  kind: z.enum(['posted', 'updated', 'personal']),
  conversationId: z.string(),
  activityId: z.string(),
  place: z.string(),
  card: z.record(z.string(), z.unknown()).nullable(),
  text: z.string(),
  around: z.record(z.string(), z.unknown()).default({}),
  n: z.number(),
  at: z.string(),
});

/** Reads back what is whole; the length to which a torn last line is cut. */
function readBack(file: string): { shown: Numbered<Shown>[]; last: number; length: number } {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const length = bytes.lastIndexOf(0x0a) + 1;
  const shown: Numbered<Shown>[] = [];
  let last = 0;
  for (const source of bytes.subarray(0, length).toString('utf8').split('\n').slice(0, -1)) {
    const line = parseJson(source);
    if (!isObject(line) || typeof line['n'] !== 'number') throw new Error(`${file}: a line after line ${String(last)} does not read`);
    last = line['n'];
    if (line['kind'] !== 'told') shown.push(shownLine.parse(line));
  }
  return { shown, last, length };
}

export function openLedger(file: string): Ledger {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { shown, last, length } = readBack(file);
  const handle = openSync(file, 'a', 0o600);
  ftruncateSync(handle, length);
  let n = last;
  const waiting = new Set<() => void>();

  return {
    record: (line) => {
      n += 1;
      const numbered = { ...line, n, at: new Date().toISOString() };
      writeSync(handle, `${JSON.stringify(numbered)}\n`);
      fsyncSync(handle);
      if (numbered.kind !== 'told') {
        shown.push(numbered);
        for (const wake of [...waiting]) wake();
      }
      return numbered;
    },
    feed: async (since, waitSeconds) => {
      const after = (): Numbered<Shown>[] => shown.slice(shown.findLastIndex((item) => item.n <= since) + 1);
      if (after().length === 0 && waitSeconds > 0) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, waitSeconds * 1000);
          waiting.add(wake);
        });
      }
      return { next: Math.max(since, n), items: after() };
    },
    shown: () => shown,
    close: () => {
      for (const wake of [...waiting]) wake();
      closeSync(handle);
    },
  };
}
