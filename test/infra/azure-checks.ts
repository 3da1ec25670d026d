import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { all, modulesOf, ofType, propertiesOf, resourcesOf, valueAt } from './bicep.ts';
import type { Declared, Template } from './bicep.ts';

/** What is wrong with a set of templates, each as a sentence; none: nothing that these checks know of. Pure over the parsed text, so that a planted fault can be shown to be found. */
export type Check = (templates: ReadonlyMap<string, Template>) => string[];

const MAIN = 'main.bicep';

export const parses: Check = (templates) => [...templates.values()].flatMap(({ faults }) => faults);

// ---- who may do what

/** Every assignment that there is, by template and name: the role, on what, for whom. One more is a decision, and belongs here with its reason. */
const assignments: Readonly<Record<string, { readonly role: string; readonly on: string; readonly who: string }>> = {
  'cosmos serviceWrites': { role: 'Cosmos DB Built-in Data Contributor', on: '/dbs/${databaseName}', who: 'servicePrincipalId' },
  'cosmos auditorReads': { role: 'Cosmos DB Built-in Data Reader', on: '/dbs/${databaseName}', who: 'auditorPrincipalId' },
  'cosmos auditorSeals': { role: 'Cosmos DB Built-in Data Contributor', on: '/dbs/${databaseName}/colls/site', who: 'auditorPrincipalId' },
  'service-bus sends': { role: 'Azure Service Bus Data Sender', on: 'caseEvents', who: 'servicePrincipalId' },
  'service-bus receives': { role: 'Azure Service Bus Data Receiver', on: 'caseEvents', who: 'servicePrincipalId' },
  'storage serviceKeepsBodies': { role: 'Storage Blob Data Contributor', on: 'bodies', who: 'servicePrincipalId' },
  'storage serviceWritesDowntime': { role: 'Storage Blob Data Contributor', on: 'downtime', who: 'servicePrincipalId' },
  'storage serviceReadsAnchors': { role: 'Storage Blob Data Reader', on: 'anchors', who: 'servicePrincipalId' },
  'storage auditorWritesAnchors': { role: 'Storage Blob Data Contributor', on: 'anchors', who: 'auditorPrincipalId' },
  'key-vault serviceWraps': { role: 'Key Vault Crypto Service Encryption User', on: 'wrapKey', who: 'servicePrincipalId' },
  'key-vault auditorUnwraps': { role: 'Key Vault Crypto Service Encryption User', on: 'wrapKey', who: 'auditorPrincipalId' },
  'key-vault auditorSigns': { role: 'Key Vault Crypto User', on: 'signKey', who: 'auditorPrincipalId' },
  'key-vault serviceReadsHealthToken': { role: 'Key Vault Secrets User', on: 'healthTokenSecret', who: 'servicePrincipalId' },
  'key-vault auditorReadsHealthToken': { role: 'Key Vault Secrets User', on: 'healthTokenSecret', who: 'auditorPrincipalId' },
  'key-vault serviceReadsCertificate': { role: 'Key Vault Secrets User', on: 'clientCertificateSecret', who: 'servicePrincipalId' },
  'key-vault serviceReadsKey': { role: 'Key Vault Secrets User', on: 'clientKeySecret', who: 'servicePrincipalId' },
  'key-vault serviceReadsCa': { role: 'Key Vault Secrets User', on: 'clientsCaSecret', who: 'servicePrincipalId' },
  'key-vault relayReadsSettings': { role: 'Key Vault Secrets User', on: 'settingsSecret', who: 'relayPrincipalId' },
  'key-vault relayReadsCertificate': { role: 'Key Vault Secrets User', on: 'certificateSecret', who: 'relayPrincipalId' },
  'key-vault relayReadsKey': { role: 'Key Vault Secrets User', on: 'keySecret', who: 'relayPrincipalId' },
  'key-vault relayReadsCa': { role: 'Key Vault Secrets User', on: 'clientsCaSecret', who: 'relayPrincipalId' },
  'monitoring publishers': { role: 'Monitoring Metrics Publisher', on: 'insights', who: 'principalId' },
  'function-app hostOwnsItsAccount': { role: 'Storage Blob Data Owner', on: 'account', who: 'identityPrincipalId' },
  'registry pulls': { role: 'AcrPull', on: 'registry', who: 'pullerPrincipalId' },
};

