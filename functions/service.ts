import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { certificateReader } from '#adapters/embedded/facility-certificates.js';
import { facilityByToken } from '#adapters/embedded/facility-tokens.js';
import { livePeople } from '#adapters/embedded/live-people.js';
import { embeddedModels } from '#adapters/embedded/models.js';
import { keptOnLoopback, siteToRun } from '#adapters/embedded/site-folder.js';
import { keptRosters } from '#adapters/embedded/roster/kept.js';
import { liveRoster } from '#adapters/embedded/roster/live.js';
import { watchRosters } from '#adapters/embedded/roster/watch.js';
import { rota as rotaOf } from '#adapters/embedded/rota.js';
import { machineClocks, steadyClock } from '#adapters/embedded/steady-clock.js';
import type { ClockStep } from '#adapters/embedded/steady-clock.js';
import { fhirClient } from '#adapters/fhir/client.js';
import { fhirServer } from '#adapters/fhir/context.js';
import { fhirDoor } from '#adapters/fhir-in/door.js';
import { secrets } from '#adapters/fhir-in/secrets.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { hl7Door } from '#adapters/hl7/intake-door.js';
import { hl7Sender } from '#adapters/hl7/sender.js';
import type { SenderSite } from '#adapters/hl7/sender.js';
import { modelEndpoint } from '#adapters/model-endpoint/model.js';
import { readPageAnswers } from '#adapters/paging/answers.js';
import { keyIn } from '#adapters/paging/channel.js';
import { pagerOf } from '#adapters/paging/pager.js';
import { chatUnderstanding } from '#adapters/understanding-endpoint/chat.js';
import { createBot } from '#bot/agent.js';
import { toAsk, withAnswer } from '#models/intents/asked.js';
import { understand } from '#models/intents/index.js';
import { reportReader } from '#models/report-reader/index.js';
import { createMcpDoor } from '#bot/mcp/door.js';
import type { ApiSettings } from '#bot/person-guard.js';
import { botSettings, teamsHosts } from '#bot/settings.js';
import type { LimiterMemory } from '#bot/outbound/limiter.js';
import type { BotSettings } from '#bot/settings.js';
import { createTabDoor } from '#bot/tab/door.js';
import { readPage } from '#bot/tab/files.js';
import { pageOf } from '#cards/downtime/page.js';
import { sheetOf } from '#cards/downtime/sheet.js';
import { isHousekeeping } from '#core/housekeeping.js';
import { role } from '#core/people.js';
import type { Role } from '#core/people.js';
import { epochOf } from '#core/time.js';
import type { Mode } from '#core/workflow.js';
import { detectedIn } from '#domain/detection.js';
import { rosterFaults } from '#domain/on-call-check.js';
import { generalRules } from '#domain/critical-rules.js';
import type { Site } from '#domain/site.js';
import { afterRestore } from '#engine/after-restore.js';
import { startSealer } from '#engine/audit-sealer.js';
import { auditor } from '#engine/auditor.js';
import { backpressure } from '#engine/backpressure.js';
import { caseDesk } from '#engine/case-desk.js';
import { counting } from '#engine/counters.js';
import { reportDesk } from '#engine/critical-report.js';
import { startCustody } from '#engine/custody.js';
import type { ClassOf } from '#engine/critical.js';
import { standingPolicy } from '#engine/critical-policy.js';
import { desk } from '#engine/desk.js';
import { doorkeeper, facilityBy } from '#engine/doorkeeper.js';
import { startDowntime } from '#engine/downtime.js';
import { paperDesk } from '#engine/downtime-entry.js';
import { drillDesk } from '#engine/drill-desk.js';
import { ehrExams } from '#engine/ehr-exam.js';
import { repostOpenCards, startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import { allowGrid } from '#engine/fhir-doors.js';
import { watchGaps } from '#engine/gap-watch.js';
import { keepNoise, receive, receiveOversize } from '#engine/intake.js';
import type { Bringer } from '#engine/intake.js';
import { operator } from '#engine/operator.js';
import { outsideDesk } from '#engine/outside.js';
import { keepLimits, readLimits } from '#engine/kept-limits.js';
import { hearPageAnswers } from '#engine/page-answers.js';
import type { Parts } from '#engine/parts.js';
import { refusals } from '#engine/refusals.js';
import type { FindingsIn, Readers } from '#engine/route-critical.js';
import { tabDesk } from '#engine/story-desk.js';
import { asking } from '#engine/understanding.js';
import { registry } from '#workflows/registry.js';
import { CLOCK_MARK, clockMark } from './clock-mark.ts';
import { ConfigError, readConfig } from './config.ts';
import { phoneByHand } from './critical-phone.ts';
import { criticalPolicy } from './critical-policy.ts';
import type { Config } from './config.ts';
import { startFeeds } from './feeds.ts';
import { onCallLook } from './on-call-look.ts';
import { openStores } from './open-stores.ts';
import { pagingAt } from './paging-at.ts';
import { watch } from './telemetry.ts';
import { writeLines } from './write-lines.ts';
import { registerApi } from './triggers/api.ts';
import { registerHealth } from './triggers/health.ts';
import { registerHl7In } from './triggers/hl7-in.ts';
import type { Hl7Intake } from './triggers/hl7-in.ts';
import { registerMcp } from './triggers/mcp.ts';
import { registerPagingIn } from './triggers/paging-in.ts';
import { registerRehearsalCounters } from './triggers/rehearsal.ts';
import { registerTeams } from './triggers/teams.ts';
import { registerTick } from './triggers/tick.ts';

const MARK_EVERY_MS = 10_000;

/** The composition root of the service: settings and the site's folder in, adapters, models, content and bot put together, triggers registered. */
const config = readConfig();
const site = keptOnLoopback(applied(siteToRun(config.RADLOOP_SITE)));
const asked = readContent(config.RADLOOP_SITE);
const stores = await openStores(config);
const steps: ClockStep[] = [];
const clock = steadyClock(machineClocks(), await clockMark(stores.cursors), (step) => steps.push(step));
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

const people = livePeople({ folder: config.RADLOOP_SITE, language: site.settings.language, first: site.people, log, now: () => performance.now() });
/** Who has it now: people.json may change while Radloop runs. */
const idsWith = (role: Role) => people.withRole(role).map(({ id }) => id);
const servicesOnCall = site.onCall?.services.map(({ id }) => id) ?? null;
/** Rosters may change as well. */
const roster = liveRoster({
  ...{ services: servicesOnCall ?? [], kept: await keptRosters(servicesOnCall ?? [], stores.cursors, log) },
  knows: (person) => people.byId(person) !== null,
  ...{ folder: config.RADLOOP_SITE, zone: site.settings.zone, log, now: () => performance.now() },
  faultsOf: (found) =>
    rosterFaults(
      site.onCall,
      found,
      role.options.flatMap((one) => people.withRole(one)),
      epochOf(clock.now()),
    ),
});
const rota = rotaOf(site.onCall, roster, site.settings.zone);
const rostersWatched = watchRosters({ roster, rota, clock, log });
const keptPolicy = { cursors: stores.cursors, shipped: readContent(), wanted: asked };
const isSetUp = site.paging !== null && site.onCall !== null;
const standing = isSetUp ? await standingPolicy(keptPolicy, { audit: stores.audit, clock }) : { rows: asked, loosened: [] };
if (standing.loosened.length > 0) log.error('critical.policy-waits', { count: standing.loosened.length });
const content = { ...asked, critical: [...standing.rows.critical], ladders: [...standing.rows.ladders] };
const critical = criticalPolicy({ site, content, people, roster, speed: config.RADLOOP_REHEARSAL_SPEED });
/** What figures count by: at a rehearsal's speed as fast as what is waited for. */
const windows = generalRules(critical?.rules ?? content.critical);
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
    get coordinators() {
      return idsWith('coordinator');
    },
    get providers() {
      return Object.fromEntries(
        role.options.flatMap((one) => people.withRole(one)).flatMap((person) => person.providerIds.map((id) => [id, person.id])),
      );
    },
    zone: site.settings.zone,
    language: site.settings.language,
    fhirWrites: site.endpoints.ehr.writes,
    onCall: site.onCall && { madeToLook: site.onCall.madeToLook, roster },
  },
  breakGlass: {
    get auditors() {
      return idsWith('auditor');
    },
    get coordinators() {
      return idsWith('coordinator');
    },
    zone: site.settings.zone,
    language: site.settings.language,
  },
  criticalResults: critical,
  onCallGaps: site.onCall && {
    get coordinators() {
      return idsWith('coordinator');
    },
    serviceName: (service) => site.onCall?.services.find(({ id }) => id === service)?.name ?? service,
    personName: (person) => people.byId(person)?.name ?? person,
    paging: critical && {
      withinMinutes: site.onCall.gapPagedWithinMinutes,
      channelsOf: critical.channelsOf,
      callBack: critical.readingRoom.phone,
    },
    zone: site.settings.zone,
    language: site.settings.language,
  },
});

