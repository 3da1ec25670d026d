import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Person } from '#core/people.js';
import type { Log } from '#ports/log.js';
import type { OutsideDesk } from '#ports/outside.js';
import { TOOLS, argumentsOf } from './tools.ts';

const instructions =
  'Radloop keeps the work around medical imaging going. These tools read, for the person who is signed in and under their rights. They hold no patient data and decide ' +
  'nothing: to open, approve, reject or acknowledge a case, send the person to Radloop in Microsoft Teams.';

interface Asked {
  readonly person: Person;
  readonly message: object;
  readonly accept: string;
  /** MCP-Protocol-Version, as sent. */
  readonly protocolVersion: string | undefined;
}

/** One request, one server, nothing kept: any instance answers the next one. */
export async function answerMcp(
  needs: { readonly desk: OutsideDesk; readonly log: Log },
  asked: Asked,
): Promise<{ readonly status: number; readonly body: string }> {
  const mcp = new McpServer({ name: 'radloop', title: 'Radloop', version: '1.0.0' }, { capabilities: { tools: {} }, instructions });
  mcp.server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: TOOLS.map(({ name, title, description, inputSchema }) => ({
      ...{ name, title, description, annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false } },
      inputSchema: { ...inputSchema, ...(inputSchema.required === undefined ? {} : { required: [...inputSchema.required] }) },
    })),
  }));
  mcp.server.setRequestHandler(CallToolRequestSchema, ({ params }) => call(needs, asked.person, params.name, params.arguments));
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await mcp.connect(transport);
  try {
    // The address is not looked at: the route has been found, and the token has been checked.
    const response = await transport.handleRequest(
      new Request('http://radloop.invalid/api/mcp', {
        method: 'POST',
        headers: {
          ...{ accept: asked.accept, 'content-type': 'application/json' },
          ...(asked.protocolVersion === undefined ? {} : { 'mcp-protocol-version': asked.protocolVersion }),
        },
      }),
      { parsedBody: asked.message },
    );
    return { status: response.status, body: await response.text() };
  } finally {
    await mcp.close();
  }
}

async function call(
  { desk, log }: { readonly desk: OutsideDesk; readonly log: Log },
  person: Person,
  name: string,
  given: unknown,
): Promise<CallToolResult> {
  const tool = TOOLS.find((one) => one.name === name);
  try {
    if (tool === undefined) {
      await desk.refused(person, 'unknown-tool');
      throw new McpError(ErrorCode.InvalidParams, 'Radloop has no such tool.');
    }
    const read = argumentsOf(tool, given);
    if ('wrong' in read && typeof read.wrong === 'string') {
      await desk.refused(person, 'arguments');
      return said(read.wrong, true);
    }
    const answer = await tool.ask(desk, person, read);
    if (!answer.ok) return said(answer.why, true);
    return { ...said(JSON.stringify(answer.found)), structuredContent: { ...answer.found } };
  } catch (fault) {
    if (fault instanceof McpError) throw fault;
    // Its message may say anything: it goes nowhere.
    log.error('mcp.failed', { fault });
    return said('Radloop could not answer. Try again, or look in Microsoft Teams.', true);
  }
}

function said(text: string, isError = false): CallToolResult {
  return { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) };
}
