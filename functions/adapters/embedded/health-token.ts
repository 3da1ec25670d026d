import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'health.token';

/** The bearer token for the detail of /api/readyz, /api/healthz/progress and /api/metrics on one machine: made once, in the store's folder, mode 0600. */
export function healthToken(folder: string): string {
  const file = join(folder, FILE);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

/** As whoever asks a running service has it; null: there is none, or it may not be read. */
export function readHealthToken(folder: string): string | null {
  try {
    return readFileSync(join(folder, FILE), 'utf8').trim();
  } catch {
    return null;
  }
}
