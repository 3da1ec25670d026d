import { precedence } from '#core/effect.js';
import type { Precedence } from '#core/effect.js';

/**
 * At most `most` sends within any `perMs`. `upTo`: of these so many may be used before a send of that precedence waits, so that what is more urgent finds a place at
 * once behind any flood, and edits find one behind new cards. A thirtieth, at least one, stays open to each of them whatever the others send.
 */
interface Window {
  readonly most: number;
  readonly perMs: number;
  readonly upTo: Readonly<Record<Precedence, number>>;
}

/** Documented limits of Teams for one bot in one conversation. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
export const perConversation: readonly Window[] = [
  { most: 7, perMs: 1_000, upTo: { critical: 6, stat: 5, new: 3, edit: 4 } },
  { most: 8, perMs: 2_000, upTo: { critical: 7, stat: 6, new: 4, edit: 5 } },
  { most: 60, perMs: 30_000, upTo: { critical: 56, stat: 52, new: 36, edit: 42 } },
  { most: 1_800, perMs: 3_600_000, upTo: { critical: 1_700, stat: 1_650, new: 1_200, edit: 1_350 } },
];
/** For one app in one tenant: 50 a second is documented now, 30 on an older page. */
export const perApp: Window = { most: 30, perMs: 1_000, upTo: { critical: 27, stat: 25, new: 18, edit: 22 } };

/** Milliseconds by which sends may come closer together on their way than they left: our windows are so much longer than those of Teams. */
const ON_THE_WAY_MS = 150;

export type Reserved = { readonly ok: true; readonly waitMs: number } | { readonly ok: false; readonly waitMs: number };

export interface Limiter {
  /** For a reply to somebody who waits: takes the next free place in the conversation's and the app's windows, unless it is further away than `mostWaitMs`. */
  reserve(conversation: string, mostWaitMs: number): Reserved;
  /** Resolves when its place has come, the more urgent first and each in its turn; refused at once when that is further away than `mostWaitMs`. */
  admit(conversation: string, of: Precedence, mostWaitMs: number): Promise<Reserved>;
  /** Teams asked for it (Retry-After): nothing to this conversation before. */
  holdOff(conversation: string, milliseconds: number): void;
  /** What was promised and sent, to go on from after a restart. */
  memory(): LimiterMemory;
}

/** Unix times in milliseconds by conversation. */
export interface LimiterMemory {
  readonly held: Readonly<Record<string, number>>;
  readonly sent: Readonly<Record<string, readonly number[]>>;
}

interface Sent {
  readonly at: number;
  readonly of: Precedence;
}

interface Waiter {
  readonly conversation: string;
  readonly of: Precedence;
  readonly since: number;
  readonly until: number;
  readonly done: (reserved: Reserved) => void;
}

/** Longest window: what is older than this limits nothing. */
const memoryMs = 3_600_000;
/** Fewer sends than this in the last hour are not worth remembering over a restart. */
const fewestRemembered = 5;

