/** At most `most` sends within any `perMs`. */
interface Window {
  readonly most: number;
  readonly perMs: number;
}

/** Documented limits of Teams for one bot in one conversation. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
export const perConversation: readonly Window[] = [
  { most: 7, perMs: 1_000 },
  { most: 8, perMs: 2_000 },
  { most: 60, perMs: 30_000 },
  { most: 1_800, perMs: 3_600_000 },
];
/** For one app in one tenant: 50 a second is documented now, 30 on an older page. */
export const perApp: Window = { most: 30, perMs: 1_000 };

/** Earliest time from `now` at which one more send keeps every window; `sent` holds the times of the sends so far, oldest first. Milliseconds. */
function nextSlot(sent: readonly number[], windows: readonly Window[], now: number): number {
  return windows.reduce((at, { most, perMs }) => {
    const mostRecent = sent.at(-most);
    return mostRecent === undefined ? at : Math.max(at, mostRecent + perMs);
  }, now);
}

/** Earliest time from `from` that keeps the window among `times` (sorted, some of them still to come): other conversations may have places further on. */
function firstGap(times: readonly number[], { most, perMs }: Window, from: number): number {
  const fits = (at: number) => {
    const near = times.filter((time) => Math.abs(time - at) < perMs);
    const place = near.findLastIndex((time) => time <= at) + 1;
    return near.toSpliced(place, 0, at).every((time, index, all) => (all[index + most] ?? Number.POSITIVE_INFINITY) - time >= perMs);
  };
  const candidates = [from, ...times.map((time) => time + perMs).filter((time) => time > from)];
  return candidates.find(fits) ?? from;
}

export type Reserved = { readonly ok: true; readonly waitMs: number } | { readonly ok: false; readonly waitMs: number };

export interface Limiter {
  /** Takes the next free place in the conversation's and the app's windows, unless it is further away than `mostWaitMs`; then it takes none. */
  reserve(conversation: string, mostWaitMs: number): Reserved;
}

/** Longest window: what is older than this limits nothing. */
const memoryMs = 3_600_000;

/** @param now Milliseconds of a clock that does not jump back. */
export function createLimiter(now: () => number): Limiter {
  const conversations = new Map<string, number[]>();
  const app: number[] = [];

  function forget(before: number): void {
    for (const [id, times] of conversations) if ((times.at(-1) ?? 0) < before) conversations.delete(id);
  }

  return {
    reserve(conversation, mostWaitMs) {
      const at = now();
      const sent = conversations.get(conversation) ?? [];
      const slot = firstGap(app, perApp, nextSlot(sent, perConversation, at));
      if (slot - at > mostWaitMs) return { ok: false, waitMs: slot - at };
      sent.push(slot);
      insertSorted(app, slot);
      drop(sent, slot - memoryMs);
      drop(app, at - 1_000);
      if (!conversations.has(conversation)) forget(at - memoryMs);
      conversations.set(conversation, sent);
      return { ok: true, waitMs: slot - at };
    },
  };
}

/** No limit: for measurements that say so. */
export const unlimited: Limiter = { reserve: () => ({ ok: true, waitMs: 0 }) };

function insertSorted(times: number[], time: number): void {
  let index = times.length;
  while (index > 0 && (times[index - 1] ?? 0) > time) index -= 1;
  times.splice(index, 0, time);
}

function drop(times: number[], before: number): void {
  const keep = times.findIndex((time) => time >= before);
  times.splice(0, keep < 0 ? times.length : keep);
}
