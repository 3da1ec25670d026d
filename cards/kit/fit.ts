import { bytesOf, MOST_BYTES } from '#cards/limits.js';

/**
 * The first rendering that is small enough, from the fullest to the shortest; the shortest when none is.
 * @param render must itself say in words what it leaves out.
 */
export function firstThatFits<Amount, Card extends { readonly card: unknown }>(
  amounts: readonly [Amount, ...Amount[]],
  render: (amount: Amount) => Card,
): Card {
  let last = render(amounts[0]);
  for (const amount of amounts.slice(1)) {
    if (bytesOf(last.card) <= MOST_BYTES) return last;
    last = render(amount);
  }
  return last;
}
