import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyVaultSiteKey } from '#adapters/azure/key-vault.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import { startKeyVault } from '../peers/key-vault.ts';
import { siteKeyContract } from './site-key.contract.ts';

siteKeyContract('A file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-site-key-'));
  return Promise.resolve({
    open: () => siteKeyFile(join(folder, 'site.key')),
    prepareRotation: () => undefined,
    close: () => Promise.resolve(rmSync(folder, { recursive: true })),
  });
});

siteKeyContract('Key Vault (a peer of our own, over TLS)', async () => {
  const vault = await startKeyVault({ 'radloop-wrap': 'RSA', 'radloop-sign': 'EC' });
  const credential = { getToken: () => Promise.resolve({ token: 'token-of-the-test', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options = { tlsOptions: { ca: vault.ca }, disableChallengeResourceVerification: true, retryOptions: { maxRetries: 1, retryDelayInMs: 1 } };
  return {
    open: () => keyVaultSiteKey({ vaultUrl: vault.url, wrapKey: 'radloop-wrap', signKey: 'radloop-sign', credential, options }),
    prepareRotation() {
      for (const name of ['radloop-wrap', 'radloop-sign']) vault.addVersion(name);
    },
    close: () => vault.close(),
  };
});
