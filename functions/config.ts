import { z } from 'zod/v4';

/** The settings that stand in the environment: addresses and folders, no clinical policy (that is the site's folder and functions/content). */
const settings = z.object({
  /** The site's folder. */
  RADLOOP_SITE: z.string().min(1),
  /** Folder of the store; made when it is not there. */
  RADLOOP_DATA: z.string().min(1),
  /** File of the site key (mode 0600), which wraps the store's data keys and signs the audit: without it beside the store, under its name with `.key`. */
  RADLOOP_SITE_KEY: z.string().min(1).optional(),
  /** Folder of the audit's anchors, better on another disk than the store: without it beside the store, under its name with `-anchors`. */
  RADLOOP_ANCHORS: z.string().min(1).optional(),
  /** Folder of the downtime lists, better on another disk than the store: without it beside the store, under its name with `-downtime`. */
  RADLOOP_DOWNTIME: z.string().min(1).optional(),
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
  /** PEM file of the authorities that sign client certificates of facilities for the HTTPS door; without it, or where their header is ignored (below), only bearer tokens come in there. */
  RADLOOP_CLIENT_CA: z.string().min(1).optional(),
  /**
   * May `X-ARR-ClientCert` be taken for who is at the other end? A certificate is public: the header proves something only where whatever stands before the functions has
   * asked for the key that goes with it and takes away a header of that name that a client sends. `trusted`: it does (needs RADLOOP_CLIENT_CA; the local host with its
   * TLS listener sets it itself). `ignored`: only bearer tokens count.
   */
  RADLOOP_CLIENT_CERTIFICATE_HEADER: z.enum(['trusted', 'ignored']).default('ignored'),
  /** Password of the user in endpoints.json `pacs`. */
  RADLOOP_PACS_PASSWORD: z.string().min(1).optional(),
  /** A model endpoint in place of the embedded models. */
  RADLOOP_MODEL_URL: z.url().optional(),
  /** Where the connector answers, in place of channels.json. */
  RADLOOP_TEAMS_SERVICE_URL: z.url().optional(),
  /** Our own limit of sends to Teams; off only for measuring. */
  RADLOOP_TEAMS_LIMIT: z.enum(['on', 'off']).default('on'),
  /** A Teams client was started anew and shows nothing: the name of the occasion. Each open case's card is posted again, once an occasion. */
  RADLOOP_CARDS_LOST: z.string().min(1).optional(),
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

/** A setting is missing or wrong; the message names it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads the environment once, at the start. The only reader of process.env. */
export function readConfig(): Config {
  const parsed = settings.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(
    `These settings of the environment are missing or wrong:\n${faults.join('\n')}\n\`npm start\` sets all of them for the rehearsal site.`,
  );
}
