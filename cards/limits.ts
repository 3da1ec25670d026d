/**
 * Most bytes of a card, as UTF-8 JSON. Teams refuses larger ones: 28 KB is what Microsoft documents for messages that come in through a webhook or
 * connector; for a bot it documents about 100 KB as UTF-16 (learn.microsoft.com, "Format your bot messages", "Create an Incoming Webhook").
 * The smaller one counts, so that a card may go either way.
 */
export const MOST_BYTES = 28 * 1024;

/** Teams shows six actions of a card; further ones go behind "…". */
export const MOST_ACTIONS = 6;

/** Actions inside a card that an action shows are the last level: Teams does not open a card in a card in a card. */
export const MOST_CARD_DEPTH = 2;

/** Bytes of the JSON that is sent. */
export function bytesOf(card: unknown): number {
  return new TextEncoder().encode(JSON.stringify(card)).length;
}
