import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { directory } from '#adapters/embedded/directory.js';
import { certificateReader } from '#adapters/embedded/facility-certificates.js';
import { facilityByToken } from '#adapters/embedded/facility-tokens.js';
import { embeddedModels } from '#adapters/embedded/models.js';
import { keptOnLoopback, readSite } from '#adapters/embedded/site-folder.js';
import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import type { ClockMark, ClockStep } from '#adapters/embedded/steady-clock.js';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { hl7Sender } from '#adapters/hl7/sender.js';
import type { SenderSite } from '#adapters/hl7/sender.js';
import { modelEndpoint } from '#adapters/model-endpoint/model.js';
import { createBot } from '#bot/agent.js';
import { understand } from '#models/intents/index.js';
import { createMcpDoor } from '#bot/mcp/door.js';
import type { ApiSettings } from '#bot/mcp/guard.js';
import { botSettings, teamsHosts } from '#bot/settings.js';
import type { BotSettings } from '#bot/settings.js';
import { pageOf } from '#cards/downtime/page.js';
import { sheetOf } from '#cards/downtime/sheet.js';
import type { Mode } from '#core/workflow.js';
import type { Site } from '#domain/site.js';
import { afterRestore } from '#engine/after-restore.js';
import { startSealer } from '#engine/audit-sealer.js';
import { auditor } from '#engine/auditor.js';
import { backpressure } from '#engine/backpressure.js';
import { caseDesk } from '#engine/case-desk.js';
import { counting } from '#engine/counters.js';
import { startCustody } from '#engine/custody.js';
import { desk } from '#engine/desk.js';
import { doorkeeper, facilityBy } from '#engine/doorkeeper.js';
import { startDowntime } from '#engine/downtime.js';
import { paperDesk } from '#engine/downtime-entry.js';
import { repostOpenCards, startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import { keepNoise, receive, receiveOversize } from '#engine/intake.js';
import type { Bringer } from '#engine/intake.js';
import { operator } from '#engine/operator.js';
import { outsideDesk } from '#engine/outside.js';
import type { Parts } from '#engine/parts.js';
import { refusals } from '#engine/refusals.js';
import { registry } from '#workflows/registry.js';
import { ConfigError, readConfig } from './config.ts';
import type { Config } from './config.ts';
import { startFeeds } from './feeds.ts';
import { openStores } from './open-stores.ts';
import { watch } from './telemetry.ts';
import { writeLines } from './write-lines.ts';
import { registerHealth } from './triggers/health.ts';
import { registerHl7In } from './triggers/hl7-in.ts';
import type { Hl7Intake } from './triggers/hl7-in.ts';
import { registerMcp } from './triggers/mcp.ts';
import { registerRehearsalCounters } from './triggers/rehearsal.ts';
import { registerTeams } from './triggers/teams.ts';
import { registerTick } from './triggers/tick.ts';

const CLOCK_MARK = 'clock';
const MARK_EVERY_MS = 10_000;

/** The composition root of the service: settings and the site's folder in, adapters, models, content and bot put together, triggers registered. */
const config = readConfig();
const site = keptOnLoopback(applied(readSite(config.RADLOOP_SITE)));
const content = readContent(config.RADLOOP_SITE);
const stores = await openStores(config);
const steps: ClockStep[] = [];
const clock = steadyClock(machineClocks(), await clockMark(), (step) => steps.push(step));
const watching = watch(config, site, stores, clock, writeLines());
const { log } = watching;

// Steps while it runs are told by functions/telemetry.ts.
for (const { seconds } of steps.filter(({ whileDown }) => whileDown)) {
  log.error('clock.stepped', { duration: Math.abs(seconds) * 1000, direction: seconds > 0 ? 'forwards' : 'back' });
}
const marking = setInterval(() => {
  stores.cursors.write(CLOCK_MARK, JSON.stringify(clock.mark())).catch((fault: unknown) => {
    log.error('clock.not-marked', { fault });
  });
}, MARK_EVERY_MS);

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
    language: site.settings.language,
    fhirWrites: site.endpoints.ehr.writes,
  },
});

