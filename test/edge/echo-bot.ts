import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  CardFactory,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  MessageFactory,
  type Activity,
  type InvokeResponse,
  type TurnContext,
} from 'botbuilder';
import { ClaimsIdentity, type ConnectorClient } from 'botframework-connector';

/**
 * A bot for tests of the edge: Microsoft's stock adapter with its stock token checks, nothing subclassed. It answers text with text, a card's
 * Open (`task/fetch`) with a personal view that names the asker, and its Approve (`task/submit`) with words, after editing the shared card.
 */
export interface EchoBot {
  readonly endpoint: string;
  /** Posts the shared card as a new thread of a channel. */
  post(channelId: string, number: string): Promise<{ readonly id: string; readonly activityId: string }>;
  /** Edits a posted card. */
  update(id: string, activityId: string, number: string, state: string): Promise<void>;
  /** Sends text, or the shared card with this number, to a person's private chat. */
  tell(teamsId: string, words: string, cardNumber?: string): Promise<{ readonly id: string; readonly activityId: string }>;
  close(): Promise<void>;
}

/** No patient data: what the channel sees. */
export function sharedCard(number: string, state: string): Record<string, unknown> {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    body: [
      { type: 'TextBlock', text: `Case ${number}`, weight: 'Bolder', size: 'Medium' },
      { type: 'TextBlock', text: state, wrap: true },
    ],
    actions: [{ type: 'Action.Submit', title: 'Open', data: { msteams: { type: 'task/fetch' }, caseNumber: number } }],
  };
}

function personalView(number: string, asker: string): Record<string, unknown> {
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [
      { type: 'TextBlock', text: `Order for ${asker} only`, wrap: true },
      { type: 'Input.Text', id: 'reason', label: 'Reason', placeholder: 'Why' },
    ],
    actions: [{ type: 'Action.Submit', title: 'Approve', data: { caseNumber: number, verb: 'approve' } }],
  };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  return body;
}

export async function startEchoBot(settings: Record<string, string>, port = 0): Promise<EchoBot> {
  // The managed-identity client reads these two from the environment, and only there.
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) process.env[name] = settings[name] ?? '';
  const auth = new ConfigurationBotFrameworkAuthentication(settings);
  const adapter = new CloudAdapter(auth);
  adapter.onTurnError = (_context, error) => Promise.reject(error);
  const appId = settings['MicrosoftAppId'] ?? '';
  const tenantId = settings['MicrosoftAppTenantId'] ?? '';
  const serviceUrl = `${settings['ToBotFromChannelTokenIssuer'] ?? ''}/_connector`;

  const turn = async (context: TurnContext): Promise<void> => {
    const { type, name, text, value, from } = context.activity;
    if (type === 'message') {
      const card = /card (\w+)/u.exec(text)?.[1];
      const words = `${from.name} said: ${text.replace(/<at>.*?<\/at>/gu, '').trim()}`;
      await context.sendActivity(card === undefined ? words : { attachments: [CardFactory.adaptiveCard(sharedCard(card, 'waiting'))] });
    }
    if (type === 'invoke') await context.sendActivity({ type: 'invokeResponse', value: await invoked(name ?? '', value, context) });
  };
  const invoked = async (name: string, value: unknown, context: TurnContext): Promise<InvokeResponse> => {
    const number = String(field(field(value, 'data'), 'caseNumber'));
    const who = context.activity.from.name;
    if (name === 'task/fetch') {
      const card = CardFactory.adaptiveCard(personalView(number, who));
      return { status: 200, body: { task: { type: 'continue', value: { title: `Case ${number}`, card } } } };
    }
    if (name === 'task/submit') {
      const given = field(field(value, 'data'), 'reason');
      const reason = typeof given === 'string' ? given : '';
      const edited = MessageFactory.attachment(CardFactory.adaptiveCard(sharedCard(number, `approved by ${who}`)));
      await context.updateActivity({ ...edited, ...(context.activity.replyToId === undefined ? {} : { id: context.activity.replyToId }) });
      return { status: 200, body: { task: { type: 'message', value: `Approved ${number}. ${reason}`.trim() } } };
    }
    return { status: 501 };
  };

  const server: Server = createServer((request, response) => {
    const answer = {
      socket: response.socket,
      end: () => response.end(),
      header: (name: string, value: unknown) => response.setHeader(name, String(value)),
      status: (code: number) => (response.statusCode = code),
      send: (body: unknown) => response.end(body === undefined ? '' : JSON.stringify(body)),
    };
    bodyOf(request)
      .then((body) => adapter.process({ body, headers: request.headers, method: request.method ?? 'POST' }, answer, turn))
      .catch(() => {
        if (!response.writableEnded) response.writeHead(500).end();
      });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;

  const identity = new ClaimsIdentity([
    { type: 'aud', value: appId },
    { type: 'appid', value: appId },
  ]);
  const client = (): Promise<ConnectorClient> => auth.createConnectorFactory(identity).create(serviceUrl, 'https://api.botframework.com');
  const bot = { id: `28:${appId}`, name: 'Radloop' };
  /** The client's types want a whole Activity; on the wire these fields are enough. */
  const cardActivity = (number: string, state: string): Activity =>
    MessageFactory.attachment(CardFactory.adaptiveCard(sharedCard(number, state))) as Activity;

  return {
    endpoint: `http://127.0.0.1:${String(actual)}/api/messages`,
    post: async (channelId, number) => {
      const { conversations } = await client();
      const thread = { isGroup: true, channelData: { channel: { id: channelId } }, bot, tenantId, activity: cardActivity(number, 'waiting') };
      const { id, activityId } = await conversations.createConversation(thread);
      return { id, activityId };
    },
    update: async (id, activityId, number, state) => {
      await (await client()).conversations.updateActivity(id, activityId, cardActivity(number, state));
    },
    tell: async (teamsId, words, cardNumber) => {
      const { conversations } = await client();
      const chat = { isGroup: false, bot, members: [{ id: teamsId, name: '' }], tenantId, channelData: { tenant: { id: tenantId } } };
      const { id } = await conversations.createConversation(chat);
      const activity = cardNumber === undefined ? (MessageFactory.text(words) as Activity) : cardActivity(cardNumber, words);
      return { id, activityId: (await conversations.sendToConversation(id, activity)).id };
    },
    close: async () => {
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
      server.closeAllConnections();
      await closed;
    },
  };
}
