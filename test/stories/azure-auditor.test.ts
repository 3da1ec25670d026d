import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '#core/time.js';
import { azureStoreOf } from '../../functions/config-azure.ts';
import type { AzureStore } from '../../functions/config-azure.ts';
import { openAzureStores } from '../../functions/stores-azure.ts';
import { startAzurePart } from '../support/azure-part.ts';
import type { AzurePart } from '../support/azure-part.ts';
import { testSite } from '../support/planned-orders.ts';

/** The auditor's app as the Functions host loads it, until it has sealed and anchored what there is. */
const AUDITOR = "const { radloop } = await import('./functions/main.ts'); await radloop.stop(); process.exit(0);";

describe('two apps of one package on the parts of Azure (DECISIONS 31)', () => {
  const data = mkdtempSync(join(tmpdir(), 'radloop-auditor-'));
  let azure: AzurePart;
  beforeAll(async () => {
    azure = await startAzurePart(data);
  }, 60_000);
  afterAll(async () => {
    await azure.kill();
    rmSync(data, { recursive: true, force: true });
  });

  it('the service writes audit rows and signs nothing; the auditor signs and anchors them, and changes no case', async () => {
    const stores = await openAzureStores(azureStoreOf(azure.env) as AzureStore, 'service');
    const at = instant.parse('2026-11-25T10:00:00.000Z');
    await stores.audit.record({ caseId: null, at, actor: { kind: 'system', part: 'test' }, action: 'view', outcome: 'done', detail: {} });
    await stores.audit.seal(at);
    expect([await stores.audit.unsealed(), await stores.anchoredAt()]).toEqual([1, null]);

    const env = { ...process.env, ...azure.env, RADLOOP_ROLE: 'auditor', RADLOOP_SITE: testSite, MicrosoftAppId: 'a', MicrosoftAppTenantId: 't' };
    const auditor = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', AUDITOR], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    auditor.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((done) => auditor.on('exit', done));
    expect(code === 0 ? '' : said).toBe('');
    expect([await stores.audit.unsealed(), await stores.anchoredAt()]).toEqual([0, expect.any(String)]);
    expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 1, signedUpto: 1 });
    await stores.close();
  }, 60_000);
});
