import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '@apidevtools/swagger-parser';
import { TOOLS } from '#bot/mcp/tools.js';

const file = join('bot', 'connector', 'openapi.json');
const text = readFileSync(file, 'utf8');

interface Connector {
  readonly swagger: string;
  readonly basePath: string;
  readonly schemes: readonly string[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string; readonly security: unknown }>>>>;
  readonly securityDefinitions: Readonly<Record<string, { readonly flow: string; readonly scopes: object }>>;
}

describe('the custom connector for Copilot Studio', () => {
  it('is valid OpenAPI 2.0', async () => {
    const api = await validate(structuredClone(JSON.parse(text)), { resolve: { external: false } });
    expect(api).toMatchObject({ swagger: '2.0', info: { title: 'Radloop' } });
  });

  it('is found not valid where a response lacks its description', async () => {
    const broken = JSON.parse(text.replace(/"202": \{[^}]*\}/u, '"202": {}'));
    await expect(validate(broken, { resolve: { external: false } })).rejects.toThrow();
  });

  it('has one operation, the MCP door over HTTPS, and no other way in', () => {
    const api = JSON.parse(text) as Connector;
    expect(Object.entries(api.paths).map(([path, item]) => [`${api.basePath}${path}`, Object.keys(item)])).toEqual([['/api/mcp', ['post']]]);
    expect(api.schemes).toEqual(['https']);
    expect(api.paths['/mcp']?.['post']).toMatchObject({ 'x-ms-agentic-protocol': 'mcp-streamable-1.0', security: [{ entra: ['access_as_user'] }] });
    expect(api.securityDefinitions['entra']).toMatchObject({ flow: 'accessCode', scopes: { access_as_user: expect.any(String) } });
  });

  it('names each tool in its manual, and says there what no tool does', () => {
    const manual = readFileSync(join('infra', 'docs', 'copilot-studio.md'), 'utf8');
    expect(TOOLS.filter(({ name }) => !manual.includes(`\`${name}\``))).toEqual([]);
    expect(manual).toMatch(/No tool approves/u);
  });
});
