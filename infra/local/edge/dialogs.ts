import { isObject, list, object, text, type JsonObject } from './json.ts';

// The Agents Playground draws no dialog for a card's `task/fetch` button: a click sends nothing at all. So the edge turns such buttons into
// Action.Execute on the way to the page and back into the invokes of a real Teams dialog on the way to the bot, which has no branch for it.
// The dialog is drawn in the place of the card, on the page of the person who clicked and on no other.

const FETCH = 'edge/fetch';
const SUBMIT = 'edge/submit';
const CLOSE = 'edge/close';

export const ADAPTIVE_CARD = 'application/vnd.microsoft.card.adaptive';
const MESSAGE = 'application/vnd.microsoft.activity.message';
const ERROR = 'application/vnd.microsoft.error';

/** A copy in which every object that `change` answers for is replaced. */
function rewrite(value: unknown, change: (node: JsonObject) => JsonObject | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, change));
  if (!isObject(value)) return value;
  return change(value) ?? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewrite(inner, change)]));
}

function asExecute(button: JsonObject, verb: string): JsonObject {
  const { msteams: _msteams, ...data } = object(button['data']);
  return { ...button, type: 'Action.Execute', verb, data };
}

/** A card as the page can use it: `task/fetch` buttons work; the width is left out, under which the page puts a warning. */
export function cardToPage(card: JsonObject): JsonObject {
  const { msteams: _width, ...content } = card;
  return object(
    rewrite(content, (node) =>
      node['type'] === 'Action.Submit' && object(object(node['data'])['msteams'])['type'] === 'task/fetch' ? asExecute(node, FETCH) : undefined,
    ),
  );
}

/** A dialog's card: its Submit buttons come back as `task/submit`; title and Close stand in for the frame that Teams draws around it. */
function dialogToPage(card: JsonObject, title: string): JsonObject {
  const inside = object(rewrite(card, (node) => (node['type'] === 'Action.Submit' ? asExecute(node, SUBMIT) : undefined)));
  const heading = { type: 'Container', style: 'emphasis', bleed: true, items: [{ type: 'TextBlock', text: title, weight: 'Bolder', wrap: true }] };
  return {
    ...inside,
    body: [...(title === '' ? [] : [heading]), ...list(inside['body'])],
    actions: [...list(inside['actions']), { type: 'Action.Execute', title: 'Close', verb: CLOSE, data: {}, associatedInputs: 'none' }],
  };
}

/** Does this card stand for an open dialog? */
export function isDialog(card: unknown): boolean {
  return list(object(card)['actions']).some((action) => object(action)['verb'] === CLOSE);
}

/** Activity with every card in it as the page can use it. A message of the Playground is words or a card: words above a card go into it, mentions as they read. */
export function activityToPage(activity: JsonObject): JsonObject {
  if (!Array.isArray(activity['attachments'])) return activity;
  const words = text(activity['text']).replaceAll(/<at>(.*?)<\/at>/gu, '@$1');
  let above = words === '' ? [] : [{ type: 'TextBlock', text: words, weight: 'Bolder', wrap: true }];
  const attachments = list(activity['attachments']).map((one) => {
    const attachment = object(one);
    if (attachment['contentType'] !== ADAPTIVE_CARD) return attachment;
    const content = cardToPage(object(attachment['content']));
    const withWords = { ...attachment, content: { ...content, body: [...above, ...list(content['body'])] } };
    above = [];
    return withWords;
  });
  if (words === '' || above.length > 0) return { ...activity, attachments };
  const { text: _words, textFormat: _format, entities: _mentions, ...rest } = activity;
  return { ...rest, attachments };
}

export type Click = 'fetch' | 'submit' | 'close' | 'other';

/** What a click on the page stands for, and the invoke that goes to the bot for it (none for Close). */
export function invokeToBot(activity: JsonObject): { readonly click: Click; readonly activity: JsonObject } {
  const action = object(object(activity['value'])['action']);
  const name = action['verb'] === FETCH ? 'task/fetch' : action['verb'] === SUBMIT ? 'task/submit' : undefined;
  if (action['verb'] === CLOSE) return { click: 'close', activity };
  if (name === undefined) return { click: 'other', activity };
  const value = { data: object(action['data']), context: { theme: 'default' } };
  return { click: name === 'task/fetch' ? 'fetch' : 'submit', activity: { ...activity, name, value } };
}

/** An answer in the shape of Universal Actions, the only one that the page knows. */
export interface PageAnswer {
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

export function showCard(card: JsonObject): PageAnswer {
  return { statusCode: 200, type: ADAPTIVE_CARD, value: card };
}

export function showText(words: string): PageAnswer {
  return { statusCode: 200, type: MESSAGE, value: words };
}

export function showError(code: string, message: string): PageAnswer {
  return { statusCode: 400, type: ERROR, value: { code, message } };
}

/**
 * What the page shows for the bot's answer. A page whose click gets anything else than one of these three, with HTTP 200, stops hearing
 * clicks until it is reloaded; so a bot that failed becomes an error that can be read. `shared` is the card of that message as it stands now.
 */
export function answerToPage(click: Click, status: number, body: unknown, shared: JsonObject | undefined): PageAnswer {
  if (status < 200 || status > 299) return showError(`HTTP ${String(status)}`, 'Something went wrong. Please try again.');
  const answer = object(body);
  if (click === 'fetch' || click === 'submit') {
    const task = object(answer['task']);
    const info = object(task['value']);
    const card = object(info['card'])['content'];
    if (task['type'] === 'continue' && isObject(card)) return showCard(dialogToPage(card, text(info['title'])));
    if (task['type'] === 'message') return showText(text(task['value']));
    return shared === undefined ? showText('Closed.') : showCard(cardToPage(shared));
  }
  if (answer['type'] === ADAPTIVE_CARD) return showCard(cardToPage(object(answer['value'])));
  if (answer['type'] === MESSAGE) return showText(text(answer['value']));
  if (answer['type'] === ERROR) return showError(text(object(answer['value'])['code']), text(object(answer['value'])['message']));
  return showText('Done.');
}
