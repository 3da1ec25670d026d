import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SealBroken, open, seal } from './envelope.ts';

/**
 * Three steps from the site key to a piece of patient data (ADR 0023): the site key wraps a few wrapping keys, the current one of these wraps the data key of each
 * case and of each day, a data key seals pieces. So Key Vault is asked at the start and when keys are rotated, never for an order.
 */
export interface KeyChain {
  /** Of the key that wraps new data keys: 16 characters, hexadecimal. */
  readonly current: string;
  has(id: string): boolean;
  /** Takes one more; the one that `isCurrent` wraps from now on. */
  add(id: string, key: Uint8Array, isCurrent: boolean): void;
  forget(id: string): void;
  /** A new data key for `scope`, such as `case:…` or `day:2026-11-25`, and what is kept of it. */
  make(scope: string): { readonly key: DataKey; readonly wrapped: Buffer };
  /** The data key again. Throws UnknownWrappingKey when somebody has rotated meanwhile: read the wrapping keys anew. */
  dataKey(scope: string, wrapped: Uint8Array): DataKey;
  /** The same data key under the current wrapping key; null: it is under it already. */
  rewrap(scope: string, wrapped: Uint8Array): Buffer | null;
}

/** Seals and opens pieces of one case or one day. `place`: what it is and of which row, such as `fact|CASE|7`. */
export interface DataKey {
  seal(place: string, plain: Uint8Array | string): Buffer;
  open(place: string, sealed: Uint8Array): Buffer;
}

export class UnknownWrappingKey extends Error {
  override name = 'UnknownWrappingKey';
}

/** Data keys in memory at most: 64 bytes each beside their scope. */
const MOST_CACHED = 10_000;
const ID_BYTES = 8;
const KEY_BYTES = 32;

export function keyChain(most = MOST_CACHED): KeyChain {
  const wrapping = new Map<string, KeyObject>();
  /** By scope; the first is the one that was not used for longest. */
  const cached = new Map<string, { readonly wrapped: Uint8Array; readonly key: DataKey }>();
  let current = '';
  const wrapUnder = (id: string, scope: string, key: Uint8Array): Buffer => {
    return Buffer.concat([Buffer.from(id, 'hex'), seal(keyOf(id), `data-key|${scope}`, key)]);
  };
  const keyOf = (id: string): KeyObject => {
    const key = wrapping.get(id);
    if (key === undefined) throw new UnknownWrappingKey(`A data key is wrapped by a key that is not known here (${id}).`);
    return key;
  };
  const unwrapped = (scope: string, wrapped: Uint8Array): Buffer => {
    const key = open(keyOf(wrappingIdOf(wrapped)), `data-key|${scope}`, wrapped.subarray(ID_BYTES));
    if (key.length !== KEY_BYTES) throw new SealBroken('A data key is not 32 bytes long.');
    return key;
  };
  const remember = (scope: string, wrapped: Buffer, bytes: Buffer): DataKey => {
    const key = dataKeyOf(bytes);
    bytes.fill(0);
    cached.delete(scope);
    // A copy with memory of its own: a small Buffer would keep the 8 kB that it was cut from.
    cached.set(scope, { wrapped: Uint8Array.from(wrapped), key });
    if (cached.size > most) for (const oldest of cached.keys()) return (cached.delete(oldest), key);
    return key;
  };
  return {
    get current() {
      return current;
    },
    has: (id) => wrapping.has(id),
    add(id, key, isCurrent) {
      wrapping.set(id, createSecretKey(key));
      if (isCurrent) current = id;
    },
    forget: (id) => wrapping.delete(id),
    make(scope) {
      const bytes = randomBytes(KEY_BYTES);
      const wrapped = wrapUnder(current, scope, bytes);
      return { wrapped, key: remember(scope, wrapped, bytes) };
    },
    dataKey(scope, wrapped) {
      const known = cached.get(scope);
      if (known === undefined || Buffer.compare(known.wrapped, wrapped) !== 0)
        return remember(scope, Buffer.from(wrapped), unwrapped(scope, wrapped));
      cached.delete(scope);
      cached.set(scope, known);
      return known.key;
    },
    rewrap(scope, wrapped) {
      if (wrappingIdOf(wrapped) === current) return null;
      const bytes = unwrapped(scope, wrapped);
      const anew = wrapUnder(current, scope, bytes);
      bytes.fill(0);
      return anew;
    },
  };
}

/** Which wrapping key a wrapped data key needs. */
export function wrappingIdOf(wrapped: Uint8Array): string {
  return Buffer.from(wrapped.buffer, wrapped.byteOffset, Math.min(ID_BYTES, wrapped.length)).toString('hex');
}

/** A new wrapping key, not wrapped yet. */
export function newWrappingKey(): { readonly id: string; readonly key: Buffer } {
  return { id: randomBytes(ID_BYTES).toString('hex'), key: randomBytes(KEY_BYTES) };
}

function dataKeyOf(bytes: Buffer): DataKey {
  const key = createSecretKey(bytes);
  return {
    seal: (place, plain) => seal(key, place, typeof plain === 'string' ? Buffer.from(plain) : plain),
    open: (place, sealed) => open(key, place, sealed),
  };
}