const reader = reportReader(content);
/** What a signed report asks about, and what it cannot exclude. */
const reportFindings: FindingsIn = (report) => {
  const { critical, asks } = reader.read(report);
  return [...critical, ...asks].map(({ classId, category, side, start, end }) => ({ classId, category, side, quote: report.text.slice(start, end) }));
};
const readers: Readers = { findingsIn: reportFindings, detectedIn: (one) => detectedIn(one, content) };
/** What a person's own words name. */
const classOf: ClassOf = (finding) => {
  const [found] = reader.read({ text: finding }).critical;
  return found === undefined ? null : { id: found.classId, category: found.category };
};

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
  // Without critical results nobody could be asked of what is read.
  ...(critical === null ? {} : readers),
  ...(site.paging === null ? {} : { pager: pagerOf(site.paging, { clock, log, readKey: siteFile }) }),
  clock,
  log,
  pressure: backpressure({ ...stores, freeBytes: () => stores.health.freeBytes(), log }, { most: site.settings.waitingMost }),
  workflows,
  facilities: site.settings.facilities,
  destinations: site.endpoints.destinations,
  // Who broke the glass, and who is missing from a roster, is told whatever a site has switched off.
  modeOf: (workflow, modality): Mode =>
    isHousekeeping(workflow)
      ? 'assist'
      : (site.modes.find((row) => row.workflow === workflow && (row.modality === '*' || row.modality === modality))?.mode ?? 'off'),
  wake() {
    engine.wake();
  },
});
const parts = counters.over(watched);

