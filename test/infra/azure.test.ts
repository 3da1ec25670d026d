import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  alertsName,
  localAuthIsOff,
  modulesFit,
  noSecretIsWritten,
  onlyDoorsArePublic,
  parametersAreDocumented,
  parametersOf,
  parses,
  recordKeepsItsPromises,
  rolesAreTheLeast,
} from './azure-checks.ts';
import type { Check } from './azure-checks.ts';
import { LAYOUT } from '#adapters/azure/cosmos-layout.js';
import { readParameters, templateOf } from './bicep.ts';
import type { Template } from './bicep.ts';

const folder = join('infra', 'azure');
const files = [
  join(folder, 'main.bicep'),
  ...readdirSync(join(folder, 'modules'))
    .filter((name) => name.endsWith('.bicep'))
    .map((name) => join(folder, 'modules', name)),
];

/** The templates by file name; `plant` puts a fault into one. */
async function templates(plant?: { readonly in: string; readonly instead: string | RegExp; readonly of: string }): Promise<Map<string, Template>> {
  const read = await Promise.all(
    files.map(async (file) => {
      const name = file.split('/').at(-1) ?? file;
      const text = readFileSync(file, 'utf8');
      if (plant?.in !== name) return [name, await templateOf(file, text)] as const;
      const changed = text.replace(plant.instead, plant.of);
      if (changed === text) throw new Error(`The fault for ${name} was not planted.`);
      return [name, await templateOf(file, changed)] as const;
    }),
  );
  return new Map(read);
}

