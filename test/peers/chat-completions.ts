import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer: a whole completion's message, a status, bytes as they are, or none. */
export type ChatReply =
  | { readonly content: unknown; readonly finish?: string; readonly more?: object }
  | { readonly status: number }
  | { readonly bytes: string }
  | 'hang'
  | 'cut';

export interface ChatPeer {
  readonly baseUrl: string;
  readonly asked: { readonly path: string; readonly authorization: string | undefined; readonly body: ChatRequest }[];
  /** What is answered to the user's message. */
  reply: (message: string) => ChatReply;
  close(): Promise<void>;
}

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format: {
    readonly type: string;
    readonly json_schema: { readonly strict: boolean; readonly schema: { readonly additionalProperties: boolean } };
  };
  readonly tools?: unknown;
}

/** A server that speaks the chat-completions protocol over a real socket, and answers what a test says. */
export async function startChatPeer(): Promise<ChatPeer> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const body = JSON.parse(text) as ChatRequest;
      peer.asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      const user = body.messages.find(({ role }) => role === 'user')?.content ?? '{}';
      const reply = peer.reply((JSON.parse(user) as { message: string }).message);
      if (reply === 'hang') return;
      if (reply === 'cut') request.socket.destroy();
      else if ('status' in reply) response.writeHead(reply.status).end('{"error":{"message":"no"}}');
      else if ('bytes' in reply) response.writeHead(200, { 'content-type': 'text/html' }).end(reply.bytes);
      else {
        const content = typeof reply.content === 'string' ? reply.content : JSON.stringify(reply.content);
        const message = { role: 'assistant', content, refusal: null, ...reply.more };
        const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
        const choices = [{ index: 0, finish_reason: reply.finish ?? 'stop', logprobs: null, message }];
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: body.model, choices, usage }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const peer: ChatPeer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: [],
    reply: () => ({ status: 500 }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return peer;
}

const nothing = { protocol: null, reason: null, question: null, action: null, service: null, when: null, person: null, subject: null, finding: null, modality: null, urgency: null }; // prettier-ignore

/** An answer in the agreed form. */
export function meaning(intent: string, slots: Partial<Record<keyof typeof nothing, string>> = {}): { readonly content: object } {
  return { content: { intent, slots: { ...nothing, ...slots } } };
}
