import type { ClockMark } from '#adapters/embedded/steady-clock.js';
import type { Cursors } from '#ports/cursors.js';

/** By this name the service leaves where its clock stands. */
export const CLOCK_MARK = 'clock';

/** Where the clock stood at the last mark; null: never marked. */
export async function clockMark(cursors: Cursors): Promise<ClockMark | null> {
  const kept = await cursors.read(CLOCK_MARK);
  return kept === null ? null : (JSON.parse(kept) as ClockMark);
}