/** Ids as learn.microsoft.com/azure/role-based-access-control/built-in-roles has them (9 April 2026); those of Cosmos DB are its own. */
const roleNames: Readonly<Record<string, string>> = {
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'e147488a-f6f5-4113-8e2d-b22465e65bf6': 'Key Vault Crypto Service Encryption User',
  '12338af0-0e69-4776-bea7-57ae8d297424': 'Key Vault Crypto User',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': 'AcrPull',
  '00000000-0000-0000-0000-000000000001': 'Cosmos DB Built-in Data Reader',
  '00000000-0000-0000-0000-000000000002': 'Cosmos DB Built-in Data Contributor',
};

export const rolesAreTheLeast: Check = (templates) => {
  const seen = new Set<string>();
  const faults = each(templates, /\/(?:roleAssignments|sqlRoleAssignments)$/u, (template, resource) => {
    const key = `${short(template)} ${resource.name}`;
    seen.add(key);
    const allowed = assignments[key];
    if (allowed === undefined) return [`${key}: a role assignment that the list of test/infra/azure-checks.ts does not have`];
    const role = roleOf(template, resource);
    const on = valueAt(resource.node, 'scope') ?? valueAt(resource.node, 'properties.scope')?.replace(/^'\$\{account\.id\}|'$/gu, '');
    const who = valueAt(resource.node, 'properties.principalId');
    return [
      ...(role === allowed.role ? [] : [`${key}: gives ${String(role)}, the least is ${allowed.role}`]),
      ...(on === allowed.on ? [] : [`${key}: on ${String(on)}, the least is ${allowed.on}`]),
      ...(who === allowed.who ? [] : [`${key}: for ${String(who)}, meant for ${allowed.who}`]),
    ];
  });
  return [...faults, ...Object.keys(assignments).filter((key) => !seen.has(key)).map((key) => `${key}: the list has it, no template does`)]; // prettier-ignore
};

function roleOf({ root, file }: Template, { node }: Declared): string | undefined {
  const id = valueAt(node, 'properties.roleDefinitionId') ?? '';
  const direct = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/u.exec(id)?.[0];
  if (direct !== undefined) return roleNames[direct];
  const named = /roles\.(\w+)/u.exec(id)?.[1];
  const roles = ofType(root, 'variable_declaration').find((variable) => variable.namedChild(0)?.text === 'roles');
  if (named === undefined || roles === undefined) return `what ${file} does not say plainly`;
  return roleNames[(valueAt(roles, named) ?? '').replaceAll("'", '')];
}

// ---- no keys, no passwords

/** Property that switches off keys and passwords, and its value, for each type that has them. */
const noLocalAuth: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Microsoft.DocumentDB/databaseAccounts': { 'properties.disableLocalAuth': 'true' },
  'Microsoft.ServiceBus/namespaces': { 'properties.disableLocalAuth': 'true' },
  'Microsoft.Storage/storageAccounts': { 'properties.allowSharedKeyAccess': 'false', 'properties.allowBlobPublicAccess': 'false' },
  'Microsoft.KeyVault/vaults': { 'properties.enableRbacAuthorization': 'true', 'properties.enablePurgeProtection': 'true' },
  'Microsoft.Insights/components': { 'properties.DisableLocalAuth': 'true' },
  'Microsoft.ContainerRegistry/registries': { 'properties.adminUserEnabled': 'false', 'properties.anonymousPullEnabled': 'false' },
  'Microsoft.BotService/botServices': { 'properties.disableLocalAuth': 'true', 'properties.msaAppType': "'UserAssignedMSI'" },
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': { 'properties.allow': 'false' },
};

