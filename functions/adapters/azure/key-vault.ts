import { createHash, createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import type { CryptographyClientOptions, KeyVaultKey } from '@azure/keyvault-keys';
import { SiteKeyError } from '#ports/site-key.js';
import type { SiteKey, SitePublicKey, SiteSignature } from '#ports/site-key.js';

/** The two keys of a site in Key Vault. Neither leaves it; one key for two uses is what nobody advises (NIST SP 800-57 part 1, section 5.2). */
export interface KeyVaultSettings {
  /** Such as `https://radloop-general.vault.azure.net`. */
  readonly vaultUrl: string;
  /** Name of an RSA key of 3072 bits that may wrapKey and unwrapKey. */
  readonly wrapKey: string;
  /** Name of an EC key on P-256 that may sign. */
  readonly signKey: string;
  /** A managed identity with the role Key Vault Crypto User. */
  readonly credential: TokenCredential;
  /** How the vault is reached, where it is not by the SDK's own way. */
  readonly options?: CryptographyClientOptions;
}

const WRAP = 'RSA-OAEP-256';

/**
 * The site key in Azure Key Vault. New versions are made by the keys' rotation policy or by an administrator, not by this service, whose role doesn't reach that far:
 * `rotate` takes up the newest. A version that is disabled in the vault opens nothing any more, which is a way to lock a site's store.
 */
export function keyVaultSiteKey({ vaultUrl, wrapKey, signKey, credential, options = {} }: KeyVaultSettings): SiteKey {
  const keys = new KeyClient(vaultUrl, credential, options);
  const clients = new Map<string, CryptographyClient>();
  const clientOf = (name: string, version: string): CryptographyClient => {
    const id = `${vaultUrl.replace(/\/$/u, '')}/keys/${name}/${version}`;
    const known = clients.get(id) ?? new CryptographyClient(id, credential, options);
    clients.set(id, known);
    return known;
  };
  const newest = { wrap: onceAsked(() => versionOf(keys, wrapKey)), sign: onceAsked(() => versionOf(keys, signKey)) };
  const publicKeys = new Map<string, KeyObject | null>();
  const publicKeyOf = async (version: string): Promise<KeyObject | null> => {
    const known = publicKeys.get(version) ?? (await readPublicKey(keys, signKey, version));
    publicKeys.set(version, known);
    return known;
  };
  return {
    current: () => newest.wrap(),
    async wrap(key) {
      const version = await newest.wrap();
      const { result } = await asked('wrap a key', wrapKey, () => clientOf(wrapKey, version).wrapKey(WRAP, key));
      return { version, wrapped: result };
    },
    async unwrap({ version, wrapped }) {
      const { result } = await asked('unwrap a key', wrapKey, () => clientOf(wrapKey, version).unwrapKey(WRAP, wrapped));
      return Buffer.from(result);
    },
    async sign(bytes): Promise<SiteSignature> {
      const version = await newest.sign();
      const digest = createHash('sha256').update(bytes).digest();
      const { result } = await asked('sign', signKey, () => clientOf(signKey, version).sign('ES256', digest));
      return { version, algorithm: 'ES256', signature: result };
    },
    async verify(bytes, { version, algorithm, signature }) {
      const key = algorithm === 'ES256' ? await publicKeyOf(version) : null;
      return key !== null && verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
    },
    async publicKeys() {
      const found: SitePublicKey[] = [];
      for await (const { version } of keys.listPropertiesOfKeyVersions(signKey)) {
        const key = version === undefined ? null : await publicKeyOf(version);
        if (version !== undefined && key !== null)
          found.push({ version, algorithm: 'ES256', pem: key.export({ type: 'spki', format: 'pem' }).toString() });
      }
      return found;
    },
    async rotate() {
      newest.wrap = onceAsked(() => versionOf(keys, wrapKey));
      newest.sign = onceAsked(() => versionOf(keys, signKey));
      return newest.wrap();
    },
  };
}

/** The first answer stands; a question that failed is asked again. */
function onceAsked(ask: () => Promise<string>): () => Promise<string> {
  let answer: Promise<string> | null = null;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}

async function versionOf(keys: KeyClient, name: string): Promise<string> {
  const { version } = (await asked('find the newest version', name, () => keys.getKey(name))).properties;
  if (version === undefined) throw new SiteKeyError(`Key Vault names no version of the key "${name}".`);
  return version;
}

/** Null: there is no such version. */
async function readPublicKey(keys: KeyClient, name: string, version: string): Promise<KeyObject | null> {
  let found: KeyVaultKey;
  try {
    found = await keys.getKey(name, { version });
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw refused('read the public key', name, error);
  }
  const { x, y } = found.key ?? {};
  if (x === undefined || y === undefined) return null;
  const jwk: JsonWebKey = { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y) };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

function base64url(part: Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}

async function asked<T>(what: string, name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw refused(what, name, error);
  }
}

function refused(what: string, name: string, error: unknown): SiteKeyError {
  const status = statusOf(error);
  const hint =
    status === 403
      ? 'give the managed identity the role Key Vault Crypto User on it, and check that the version is enabled'
      : status === 404
        ? 'make the key, or correct its name in the settings'
        : 'check the vault and the way to it';
  return new SiteKeyError(`Key Vault did not ${what} with the key "${name}" (${status === null ? 'no answer' : `status ${status}`}): ${hint}.`, {
    cause: error,
  });
}

function statusOf(error: unknown): number | null {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' ? status : null;
}
