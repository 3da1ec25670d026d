import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ofType, propertiesOf, readTemplate } from './bicep.ts';
import type { Template } from './bicep.ts';

/** Settings that the platform or an SDK reads, not functions/config.ts. */
const NOT_OURS = /^(?:AZURE_CLIENT_ID|APPLICATIONINSIGHTS_(?:AUTHENTICATION|CONNECTION)_STRING|AzureWebJobsStorage__\w+|ServiceBus__\w+)$/u;

/** What stands for a value that only a deployment knows. */
const placeholders: Readonly<Record<string, string>> = {
  'cosmos.outputs.endpoint': 'https://name.documents.azure.com:443/',
  'serviceBus.outputs.hostName': 'name.servicebus.windows.net',
  'storage.outputs.blobEndpoint': 'https://name.blob.core.windows.net/',
  'storage.outputs.downtimeUrl': 'https://name.blob.core.windows.net/downtime',
  'storage.outputs.anchorsUrl': 'https://name.blob.core.windows.net/anchors',
  'keyVault.outputs.wrapKeyId': 'https://name.vault.azure.net/keys/site-wrap',
  'keyVault.outputs.signKeyId': 'https://name.vault.azure.net/keys/site-sign',
  'keyVault.outputs.healthTokenReference': 'a-token-of-at-least-thirty-two-characters',
  'identities.outputs.botClientId': '00000000-0000-4000-8000-000000000001',
  'tenant().tenantId': '00000000-0000-4000-8000-000000000002',
  apiAudience: '00000000-0000-4000-8000-000000000003',
};

/** Every setting that the templates give to an app, with a value of its shape. */
async function settings(role: 'service' | 'auditor', relay: boolean): Promise<Record<string, string>> {
  const main = await readTemplate(join('infra', 'azure', 'main.bicep'));
  const app = await readTemplate(join('infra', 'azure', 'modules', 'function-app.bicep'));
  return {
    ...objectOf(main, 'variable_declaration', 'sharedSettings'),
    ...(relay && role === 'service' ? objectOf(main, 'variable_declaration', 'relayPath') : {}),
    ...(role === 'service' ? objectOf(main, 'variable_declaration', 'apiDoor') : {}),
    ...objectOf(app, 'resource_declaration', 'appSettings'),
    ...(role === 'service' ? objectOf(main, 'variable_declaration', 'triggerSettings') : {}),
    RADLOOP_ROLE: role,
  };
}

function objectOf({ root }: Template, type: string, name: string): Record<string, string> {
  const declared = ofType(root, type).find((node) => node.namedChild(0)?.text === name);
  const objects = declared === undefined ? [] : ofType(declared, 'object');
  // The innermost: of `union(settings, {…})` and `condition ? {…} : {}` the one with the names.
  const named = objects.map(propertiesOf).findLast((properties) => properties.length > 0) ?? [];
  return Object.fromEntries(named.map((property) => [property.name, placeholders[property.value.text] ?? property.value.text.replaceAll("'", '')]));
}

/** What functions/config.ts makes of an environment, in a process of its own: it is the only reader of one. */
function readBy(environment: Readonly<Record<string, string>>): { readonly names: string[] } | { readonly says: string } {
  const script = `const { readConfig } = await import('./functions/config.ts'); process.stdout.write(JSON.stringify(Object.keys(readConfig())));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    encoding: 'utf8',
  });
  return status === 0 ? { names: JSON.parse(stdout) as string[] } : { says: stderr };
}

describe('the settings of the apps on Azure', () => {
  it.each([
    ['the service', 'service', false],
    ['the service with a relay', 'service', true],
    ['the auditor', 'auditor', false],
  ] as const)('are all that functions/config.ts needs, for %s', async (_who, role, relay) => {
    const given = await settings(role, relay);
    const read = readBy(given);
    expect(read).toHaveProperty('names');
    const known = 'names' in read ? read.names : [];
    expect(Object.keys(given).filter((name) => !NOT_OURS.test(name) && !known.includes(name))).toEqual([]);
  });

  it('are missed one by one: without its site, its store or its bot functions/config.ts refuses to start and names the setting', async () => {
    const given = await settings('service', false);
    for (const name of [
      'RADLOOP_SITE',
      'RADLOOP_COSMOS_ENDPOINT',
      'RADLOOP_SERVICE_BUS_NAMESPACE',
      'RADLOOP_BLOB_ENDPOINT',
      'RADLOOP_KEY_ID',
      'RADLOOP_SIGN_KEY_ID',
      'RADLOOP_ANCHORS',
      'RADLOOP_DOWNTIME',
      'MicrosoftAppId',
    ]) {
      const { [name]: _left, ...rest } = given;
      const read = readBy(rest);
      expect('says' in read ? read.says : 'started').toContain(name);
    }
  });

  it('refuse the bot’s own id as that of the API: a token for the one is none for the other', async () => {
    const given = await settings('service', false);
    const read = readBy({ ...given, RADLOOP_API_AUDIENCE: given['MicrosoftAppId'] ?? '' });
    expect('says' in read ? read.says : 'started').toContain("RADLOOP_API_AUDIENCE: the bot's own id");
  });

  it('are each documented in infra/README.md', async () => {
    const text = readFileSync(join('infra', 'README.md'), 'utf8');
    const given = { ...(await settings('service', true)) };
    expect(Object.keys(given).filter((name) => !text.includes(name.replace(/__\w+$/u, '')))).toEqual([]);
  });
});
