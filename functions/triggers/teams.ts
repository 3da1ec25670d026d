import { app } from '@azure/functions';
import type { HttpRequest } from '@azure/functions';

interface TeamsRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string;
  readonly address?: string;
  readonly body: Buffer;
}

/** POST /api/messages: the bot's endpoint. Everything about it is checked in bot/guard.ts. */
export function registerTeams(handle: (request: TeamsRequest) => Promise<{ readonly status: number; readonly body?: unknown }>): void {
  app.http('teams', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'messages',
    async handler(request) {
      const encoding = request.headers.get('content-encoding');
      const address = addressesOf(request).at(-1);
      const { status, body } = await handle({
        authorization: request.headers.get('authorization') ?? undefined,
        contentType: request.headers.get('content-type') ?? undefined,
        ...(encoding === null ? {} : { contentEncoding: encoding }),
        ...(address === undefined ? {} : { address }),
        body: Buffer.from(await request.arrayBuffer()),
      });
      return body === undefined ? { status } : { status, jsonBody: body };
    },
  });
}

/** The hops of a request, the last one written by the host that took it in; the others are the sender's word. */
export function addressesOf(request: HttpRequest): readonly string[] {
  const written = request.headers.get('x-forwarded-for') ?? '';
  return written
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
}
