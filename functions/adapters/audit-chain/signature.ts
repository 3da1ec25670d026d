import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Signature } from '#ports/audit-store.js';
import type { SiteKey } from '#ports/site-key.js';

export type Signs = Pick<SiteKey, 'sign'>;
/** The site's key, or its public part at an auditor's desk (`publicKeyFile`). */
export type Verifies = Pick<SiteKey, 'verify'>;

export async function signed(key: Signs, bytes: Uint8Array): Promise<Signature> {
  const { version, algorithm, signature } = await key.sign(bytes);
  return { keyVersion: version, algorithm, signature: Buffer.from(signature).toString('base64') };
}

/** Did the site's key sign these bytes? False also for a signature that is not written as `signed` writes it: an edit that changes no byte of it is an edit. */
export async function isSigned(key: Verifies, bytes: Uint8Array, { keyVersion, algorithm, signature }: Signature): Promise<boolean> {
  const raw = Buffer.from(signature, 'base64');
  if (raw.toString('base64') !== signature) return false;
  return key.verify(bytes, { version: keyVersion, algorithm, signature: raw });
}

/** Verifies with public keys alone: one or more in PEM, one after the other, of whatever version. */
export function publicKeyFile(pem: string): Verifies {
  const keys = [...pem.matchAll(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/gu)].map(([one]) => createPublicKey(one));
  return {
    verify: (bytes, { algorithm, signature }) =>
      Promise.resolve(keys.some((key) => fits(key, algorithm) && verifies(key, algorithm, bytes, signature))),
  };
}

function fits(key: KeyObject, algorithm: Signature['algorithm']): boolean {
  return key.asymmetricKeyType === (algorithm === 'ES256' ? 'ec' : 'ed25519');
}

function verifies(key: KeyObject, algorithm: Signature['algorithm'], bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(algorithm === 'ES256' ? 'sha256' : null, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
