import { createSecretKey, randomBytes } from 'node:crypto';
import { SEAL_BYTES, SealBroken, open, seal } from '#adapters/sealing/envelope.js';
import { UnknownWrappingKey, keyChain, newWrappingKey, wrappingIdOf } from '#adapters/sealing/key-chain.js';
import { openKeyring } from '#adapters/sealing/keyring.js';
import type { StoredWrappingKey, WrappingKeys } from '#adapters/sealing/keyring.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';

const key = createSecretKey(randomBytes(32));
const plain = Buffer.from('PID|1||900-77-0001||Canary^Cassandra');

describe('a sealed piece', () => {
  it('opens at its place, and is 29 bytes longer', () => {
    const sealed = seal(key, 'fact|c1|1', plain);
    expect(sealed.length - plain.length).toBe(SEAL_BYTES);
    expect(open(key, 'fact|c1|1', sealed)).toEqual(plain);
    expect(open(key, 'x|y', seal(key, 'x|y', Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
    expect(sealed.includes('Canary')).toBe(false);
  });

  it('does not open at another place, under another key, cut, or with one bit changed', () => {
    const sealed = seal(key, 'fact|c1|1', plain);
    expect(() => open(key, 'fact|c1|2', sealed)).toThrow(SealBroken);
    expect(() => open(key, 'event|c1|1', sealed)).toThrow(SealBroken);
    expect(() => open(createSecretKey(randomBytes(32)), 'fact|c1|1', sealed)).toThrow(SealBroken);
    expect(() => open(key, 'fact|c1|1', sealed.subarray(0, -1))).toThrow(SealBroken);
    expect(() => open(key, 'fact|c1|1', Buffer.alloc(3))).toThrow(SealBroken);
    for (let bit = 0; bit < sealed.length * 8; bit += 7) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(key, 'fact|c1|1', changed)).toThrow(SealBroken);
    }
  });

  it('says of a fault what it was, never whose', () => {
    const sealed = seal(key, 'fact|case-of-canary|1', plain);
    expect(() => open(key, 'fact|case-of-canary|2', sealed)).toThrow(/^A sealed fact does not open/u);
  });

  it('has a nonce of its own each time', () => {
    const nonces = new Set(Array.from({ length: 5000 }, () => seal(key, 'a|b', plain).subarray(1, 13).toString('hex')));
    expect(nonces.size).toBe(5000);
  });
});

describe('a chain of keys', () => {
  const chainOf = (...keys: ReturnType<typeof newWrappingKey>[]) => {
    const chain = keyChain(2);
    for (const { id, key: wrapping } of keys) chain.add(id, wrapping, true);
    return chain;
  };

  it('gives the same data key for what was kept of it, for its own scope alone', () => {
    const wrapping = newWrappingKey();
    const { key: made, wrapped } = chainOf(wrapping).make('case:a');
    const again = chainOf(wrapping).dataKey('case:a', wrapped);
    expect(again.open('x|1', made.seal('x|1', 'text')).toString()).toBe('text');
    expect(() => chainOf(wrapping).dataKey('case:b', wrapped)).toThrow(SealBroken);
    expect(() => chainOf(newWrappingKey()).dataKey('case:a', wrapped)).toThrow(UnknownWrappingKey);
  });

  it('wraps anew under the newest key, and leaves what is sealed as it is', () => {
    const [old, next] = [newWrappingKey(), newWrappingKey()];
    const { key: made, wrapped } = chainOf(old).make('case:a');
    const sealed = made.seal('x|1', 'text');
    const both = chainOf(old, next);
    const anew = both.rewrap('case:a', wrapped)!;
    expect(wrappingIdOf(anew)).toBe(next.id);
    expect(both.rewrap('case:a', anew)).toBeNull();
    expect(chainOf(next).dataKey('case:a', anew).open('x|1', sealed).toString()).toBe('text');
  });

  it('holds at most so many data keys, and opens those again that it has let go', () => {
    const wrapping = newWrappingKey();
    const chain = chainOf(wrapping);
    const made = ['case:a', 'case:b', 'case:c'].map((scope) => ({ scope, ...chain.make(scope) }));
    for (const { scope, wrapped, key: own } of made) {
      expect(chain.dataKey(scope, wrapped).open('x|1', own.seal('x|1', scope)).toString()).toBe(scope);
    }
  });
});

describe('the wrapping keys of a store that is asked over the network', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-keyring-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  function kept(): WrappingKeys & { readonly all: StoredWrappingKey[] } {
    const all: StoredWrappingKey[] = [];
    return {
      all,
      list: () => Promise.resolve([...all]),
      add(one) {
        if (all.some(({ order }) => order === one.order)) return Promise.resolve(false);
        all.push(one);
        return Promise.resolve(true);
      },
      replace(one) {
        all.splice(all.findIndex(({ id }) => id === one.id), 1, one); // prettier-ignore
        return Promise.resolve();
      },
    };
  }

  it('are made once, however many start at once, and are the same for all', async () => {
    const [siteKey, stored] = [siteKeyFile(join(folder, 'key')), kept()];
    const [one, two] = await Promise.all([openKeyring(siteKey, stored), openKeyring(siteKey, stored)]);
    expect(stored.all).toHaveLength(1);
    const { wrapped, key: made } = one.make('case:a');
    expect(two.dataKey('case:a', wrapped).open('x|1', made.seal('x|1', 'text')).toString()).toBe('text');
  });

  it('are followed by a new one when the site key is rotated; another instance reads it when it meets it', async () => {
    const [siteKey, stored] = [siteKeyFile(join(folder, 'key')), kept()];
    const [one, two] = [await openKeyring(siteKey, stored), await openKeyring(siteKey, stored)];
    const old = one.make('case:a');
    await one.rotate();
    expect(stored.all.map(({ version }) => version)).toEqual(['2', '2']);
    const { wrapped } = one.make('case:b');
    expect(() => two.dataKey('case:b', wrapped)).toThrow(UnknownWrappingKey);
    await two.refresh();
    expect(two.dataKey('case:b', wrapped)).toBeDefined();
    expect(two.rewrap('case:a', old.wrapped)).not.toBeNull();
  });
});
