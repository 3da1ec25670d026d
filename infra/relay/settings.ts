import { readFileSync } from 'node:fs';
import { z } from 'zod/v4';

const name = z.string().min(1);

/** `settings.json`: who may send in, who may send out, and to whom. Holds tokens: the file's mode is 0600, on Azure it is a secret of Key Vault. */
const settings = z.strictObject({
  /** Senders by the names of their client certificates (subject alternative names, else the common name), and the token of their facility at the site's HTTPS door. */
  senders: z.array(z.strictObject({ certificateNames: z.array(name).min(1), token: z.string().min(16) })).min(1),
  /** Names in the certificate of the service: nobody else may send out. */
  service: z.array(name).min(1),
  /** Receivers by the names that endpoints.json gives them. The service can name no other: the relay is no way into the hospital's network. */
  destinations: z.record(
    name,
    z.strictObject({
      host: name,
      port: z.int().min(1).max(65_535),
      /** Seconds without an answer after which the connection is closed; less than the service waits for the relay (it adds 5). */
      ackTimeoutSeconds: z.int().min(1).max(120).default(10),
      /** Null: plain TCP, to this machine only. The relay shows its own certificate where the receiver asks for one. */
      tls: z.strictObject({ /** PEM of the receiver's authorities. */ ca: z.string().min(1), serverName: name.optional() }).nullable(),
    }),
  ),
});
export type RelaySettings = z.infer<typeof settings>;

/** The settings can't be used; the message names the field. */
export class RelaySettingsError extends Error {
  override name = 'RelaySettingsError';
}

/** @throws RelaySettingsError; no value of the file is in its message */
export function readSettings(file: string): RelaySettings {
  const parsed = settings.safeParse(jsonOf(file));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new RelaySettingsError(`${file} can not be used (infra/relay/README.md shows one):\n${faults.join('\n')}`);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RelaySettingsError(
      `${file} can not be read as JSON (${error instanceof SyntaxError ? 'not JSON' : String(Reflect.get(error as object, 'code'))}).`,
    );
  }
}
