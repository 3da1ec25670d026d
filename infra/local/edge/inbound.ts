import { knownSender } from './activities.ts';
import type { BotLine } from './bot-line.ts';
import type { Connector } from './connector.ts';
import { answerToPage, cardToPage, invokeToBot, showCard, showError, showText, type PageAnswer } from './dialogs.ts';
import type { Directory } from './directory.ts';
import { object, text, type JsonObject } from './json.ts';
import { takeMark } from './mark.ts';

export interface Inbound {
  /** A click on a card: the answer in the page's shape, whatever the bot did. */
  click(activity: JsonObject): Promise<PageAnswer>;
  /** Any activity that a page gives rise to: the HTTP answer for the page server. */
  readonly activity: (activity: JsonObject) => Promise<{ readonly status: number; readonly body: unknown }>;
}

/** From a page to the bot: who it is, what a click stands for, and back. */
export function inbound(directory: Directory, serviceUrl: string, toBot: BotLine, connector: Connector): Inbound {
  const prepare = (activity: JsonObject): JsonObject => {
    const { words, index } = takeMark(text(activity['text']));
    const typist = index === undefined ? undefined : directory.members[index];
    const from = object(activity['from']);
    const sender = knownSender(directory, typist ? { id: typist.teamsId } : from) ?? from;
    return { ...activity, from: sender, ...(typeof activity['text'] === 'string' ? { text: words } : {}) };
  };

  const click = async (page: JsonObject): Promise<PageAnswer> => {
    const { click: what, activity } = invokeToBot(prepare(page));
    const shared = (): JsonObject | undefined => connector.cardOf(text(object(activity['conversation'])['id']), text(activity['replyToId']));
    if (what === 'close') {
      const card = shared();
      return card === undefined ? showText('Closed.') : showCard(cardToPage(card));
    }
    const { status, body, error } = await toBot(activity);
    return error === undefined
      ? answerToPage(what, status, body, shared())
      : showError('BotNotReachable', 'Radloop does not answer. Please try again.');
  };

  return {
    click,
    activity: async (page) => {
      // Signing it would make the bot trust that address and send its own token there.
      if (page['serviceUrl'] !== serviceUrl) {
        return { status: 403, body: { error: { code: 'ForeignServiceUrl', message: `this edge signs only for ${serviceUrl}` } } };
      }
      if (page['type'] === 'invoke' && page['name'] === 'adaptiveCard/action') return { status: 200, body: await click(page) };
      const { status, body, error } = await toBot(prepare(page));
      return error === undefined ? { status, body } : { status: 502, body: { error: { code: 'BotNotReachable', message: error } } };
    },
  };
}
