import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppManifestUtils } from '@microsoft/app-manifest';
import { zipSync } from 'fflate';
import { z } from 'zod/v4';

const httpsPage = (option: string) => z.url({ protocol: /^https$/u, error: `${option}: an address that begins with https://` });

/** What a site puts into bot/manifest/manifest.json. */
const parameters = z.object({
  VERSION: z.string().regex(/^\d+\.\d+\.\d+$/u, 'package.json: a version such as 1.4.0'),
  BOT_APP_ID: z.guid('--bot-id: the application id of the bot, a GUID; azd prints it as RADLOOP_BOT_ID'),
  TEAMS_APP_ID: z.guid('--app-id: a GUID, such as the one of --bot-id'),
  /** Of the service, without scheme and port: Teams frames its page and hands it tokens for nowhere else. */
  HOST: z.string().regex(/^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/u, '--host: the host name of the service, such as radloop.hospital.example; azd prints it as RADLOOP_HOST'), // prettier-ignore
  API_APP_ID: z.guid('--api-id: the application id of the site’s API, a GUID; the one of RADLOOP_API_AUDIENCE'),
  WEBSITE_URL: httpsPage('--website'),
  PRIVACY_URL: httpsPage('--privacy'),
  TERMS_URL: httpsPage('--terms'),
});
type PackageParameters = z.infer<typeof parameters>;

/** The package can't be made; each line says what is wrong. Nothing was written. */
export class PackageFailed extends Error {
  override name = 'PackageFailed';
}

/** Sides of the icons in pixels, as Teams wants them. */
const ICONS = { 'color.png': 192, 'outline.png': 32 } as const;
/** What the validator has at hand; another address would be fetched. */
const SCHEMA = 'https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json';
/** The same files make the same package, whenever it is made. */
const MADE_AT = new Date(2026, 0, 1);

/**
 * The app package for Teams: manifest.json, filled in and valid, and the two icons.
 * @param folder of the template and the icons
 * @throws PackageFailed
 */
export async function teamsPackage(given: Readonly<Record<string, string | undefined>>, folder: string): Promise<Uint8Array> {
  const read = parameters.safeParse(given);
  if (!read.success) throw new PackageFailed(read.error.issues.map(({ message }) => message).join('\n'));
  const manifest = await manifestOf(read.data, join(folder, 'manifest.json'));
  const icons = await Promise.all(Object.entries(ICONS).map(async ([name, side]) => [name, await icon(join(folder, name), side)] as const));
  return zipSync(
    { 'manifest.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`), ...Object.fromEntries(icons) },
    { mtime: MADE_AT, level: 9 },
  );
}

async function manifestOf(values: PackageParameters, file: string): Promise<object> {
  const template = await readFile(file, 'utf8');
  const unknown = new Set<string>();
  const filled = template.replaceAll(/\$\{\{(?<name>[^}]*)\}\}/gu, (_whole, name: string) => {
    if (!Object.hasOwn(values, name)) unknown.add(name);
    return JSON.stringify(Reflect.get(values, name) ?? '').slice(1, -1);
  });
  if (unknown.size > 0) throw new PackageFailed(`${file}: nothing is known to put in for ${[...unknown].join(', ')}.`);
  const manifest = parsed(filled, file);
  if (manifest['$schema'] !== SCHEMA) throw new PackageFailed(`${file}: its $schema must be ${SCHEMA}, which can be checked offline.`);
  const faults = await AppManifestUtils.validateAgainstSchema(manifest as Parameters<typeof AppManifestUtils.validateAgainstSchema>[0]);
  if (faults.length > 0) throw new PackageFailed([`${file} is not valid:`, ...faults].join('\n'));
  return manifest;
}

function parsed(text: string, file: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new PackageFailed(`${file} is no JSON object: ${error instanceof Error ? error.message : ''}`);
  }
}

/** A PNG file says its width and height in its first chunk (IHDR), 16 and 20 bytes in. */
async function icon(file: string, side: number): Promise<Uint8Array> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw new PackageFailed(`${file} is not there.`);
  const isPng = bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) && bytes.length > 24;
  const is = isPng ? `${String(bytes.readUInt32BE(16))} x ${String(bytes.readUInt32BE(20))}` : 'no PNG';
  if (is !== `${String(side)} x ${String(side)}`)
    throw new PackageFailed(`${file} is ${is}; Teams wants a PNG of ${String(side)} x ${String(side)}.`);
  return new Uint8Array(bytes);
}
