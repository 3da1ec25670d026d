import { readContent } from '#adapters/embedded/content.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { caseStore } from '#adapters/embedded/case-store.js';
import { conversationStore } from '#adapters/embedded/conversations.js';
import { openDatabase } from '#adapters/embedded/database.js';
import { deadlineStore } from '#adapters/embedded/deadline-store.js';
import { directory } from '#adapters/embedded/directory.js';
import { facilityByToken } from '#adapters/embedded/facility-tokens.js';
import { eventBus } from '#adapters/embedded/event-bus.js';
import { embeddedModels } from '#adapters/embedded/models.js';
import { outboxStore } from '#adapters/embedded/outbox-store.js';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { keptOnLoopback, readSite } from '#adapters/embedded/site-folder.js';
import { caseIdKeyedBy, jsonLog, wallClock } from '#adapters/embedded/surroundings.js';
import { takeOver } from '#adapters/embedded/take-over.js';
import { views } from '#adapters/embedded/views.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { hl7Sender } from '#adapters/hl7/sender.js';
import { modelEndpoint } from '#adapters/model-endpoint/model.js';
import { createBot } from '#bot/agent.js';
import { botSettings, teamsHosts } from '#bot/settings.js';
import type { BotSettings } from '#bot/settings.js';
import type { Mode } from '#core/workflow.js';
import type { Site } from '#domain/site.js';
import { desk } from '#engine/desk.js';
import { repostOpenCards, startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import { keepNoise, receive, receiveOversize } from '#engine/intake.js';
import type { Bringer } from '#engine/intake.js';
import type { Parts } from '#engine/parts.js';
import { registry } from '#workflows/registry.js';
import { readConfig } from './config.ts';
import { registerHealth } from './triggers/health.ts';
import { registerHl7In } from './triggers/hl7-in.ts';
import type { Hl7Intake } from './triggers/hl7-in.ts';
import { registerTeams } from './triggers/teams.ts';
import { registerTick } from './triggers/tick.ts';

/** The composition root: settings and the site's folder in, adapters, models, content and bot put together, triggers registered. */
const config = readConfig();
const site = keptOnLoopback(applied(readSite(config.RADLOOP_SITE)));
const content = readContent(config.RADLOOP_SITE);
const db = openDatabase(config.RADLOOP_DATA);
await takeOver(db);
const clock = wallClock;
const log = jsonLog((line) => {
  process.stdout.write(`${line}\n`);
}, clock);

const people = directory(site.people);
const workflows = registry({
  protocoling: {
    content,
    destination: 'ris',
    place: 'protocoling',
    answerWithinMinutes: site.settings.answerWithinMinutes,
    questionWithinMinutes: site.settings.questionWithinMinutes,
    orderWithinMinutes: site.settings.orderWithinMinutes,
    contextBudgetSeconds: site.settings.contextBudgetSeconds,
    modelBudgetSeconds: site.settings.modelBudgetSeconds,
    coordinators: people.withRole('coordinator').map((person) => person.id),
    providers: Object.fromEntries(site.people.flatMap((person) => person.providerIds.map((id) => [id, person.id]))),
    zone: site.settings.zone,
  },
});

const hl7 = hl7Sender({ destinations: site.endpoints.destinations, fieldMap: site.fieldMap });
const parts: Parts = {
  cases: caseStore(db),
  outbox: outboxStore(db),
  bus: eventBus(db),
  deadlines: deadlineStore(db),
  raw: rawStore(db),
  views: views(db),
  audit: auditStore(db),
  directory: people,
  door: hl7Door(site),
  hl7,
  ehr: fhirServer({ baseUrl: site.endpoints.ehr.baseUrl, now: () => clock.now() }),
  model: site.endpoints.model ? modelEndpoint(site.endpoints.model.url) : embeddedModels(content),
  get people() {
    return bot.people;
  },
  clock,
  log,
  workflows,
  caseIdOf: caseIdKeyedBy(db.secret),
  modeOf: (workflow, modality): Mode =>
    site.modes.find((row) => row.workflow === workflow && (row.modality === '*' || row.modality === modality))?.mode ?? 'off',
  wake() {
    engine.wake();
  },
};

const bot = createBot({
  settings: settingsOfBot(),
  desk: desk(
    parts,
    content.protocols.map((row) => row.id),
  ),
  directory: people,
  channels: site.channels,
  conversations: conversationStore(db),
  log,
  clock,
  sendLimit: config.RADLOOP_TEAMS_LIMIT,
});

const intake: Hl7Intake = {
  receive: (bytes, from) => receive(parts, bytes, from),
  keepNoise: (bytes, length, reason, from) => keepNoise(parts, bytes, length, reason, from),
};
registerHl7In(facilityByToken(site.settings.facilities), intake);
registerTeams((request) => bot.handle(request));
registerHealth(() => parts.views.held());
registerTick(async () => {
  await parts.audit.seal(clock.now());
  parts.wake();
});

const engine: Engine = startEngine(parts);
if (config.RADLOOP_CARDS_LOST !== undefined) await repostOpenCards(parts, config.RADLOOP_CARDS_LOST);

/** What the host of this process drives besides the triggers: MLLP (Functions can't listen on TCP) and the end. */
export const radloop = {
  ...intake,
  receiveOversize: (start: Buffer, length: number, hash: string, from: Bringer) => receiveOversize(parts, start, length, hash, from),
  async stop(): Promise<void> {
    await engine.stop();
    hl7.close();
    await db.close();
  },
};

/** The site with the addresses that the environment gives in place of its own. */
function applied(read: Site): Site {
  const ris = read.endpoints.destinations['ris'];
  const [host = '', port = ''] = config.RADLOOP_RIS?.split(':') ?? [];
  const destinations =
    ris && config.RADLOOP_RIS ? { ...read.endpoints.destinations, ris: { ...ris, host, port: Number(port) } } : read.endpoints.destinations;
  const ehr = { baseUrl: config.RADLOOP_EHR_URL ?? read.endpoints.ehr.baseUrl };
  const model = config.RADLOOP_MODEL_URL === undefined ? read.endpoints.model : { url: config.RADLOOP_MODEL_URL };
  const channels = { ...read.channels, serviceUrl: config.RADLOOP_TEAMS_SERVICE_URL ?? read.channels.serviceUrl };
  return { ...read, channels, endpoints: { destinations, ehr, model } };
}

function settingsOfBot(): BotSettings {
  const { MicrosoftAppPassword: secret, ToBotFromChannelOpenIdMetadataUrl: local } = config;
  const { rehearsal } = site.settings;
  return botSettings.parse({
    appId: config.MicrosoftAppId,
    tenantId: config.MicrosoftAppTenantId,
    ...(secret === undefined ? {} : { identity: { type: 'secret', secret } }),
    tenantIds: [site.channels.tenantId],
    serviceUrlHosts: rehearsal ? [new URL(site.channels.serviceUrl).host] : teamsHosts,
    rehearsal,
    local: local === undefined ? null : config,
  });
}
