import { constants, createCipheriv, createDecipheriv, createPublicKey, hash, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Sealed } from '#ports/queue.js';

/** RSA-OAEP with SHA-256 (RFC 8017 section 7.1). */
const WRAP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** For the holder of the private part of `publicKey` (PEM, RSA) alone: whoever seals it can't open it again. */
export function seal(item: string, body: Buffer, publicKey: string): Sealed {
  const holder = createPublicKey(publicKey);
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const sha256 = hash('sha256', body, 'hex');
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(boundTo({ item, sha256 }));
  const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
  const wrapped = publicEncrypt({ key: holder, ...WRAP }, key);
  key.fill(0);
  return {
    ...{ item, sha256, cipher: 'aes-256-gcm', wrap: 'rsa-oaep-sha256', keySha256: fingerprint(holder) },
    ...{ wrappedKey: base64(wrapped), iv: base64(iv), tag: base64(cipher.getAuthTag()), body: base64(sealed) },
  };
}

/** @returns null when it was sealed for this key and was changed since; `otherKey` when it was sealed for another one */
export function open(sealed: Sealed, privateKey: KeyObject): Buffer | 'otherKey' | null {
  if (fingerprint(createPublicKey(privateKey)) !== sealed.keySha256) return 'otherKey';
  try {
    const key = privateDecrypt({ key: privateKey, ...WRAP }, bytes(sealed.wrappedKey));
    const decipher = createDecipheriv('aes-256-gcm', key, bytes(sealed.iv), { authTagLength: 16 });
    decipher.setAAD(boundTo(sealed)).setAuthTag(bytes(sealed.tag));
    return Buffer.concat([decipher.update(bytes(sealed.body)), decipher.final()]);
  } catch {
    return null;
  }
}

function boundTo({ item, sha256 }: Pick<Sealed, 'item' | 'sha256'>): Buffer {
  return Buffer.from(`${item}\n${sha256}`);
}

function fingerprint(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex');
}

function base64(part: Buffer): string {
  return part.toString('base64');
}

function bytes(part: string): Buffer {
  return Buffer.from(part, 'base64');
}
