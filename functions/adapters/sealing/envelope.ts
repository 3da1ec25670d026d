import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * One sealed piece: a byte that says the format (1), a random nonce of 12 bytes, the AES-256-GCM ciphertext, the tag of 16 bytes. `place` (what it is and of which
 * row) is authenticated with it: copied to another row or column it does not open. One key seals far fewer pieces than the 2^32 that random nonces allow
 * (NIST SP 800-38D section 8.3).
 */
const FORMAT = 1;
const [NONCE_BYTES, TAG_BYTES] = [12, 16];
const HEAD_BYTES = 1 + NONCE_BYTES;
/** What sealing adds to a piece. */
export const SEAL_BYTES = HEAD_BYTES + TAG_BYTES;

/** Sealed bytes do not open: another key, another place, or they were changed. */
export class SealBroken extends Error {
  override name = 'SealBroken';
}

export function seal(key: KeyObject, place: string, plain: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(plain.length + SEAL_BYTES);
  sealed[0] = FORMAT;
  const nonce = sealed.subarray(1, HEAD_BYTES);
  takeNonce(nonce);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place));
  sealed.set(cipher.update(plain), HEAD_BYTES);
  cipher.final();
  sealed.set(cipher.getAuthTag(), HEAD_BYTES + plain.length);
  return sealed;
}

/** Throws SealBroken; its message names the kind of thing, never an id. */
export function open(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  const [what] = place.split('|', 1);
  if (sealed.length < SEAL_BYTES || sealed[0] !== FORMAT) throw new SealBroken(`A sealed ${what} is not in a format that is known.`);
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(HEAD_BYTES, end));
  try {
    decipher.final();
  } catch (cause) {
    throw new SealBroken(`A sealed ${what} does not open: it was changed, moved from another row, or sealed under another key.`, { cause });
  }
  return plain;
}

/** Random bytes are drawn for many nonces at once: a draw a message costs more than its cipher. */
const pool = Buffer.alloc(NONCE_BYTES * 1024);
let used = pool.length;

function takeNonce(into: Buffer): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(into, 0, used, used + NONCE_BYTES);
  used += NONCE_BYTES;
}
