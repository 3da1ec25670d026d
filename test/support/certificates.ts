import { webcrypto } from 'node:crypto';
import type { TlsFiles } from '#adapters/hl7/tls.js';

/** What the certificate library asks of a global that the language does not have yet (ECMA-262 metadata proposal): enough of it for that library. */
const metadata = new WeakMap<object, Map<unknown, unknown>>();
const ofTarget = (target: object): Map<unknown, unknown> => {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own);
  return own;
};
Object.assign(Reflect, {
  defineMetadata: (key: unknown, value: unknown, target: object) => void ofTarget(target).set(key, value),
  getOwnMetadata: (key: unknown, target: object) => ofTarget(target).get(key),
  hasOwnMetadata: (key: unknown, target: object) => ofTarget(target).has(key),
  getMetadata: (key: unknown, target: object) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null)
      if (ofTarget(at).has(key)) return ofTarget(at).get(key);
    return undefined;
  },
});
const x509 = await import('@peculiar/x509');
// The engine under test has its own global objects; the library compares with these.
x509.cryptoProvider.set(webcrypto as Parameters<typeof x509.cryptoProvider.set>[0] & typeof webcrypto);

/** Certificate and key as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** One who signs certificates. */
export interface Authority {
  readonly ca: string;
  /** `names`: subject alternative names; none: only the common name `commonName`. */
  issue(commonName: string, more?: { readonly names?: readonly AlternativeName[]; readonly isExpired?: boolean }): Promise<Identity>;
}
export interface AlternativeName {
  readonly type: 'dns' | 'ip' | 'url';
  readonly value: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 24 * 60 * 60 * 1000;
let serial = 0;
const nextSerial = (): string => (serial += 1).toString(16).padStart(8, '0');

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function authority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const from = (days: number): Date => new Date(Date.now() + days * day);
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: nextSerial(), name: `CN=${name}`, notBefore: from(-3), notAfter: from(3), signingAlgorithm: algorithm, keys },
    extensions: [new x509.BasicConstraintsExtension(true, 1, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)],
  });
  return {
    ca: own.toString('pem'),
    async issue(commonName, { names = [], isExpired = false } = {}) {
      const holder = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        ...{ serialNumber: nextSerial(), subject: `CN=${commonName}`, issuer: own.subject, notBefore: from(-2), notAfter: from(isExpired ? -1 : 2) },
        ...{ publicKey: holder.publicKey, signingKey: keys.privateKey, signingAlgorithm: algorithm },
        extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])],
      });
      return { cert: certificate.toString('pem'), key: await pemOf(holder.privateKey) };
    },
  };
}

/** A site's CA, its listener, and who comes to it. */
export interface SitePki {
  readonly server: TlsFiles;
  readonly ca: string;
  /** Names: `ris.hospital.example` and `urn:hospital:ris`. */
  readonly good: Identity;
  /** Common name alone: `ward-engine`. */
  readonly plainName: Identity;
  readonly expired: Identity;
  /** Of another CA, with the right names. */
  readonly foreign: Identity;
}

export async function sitePki(): Promise<SitePki> {
  const [site, other] = await Promise.all([authority('Hospital CA'), authority('Other CA')]);
  const names: AlternativeName[] = [
    { type: 'dns', value: 'ris.hospital.example' },
    { type: 'url', value: 'urn:hospital:ris' },
  ];
  const here: AlternativeName[] = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ];
  const server = await site.issue('listener', { names: here });
  return {
    server: { ...server, ca: site.ca },
    ca: site.ca,
    good: await site.issue('ris', { names }),
    plainName: await site.issue('ward-engine'),
    expired: await site.issue('ris', { names, isExpired: true }),
    foreign: await other.issue('ris', { names }),
  };
}
