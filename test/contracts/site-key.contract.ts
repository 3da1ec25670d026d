import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { SiteKeyError } from '#ports/site-key.js';
import type { SiteKey } from '#ports/site-key.js';

/** A site's key as one process opens it. */
export interface SiteKeyPlace {
  open(): SiteKey;
  /** What an administrator does so that `rotate` finds a new version; nothing where it makes one itself. */
  prepareRotation(): void;
  close(): Promise<void>;
}

/** What any adapter of ports/site-key promises. `start` makes a new site's key. */
export function siteKeyContract(name: string, start: () => Promise<SiteKeyPlace>): void {
  describe(`${name} keeps the promise of the port site-key`, () => {
    let place: SiteKeyPlace;
    let key: SiteKey;
    beforeEach(async () => {
      place = await start();
      key = place.open();
    });
    afterEach(() => place.close());
    const rotated = (): Promise<string> => {
      place.prepareRotation();
      return key.rotate();
    };

    it('opens what it wrapped, also in another process, and what it wrapped says nothing', async () => {
      const secret = randomBytes(32);
      const wrapped = await key.wrap(secret);
      expect(wrapped.version).toBe(await key.current());
      expect(Buffer.from(wrapped.wrapped).includes(secret)).toBe(false);
      expect(await place.open().unwrap(wrapped)).toEqual(secret);
    });

    it('refuses what was changed, and a version that it does not have, with an error that names the key', async () => {
      const wrapped = await key.wrap(randomBytes(32));
      const changed = { ...wrapped, wrapped: Uint8Array.from(wrapped.wrapped, (byte, n) => (n === 20 ? byte ^ 1 : byte)) };
      await expect(key.unwrap(changed)).rejects.toThrow(SiteKeyError);
      await expect(key.unwrap({ ...wrapped, version: '0'.repeat(32) })).rejects.toThrow(SiteKeyError);
    });

    it('signs so that only these bytes, this version and this way of signing are true', async () => {
      const bytes = Buffer.from('checkpoint 1');
      const signature = await key.sign(bytes);
      expect(await place.open().verify(bytes, signature)).toBe(true);
      expect(await key.verify(Buffer.from('checkpoint 2'), signature)).toBe(false);
      expect(await key.verify(bytes, { ...signature, version: '0'.repeat(32) })).toBe(false);
      expect(await key.verify(bytes, { ...signature, algorithm: signature.algorithm === 'ES256' ? 'Ed25519' : 'ES256' })).toBe(false);
      expect(await key.verify(bytes, { ...signature, signature: Buffer.alloc(64) })).toBe(false);
    });

    it('gives the public keys of every version that ever signed, by which anybody checks its signatures', async () => {
      const bytes = Buffer.from('checkpoint 1');
      const signatures = [await key.sign(bytes)];
      await rotated();
      signatures.push(await key.sign(bytes));
      const keys = await key.publicKeys();
      expect(keys).toHaveLength(2);
      for (const { version, algorithm, signature } of signatures) {
        const { pem } = keys.find((one) => one.version === version && one.algorithm === algorithm)!;
        const found = createPublicKey(pem);
        const isTrue =
          algorithm === 'ES256'
            ? verify('sha256', bytes, { key: found, dsaEncoding: 'ieee-p1363' }, signature)
            : verify(null, bytes, found, signature);
        expect(isTrue).toBe(true);
      }
    });

    it('wraps and signs with the newest version once it is rotated, and still opens and proves what older ones did', async () => {
      const secret = randomBytes(32);
      const [before, old, signed] = [await key.current(), await key.wrap(secret), await key.sign(secret)];
      const version = await rotated();
      expect(version).not.toBe(before);
      expect(await key.current()).toBe(version);
      expect((await key.wrap(secret)).version).toBe(version);
      expect((await key.sign(secret)).version).not.toBe(signed.version);
      expect(await key.unwrap(old)).toEqual(secret);
      expect(await key.verify(secret, signed)).toBe(true);
    });

    it('opens what a process has wrapped that rotated it since', async () => {
      const other = place.open();
      const secret = randomBytes(32);
      await rotated();
      const [wrapped, signature] = [await key.wrap(secret), await key.sign(secret)];
      expect(await other.unwrap(wrapped)).toEqual(secret);
      expect(await other.verify(secret, signature)).toBe(true);
    });
  });
}