const hl7 = hl7Sender({
  destinations: site.endpoints.destinations,
  fieldMap: site.fieldMap,
  readFile: (file) => readFileSync(join(config.RADLOOP_SITE, file)),
  restored: stores.restored,
  ...relayOf(config),
  // The application's answer on the connection that our message went out on.
  async onAnswer(bytes, destination) {
    const { commit, application } = await receive(parts, bytes, { endpoint: `to:${destination}`, facility: null, destination });
    return commit ?? application;
  },
});
const { smart, patientSystem } = site.endpoints.ehr;
const ehr = fhirClient({ baseUrl: site.endpoints.ehr.baseUrl, now: () => clock.now(), smart: smart && { ...smart, key: siteJson(smart.keyFile) } });
const counters = counting();
const watched: Parts = watching.watched({
  ...{ cases: stores.cases, outbox: stores.outbox, bus: stores.bus, deadlines: stores.deadlines },
  ...{ raw: stores.raw, views: stores.views, audit: stores.audit },
  directory: people,
  door: hl7Door(site),
  hl7,
  ehr: fhirServer({ client: ehr, validity: content.validity, now: () => clock.now(), ...(patientSystem === undefined ? {} : { patientSystem }) }),
  model: site.endpoints.model ? modelEndpoint(site.endpoints.model.url) : embeddedModels(content),
  get people() {
    return bot.people;
  },
  clock,
  log,
  pressure: backpressure({ ...stores, freeBytes: () => stores.health.freeBytes(), log }, { most: site.settings.waitingMost }),
  workflows,
  facilities: site.settings.facilities,
  destinations: site.endpoints.destinations,
  modeOf: (workflow, modality): Mode =>
    site.modes.find((row) => row.workflow === workflow && (row.modality === '*' || row.modality === modality))?.mode ?? 'off',
  wake() {
    engine.wake();
  },
});
const parts = counters.over(watched);

const turnedAway = refusals(parts);
const cases = desk(
  parts,
  content.protocols.map((row) => row.id),
  turnedAway,
);
const bot = createBot({
  settings: settingsOfBot(),
  desk: cases,
  directory: people,
  channels: site.channels,
  conversations: stores.conversations,
  log,
  clock,
  sendLimit: config.RADLOOP_TEAMS_LIMIT,
  understand: (said) => understand(said, content.protocols),
  heard: counters.heard,
});

const { bringerFor, refused } = doorkeeper(parts, turnedAway);
const intake: Hl7Intake = {
  receive: (bytes, from) => receive(parts, bytes, from),
  keepNoise: (bytes, length, reason, from) => keepNoise(parts, bytes, length, reason, from),
  answered: (identity) => parts.raw.answered(identity),
  batchOf: (answers) => parts.door.batchOf(answers, clock.now()),
  refused,
};
const clientCa = config.RADLOOP_CLIENT_CA;
const byToken = facilityByToken(site.settings.facilities);
const namesIn = certificateReader(config.RADLOOP_CLIENT_CERTIFICATE_HEADER, clientCa === undefined ? null : readFileSync(clientCa, 'utf8'));
registerHl7In(facilityBy(parts, { byToken, namesIn }), intake);
registerTeams((request) => bot.handle(request));
if (site.settings.rehearsal) registerRehearsalCounters(counters.now);
registerTick(() => {
  parts.wake();
  return Promise.resolve();
});

const engine: Engine = startEngine(parts);
stores.listen(() => {
  engine.wake();
}, log);
if (stores.restored !== null) await afterRestore(parts, stores, stores.restored);
if (config.RADLOOP_CARDS_LOST !== undefined) await repostOpenCards(parts, config.RADLOOP_CARDS_LOST);

const feeds = startFeeds({ ...parts, turnedAway }, site, stores.cursors, ehr, config);
const health = watching.start({ bot, held: () => parts.views.held(), feeds: () => feeds.states.all(), anchoredAt: stores.anchoredAt });
registerHealth(health);
if (config.RADLOOP_API_AUDIENCE !== undefined) {
  const settings = settingsOfApi(config.RADLOOP_API_AUDIENCE);
  const outside = outsideDesk({ parts, desk: cases, progress: health.progress });
  registerMcp(createMcpDoor({ settings, outside, desk: cases, directory: people, clock, log }));
}

if (config.RADLOOP_STORE === 'embedded' && config.RADLOOP_ANCHORS === undefined) log.info('audit.anchors-beside-the-store');
// Where an auditor's app signs and anchors (DECISIONS 31) this one may not.
const sealer = config.RADLOOP_ROLE === 'service' ? null : startSealer({ audit: stores.audit, anchor: stores.anchor, clock, log });
if (config.RADLOOP_STORE === 'embedded' && config.RADLOOP_DOWNTIME === undefined) log.info('downtime.same-disk');
const downtime = startDowntime({
  ...parts,
  ...{ backlog: stores.backlog, cursors: stores.cursors, html: pageOf, csv: sheetOf },
  folder: stores.downtime,
  site: { name: site.settings.name, zone: site.settings.zone },
});

