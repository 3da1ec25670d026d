import type { SiteKey } from '#ports/site-key.js';
import { keyChain, newWrappingKey } from './key-chain.ts';
import type { KeyChain } from './key-chain.ts';

/** A wrapping key as the store keeps it. */
export interface StoredWrappingKey {
  /** 16 characters, hexadecimal. */
  readonly id: string;
  /** Of the site key that wrapped it. */
  readonly version: string;
  readonly wrapped: Uint8Array;
  /** The one with the highest wraps what is new. */
  readonly order: number;
}

/** Where a store keeps its few wrapping keys. */
export interface WrappingKeys {
  list(): Promise<readonly StoredWrappingKey[]>;
  /** False, and nothing written: there is one of this order already (another instance was first). */
  add(key: StoredWrappingKey): Promise<boolean>;
  /** The same key under another version of the site key. */
  replace(key: StoredWrappingKey): Promise<void>;
}

/** The key chain of a store that is asked over the network, filled from it. */
export interface Keyring extends KeyChain {
  /** After UnknownWrappingKey: reads what another instance has added. */
  refresh(): Promise<void>;
  /**
   * A new wrapping key; the older ones under the newest version of the site key, so that a version that must go (it leaked) is needed no more. They are never taken
   * out: another instance may still be wrapping with one. Then whoever keeps data keys wraps each anew by `rewrap`.
   */
  rotate(): Promise<void>;
}

/** Opens the wrapping keys of a store, or makes the first. Throws SiteKeyError when the site key is another. */
export async function openKeyring(siteKey: SiteKey, stored: WrappingKeys): Promise<Keyring> {
  const chain = keyChain();
  const refresh = async (): Promise<void> => {
    const all = [...(await stored.list())].sort((a, b) => a.order - b.order);
    for (const one of all) {
      const isKnown = chain.has(one.id);
      if (!isKnown || one === all.at(-1)) chain.add(one.id, await siteKey.unwrap(one), one === all.at(-1));
    }
  };
  const addNext = async (): Promise<void> => {
    const last = (await stored.list()).reduce((most, { order }) => Math.max(most, order), 0);
    const { id, key } = newWrappingKey();
    const wrapped = await siteKey.wrap(key);
    key.fill(0);
    await stored.add({ id, ...wrapped, order: last + 1 });
    await refresh();
  };
  await refresh();
  if (chain.current === '') await addNext();
  return Object.assign(chain, {
    refresh,
    async rotate() {
      const version = await siteKey.rotate();
      await addNext();
      for (const one of await stored.list()) {
        if (one.version !== version) await stored.replace({ ...one, ...(await siteKey.wrap(await siteKey.unwrap(one))) });
      }
    },
  });
}