const turnedAway = refusals(parts);
const [assigner = ''] = site.fieldMap.preferredAssigners;
const declaring =
  critical === null
    ? {}
    : { phoneOf: phoneByHand(critical, () => clock.now()), ehrExams: ehrExams({ fhir: ehr, fhirDoor: fhirDoor(site), clock, log }), assigner };
const cases = desk(
  parts,
  content.protocols.map((row) => row.id),
  turnedAway,
  { zone: site.settings.zone, rota, classOf, ...declaring, ...(config.RADLOOP_API_AUDIENCE === undefined ? {} : { tab: tabLink }) },
);
const limits = await readLimits<LimiterMemory>(stores.cursors);
const bot = createBot({
  settings: settingsOfBot(),
  desk: cases,
  directory: people,
  channels: site.channels,
  conversations: stores.conversations,
  log,
  clock,
  sendLimit: config.RADLOOP_TEAMS_LIMIT,
  ...(limits === undefined ? {} : { limits }),
  understand: (said) => understand(said, content.protocols),
  ...{ zone: site.settings.zone, rota },
  ...askingOf(site),
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

if (site.paging?.answers !== undefined) {
  const { secretFile, previousSecretFile = null } = site.paging.answers;
  const secretsNow = () => [secretFile, ...(previousSecretFile === null ? [] : [previousSecretFile])].flatMap((file) => keyIn(siteFile, file) ?? []);
  const count = (what: string, became: string) => {
    watching.answered({ what, became });
  };
  const needs = { parts, secrets, secretsNow, read: readPageAnswers, refused, count };
  registerPagingIn({ hear: (request) => hearPageAnswers(needs, request), allow: allowGrid });
}

const keptLimits = keepLimits(stores.cursors, () => bot.limits(), log);
const engine: Engine = startEngine(parts);
stores.listen(() => {
  engine.wake();
}, log);
if (stores.restored !== null) await afterRestore(parts, stores, stores.restored);
if (config.RADLOOP_CARDS_LOST !== undefined) await repostOpenCards(parts, config.RADLOOP_CARDS_LOST);

const gapsWatched =
  site.onCall &&
  watchGaps(
    parts,
    onCallLook({
      ...{ site, rules: site.onCall, folder: config.RADLOOP_SITE, ladders: critical === null ? [] : content.ladders, roster, people, clock },
      hasApp: (person, mayAsk) => bot.people.hasApp(person, mayAsk),
    }),
    critical && site.onCall.gapPagedWithinMinutes,
  );
const feeds = startFeeds({ ...parts, turnedAway }, site, stores.cursors, ehr, config);
const health = watching.start({
  ...{ bot, held: () => parts.views.held(), feeds: () => feeds.states.all(), anchoredAt: stores.anchoredAt },
  noted: {
    rosters() {
      const files = roster.unusable().map(({ file }) => file);
      return files.length === 0 ? null : `can not be used: ${files.join(', ')}`;
    },
    'critical-policy': () =>
      critical === null || standing.loosened.length === 0 ? null : `the policy of before stands: ${standing.loosened.join('; ')}`,
  },
});
registerHealth(health);
if (config.RADLOOP_API_AUDIENCE !== undefined) {
  const settings = settingsOfApi(config.RADLOOP_API_AUDIENCE);
  const outside = outsideDesk({ parts, desk: cases, progress: health.progress });
  registerMcp(createMcpDoor({ settings, outside, desk: cases, directory: people, clock, log }));
  const { name, zone, language, rehearsal } = site.settings;
  const tab = tabDesk({ parts, desk: cases, rota, site: { name, zone, language }, rules: windows });
  const page = readPage(join(import.meta.dirname, '..', 'tab'));
  const ofTab = { ...settings, stepUp: config.RADLOOP_STEP_UP };
  registerApi(createTabDoor({ settings: ofTab, page, tab, desk: cases, directory: people, clock, log }), rehearsal);
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
  ...{ wanted: site.settings.retention, critical: critical && keptPolicy, rehearsal: site.settings.rehearsal },
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
  reports: reportDesk({ parts, rules: windows, zone: site.settings.zone, rehearsal: site.settings.rehearsal }),
  drills: drillDesk({
    ...{ parts, rules: site.drills, services: site.onCall?.services ?? [], windows, rehearsal: site.settings.rehearsal },
    site: { id: site.settings.id, zone: site.settings.zone, language: site.settings.language },
    ...(site.settings.rehearsal && config.RADLOOP_REHEARSAL_SPEED !== undefined ? { speed: config.RADLOOP_REHEARSAL_SPEED } : {}),
  }),
  paper: paperDesk({ ...parts, zone: site.settings.zone, rehearsal: site.settings.rehearsal }),
  cases: caseDesk({ parts, desk: cases, rehearsal: site.settings.rehearsal }),
  async stop(): Promise<void> {
    // Nothing that comes in waits for its turn any more.
    parts.pressure?.stop();
    await Promise.all(feeds.workers.map((feed) => feed.stop()));
    await gapsWatched?.stop();
    await engine.stop();
    await keptLimits.stop();
    await downtime.stop();
    clearInterval(marking);
    rostersWatched();
    await custody.stop();
    await turnedAway.stop();
    await sealer?.stop();
    hl7.close();
    await watching.stop();
    await stores.close();
  },
};

/** The site's endpoint for what people mean; without one nothing is asked anywhere. */
function askingOf({ endpoints: { understanding } }: Site): Pick<Parameters<typeof createBot>[0], 'ask'> {
  if (understanding === null) return {};
  const { keyFile, ...rest } = understanding;
  const key = keyFile === null ? null : readFileSync(join(config.RADLOOP_SITE, keyFile), 'utf8').trim();
  const endpoint = chatUnderstanding({ ...rest, key, now: () => performance.now() });
  const { protocols } = content;
  const ask = asking({
    endpoint,
    toAsk: (said, embedded) => toAsk(said, embedded, protocols),
    withAnswer: (said, embedded, sent, named) => withAnswer(said, embedded, sent, named, protocols),
    log,
    fellBack: () => {
      watching.fellBack();
    },
  });
  return { ask };
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

/** Where a case stands on the tab: a deep link of Teams, whose sub-page is the case number; on one machine the page itself. */
function tabLink(caseNumber: string): string {
  const page = config.RADLOOP_TAB_URL ?? `https://teams.microsoft.com/l/entity/${config.MicrosoftAppId}/radloop`;
  if (!page.startsWith('https://teams.')) return `${page}#/case/${caseNumber}`;
  return `${page}?context=${encodeURIComponent(JSON.stringify({ subEntityId: caseNumber }))}`;
}

/** A file that the site's folder names, as it is now. */
function siteFile(file: string): string {
  return readFileSync(join(config.RADLOOP_SITE, file), 'utf8');
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
  return { ...read, channels, endpoints: { ...read.endpoints, destinations, ehr, model }, paging: read.paging && pagingAt(read.paging, config) };
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