const custody = startCustody({
  ...{ parts, queue: stores.queue, custody: stores.custody },
  ...{ wanted: site.settings.retention, rehearsal: site.settings.rehearsal },
});

/** What the host of this process drives besides the triggers: MLLP (Functions can't listen on TCP) and the end. */
export const radloop = {
  receive: intake.receive,
  receiveOversize: (start: Buffer, length: number, hash: string, from: Bringer) => receiveOversize(parts, start, length, hash, from),
  keepNoise: intake.keepNoise,
  answered: intake.answered,
  refused,
  bringerFor,
  operator: operator({ parts, queue: stores.queue, fieldsOf, exportKey: site.settings.exportKey, rehearsal: site.settings.rehearsal }),
  auditor: auditor({ ...{ audit: stores.audit, directory: people, clock }, rehearsal: site.settings.rehearsal, records: stores.auditRecords }),
  custodian: custody.custodian,
  paper: paperDesk({ ...parts, zone: site.settings.zone, rehearsal: site.settings.rehearsal }),
  cases: caseDesk({ parts, desk: cases, rehearsal: site.settings.rehearsal }),
  async stop(): Promise<void> {
    // Nothing that comes in waits for its turn any more.
    parts.pressure?.stop();
    await Promise.all(feeds.workers.map((feed) => feed.stop()));
    await engine.stop();
    await downtime.stop();
    clearInterval(marking);
    await custody.stop();
    await turnedAway.stop();
    await sealer?.stop();
    hl7.close();
    await watching.stop();
    await stores.close();
  },
};

/** Where the clock stood at the last mark; null: never marked. */
async function clockMark(): Promise<ClockMark | null> {
  const kept = await stores.cursors.read(CLOCK_MARK);
  return kept === null ? null : (JSON.parse(kept) as ClockMark);
}

/** The way into the hospital where we can't open TCP; config.ts has seen that all of it is there. */
function relayOf({
  RADLOOP_RELAY_URL: url,
  RADLOOP_RELAY_CERT: cert = '',
  RADLOOP_RELAY_KEY: key = '',
  RADLOOP_RELAY_CA: ca = '',
}: Config): Pick<SenderSite, 'relay'> {
  return url === undefined ? {} : { relay: { url, cert, key, ca } };
}

/** A JSON file that the site's folder names. */
function siteJson(file: string): object {
  const json: unknown = JSON.parse(readFileSync(join(config.RADLOOP_SITE, file), 'utf8'));
  if (typeof json !== 'object' || json === null) throw new ConfigError(`${file} of the site's folder is no JSON object.`);
  return json;
}

/** The site with the addresses that the environment gives in place of its own. */
function applied(read: Site): Site {
  const ris = read.endpoints.destinations['ris'];
  const [host = '', port = ''] = config.RADLOOP_RIS?.split(':') ?? [];
  const destinations =
    ris && config.RADLOOP_RIS ? { ...read.endpoints.destinations, ris: { ...ris, host, port: Number(port) } } : read.endpoints.destinations;
  const ehr = { ...read.endpoints.ehr, baseUrl: config.RADLOOP_EHR_URL ?? read.endpoints.ehr.baseUrl };
  const model = config.RADLOOP_MODEL_URL === undefined ? read.endpoints.model : { url: config.RADLOOP_MODEL_URL };
  const channels = { ...read.channels, serviceUrl: config.RADLOOP_TEAMS_SERVICE_URL ?? read.channels.serviceUrl };
  return { ...read, channels, endpoints: { ...read.endpoints, destinations, ehr, model } };
}

/** Tokens for the site's API come from its tenant; at a rehearsal site (settingsOfBot sees to that) from the local provider of the bot's. */
function settingsOfApi(audience: string): ApiSettings {
  const { ToBotFromChannelOpenIdMetadataUrl: metadataUrl, ToBotFromChannelTokenIssuer: issuer } = config;
  const local = metadataUrl === undefined || issuer === undefined ? null : { metadataUrl, issuer };
  return { audience, tenantId: site.channels.tenantId, local };
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
