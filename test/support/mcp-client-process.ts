// The real MCP client in a process of its own: one of its packages has TypeScript behind the condition `source`, with which our tests run.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export type McpAsk =
  | { readonly n: number; readonly ask: 'connect'; readonly url: string; readonly token: string }
  | { readonly n: number; readonly ask: 'list'; readonly client: number }
  | { readonly n: number; readonly ask: 'call'; readonly client: number; readonly name: string; readonly given: Record<string, unknown> };

export interface McpReply {
  readonly n: number;
  readonly found?: unknown;
  readonly fault?: string;
}

const clients = new Map<number, Client>();

async function answer(asked: McpAsk): Promise<unknown> {
  if (asked.ask === 'connect') {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(asked.url), { requestInit: { headers: { Authorization: `Bearer ${asked.token}` } } });
    await client.connect(transport);
    clients.set(asked.n, client);
    return { instructions: client.getInstructions() };
  }
  const client = clients.get(asked.client);
  if (client === undefined) throw new Error('no such client');
  return asked.ask === 'list' ? client.listTools() : client.callTool({ name: asked.name, arguments: asked.given });
}

process.on('message', (asked: McpAsk) => {
  answer(asked).then(
    (found) => process.send?.({ n: asked.n, found } satisfies McpReply),
    (fault: unknown) => process.send?.({ n: asked.n, fault: String(fault) } satisfies McpReply),
  );
});
process.on('disconnect', () => process.exit(0));
