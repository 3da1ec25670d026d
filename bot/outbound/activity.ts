import type { RenderedCard } from '#ports/people.js';

/** A card as Teams takes it. */
export function attachmentOf(card: RenderedCard): { contentType: string; content: unknown } {
  return { contentType: 'application/vnd.microsoft.card.adaptive', content: card.card };
}

/** A message that holds a card. `summary` is what notifications and the activity feed show. */
export function messageOf(card: RenderedCard): { type: string; summary: string; attachments: { contentType: string; content: unknown }[] } {
  return { type: 'message', summary: card.speak, attachments: [attachmentOf(card)] };
}

/** Text as it is: no Markdown is read into it. */
export function textOf(text: string): { type: string; text: string; textFormat: string } {
  return { type: 'message', text, textFormat: 'plain' };
}
