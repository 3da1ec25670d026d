import { constants, createECDH, createHash, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authority } from '../support/certificates.ts';

interface Version {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  isEnabled: boolean;
}

/** Key Vault's REST surface (version 7.x) as far as the adapter uses it: keys with versions that never leave it, asked over TLS with a bearer token. */
export interface KeyVaultPeer {
  readonly url: string;
  /** Of the authority that signed its certificate, PEM. */
  readonly ca: string;
  /** Operations that were asked, such as `wrapkey`. */
  readonly asked: string[];
  /** A new version of the key, as an administrator or its rotation policy makes one. */
  addVersion(name: string): void;
  disable(name: string, version: string): void;
  /** What is answered in place of the next answers, one each. */
  readonly faults: number[];
  close(): Promise<void>;
}

export async function startKeyVault(names: Readonly<Record<string, 'RSA' | 'EC'>>): Promise<KeyVaultPeer> {
  const ca = await authority('Vault CA');
  const tls = await ca.issue('vault', { names: [{ type: 'ip', value: '127.0.0.1' }] });
  const keys = new Map<string, Version[]>();
  const addVersion = (name: string): void => {
    const pair = names[name] === 'EC' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 3072 });
    const versions = keys.get(name) ?? [];
    keys.set(name, [...versions, { ...pair, id: createHash('md5').update(`${name}${versions.length}`).digest('hex'), isEnabled: true }]);
  };
  for (const name of Object.keys(names)) addVersion(name);
  const asked: string[] = [];
  const faults: number[] = [];
  const server = createServer(tls, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, body: object, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    // The real one tells an unknown caller where tokens come from.
    if (request.headers.authorization !== 'Bearer token-of-the-test')
      return say(401, {}, { 'www-authenticate': 'Bearer authorization="https://login.example/tenant", resource="https://vault.azure.net"' });
    const fault = faults.shift();
    if (fault !== undefined) return say(fault, { error: { code: 'Fault', message: 'asked for' } });
    const [, , name = '', version = '', operation = ''] = new URL(request.url ?? '/', 'https://x').pathname.split('/');
    const versions = keys.get(name);
    if (versions === undefined) return say(404, { error: { code: 'KeyNotFound', message: name } });
    const idOf = (one: Version) => `${url}/keys/${name}/${one.id}`;
    if (version === 'versions')
      return say(200, { value: versions.map((one) => ({ kid: idOf(one), attributes: { enabled: one.isEnabled } })), nextLink: null });
    const found = version === '' ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (found === undefined) return say(404, { error: { code: 'KeyNotFound', message: version } });
    if (operation === '') {
      const jwk = found.publicKey.export({ format: 'jwk' });
      return say(200, { key: { ...jwk, kid: idOf(found), key_ops: ['wrapKey', 'unwrapKey', 'sign'] }, attributes: { enabled: found.isEnabled } });
    }
    asked.push(operation);
    if (!found.isEnabled) return say(403, { error: { code: 'Forbidden', message: 'KeyDisabled' } });
    const { value } = JSON.parse(body) as { value: string };
    const result = resultOf(found, operation, Buffer.from(value, 'base64url'));
    return result === null
      ? say(400, { error: { code: 'BadParameter', message: 'x' } })
      : say(200, { kid: idOf(found), value: result.toString('base64url') });
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, ca: ca.ca, asked, faults, addVersion },
    disable(name, version) {
      const found = keys.get(name)?.find(({ id }) => id === version);
      if (found) found.isEnabled = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** Null: it does not open. */
function resultOf({ publicKey, privateKey }: Version, operation: string, value: Buffer): Buffer | null {
  if (operation === 'sign') return signDigest(privateKey, value);
  if (operation === 'wrapkey') return publicEncrypt({ key: publicKey, ...OAEP }, value);
  try {
    return privateDecrypt({ key: privateKey, ...OAEP }, value);
  } catch {
    return null;
  }
}

/** The order of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ES256 over a digest that is made already, which node:crypto has no call for (FIPS 186-5 section 6.4.1). */
function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const once = createECDH('prime256v1');
  once.generateKeys();
  const k = BigInt(`0x${once.getPrivateKey('hex')}`);
  const r = BigInt(`0x${once.getPublicKey().subarray(1, 33).toString('hex')}`) % ORDER;
  const d = BigInt(`0x${Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('hex')}`);
  const s = (inverse(k) * (BigInt(`0x${digest.toString('hex')}`) + r * d)) % ORDER;
  return Buffer.concat([r, s].map((part) => Buffer.from(part.toString(16).padStart(64, '0'), 'hex')));
}

/** By Fermat: the order is a prime. */
function inverse(value: bigint): bigint {
  let [result, base] = [1n, value % ORDER];
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}
