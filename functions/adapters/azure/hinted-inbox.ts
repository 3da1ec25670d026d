import type { RawStore } from '#ports/raw-store.js';

/** Milliseconds after which the inbox is asked for work although nobody here put any in: another instance may have, or died with it. */
const LOOK_EVERY_MS = 1000;

/** The inbox, asked for what is not worked out yet only when this process has put something in, and every second: each such question costs request units in every physical partition. */
export function hintedInbox(raw: RawStore): RawStore {
  let mayHold = true;
  let asked = -Infinity;
  return {
    ...raw,
    async keep(message, consequences) {
      const kept = await raw.keep(message, consequences);
      if (consequences === 'later') mayHold = true;
      return kept;
    },
    async unrouted(most) {
      if (!mayHold && performance.now() - asked < LOOK_EVERY_MS) return [];
      // What is put in while it looks counts for the next look.
      mayHold = false;
      asked = performance.now();
      const found = await raw.unrouted(most).catch((error: unknown) => {
        mayHold = true;
        throw error;
      });
      if (found.length > 0) mayHold = true;
      return found;
    },
  };
}
