import { createPrivateKey, createPublicKey, createSecretKey, hkdfSync, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod/v4';
import { open, seal } from '#adapters/sealing/envelope.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { SiteKeyError } from '#ports/site-key.js';
import type { SiteKey, SitePublicKey, SiteSignature, WrappedBySite } from '#ports/site-key.js';
import { wallClock } from './surroundings.ts';

/** The site key in a file for its owner only (mode 0600). Nothing here waits for anybody, so the store can use it while it opens. */
export interface FileSiteKey extends SiteKey {
  readonly file: string;
  /** The file was not there and was made just now: put a copy of it where the backups are not. */
  readonly made: boolean;
  wrapNow(key: Uint8Array): WrappedBySite;
  unwrapNow(wrapped: WrappedBySite): Buffer;
  rotateNow(): string;
  /** As the file has them now. `made` is null where that was not noted. */
  versions(): readonly { readonly version: string; readonly isCurrent: boolean; readonly made: Instant | null }[];
}

/** Versions are counted from 1. None is ever taken out: yesterday's backup needs yesterday's. */
const kept = z.object({
  what: z.literal('site key of Radloop: without it the store beside it can not be read; keep a copy apart from the backups'),
  current: z.string(),
  keys: z.record(z.string().regex(/^\d+$/u), z.base64().length(44)),
  /** When each version was made. */
  made: z.record(z.string(), instant).default({}),
});
type Kept = z.infer<typeof kept>;

/**
 * @param file made when it is missing, unless `mustExist`: a store that is sealed already needs the key that it was sealed under
 * Throws SiteKeyError when it is missing, damaged, or open to others than its owner.
 */
export function siteKeyFile(file: string, { mustExist = false } = {}): FileSiteKey {
  const found = read(file);
  if (found === null && mustExist) {
    throw new SiteKeyError(
      `The site key ${file} is not there, and the store is sealed under it: put the file back from where you keep its copy, or name it with RADLOOP_SITE_KEY. ` +
        'Without it the patient data in the store can not be read by anybody.',
    );
  }
  const made = found === null && make(file);
  let known = loaded(file);
  /** Another process may have rotated since. */
  const versionOf = (version: string): Version => {
    if (!known.versions.has(version)) known = loaded(file);
    const one = known.versions.get(version);
    if (one === undefined)
      throw new SiteKeyError(`The site key ${file} has no version ${version}, which the store needs: put back the newest copy of the file.`);
    return one;
  };
  const key: FileSiteKey = {
    file,
    made,
    wrapNow(plain) {
      known = loaded(file);
      const version = known.current;
      return { version, wrapped: seal(versionOf(version).wrapping, `site-key|${version}`, plain) };
    },
    unwrapNow({ version, wrapped }) {
      try {
        return open(versionOf(version).wrapping, `site-key|${version}`, wrapped);
      } catch (cause) {
        if (cause instanceof SiteKeyError) throw cause;
        throw new SiteKeyError(`The site key ${file} does not open this store: it is another site's key, or the store was changed.`, { cause });
      }
    },
    rotateNow() {
      const { current, keys, made: before } = read(file) ?? missing(file);
      const next = String(Number(current) + 1);
      const added = { keys: { ...keys, [next]: randomBytes(32).toString('base64') }, made: { ...before, [next]: wallClock.now() } };
      write(file, { current: next, ...added }, renameSync);
      known = loaded(file);
      return next;
    },
    versions() {
      const { current, keys, made: when } = read(file) ?? missing(file);
      return Object.keys(keys).map((version) => ({ version, isCurrent: version === current, made: when[version] ?? null }));
    },
    current: () => Promise.resolve(known.current),
    wrap: (plain) => Promise.resolve(key.wrapNow(plain)),
    // As promises, so that what is thrown is a rejection.
    unwrap: (wrapped) => Promise.resolve().then(() => key.unwrapNow(wrapped)),
    // By the newest version, which another process may have made: what is signed after a rotation is signed by no older one.
    sign: (bytes) =>
      Promise.resolve().then(() => {
        known = loaded(file);
        const version = known.current;
        return { version, algorithm: 'Ed25519', signature: sign(null, bytes, versionOf(version).signing) };
      }),
    verify(bytes, signature) {
      if (!known.versions.has(signature.version)) known = loaded(file);
      return Promise.resolve(isSignedBy(known.versions.get(signature.version), bytes, signature));
    },
    publicKeys: () => Promise.resolve([...known.versions].map(([version, { signing }]) => publicKeyOf(version, signing))),
    rotate: () => Promise.resolve().then(() => key.rotateNow()),
  };
  return key;
}

interface Version {
  readonly wrapping: KeyObject;
  readonly signing: KeyObject;
}

function loaded(file: string): { readonly current: string; readonly versions: ReadonlyMap<string, Version> } {
  const { current, keys } = read(file) ?? missing(file);
  return { current, versions: new Map(Object.entries(keys).map(([version, key]) => [version, versionFrom(Buffer.from(key, 'base64'))])) };
}

function missing(file: string): never {
  throw new SiteKeyError(`The site key ${file} was taken away while Radloop ran: put it back.`);
}

/** Two keys for two uses from the one that is kept (HKDF, RFC 5869). */
function versionFrom(key: Buffer): Version {
  const derived = (use: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `radloop site key: ${use}`, 32));
  return { wrapping: createSecretKey(derived('wrap')), signing: ed25519(derived('sign')) };
}

/** A private key from its 32 bytes, in the DER that RFC 8410 section 7 gives it. */
function ed25519(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
}

function isSignedBy(version: Version | undefined, bytes: Uint8Array, { algorithm, signature }: SiteSignature): boolean {
  return version !== undefined && algorithm === 'Ed25519' && verify(null, bytes, createPublicKey(version.signing), signature);
}

function publicKeyOf(version: string, signing: KeyObject): SitePublicKey {
  return { version, algorithm: 'Ed25519', pem: createPublicKey(signing).export({ type: 'spki', format: 'pem' }).toString() };
}

/** Null when there is no file. */
function read(file: string): Kept | null {
  const text = textOf(file);
  if (text === null) return null;
  const parsed = kept.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.keys[parsed.data.current] === undefined)
    throw new SiteKeyError(`The site key ${file} is damaged: put it back from where you keep its copy.`);
  const mode = statSync(file).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new SiteKeyError(`The site key ${file} can be read by others than its owner (mode ${mode.toString(8)}): chmod 600 ${file}`);
  return parsed.data;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SiteKeyError(`The site key ${file} can not be read: ${error instanceof Error ? error.message : 'unknown'}`, { cause: error });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** False: another process was first, and its key is the site's. */
function make(file: string): boolean {
  return write(file, { current: '1', keys: { '1': randomBytes(32).toString('base64') }, made: { '1': wallClock.now() } }, linkSync);
}

/** Whole and on the disk under its name, or not there: `put` gives the written file its name. False when that name is taken. */
function write(file: string, content: Omit<Kept, 'what'>, put: (from: string, to: string) => void): boolean {
  const written = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  let handle: number | null = null;
  try {
    handle = openSync(written, 'wx', 0o600);
    writeSync(handle, `${JSON.stringify({ what: kept.shape.what.value, ...content }, null, 2)}\n`);
    fsyncSync(handle);
    put(written, file);
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new SiteKeyError(`The site key ${file} can not be written: ${error instanceof Error ? error.message : 'unknown'}`, { cause: error });
  } finally {
    if (handle !== null) closeSync(handle);
    rmSync(written, { force: true });
  }
}
