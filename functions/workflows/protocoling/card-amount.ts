/** How much of what has no bound of its own is shown. What is left out is counted on the card. */
export interface Amount {
  /** Characters of the indication. */
  readonly indication: number;
  /** Entries of a list. */
  readonly items: number;
  /** Characters of one entry. */
  readonly text: number;
  readonly flags: number;
  readonly choices: number;
}

/** From the fullest to the shortest; the first that fits into the limit of a card is taken. */
export const AMOUNTS: readonly [Amount, ...Amount[]] = [
  { indication: 2000, items: 8, text: 200, flags: 12, choices: 100 },
  { indication: 1000, items: 5, text: 120, flags: 8, choices: 50 },
  { indication: 400, items: 3, text: 60, flags: 6, choices: 20 },
];
