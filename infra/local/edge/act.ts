import { z } from 'zod/v4';
import { activityBy } from './activities.ts';
import type { BotLine } from './bot-line.ts';
import type { Connector, Said } from './connector.ts';
import { channelOf, type Directory } from './directory.ts';
import { object, text, type JsonObject } from './json.ts';

/** What a scripted person does: says something, presses a button, or edits what they said. Without `conversationId`: in the person's private chat. */
const request = z.object({
  person: z.string(),
  kind: z.enum(['message', 'invoke', 'edit']),
  text: z.string().optional(),
  conversationId: z.string().optional(),
  replyToId: z.string().optional(),
  name: z.string().optional(),
  value: z.unknown().optional(),
  /** The activity's id; the same again is Teams sending it twice, and an edit has that of the message. Absent: a new one. */
  id: z.string().optional(),
});

export interface Acted {
  readonly http: number;
  readonly body: JsonObject;
}

const refused = (http: number, error: string): Acted => ({ http, body: { status: 0, error } });

/** Acts as a person without a page. An invoke goes to the bot as it stands: no dialog is emulated here. */
export function acting(directory: Directory, serviceUrl: string, toBot: BotLine, connector: Connector): (body: unknown) => Promise<Acted> {
  const underWay = new Set<string>();
  return async (body) => {
    const parsed = request.safeParse(body);
    if (!parsed.success) return refused(400, z.prettifyError(parsed.error));
    const { person, kind, conversationId, name = 'adaptiveCard/action', ...rest } = parsed.data;
    const member = directory.member(person);
    if (!member) return refused(404, `nobody in people.json is called ${person}`);
    const where = conversationId ?? member.privateChat;
    const owner = directory.memberByChat(where);
    if (owner ? owner !== member : !directory.placeByChannel(channelOf(where))) return refused(404, `${person} is not in the conversation ${where}`);

    const { text: words = '', value, replyToId, id } = rest;
    const more: JsonObject = {
      ...(kind === 'invoke' ? { type: 'invoke', name } : { type: kind === 'edit' ? 'messageUpdate' : 'message', text: words }),
      ...(value === undefined ? {} : { value }),
      ...(replyToId === undefined ? {} : { replyToId }),
      ...(id === undefined ? {} : { id }),
    };
    const made = activityBy(directory, serviceUrl, member, where, more);
    const activity = kind === 'edit' ? { ...made, channelData: { ...object(made['channelData']), eventType: 'editMessage' } } : made;
    const activityId = text(activity['id']);
    const replies: { text?: string; card?: JsonObject }[] = [];
    underWay.add(activityId);
    const stop = connector.onSaid((said: Said) => {
      const toAnother = said.replyToId !== activityId && underWay.has(said.replyToId);
      if (said.conversationId !== where || toAnother) return;
      replies.push({ ...(said.text === '' ? {} : { text: said.text }), ...(said.card ? { card: said.card } : {}) });
    });
    const answer = await toBot(activity).finally(() => {
      stop();
      underWay.delete(activityId);
    });
    if (answer.error !== undefined) return refused(502, answer.error);
    return { http: 200, body: { status: answer.status, body: answer.body, replies } };
  };
}
