import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { addressesOf } from './teams.ts';

interface McpRequest {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly origin: string | undefined;
  readonly accept: string | undefined;
  readonly protocolVersion: string | undefined;
  readonly address: string | undefined;
  readonly body: Buffer;
}

interface McpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Handle = (request: McpRequest) => Promise<McpAnswer>;

/** POST /api/mcp: MCP over streamable HTTP. Everything about it is checked in bot/mcp/guard.ts. There are no streams and no sessions to GET or DELETE: 405. */
export function registerMcp(handle: Handle): void {
  app.http('mcp', { methods: ['POST', 'GET', 'DELETE'], authLevel: 'anonymous', route: 'mcp', handler: mcpHandler(handle) });
}

export function mcpHandler(handle: Handle): (request: HttpRequest) => Promise<HttpResponseInit> {
  return async (request) => {
    if (request.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } };
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    const { status, headers, body } = await handle({
      authorization: header('authorization'),
      contentType: header('content-type'),
      contentEncoding: header('content-encoding'),
      origin: header('origin'),
      accept: header('accept'),
      protocolVersion: header('mcp-protocol-version'),
      address: addressesOf(request).at(-1),
      body: Buffer.from(await request.arrayBuffer()),
    });
    return { status, headers: { ...headers }, ...(body === '' ? {} : { body }) };
  };
}