const checks: Readonly<Record<string, { readonly check: Check; readonly plants: readonly (readonly [string, string, string | RegExp, string])[] }>> =
  {
    'every template parses (syntax only: nothing here was compiled or deployed)': {
      check: parses,
      plants: [['a missing brace', 'cosmos.bicep', "name: 'cosmos-radloop-${token}'", "name: {'cosmos-radloop-${token}'"]],
    },
    'every role assignment is the least that does the work': {
      check: rolesAreTheLeast,
      plants: [
        ['owner of the bus instead of sender', 'service-bus.bicep', '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39', '090c5cfd-751d-490a-894a-3ce6f1109419'],
        ['a role on the whole vault', 'key-vault.bicep', 'scope: wrapKey', 'scope: vault'],
        ['a role for somebody else', 'storage.bicep', /principalId: auditorPrincipalId/u, 'principalId: servicePrincipalId'],
        [
          'the auditor may write cases',
          'cosmos.bicep',
          "scope: '${account.id}/dbs/${databaseName}/colls/site'",
          "scope: '${account.id}/dbs/${databaseName}'",
        ],
        ['an assignment nobody decided on', 'registry.bicep', 'resource pulls', 'resource pushes'],
      ],
    },
    'keys and passwords are switched off wherever there are some': {
      check: localAuthIsOff,
      plants: [
        ['keys of Cosmos DB', 'cosmos.bicep', 'disableLocalAuth: true', 'disableLocalAuth: false'],
        ['keys of Service Bus', 'service-bus.bicep', 'disableLocalAuth: true', '// left out'],
        ['keys of the bodies', 'storage.bicep', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'],
        ['access policies of the vault', 'key-vault.bicep', 'enableRbacAuthorization: true', 'enableRbacAuthorization: false'],
        ['instrumentation key', 'monitoring.bicep', 'DisableLocalAuth: true', 'DisableLocalAuth: false'],
        ['admin of the registry', 'registry.bicep', 'adminUserEnabled: false', 'adminUserEnabled: true'],
        ['a password for the bot', 'bot.bicep', "'UserAssignedMSI'", "'SingleTenant'"],
        ['a password to deploy', 'function-app.bicep', /name: 'scm'\n/u, "name: 'other'\n"],
      ],
    },
    'no secret is written in a template, asked for, or told': {
      check: noSecretIsWritten,
      plants: [
        ['a connection string', 'function-app.bicep', "'managedidentity'", "'DefaultEndpointsProtocol=https;AccountKey=abc'"],
        ['a token', 'main.bicep', "RADLOOP_SITE: 'site'", "RADLOOP_SITE: 'c2VjcmV0MTIzNDU2Nzg5MGFiY2RlZjEyMzQ1Njc4OTA='"],
        [
          'keys that are looked up',
          'storage.bicep',
          'output blobEndpoint string = bodiesAccount.properties.primaryEndpoints.blob',
          'output blobEndpoint string = bodiesAccount.listKeys().keys[0].value',
        ],
        ['a secret parameter that is logged', 'main.bicep', /@secure\(\)\nparam relayKey/u, 'param relayKey'],
        ['a secret as an output', 'key-vault.bicep', 'output uri string = vault.properties.vaultUri', 'output uri string = relayKey'],
      ],
    },
    'nothing but the bot and the doors can be reached from the internet, and every store has a private endpoint': {
      check: onlyDoorsArePublic,
      plants: [
        ['a public record', 'cosmos.bicep', "publicNetworkAccess: 'Disabled'", "publicNetworkAccess: 'Enabled'"],
        ['a vault that does not say', 'key-vault.bicep', "publicNetworkAccess: 'Disabled'", ''],
        ['no private endpoint', 'storage.bicep', 'serviceId: anchorsAccount.id', 'serviceId: bodiesAccount.id'],
        ['a public auditor', 'main.bicep', 'isPublic: false', 'isPublic: true'],
        ['an app that is never closed', 'function-app.bicep', "isPublic ? 'Allow' : 'Deny'", "'Allow'"],
        ['a relay on the internet', 'relay.bicep', 'internal: true', 'internal: false'],
        ['Standard beyond dev', 'main.bicep', "kind == 'dev' ? 'Standard' : 'Premium'", "kind == 'prod' ? 'Premium' : 'Standard'"],
      ],
    },
    'every objective has an alert, and every alert a runbook that exists': {
      check: alertsName(join('infra', 'docs', 'runbooks')),
      plants: [
        ['a runbook that nobody wrote', 'alerts.bicep', "runbook: 'split-brain'", "runbook: 'nobody-wrote-it'"],
        ['an objective without an alert', 'alerts.bicep', 'The last audit anchor is at most 5 min old.', 'Something else.'],
        [
          'an alert that links nothing',
          'alerts.bicep',
          "description: '${rule.objective} What to do: ${runbooksUrl}/${rule.runbook}.md'",
          'description: rule.objective',
        ],
      ],
    },
    'every module is used, and gets what it asks for and nothing else': {
      check: modulesFit,
      plants: [
        ['a module that is not called', 'main.bicep', 'modules/bot.bicep', 'modules/workbook.bicep'],
        ['a parameter that is not given', 'main.bicep', 'blobZoneId: network.outputs.blobZoneId\n', ''],
        ['a parameter that there is not', 'main.bicep', 'anchorDays: anchorDays\n', 'anchorDays: anchorDays\n    anchorWeeks: 1\n'],
        ['a file that there is not', 'cosmos.bicep', 'private-endpoint.bicep', 'endpoint.bicep'],
      ],
    },
    'every parameter says what it is': {
      check: parametersAreDocumented,
      plants: [['a parameter without a word', 'main.bicep', /@description\('Days that logs[^\n]*\n/u, '']],
    },
    'invariants 11, 14 and 33: one write region, sessions, duplicate detection, anchors that nobody can change': {
      check: recordKeepsItsPromises,
      plants: [
        ['several write regions', 'cosmos.bicep', 'enableMultipleWriteLocations: false', 'enableMultipleWriteLocations: true'],
        ['no sessions', 'service-bus.bicep', 'requiresSession: true', 'requiresSession: false'],
        [
          'anchors that can be changed',
          'storage.bicep',
          'immutabilityPeriodSinceCreationInDays: anchorDays',
          'immutabilityPeriodSinceCreationInDays: 0',
        ],
      ],
    },
  };

describe('the Azure templates', () => {
  for (const [promise, { check, plants }] of Object.entries(checks)) {
    it(promise, async () => {
      expect(check(await templates())).toEqual([]);
    });
    it.each(plants)(`is not held with %s (${promise.slice(0, 40)}…)`, async (_what, file, instead, of) => {
      const before = check(await templates());
      expect(check(await templates({ in: file, instead, of })).filter((fault) => !before.includes(fault))).not.toEqual([]);
    });
  }
});

describe('the containers of the record', () => {
  it('are those that the adapters expect: names, partition keys, indexes, lifetimes (else: node --conditions=source infra/azure/write-layout.ts)', () => {
    const written: unknown = JSON.parse(readFileSync(join(folder, 'modules', 'cosmos-layout.json'), 'utf8'));
    const expected = Object.entries(LAYOUT).map(([name, { partitionKey, indexed, composite, defaultTtl }]) => ({ name, key: partitionKey, indexed, composite, ttl: defaultTtl })); // prettier-ignore
    expect(written).toEqual(expected);
  });
});

describe('the parameters of dev, test and prod', () => {
  it('parse, and give main.bicep each of its parameters', async () => {
    const given = await readParameters(join(folder, 'main.bicepparam'));
    expect(given.faults).toEqual([]);
    const main = (await templates()).get('main.bicep');
    if (main === undefined) throw new Error('main.bicep was not read');
    const names = [...readFileSync(join(folder, 'main.bicepparam'), 'utf8').matchAll(/^param (\w+) =/gmu)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(parametersOf(main).map(({ name }) => name).toSorted()); // prettier-ignore
  });

  it('have the same sizes for dev, test and prod', () => {
    const text = readFileSync(join(folder, 'main.bicepparam'), 'utf8');
    const sizes = [...text.matchAll(/^ {2}(dev|test|prod): \{\n([\s\S]*?)^ {2}\}/gmu)].map(([, kind, body = '']) => [
      kind,
      [...body.matchAll(/^ {4}(\w+):/gmu)].map(([, name]) => name),
    ]);
    expect(sizes.map(([kind]) => kind)).toEqual(['dev', 'test', 'prod']);
    expect(sizes[1]?.[1]).toEqual(sizes[0]?.[1]);
    expect(sizes[2]?.[1]).toEqual(sizes[0]?.[1]);
  });
});

describe('host.json', () => {
  it('lets every line of the log through, which the alerts read: nothing of it is sampled away', () => {
    const { logging } = JSON.parse(readFileSync(join('functions', 'host.json'), 'utf8')) as {
      logging: { logLevel: Record<string, string>; applicationInsights?: { samplingSettings: { isEnabled: boolean } } };
    };
    expect(logging.logLevel['Host.Function.Console']).toBe('Information');
    expect(logging.applicationInsights?.samplingSettings.isEnabled).toBe(false);
  });
});

describe('azd', () => {
  it('finds each of its services by the tag that a template sets', async () => {
    const yaml = readFileSync('azure.yaml', 'utf8');
    const services = [...(yaml.split(/^services:\n/mu)[1] ?? '').matchAll(/^ {2}(\w+):$/gmu)].map(([, name]) => name);
    const tagged = [...(await templates()).values()].flatMap(({ text }) =>
      [...text.matchAll(/'azd-service-name': '(\w+)'/gu)].map(([, name]) => name),
    );
    expect(services.toSorted()).toEqual(tagged.toSorted());
    expect(services).toHaveLength(3);
  });

  it('packages with a script that refuses a folder without a site', async () => {
    const { spawnSync } = await import('node:child_process');
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'package.mjs')], {
      env: { ...process.env, RADLOOP_SITE_FOLDER: 'test' },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('holds no site.json');
  });
});
