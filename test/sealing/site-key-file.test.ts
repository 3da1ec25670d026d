import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { SiteKeyError } from '#ports/site-key.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-site-key-'));
  file = join(folder, 'store.key');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the file of the site key', () => {
  it('is made for its owner alone, once, and says so that first time', () => {
    expect(siteKeyFile(file).made).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = readFileSync(file, 'utf8');
    expect(siteKeyFile(file).made).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(kept);
    expect(readdirSync(folder)).toEqual(['store.key']);
  });

  it('is refused when others can read it, with the command that mends it', () => {
    siteKeyFile(file);
    chmodSync(file, 0o640);
    expect(() => siteKeyFile(file)).toThrow(SiteKeyError);
    expect(() => siteKeyFile(file)).toThrow(`mode 640): chmod 600 ${file}`);
  });

  it('must be there where a store is sealed under it; the message says what to do', () => {
    expect(() => siteKeyFile(file, { mustExist: true })).toThrow(/store\.key is not there.*put the file back.*RADLOOP_SITE_KEY/u);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([['nothing'], ['{}'], ['{"what":"x"}']])('is refused when it holds %s', (text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => siteKeyFile(file)).toThrow('damaged');
  });

  it('is refused where it can not be written', () => {
    expect(() => siteKeyFile(join(folder, 'nowhere', 'store.key'))).toThrow(/can not be written/u);
  });
});

describe('the site key', () => {
  it('opens what it wrapped, also an older version’s after it was rotated by another process', async () => {
    const key = siteKeyFile(file);
    const secret = randomBytes(32);
    const wrapped = await key.wrap(secret);
    const elsewhere = siteKeyFile(file);
    expect(await elsewhere.rotate()).toBe('2');
    const newer = await elsewhere.wrap(secret);
    expect([wrapped.version, newer.version]).toEqual(['1', '2']);
    expect(await key.unwrap(newer)).toEqual(secret);
    expect(await key.unwrap(wrapped)).toEqual(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('does not open what another site’s wrapped, what was changed, or a version that it does not have', async () => {
    const key = siteKeyFile(file);
    const other = siteKeyFile(join(folder, 'other.key'));
    const { wrapped } = await other.wrap(randomBytes(32));
    await expect(key.unwrap({ version: '1', wrapped })).rejects.toThrow('or the store was changed');
    await expect(key.unwrap({ version: '7', wrapped })).rejects.toThrow('has no version 7');
    const own = await key.wrap(randomBytes(32));
    own.wrapped[20] = (own.wrapped[20] ?? 0) ^ 1;
    await expect(key.unwrap(own)).rejects.toThrow(SiteKeyError);
  });

  it('signs so that its public key proves it elsewhere, in any version that ever signed', async () => {
    const key = siteKeyFile(file);
    const bytes = Buffer.from('checkpoint 1');
    const old = await key.sign(bytes);
    await key.rotate();
    const now = await key.sign(bytes);
    expect([old.version, now.version]).toEqual(['1', '2']);
    for (const signature of [old, now]) {
      expect(await key.verify(bytes, signature)).toBe(true);
      expect(await key.verify(Buffer.from('checkpoint 2'), signature)).toBe(false);
      const { pem } = (await key.publicKeys()).find(({ version }) => version === signature.version)!;
      expect(verify(null, bytes, createPublicKey(pem), signature.signature)).toBe(true);
    }
    expect(await key.verify(bytes, { ...old, version: '2' })).toBe(false);
    expect(await key.verify(bytes, { ...old, version: '9' })).toBe(false);
  });
});
