import { z } from 'zod/v4';
import { azureSettings, azureStoreOf } from './config-azure.ts';
import type { AzureStore } from './config-azure.ts';

/** The settings that stand in the environment: addresses and folders, no clinical policy (that is the site's folder and functions/content). */
const settings = z.object({
  /** The site's folder. */
  RADLOOP_SITE: z.string().min(1),
  /** Where everything is kept: `embedded`, one SQLite file on this machine; `azure`, Cosmos DB, Service Bus and Blob Storage. */
  RADLOOP_STORE: z.enum(['embedded', 'azure']).default('embedded'),
  /** `auditor`: this app signs and anchors the audit trail and does nothing else; `service`: everything but that. Without it both in one, as on one machine. */
  RADLOOP_ROLE: z.enum(['service', 'auditor']).optional(),
  /** Folder of the store; made when it is not there. Embedded only. */
  RADLOOP_DATA: z.string().min(1).optional(),
  /** File of the site key (mode 0600), which wraps the store's data keys and signs the audit: without it beside the store, under its name with `.key`. */
  RADLOOP_SITE_KEY: z.string().min(1).optional(),
  /** Where the audit's anchors go, outside the store. A folder, better on another disk than the store: without it beside the store, under its name with `-anchors`. On Azure the URL of an immutable container. */
  RADLOOP_ANCHORS: z.string().min(1).optional(),
  /** Where the downtime lists go, outside the store. A folder, better on another disk than the store: without it beside the store, under its name with `-downtime`. On Azure the URL of a container. */
  RADLOOP_DOWNTIME: z.string().min(1).optional(),
  ...azureSettings,
  /** Bearer token for the detail of /api/readyz, /api/healthz/progress and /api/metrics, at least 32 characters; on one machine the service makes its own (health.token in the store's folder). */
  RADLOOP_HEALTH_TOKEN: z.string().min(32).optional(),
  /** Base address of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318: metrics and traces go there. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** `console`: metrics and spans on standard output, for trying out. `lines`: metrics as lines of the log, once a minute; what the alerts on Azure read. */
  RADLOOP_TELEMETRY: z.enum(['off', 'console', 'lines']).default('off'),
  /** `host:port` of the RIS in place of endpoints.json. */
  RADLOOP_RIS: z
    .string()
    .regex(/^[^:\s]+:\d+$/u, 'write it as host:port')
    .optional(),
  /** FHIR base of the EHR in place of endpoints.json. */
  RADLOOP_EHR_URL: z.url().optional(),
  /** Where pager, SMS and voice gateway are in place of paging.json, such as http://127.0.0.1:8093; their paths stay. */
  RADLOOP_PAGES: z.url().optional(),
  /** `host:port` of the mail server and of every printer in place of paging.json. */
  RADLOOP_SMTP: z
    .string()
    .regex(/^[^:\s]+:\d+$/u, 'write it as host:port')
    .optional(),
  RADLOOP_PRINTER: z
    .string()
    .regex(/^[^:\s]+:\d+$/u, 'write it as host:port')
    .optional(),
  /** For the watcher: where the service answers GET /api/healthz/progress, such as http://127.0.0.1:7071. */
  RADLOOP_SERVICE_URL: z.url().optional(),
  /** For the watcher: what it asks for every minute while all is well, in place of paging.json `deadman.url`. */
  RADLOOP_DEADMAN_URL: z.url().optional(),
  /** PEM file of the authorities that sign client certificates of facilities for the HTTPS door; without it, or where their header is ignored (below), only bearer tokens come in there. */
  RADLOOP_CLIENT_CA: z.string().min(1).optional(),
  /**
   * May `X-ARR-ClientCert` be taken for who is at the other end? A certificate is public: the header proves something only where whatever stands before the functions has
   * asked for the key that goes with it and takes away a header of that name that a client sends. `trusted`: it does (needs RADLOOP_CLIENT_CA; the local host with its
   * TLS listener sets it itself). `ignored`: only bearer tokens count.
   */
  RADLOOP_CLIENT_CERTIFICATE_HEADER: z.enum(['trusted', 'ignored']).default('ignored'),
  /** Where the relay is that opens MLLP into the hospital, and who we are to it (PEM). Without it we connect ourselves. */
  RADLOOP_RELAY_URL: z.url().optional(),
  RADLOOP_RELAY_CERT: z.string().min(1).optional(),
  RADLOOP_RELAY_KEY: z.string().min(1).optional(),
  /** Authorities of the relay's certificate. */
  RADLOOP_RELAY_CA: z.string().min(1).optional(),
  /** Password of the user in endpoints.json `pacs`. */
  RADLOOP_PACS_PASSWORD: z.string().min(1).optional(),
  /** A model endpoint in place of the embedded models. */
  RADLOOP_MODEL_URL: z.url().optional(),
  /** Where the connector answers, in place of channels.json. */
  RADLOOP_TEAMS_SERVICE_URL: z.url().optional(),
  /** Our own limit of sends to Teams; off only for measuring. */
  RADLOOP_TEAMS_LIMIT: z.enum(['on', 'off']).default('on'),
  /** At a rehearsal site alone: how many times faster the windows of critical results are than the site's policy says, so that a night can be watched. */
  RADLOOP_REHEARSAL_SPEED: z.coerce.number().min(1).max(100).optional(),
  /** A Teams client was started anew and shows nothing: the name of the occasion. Each open case's card is posted again, once an occasion. */
  RADLOOP_CARDS_LOST: z.string().min(1).optional(),
  /** Application (client) id of the app registration of the site's API: opens POST /api/mcp and the tab (/api/tab) to its tokens. Without it those doors are not there. Never the bot's own id. */
  RADLOOP_API_AUDIENCE: z.guid().optional(),
  /** Authentication context (`acrs`) of the tenant whose conditional access policy asks for a second factor at every sign-in: an emergency access on the tab needs it. */
  RADLOOP_STEP_UP: z
    .string()
    .regex(/^c\d{1,2}$/u, 'write it as c1 to c99')
    .default('c1'),
  /** Address of the tab's page, where the bot sends people to it and not to the tab in Teams: on one machine. */
  RADLOOP_TAB_URL: z.url().optional(),
  /** Application id of the bot's own Entra app registration. */
  MicrosoftAppId: z.string().min(1),
  MicrosoftAppTenantId: z.string().min(1),
  MicrosoftAppPassword: z.string().min(1).optional(),
  ToBotFromChannelOpenIdMetadataUrl: z.url().optional(),
  ToBotFromChannelTokenIssuer: z.string().optional(),
  ToBotFromEmulatorOpenIdMetadataUrl: z.url().optional(),
  ToChannelFromBotLoginUrl: z.url().optional(),
  ToChannelFromBotOAuthScope: z.string().optional(),
  OAuthUrl: z.url().optional(),
  CallerId: z.string().optional(),
  ValidateAuthority: z.string().optional(),
});
export type Config = z.infer<typeof settings>;

