import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { pagingKeysOf } from '#domain/paging.js';
import type { Site } from '#domain/site.js';
import { finding } from './doctor-finding.ts';
import type { Finding } from './doctor-finding.ts';

const DAY_MS = 86_400_000;

/** Every certificate that this installation shows or goes by, with its days left: warned of 30 days before, louder 7 and 1. */
export function certificates(files: readonly { readonly name: string; readonly file: string }[], now: number): Finding[] {
  return files.map(({ name, file }) => certificate(name, file, now));
}

function certificate(name: string, file: string, now: number): Finding {
  const check = 'certificate';
  try {
    const { validTo, validFrom } = new X509Certificate(readFileSync(file));
    const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
    const until = new Date(validTo).toISOString().slice(0, 10);
    if (Date.parse(validFrom) > now)
      return finding(
        check,
        'fail',
        `${name} is not valid before ${validFrom}`,
        'Look at the clock of this machine, or put the right certificate there.',
      );
    if (days < 0)
      return finding(
        check,
        'fail',
        `${name} has expired on ${until}`,
        `Connections are refused now. Put a new one in ${file} and start the service anew.`,
      );
    if (days <= 1)
      return finding(
        check,
        'fail',
        `${name} expires within ${days + 1} day${days === 0 ? '' : 's'} (${until})`,
        `Put a new one in ${file} today and start the service anew.`,
      );
    if (days <= 7) return finding(check, 'warn', `${name} expires in ${days} days (${until})`, `Put a new one in ${file} this week.`);
    if (days <= 30)
      return finding(check, 'warn', `${name} expires in ${days} days (${until})`, `Ask for a new one for ${file} now: it can take weeks.`);
    return finding(check, 'ok', `${name} is valid until ${until}`);
  } catch {
    return finding(check, 'fail', `${name}: ${file} holds no certificate that can be read`, 'Put a PEM file there.');
  }
}

/** Certificates that the site's folder names. */
export function certificatesOf(site: Site, folder: string): readonly { readonly name: string; readonly file: string }[] {
  return Object.entries(site.endpoints.destinations).flatMap(([destination, { tls }]) => {
    if (tls === null) return [];
    const own = tls.certFile === undefined ? [] : [{ name: `ours for ${destination}`, file: join(folder, tls.certFile) }];
    return [{ name: `the authority of ${destination}`, file: join(folder, tls.caFile) }, ...own];
  });
}

/** Keys that the site's folder names. */
export function keysOf(site: Site, folder: string): readonly string[] {
  const { destinations, ehr } = site.endpoints;
  const paging = site.paging === null ? [] : pagingKeysOf(site.paging).map(({ file }) => file);
  const tls = Object.values(destinations).flatMap(({ tls }) => tls?.keyFile ?? []);
  return [...tls, ...(ehr.smart === null ? [] : [ehr.smart.keyFile]), ...paging].map((file) => join(folder, file));
}

/** Files that hold secrets or patients are for their owner alone. */
export function rights(files: readonly string[]): Finding[] {
  if (process.platform === 'win32') return [];
  const wide = files.filter((file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0);
  if (wide.length > 0)
    return wide.map((file) =>
      finding('rights', 'fail', `others may read ${file}`, `chmod 600 ${file}; whoever could read it may have done so: rotate a key.`),
    );
  const there = files.filter((file) => existsSync(file));
  return there.length === 0 ? [] : [finding('rights', 'ok', `${there.length} files with keys or patients are for their owner alone`)];
}

/** Files of the store that hold secrets or patients. */
export function privateFiles(store: string): readonly string[] {
  return ['radloop.sqlite', 'radloop.sqlite-wal', 'radloop.sqlite-shm', 'health.token'].map((name) => join(store, name));
}

/** How long ago the audit trail was anchored; a service that stands anchors nothing. */
export async function anchors(store: string, now: number, isRunning: boolean): Promise<Finding[]> {
  const folder = usualAnchorFolder(store);
  const last = existsSync(folder) ? await anchorFolder(folder).last() : null;
  if (last === null)
    return [
      finding(
        'anchors',
        'warn',
        `no anchor of the audit trail in ${folder}`,
        'A tail that was cut off would not be missed. Five minutes after its first row there should be one.',
      ),
    ];
  const minutes = Math.round((now - Date.parse(last.at)) / 60_000);
  const todo = `Look whether ${folder} can be written: since then a cut of the audit trail would not be missed.`;
  return [
    finding('anchors', isRunning && minutes > 10 ? 'fail' : 'ok', `the audit trail was anchored ${minutes} min ago, up to row ${last.upto}`, todo),
  ];
}
