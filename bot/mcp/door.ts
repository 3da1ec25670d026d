import type { Log } from '#ports/log.js';
import type { OutsideDesk } from '#ports/outside.js';
import { createOutsideGuard } from './guard.ts';
import type { OutsideRequest } from './guard.ts';

/** What the trigger has besides. */
export interface McpRequest extends OutsideRequest {
  readonly accept: string | undefined;
  readonly protocolVersion: string | undefined;
}

export interface McpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Guarded = Parameters<typeof createOutsideGuard>[0];

/** POST /api/mcp: an MCP server over streamable HTTP for Copilot Studio and other orchestrators, without a session. infra/docs/copilot-studio.md */
export function createMcpDoor(needs: Guarded & { readonly outside: OutsideDesk; readonly log: Log }): (request: McpRequest) => Promise<McpAnswer> {
  const guard = createOutsideGuard(needs);
  return async (request) => {
    try {
      const guarded = await guard.check(request);
      if (!guarded.ok) return refusal(guarded.status, guarded.check);
      const message = messageIn(request.body);
      if (message === null) {
        await guard.refused(request, 400, 'not-json');
        return refusal(400, 'not-json');
      }
      // The SDK is loaded at the first request that is heard.
      const { answerMcp } = await import('./server.ts');
      const { accept = '', protocolVersion } = request;
      const answered = await answerMcp({ desk: needs.outside, log: needs.log }, { person: guarded.who, message, accept, protocolVersion });
      return { ...answered, headers: json };
    } catch (fault) {
      needs.log.error('mcp.failed', { fault });
      return { status: 500, headers: json, body: JSON.stringify({ error: 'Radloop could not answer.' }) };
    }
  };
}

const json = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } as const;

/** One message a request; null: none (a batch is no message since MCP 2025-06-18). */
function messageIn(body: Uint8Array): object | null {
  try {
    const read: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : null;
  } catch {
    return null;
  }
}

/** Says little: a hostile sender learns nothing from it. */
function refusal(status: number, check: string): McpAnswer {
  const error = check === 'person' ? 'You are not known to Radloop. Ask its administrator.' : 'Refused.';
  const challenge: Readonly<Record<string, string>> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return { status, headers: { ...json, ...challenge }, body: JSON.stringify({ error }) };
}