/** Where an embedded store lies; on Azure there is none. */
export function folderOf({ RADLOOP_DATA: folder }: Config): string {
  if (folder === undefined) throw wrong(['RADLOOP_DATA: needed with RADLOOP_STORE=embedded, the folder of the store']);
  return folder;
}

/** A setting is missing or wrong; the message names it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Where the parts on Azure are. Throws ConfigError. */
export function azureStore(config: Config): AzureStore {
  const store = azureStoreOf(config);
  if (!('cosmos' in store)) throw wrong(store);
  return store;
}

/** Reads the environment once, at the start. The only reader of process.env. */
export function readConfig(): Config {
  const parsed = settings.safeParse(process.env);
  if (!parsed.success) throw wrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const config = parsed.data;
  if (config.RADLOOP_STORE === 'azure') azureStore(config);
  else folderOf(config);
  if (config.RADLOOP_API_AUDIENCE?.toLowerCase() === config.MicrosoftAppId.toLowerCase()) {
    throw wrong(["RADLOOP_API_AUDIENCE: the bot's own id: the API needs an app registration of its own"]);
  }
  const relay = RELAY.filter((name) => config[name] !== undefined);
  if (relay.length > 0 && relay.length < RELAY.length) throw wrong([`${RELAY.join(', ')}: the relay needs all of them, or none`]);
  return config;
}

const RELAY = ['RADLOOP_RELAY_URL', 'RADLOOP_RELAY_CERT', 'RADLOOP_RELAY_KEY', 'RADLOOP_RELAY_CA'] as const;

function wrong(faults: readonly string[]): ConfigError {
  return new ConfigError(
    `These settings of the environment are missing or wrong:\n${faults.join('\n')}\n\`npm start\` sets all of them for the rehearsal site.`,
  );
}
