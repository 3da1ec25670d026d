import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { keyVaultSiteKey } from '#adapters/azure/key-vault.js';
import { SiteKeyError } from '#ports/site-key.js';
import type { SiteKey } from '#ports/site-key.js';
import { startKeyVault } from '../peers/key-vault.ts';
import type { KeyVaultPeer } from '../peers/key-vault.ts';

// The SDK speaks over TLS to a peer of our own; no vault of Azure's is asked.
let vault: KeyVaultPeer;
let key: SiteKey;
beforeAll(async () => {
  vault = await startKeyVault({ 'radloop-wrap': 'RSA', 'radloop-sign': 'EC' });
});
beforeEach(() => {
  key = siteKey();
});
afterAll(() => vault.close());

function siteKey(more: Partial<Parameters<typeof keyVaultSiteKey>[0]> = {}): SiteKey {
  const credential = { getToken: () => Promise.resolve({ token: 'token-of-the-test', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options = { tlsOptions: { ca: vault.ca }, disableChallengeResourceVerification: true, retryOptions: { maxRetries: 1, retryDelayInMs: 1 } };
  return keyVaultSiteKey({ vaultUrl: vault.url, wrapKey: 'radloop-wrap', signKey: 'radloop-sign', credential, options, ...more });
}

it('wraps a key that only the vault opens again', async () => {
  const secret = randomBytes(32);
  const wrapped = await key.wrap(secret);
  expect(wrapped.version).toBe(await key.current());
  expect(Buffer.from(wrapped.wrapped).includes(secret)).toBe(false);
  expect(await siteKey().unwrap(wrapped)).toEqual(secret);
  expect(vault.asked).toContain('unwrapkey');
});

it('refuses what was changed, and says which key of the vault', async () => {
  const wrapped = await key.wrap(randomBytes(32));
  wrapped.wrapped[7] = (wrapped.wrapped[7] ?? 0) ^ 1;
  await expect(key.unwrap(wrapped)).rejects.toThrow(SiteKeyError);
  await expect(key.unwrap(wrapped)).rejects.toThrow('Key Vault did not unwrap a key with the key "radloop-wrap" (status 400)');
});

it('signs so that its public key proves it elsewhere', async () => {
  const bytes = Buffer.from('checkpoint 1');
  const signature = await key.sign(bytes);
  expect(signature).toMatchObject({ algorithm: 'ES256', signature: expect.objectContaining({ length: 64 }) });
  expect(await siteKey().verify(bytes, signature)).toBe(true);
  expect(await key.verify(Buffer.from('checkpoint 2'), signature)).toBe(false);
  expect(await key.verify(bytes, { ...signature, version: '0'.repeat(32) })).toBe(false);
  expect(await key.verify(bytes, { ...signature, algorithm: 'Ed25519' })).toBe(false);
  const { pem } = (await key.publicKeys()).find(({ version }) => version === signature.version)!;
  expect(verify('sha256', bytes, { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' }, signature.signature)).toBe(true);
});

it('takes up a version that an administrator has made, and opens with the one before', async () => {
  const secret = randomBytes(32);
  const [old, signed] = [await key.wrap(secret), await key.sign(secret)];
  vault.addVersion('radloop-wrap');
  vault.addVersion('radloop-sign');
  expect(await key.current()).toBe(old.version);
  const version = await key.rotate();
  expect(version).not.toBe(old.version);
  expect((await key.wrap(secret)).version).toBe(version);
  expect((await key.sign(secret)).version).not.toBe(signed.version);
  expect(await key.unwrap(old)).toEqual(secret);
  expect(await key.verify(secret, signed)).toBe(true);
  expect(await key.publicKeys()).toHaveLength(2);
});

it('says what to do when a version is disabled, a key is missing, or the vault fails', async () => {
  const wrapped = await key.wrap(randomBytes(32));
  vault.addVersion('radloop-wrap');
  vault.disable('radloop-wrap', wrapped.version);
  await expect(key.unwrap(wrapped)).rejects.toThrow('(status 403): give the managed identity the role Key Vault Crypto User');
  await expect(siteKey({ wrapKey: 'nowhere' }).current()).rejects.toThrow('(status 404): make the key, or correct its name');
  const failing = siteKey();
  vault.faults.push(500, 500, 500, 500, 500, 500);
  await expect(failing.current()).rejects.toThrow('(status 500): check the vault');
  vault.faults.length = 0;
  expect(await failing.current()).toEqual(expect.any(String));
}, 30_000);