export const localAuthIsOff: Check = (templates) => {
  const faults = each(templates, /./u, (template, resource) =>
    Object.entries(noLocalAuth[resource.what] ?? {}).flatMap(([path, value]) =>
      resource.isExisting || valueAt(resource.node, path) === value ? [] : [`${short(template)} ${resource.name}: ${path} is not ${value}`],
    ),
  );
  const sites = each(templates, /^Microsoft\.Web\/sites$/u, (template) => {
    const policies = resourcesOf(template).filter(({ what }) => what.endsWith('/basicPublishingCredentialsPolicies'));
    const names = policies.map(({ node }) => valueAt(node, 'name'));
    return ["'ftp'", "'scm'"].filter((name) => !names.includes(name)).map((name) => `${short(template)}: no policy closes ${name} to passwords`);
  });
  return [...faults, ...sites];
};

export const noSecretIsWritten: Check = (templates) =>
  [...templates.values()].flatMap((template) => {
    const literals = ofType(template.root, 'string_content').map(({ text }) => text);
    const looksSecret = (text: string): boolean =>
      /AccountKey=|SharedAccessKey=|BEGIN [A-Z ]*PRIVATE KEY|[?&]sig=|Password=/iu.test(text) ||
      (/^[A-Za-z0-9+/_-]{32,}={0,2}$/u.test(text) &&
        /\d/u.test(text) &&
        /[a-z]/iu.test(text) &&
        !text.startsWith('/') &&
        !/^[0-9a-f-]{36}$/u.test(text));
    const asked = ofType(template.root, 'call_expression').filter((call) =>
      /^list\w*\(|\.list(?:Keys|Secrets|ConnectionStrings|Credentials)\(/u.test(call.text),
    );
    const open = parametersOf(template).filter(({ name, decorators }) => isSecretName(name) && !decorators.includes('@secure()'));
    const told = ofType(template.root, 'output_declaration').filter((output) =>
      parametersOf(template).some(({ name, decorators }) => decorators.includes('@secure()') && new RegExp(`\\b${name}\\b`, 'u').test(output.text)),
    );
    return [
      ...literals.filter(looksSecret).map((text) => `${short(template)}: "${text.slice(0, 12)}…" looks like a secret`),
      ...asked.map((call) => `${short(template)}: asks for keys (${call.text.slice(0, 30)})`),
      ...open.map(({ name }) => `${short(template)}: parameter ${name} is a secret and not @secure()`),
      ...told.map((output) => `${short(template)}: an output tells a secret (${output.text.slice(0, 40)})`),
    ];
  });

function isSecretName(name: string): boolean {
  return /^healthToken$|^relay(?:Settings|\w*Certificate|\w*Key|\w*Ca)$|password|secret/iu.test(name);
}

// ---- what can be reached

/** Where something other than 'Disabled' is right, exactly as it is written, and why. */
const publicWith: Readonly<Record<string, string>> = {
  // Bot and doors; the auditor's main site refuses everybody (next check). Deployments reach the deployment site with an Entra token.
  'function-app app properties.publicNetworkAccess': "'Enabled'",
  // Standard has no private endpoint; main.bicep gives it to dev alone.
  'service-bus namespace properties.publicNetworkAccess': "tier == 'Premium' ? 'Disabled' : 'Enabled'",
  // Holds an image. One address, only while it is given.
  'registry registry properties.publicNetworkAccess': "empty(deployerAddress) ? 'Disabled' : 'Enabled'",
  // Telemetry holds no patient data; Entra tokens only.
  'monitoring workspace properties.publicNetworkAccessForIngestion': "'Enabled'",
  'monitoring workspace properties.publicNetworkAccessForQuery': "'Enabled'",
  'monitoring insights properties.publicNetworkAccessForIngestion': "'Enabled'",
  'monitoring insights properties.publicNetworkAccessForQuery': "'Enabled'",
};

const closable =
  /^Microsoft\.(?:DocumentDB\/databaseAccounts|ServiceBus\/namespaces|Storage\/storageAccounts|KeyVault\/vaults|ContainerRegistry\/registries|Web\/sites)$/u;

export const onlyDoorsArePublic: Check = (templates) => {
  const access = each(templates, /./u, (template, resource) => {
    const told = ['publicNetworkAccess', 'publicNetworkAccessForIngestion', 'publicNetworkAccessForQuery'].flatMap((name) => {
      const value = valueAt(resource.node, `properties.${name}`);
      return value === null ? [] : [{ key: `${short(template)} ${resource.name} properties.${name}`, value }];
    });
    const open = told.filter(({ key, value }) => value !== "'Disabled'" && publicWith[key] !== value);
    return [
      ...open.map(({ key, value }) => `${key} is ${value}`),
      ...(closable.test(resource.what) && !resource.isExisting && told.length === 0
        ? [`${short(template)} ${resource.name}: does not say who may reach it`]
        : []),
    ];
  });
  const endpoints = each(templates, closable, (template, resource) => {
    if (resource.what === 'Microsoft.Web/sites' || resource.isExisting) return [];
    const called = modulesOf(template).filter(({ what }) => what === 'private-endpoint.bicep');
    const has = called.some(({ node }) => valueAt(node, 'params.serviceId') === `${resource.name}.id`);
    return has ? [] : [`${short(template)} ${resource.name}: has no private endpoint`];
  });
  const main = templates.get(MAIN);
  const doors = main === undefined ? [] : modulesOf(main).filter(({ node }) => valueAt(node, 'params.isPublic') === 'true');
  const app = each(templates, /^Microsoft\.Web\/sites$/u, (template, { node }) =>
    valueAt(node, 'properties.siteConfig.ipSecurityRestrictionsDefaultAction') === "isPublic ? 'Allow' : 'Deny'"
      ? []
      : [`${short(template)}: an app that is not public is not closed`],
  );
  const relay = each(templates, /^Microsoft\.App\/managedEnvironments$/u, (template, { node }) =>
    valueAt(node, 'properties.vnetConfiguration.internal') === 'true' ? [] : [`${short(template)}: the relay's environment is not internal`],
  );
  const tier = main?.text.includes("var serviceBusTier = kind == 'dev' ? 'Standard' : 'Premium'") === true;
  return [
    ...[...access, ...endpoints, ...app, ...relay],
    ...(doors.map(({ name }) => name).join() === 'service' ? [] : ['main: another app than the service is public']),
    ...(tier ? [] : ['main: Service Bus Standard is not for dev alone']),
  ];
};

// ---- alerts

/** The objectives of INVARIANTS section 4, each with words that its alert's `objective` has. */
const objectives: Readonly<Record<string, RegExp>> = {
  'acked loss': /^Acked loss 0/u,
  'duplicate effect': /^Duplicate effect 0/u,
  'AA p99': /^AA p99 at most 50 ms/u,
  'order to card': /^Order to card p99 at most 5 s/u,
  'critical first attempt': /^First attempt of a critical result p99 at most 1 s/u,
  'alert unowned': /^No alert without an owner/u,
  'timer lateness': /^A timer fires at most 10 s late/u,
  'write-back': /^Write-back p95 at most 30 s/u,
  'quarantine seen': /seen within 60 s/u,
  'quarantine cleared': /cleared within 4 h/u,
  availability: /^Intake available 99\.95 %/u,
  'anchor age': /^The last audit anchor is at most 5 min old/u,
};

export function alertsName(runbooks: string): Check {
  return (templates) => {
    const alerts = templates.get('alerts.bicep');
    if (alerts === undefined) return ['there are no alerts'];
    const rules = ofType(alerts.root, 'object')
      .map((object) => Object.fromEntries(propertiesOf(object).map(({ name, value }) => [name, value.text.replace(/^'+|'+$/gu, '')])))
      .filter((rule) => 'objective' in rule);
    const linked = resourcesOf(alerts).filter(({ what }) => /\/(?:scheduledQueryRules|metricAlerts)$/u.test(what));
    return [
      ...rules.flatMap(({ name = '?', runbook }) =>
        runbook !== undefined && existsSync(join(runbooks, `${runbook}.md`))
          ? []
          : [`alert ${name}: its runbook ${String(runbook)}.md does not exist`],
      ),
      ...Object.entries(objectives)
        .filter(([, words]) => !rules.some(({ objective = '' }) => words.test(objective)))
        .map(([what]) => `no alert for the objective: ${what}`),
      ...linked
        .filter(({ node }) => valueAt(node, 'properties.description')?.includes('${runbooksUrl}/${rule.runbook}.md') !== true)
        .map(({ name }) => `${name}: its text does not link the runbook`),
    ];
  };
}

// ---- modules and parameters

interface Parameter {
  readonly name: string;
  readonly decorators: string;
  readonly hasDefault: boolean;
}

export function parametersOf({ root }: Template): Parameter[] {
  return ofType(root, 'parameter_declaration').map((node) => ({
    name: node.namedChild(0)?.text ?? '',
    decorators: node.previousNamedSibling?.type === 'decorators' ? node.previousNamedSibling.text : '',
    hasDefault: /^param\s+\w+\s+\S+\s*=/u.test(node.text),
  }));
}

export const modulesFit: Check = (templates) => {
  const used = new Set<string>([MAIN]);
  const faults = [...templates.values()].flatMap((template) =>
    modulesOf(template).flatMap(({ name, what, node }) => {
      const file = what.replace(/^modules\//u, '');
      used.add(file);
      const called = templates.get(file);
      if (called === undefined) return [`${short(template)} ${name}: there is no ${what}`];
      const params = all(node, (at) => at.type === 'object_property').find((at) => at.namedChild(0)?.text === 'params');
      const object = params === undefined ? undefined : ofType(params, 'object')[0];
      const given = object === undefined ? [] : propertiesOf(object).map((property) => property.name);
      const known = parametersOf(called);
      return [
        ...known.filter((one) => !one.hasDefault && !given.includes(one.name)).map((one) => `${short(template)} ${name}: ${one.name} is not given`),
        ...given
          .filter((one) => !known.some((parameter) => parameter.name === one))
          .map((one) => `${short(template)} ${name}: ${file} has no parameter ${one}`),
      ];
    }),
  );
  const unused = [...templates.keys()].filter((file) => !used.has(file)).map((file) => `${file}: no template uses it`);
  return [...faults, ...unused];
};

export const parametersAreDocumented: Check = (templates) =>
  [...templates.values()].flatMap((template) =>
    parametersOf(template)
      .filter(({ decorators }) => !/@description\('[^']{4,}/u.test(decorators))
      .map(({ name }) => `${short(template)}: parameter ${name} has no description`),
  );

// ---- what the record and the broker must be

export const recordKeepsItsPromises: Check = (templates) => {
  const account = find(templates, 'cosmos.bicep', 'account');
  const queue = find(templates, 'service-bus.bicep', 'caseEvents');
  const anchors = find(templates, 'storage.bicep', 'anchorsStay');
  const wanted: readonly (readonly [Declared | undefined, string, string, string])[] = [
    [account, 'properties.enableMultipleWriteLocations', 'false', 'several write regions could roll a winner back'],
    [account, 'properties.consistencyPolicy.defaultConsistencyLevel', "'Strong'", 'a claim of another instance might not be seen'],
    [account, 'properties.backupPolicy.type', "'Continuous'", 'no restore to a point in time'],
    [queue, 'properties.requiresSession', 'true', 'two instances could work on one case'],
    [queue, 'properties.requiresDuplicateDetection', 'true', 'a repeated send would be worked on twice'],
    [anchors, 'properties.immutabilityPeriodSinceCreationInDays', 'anchorDays', 'an anchor could be changed or deleted'],
    [anchors, 'properties.allowProtectedAppendWrites', 'true', 'no anchor could be added'],
  ];
  return wanted.flatMap(([resource, path, value, why]) => {
    const has = resource === undefined ? null : valueAt(resource.node, path);
    return has === value ? [] : [`${path} is ${String(has)}: ${why}`];
  });
};

function find(templates: ReadonlyMap<string, Template>, file: string, name: string): Declared | undefined {
  const template = templates.get(file);
  return template === undefined ? undefined : resourcesOf(template).find((resource) => resource.name === name);
}

function each(templates: ReadonlyMap<string, Template>, type: RegExp, look: (template: Template, resource: Declared) => string[]): string[] {
  return [...templates.values()].flatMap((template) =>
    resourcesOf(template)
      .filter(({ what }) => type.test(what))
      .flatMap((resource) => look(template, resource)),
  );
}

function short({ file }: Template): string {
  return file.replace(/^.*\//u, '').replace(/\.bicep$/u, '');
}
