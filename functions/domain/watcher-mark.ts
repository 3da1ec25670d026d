import { z } from 'zod/v4';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';

/** By this name the watcher leaves when it last looked over the store (ports/cursors): the service says when that is too long ago. */
export const WATCHER_MARK = 'watcher';

const mark = z.object({ lookedAt: instant });

export function markOf(lookedAt: Instant): string {
  return JSON.stringify({ lookedAt });
}

/** Null: no watcher has ever looked, or what is kept can't be read. */
export function lookedAtIn(text: string | null): Instant | null {
  try {
    return mark.parse(JSON.parse(text ?? 'null')).lookedAt;
  } catch {
    return null;
  }
}
