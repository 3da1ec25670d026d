import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '#ports/secrets.js';

/** Compared as sha256 of both, which are of one length. */
export const secrets: Secrets = {
  make: () => randomBytes(32).toString('base64url'),
  same: (presented, kept) => timingSafeEqual(sha256(presented), sha256(kept)),
  hashesTo: (presented, hash) => timingSafeEqual(sha256(presented), Buffer.from(hash.padEnd(64, '0').slice(0, 64), 'hex')),
  signs: (signature, bytes, kept) => timingSafeEqual(sha256(signature), sha256(createHmac('sha256', kept).update(bytes).digest('hex'))),
};

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
