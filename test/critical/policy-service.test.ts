import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { testSite } from '../support/planned-orders.ts';
import { radloop } from '../support/radloop.ts';

const site = mkdtempSync(join(tmpdir(), 'radloop-slow-site-'));
let installation: TestInstallation;

beforeAll(async () => {
  cpSync(testSite, site, { recursive: true });
  mkdirSync(join(site, 'content/critical'), { recursive: true });
  const [one] = readContent().critical;
  writeFileSync(join(site, 'content/critical/own.json'), JSON.stringify({ set: 'critical', rows: [{ ...one, failsafeAfterMinutes: 30 }] }));
  installation = await openInstallation({ site, partsOf: 'embedded' });
}, 60_000);
afterAll(async () => {
  await installation.clear();
  rmSync(site, { recursive: true });
}, 30_000);

const policy = (...words: readonly string[]) => radloop('critical', 'policy', ...words, '--data', installation.data);
const doctor = async (): Promise<string> => {
  const url = `http://127.0.0.1:${String(installation.ports.http)}`;
  return (await radloop('doctor', '--site', site, '--data', installation.data, '--service', url, '--json')).out;
};
const LOOSER = 'category-1: the failsafe after 30 min in place of 15';

describe('a site whose own policy of critical results is looser than the one that ships', () => {
  it('takes it over when two people have agreed, and not before; until then the service and radloop doctor say so', async () => {
    expect((await policy()).out).toContain(LOOSER);
    expect(await doctor()).toContain(`"check":"ready: critical-policy","level":"warn","what":"the policy of before stands: ${LOOSER}"`);
    const asked = await policy('change', '--reason', 'the safety board', '--as', 'c-reyes');
    expect(asked.out).toContain('Nothing is done yet');
    const bulk = /radloop critical policy confirm (b\d+)/u.exec(asked.out)?.[1] ?? '';
    expect(await policy('confirm', bulk, '--as', 'c-reyes')).toMatchObject({ code: 1, err: expect.stringContaining('has no role') });
    expect((await radloop('retention', 'confirm', bulk, '--data', installation.data, '--as', 'a-kim')).code).toBe(1);
    expect(await policy('confirm', bulk, '--as', 'dr-okafor')).toMatchObject({ code: 0, out: expect.stringContaining('from the next start') });
    expect(await doctor()).toContain('"check":"ready: critical-policy"');
    await installation.stopService();
    await installation.startService();
    expect((await policy()).out).toContain('nothing waits for two people');
    expect(await doctor()).not.toContain('"check":"ready: critical-policy"');
  }, 120_000);
});
