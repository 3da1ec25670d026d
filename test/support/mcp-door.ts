import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { HttpRequest } from '@azure/functions';
import type { CallToolResult, ListToolsResult } from '@modelcontextprotocol/sdk/types.js';
import { createMcpDoor } from '#bot/mcp/door.js';
import type { Person } from '#core/people.js';
import { desk } from '#engine/desk.js';
import { outsideDesk } from '#engine/outside.js';
import { refusals } from '#engine/refusals.js';
import type { AuditEntry } from '#ports/audit-store.js';
import { mcpHandler } from '../../functions/triggers/mcp.ts';
import { directoryOf } from './clinic.ts';
import { startEngineFixture } from './engine-fixture.ts';
import type { EngineFixture } from './engine-fixture.ts';
import type { McpAsk, McpReply } from './mcp-client-process.ts';
import { startTeamsSide } from './teams-provider.ts';
import type { TeamsSide } from './teams-provider.ts';

export const apiAudience = '3d1f9a3e-52d5-4c3c-8a7d-0c5b8e2f0a11';

/** POST /api/mcp over a real socket: trigger, guard and MCP server over a real store with one order, and an OpenID provider that issues tokens for its API. */
export interface McpFixture {
  readonly url: URL;
  readonly side: TeamsSide;
  readonly engine: EngineFixture;
  /** Audit rows that were written alone, oldest first. */
  readonly audited: AuditEntry[];
  readonly log: EngineFixture['parts']['log'];
  /** Every byte that it answered. */
  answered(): string;
  /** A token for this person; claims are merged over it, null takes one out. */
  token(person: Pick<Person, 'aadObjectId'>, claims?: Record<string, unknown>): Promise<string>;
  /** The real client, signed in. */
  client(token: string): Promise<McpCaller>;
  close(): Promise<void>;
}

/** The real client, connected. */
export interface McpCaller {
  readonly instructions: string;
  tools(): Promise<ListToolsResult['tools']>;
  call(name: string, given?: Record<string, unknown>): Promise<{ readonly isError: boolean; readonly text: string; readonly found: unknown }>;
}

export async function startMcpFixture(people: readonly Person[]): Promise<McpFixture> {
  const side = await startTeamsSide();
  const engine = startEngineFixture('assist');
  const audited: AuditEntry[] = [];
  const { audit } = engine.parts;
  const parts = {
    ...engine.parts,
    directory: directoryOf(people),
    audit: {
      ...audit,
      record: async (entry: AuditEntry) => {
        audited.push(entry);
        await audit.record(entry);
      },
      shownRevision: audit.shownRevision.bind(audit),
    },
  };
  const noted = refusals(parts);
  const cases = desk(parts, [], noted);
  const handler = mcpHandler(
    createMcpDoor({
      settings: {
        audience: apiAudience,
        tenantId: side.tenantId,
        local: { metadataUrl: `${side.origin}/.well-known/openidconfiguration`, issuer: side.origin },
      },
      outside: outsideDesk({ parts, desk: cases, progress: () => Promise.resolve({ ok: true, missing: [] }) }),
      ...{ desk: cases, directory: parts.directory, clock: { now: () => new Date().toISOString() as never }, log: parts.log },
    }),
  );
  let answered = '';
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
      const request = new HttpRequest({
        url: `http://127.0.0.1${incoming.url ?? ''}`,
        method: incoming.method ?? '',
        headers: { ...headers, 'x-forwarded-for': incoming.socket.remoteAddress ?? '' },
        body: { bytes: Buffer.concat(chunks) },
      });
      handler(request).then(
        ({ status = 200, headers: given, body }) => {
          const text = typeof body === 'string' ? body : '';
          answered += `${JSON.stringify(given)}${text}\n`;
          response.writeHead(status, given as Record<string, string>).end(text);
        },
        (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/mcp`);
  const real = clientProcess();
  return {
    ...{ url, side, engine, audited, log: parts.log },
    answered: () => answered,
    token: (person, claims = {}) =>
      side.token({ aud: apiAudience, serviceurl: null, tid: side.tenantId, oid: person.aadObjectId, scp: 'access_as_user', ver: '2.0', ...claims }),
    async client(token) {
      const { n: client, found } = await real.ask({ ask: 'connect', url: url.href, token });
      return {
        instructions: (found as { instructions: string }).instructions,
        tools: async () => ((await real.ask({ ask: 'list', client })).found as ListToolsResult).tools,
        async call(name, given = {}) {
          const { content, isError, structuredContent } = (await real.ask({ ask: 'call', client, name, given })).found as CallToolResult;
          const text = content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
          return { isError: isError === true, text, found: structuredContent };
        },
      };
    },
    async close() {
      real.end();
      await noted.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
      await side.close();
    },
  };
}

type Without<Ask> = Ask extends McpAsk ? Omit<Ask, 'n'> : never;

/** Started at the first question. */
function clientProcess(): { ask(asked: Without<McpAsk>): Promise<McpReply>; end(): void } {
  const waiting = new Map<number, (reply: McpReply) => void>();
  let child: ChildProcess | null = null;
  let asks = 0;
  const start = (): ChildProcess => {
    const started = fork(join(import.meta.dirname, 'mcp-client-process.ts'), [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    started.on('message', (reply: McpReply) => waiting.get(reply.n)?.(reply));
    started.on('exit', () => {
      for (const [n, tell] of waiting) tell({ n, fault: 'the client’s process ended' });
    });
    return started;
  };
  return {
    async ask(asked) {
      child ??= start();
      asks += 1;
      const n = asks;
      const answered = new Promise<McpReply>((resolve) => waiting.set(n, resolve));
      child.send({ ...asked, n });
      const reply = await answered;
      waiting.delete(n);
      if (reply.fault !== undefined) throw new Error(reply.fault);
      return reply;
    },
    end: () => child?.kill(),
  };
}
