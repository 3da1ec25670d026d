import type { Token } from './words.ts';

const earlier = /^(?:was|were|previously|previous|prior|formerly|versus|vs|from|compared|earlier|initially)$/u;
const was = /^(?:was|were|previously|formerly|earlier|initially)$/u;
const isNumber = /^[0-9]+(?:\.[0-9]+)?$/u;
/** Words that say so of what follows. */
export const today = /^(?:now|today|currently|presently)$/u;
/** Words from "previously" to the measure that it means, and from "now" to the one that it means. */
const measureWithin = 4;

/** "5 mm, previously 5 mm" is unchanged, "12 mm, was 5 mm" has grown: a measure against the one before it that is said to be earlier, in either order. */
export function compared(tokens: readonly Token[]): 'stable' | 'fresh' | null {
  let now = 0;
  let then = 0;
  let unit = 0;
  let since = -Infinity;
  let fromAt = -Infinity;
  let todayAt = -Infinity;
  for (const [t, { word, millimetres, before: mark }] of tokens.entries()) {
    if (earlier.test(word)) since = t;
    if (today.test(word)) todayAt = t;
    // "Shift 3 mm, was 7."
    if (
      unit > 0 &&
      millimetres === 0 &&
      t - since === 1 &&
      was.test(tokens[since]?.word ?? '') &&
      isNumber.test(word) &&
      tokens[t + 1]?.before !== 'space'
    )
      return Number(word) * unit >= now ? 'stable' : 'fresh';
    // Of "14 x 9 mm" the first counts.
    if (millimetres === 0 || /^(?:x|by)$/u.test(tokens[t - 1]?.word ?? '')) continue;
    // "8 mm (8 mm yesterday)".
    if (now === millimetres && mark === 'mark') return 'stable';
    // "Previously 14 mm, now 6 mm", "from 12 to 5 mm".
    if (then > 0 && (t - todayAt < measureWithin || (t - fromAt <= measureWithin && tokens[t - 1]?.word === 'to')))
      return then >= millimetres ? 'stable' : 'fresh';
    if (t - since <= measureWithin) {
      if (now > 0) return millimetres >= now ? 'stable' : 'fresh';
      then = millimetres;
      if (t - since === 1 && tokens[since]?.word === 'from') fromAt = t;
      since = -Infinity;
    } else [now, unit] = [millimetres, millimetres / (Number.parseFloat(word) || 1)];
  }
  return null;
}
