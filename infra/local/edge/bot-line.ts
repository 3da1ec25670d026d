import { object, parseJson, text, type JsonObject } from './json.ts';
import type { Directory } from './directory.ts';
import type { Ledger } from './ledger.ts';
import type { OpenId } from './openid.ts';

/** The bot's answer; status 0: there was none. Body: the invoke response, or null. */
export interface BotAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly error?: string;
}

/** Sends an activity to the bot, signed, and writes down what was said and answered. The bot may be restarted at any time. */
export type BotLine = (activity: JsonObject) => Promise<BotAnswer>;

/** Longer than any handler may take (Teams gives up after 15 s); a bot that hangs must not hold the page for ever. */
const ANSWER_WITHIN_MS = 20_000;

export function botLine(bot: string, openId: OpenId, directory: Directory, ledger: Ledger): BotLine {
  const send = async (activity: JsonObject): Promise<BotAnswer> => {
    const token = await openId.signInbound(text(activity['serviceUrl']));
    let answer: Response;
    try {
      answer = await fetch(bot, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(activity),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const body = await answer.text();
      return { status: answer.status, body: body === '' ? null : (parseJson(body) ?? body) };
    } catch (error) {
      const slow = error instanceof DOMException && error.name === 'TimeoutError';
      return { status: 0, body: null, error: slow ? `bot did not answer within ${String(ANSWER_WITHIN_MS / 1000)} s` : 'bot not reachable' };
    }
  };
  return async (activity) => {
    const answer = await send(activity);
    ledger.record({
      kind: 'told',
      type: text(activity['type']),
      name: text(activity['name']),
      person: directory.memberByTeams(text(object(activity['from'])['id']))?.id ?? '',
      conversationId: text(object(activity['conversation'])['id']),
      activityId: text(activity['id']),
      replyToId: text(activity['replyToId']),
      text: text(activity['text']),
      value: activity['value'] ?? null,
      status: answer.status,
      answer: answer.error ?? answer.body,
    });
    return answer;
  };
}
