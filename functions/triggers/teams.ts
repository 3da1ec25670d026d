import { app } from '@azure/functions';

interface TeamsRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string;
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
      const { status, body } = await handle({
        authorization: request.headers.get('authorization') ?? undefined,
        contentType: request.headers.get('content-type') ?? undefined,
        ...(encoding === null ? {} : { contentEncoding: encoding }),
        body: Buffer.from(await request.arrayBuffer()),
      });
      return body === undefined ? { status } : { status, jsonBody: body };
    },
  });
}