/** @param now Unix time in milliseconds, of a clock that does not jump back. @param before what was sent and promised before a restart */
export function createLimiter(now: () => number, before: LimiterMemory = { held: {}, sent: {} }): Limiter {
  const conversations = new Map<string, Sent[]>(
    Object.entries(before.sent).map(([id, times]) => [id, times.filter((at) => at <= now()).map((at) => ({ at, of: 'new' }))]),
  );
  const held = new Map<string, number>(Object.entries(before.held).filter(([, until]) => until <= now() + memoryMs));
  const app: Sent[] = [];
  let waiters: Waiter[] = [];
  let timer: NodeJS.Timeout | null = null;

  function slot(conversation: string, of: Precedence, from: number): number {
    const sent = conversations.get(conversation) ?? [];
    let at = Math.max(from, held.get(conversation) ?? 0);
    for (;;) {
      const next = Math.max(openFrom(app, perApp, of, at), ...perConversation.map((window) => openFrom(sent, window, of, at)));
      if (next <= at) return at;
      at = next;
    }
  }

  function take(conversation: string, of: Precedence, at: number): void {
    if (!conversations.has(conversation)) forget(at - memoryMs);
    const sent = conversations.get(conversation) ?? [];
    conversations.set(conversation, sent);
    insert(sent, { at, of });
    insert(app, { at, of });
    drop(sent, now() - memoryMs);
    drop(app, now() - 2 * perApp.perMs);
  }

  function forget(earlier: number): void {
    for (const [id, sent] of conversations) if ((sent.at(-1)?.at ?? 0) < earlier) conversations.delete(id);
    for (const [id, until] of held) if (until < now()) held.delete(id);
  }

  /** Lets in whose place has come. Of one conversation and precedence only the first is looked at: the others are behind it. */
  function pump(): void {
    const at = now();
    let soonest = Number.POSITIVE_INFINITY;
    const behind = new Set<string>();
    const left: Waiter[] = [];
    for (const waiter of waiters) {
      const { conversation, of, until, since, done } = waiter;
      const line = `${of} ${conversation}`;
      const free = behind.has(line) ? Number.POSITIVE_INFINITY : slot(conversation, of, at);
      if (free <= at) {
        take(conversation, of, at);
        done({ ok: true, waitMs: at - since });
        continue;
      }
      behind.add(line);
      if (at >= until) done({ ok: false, waitMs: Math.max(1, (Number.isFinite(free) ? free : slot(conversation, of, at)) - at) });
      else {
        left.push(waiter);
        soonest = Math.min(soonest, free, until);
      }
    }
    waiters = left;
    if (timer !== null) clearTimeout(timer);
    timer = left.length === 0 ? null : setTimeout(pump, Math.max(1, soonest - at));
  }

  return {
    reserve(conversation, mostWaitMs) {
      const at = now();
      const free = slot(conversation, 'critical', at);
      if (free - at > mostWaitMs) return { ok: false, waitMs: free - at };
      take(conversation, 'critical', free);
      return { ok: true, waitMs: free - at };
    },
    admit(conversation, of, mostWaitMs) {
      const at = now();
      const free = slot(conversation, of, at);
      if (free - at > mostWaitMs) return Promise.resolve({ ok: false, waitMs: free - at });
      return new Promise((done) => {
        const place = waiters.findLastIndex((one) => rank(one.of) <= rank(of)) + 1;
        waiters = waiters.toSpliced(place, 0, { conversation, of, since: at, until: at + mostWaitMs, done });
        pump();
      });
    },
    holdOff(conversation, milliseconds) {
      held.set(conversation, Math.max(held.get(conversation) ?? 0, now() + milliseconds));
    },
    memory() {
      const at = now();
      const busy = [...conversations].map(([id, sent]) => [id, sent.map((one) => one.at).filter((time) => time > at - memoryMs)] as const);
      return {
        held: Object.fromEntries([...held].filter(([, until]) => until > at)),
        sent: Object.fromEntries(busy.filter(([, times]) => times.length >= fewestRemembered)),
      };
    },
  };
}

/** No limit: for measurements that say so. */
export const unlimited: Limiter = {
  reserve: () => ({ ok: true, waitMs: 0 }),
  admit: () => Promise.resolve({ ok: true, waitMs: 0 }),
  holdOff: () => undefined,
  memory: () => ({ held: {}, sent: {} }),
};

function rank(of: Precedence): number {
  return precedence.options.indexOf(of);
}

/** The earliest time from `at` on at which this window may be open to one more of that precedence, as far as it alone is looked at; `at` itself when it is now. */
function openFrom(all: readonly Sent[], { most, perMs: published, upTo }: Window, of: Precedence, at: number): number {
  const perMs = published + ON_THE_WAY_MS;
  const near = nearTo(all, at, perMs);
  if (near.length < upTo[of]) return at;
  const own = near.filter((sent) => sent.of === of);
  const floor = Math.max(1, Math.floor(most / 30));
  if (near.length < most && own.length < floor) return at;
  const whenUpTo = (near[near.length - upTo[of]]?.at ?? at) + perMs;
  const whenFloor = Math.max((own[own.length - floor]?.at ?? 0) + perMs, (near[near.length - most]?.at ?? 0) + perMs);
  return Math.max(at + 1, Math.min(whenUpTo, whenFloor));
}

/** Sends less than `perMs` before or after: some places are taken ahead of their time. */
function nearTo(all: readonly Sent[], at: number, perMs: number): readonly Sent[] {
  let from = all.length;
  while (from > 0 && (all[from - 1]?.at ?? 0) > at - perMs) from -= 1;
  let to = all.length;
  while (to > from && (all[to - 1]?.at ?? 0) >= at + perMs) to -= 1;
  return from === 0 && to === all.length ? all : all.slice(from, to);
}

function insert(all: Sent[], sent: Sent): void {
  let index = all.length;
  while (index > 0 && (all[index - 1]?.at ?? 0) > sent.at) index -= 1;
  all.splice(index, 0, sent);
}

function drop(all: Sent[], before: number): void {
  const keep = all.findIndex(({ at }) => at >= before);
  all.splice(0, keep < 0 ? all.length : keep);
}
