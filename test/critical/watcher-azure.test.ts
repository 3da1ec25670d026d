import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../infra/local/children.ts';
import { startWatcher } from '../../infra/local/installation.ts';
import { azureStoreOf } from '../../functions/config-azure.ts';
import type { AzureStore } from '../../functions/config-azure.ts';
import { openAzureStores } from '../../functions/stores-azure.ts';
import type { Stores } from '../../functions/stores.ts';
import { startAzurePart } from '../support/azure-part.ts';
import type { AzurePart } from '../support/azure-part.ts';
import { startSide, stopSides } from '../support/paging.ts';
import { testSite } from '../support/planned-orders.ts';
import { takePorts } from '../support/ports.ts';
import { FASTER, ago, until, writeAlert } from './watcher-stand.ts';

const data = mkdtempSync(join(tmpdir(), 'radloop-watcher-azure-'));
let azure: AzurePart;
let stores: Stores | undefined;
let watching: Part | undefined;
beforeAll(async () => {
  azure = await startAzurePart(data);
}, 60_000);
afterAll(async () => {
  await watching?.kill();
  await stores?.close();
  await azure.kill();
  await stopSides();
  rmSync(data, { recursive: true, force: true });
});

it('on the parts of Azure too: a timer that nobody fires is paged, by its timer alone where the list of open cases is behind (invariant 24)', async () => {
  stores = await openAzureStores(azureStoreOf(azure.env) as AzureStore, 'service');
  const side = await startSide();
  const { ports, release } = await takePorts();
  await writeAlert(stores, 1, ago(-600));
  const number = await writeAlert(stores, 2, ago(60));
  watching = await startWatcher(
    { site: testSite, data, ports: { ...ports, smtp: side.smtpPort, printer: side.printerPort }, env: azure.env },
    ['--faster', String(FASTER)],
  ); // prettier-ignore
  await until(() => side.lines.filter(({ event }) => event === 'arrived').length >= 3);
  expect([...new Set(side.lines.flatMap(({ subject }) => subject ?? []))]).toEqual([`ALERT OVERDUE ${number}: phone`]);
  await until(async () => (await stores?.cursors.read('watcher')) !== null);
  // It changes no case, and no list of them.
  expect((await stores.views.open('critical-results')).map(({ revision }) => revision)).toEqual([1, 1]);
  expect(readFileSync(join(data, 'logs', 'watcher.log'), 'utf8')).not.toMatch(/not-written|not-looked/u);
  await release();
}, 60_000);
