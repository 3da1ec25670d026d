import type { Person } from '#core/people.js';
import type { RenderedCard } from '#ports/people.js';

interface Message {
  readonly type: string;
  readonly summary: string;
  readonly attachments: { contentType: string; content: unknown }[];
  readonly text?: string;
  readonly textFormat?: string;
  readonly importance?: string;
  readonly entities?: { type: string; text: string; mentioned: { id: string; name: string } }[];
  readonly channelData?: { readonly notification: { readonly alert: true } };
}

/** A card as Teams takes it. */
export function attachmentOf(card: RenderedCard): { contentType: string; content: unknown } {
  return { contentType: 'application/vnd.microsoft.card.adaptive', content: card.card };
}

/** A message that holds a card. `summary` is what notifications and the activity feed show. With `alert` Teams puts it into the activity feed, marked important. */
export function messageOf(card: RenderedCard): Message {
  const message = { type: 'message', summary: card.speak, attachments: [attachmentOf(card)] };
  return card.alert === true ? { ...message, importance: 'high', channelData: { notification: { alert: true } } } : message;
}

/** The same with people mentioned above the card. Names of the site's own people only. */
export function mentionedIn(message: Message, people: readonly Person[]): Message {
  if (people.length === 0) return message;
  const entities = people.map(({ name, teamsId, aadObjectId }) => {
    const text = `<at>${name.replaceAll(/[<>&]/gu, '')}</at>`;
    return { type: 'mention', text, mentioned: { id: teamsId ?? aadObjectId, name } };
  });
  return { ...message, text: entities.map(({ text }) => text).join(' '), textFormat: 'xml', entities };
}

/** Text as it is: no Markdown is read into it. */
export function textOf(text: string): { type: string; text: string; textFormat: string } {
  return { type: 'message', text, textFormat: 'plain' };
}
