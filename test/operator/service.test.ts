import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { openDatabase } from '#adapters/embedded/database.js';
import type { Ports } from '../../infra/local/installation.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { testSite } from '../support/planned-orders.ts';
import { runNode } from '../support/radloop.ts';

let ports: Ports;
/** The discard service of RFC 863: nothing listens there. */
const NOBODY = 9;

let installation: TestInstallation;
/** Holds the site, which names a key for exports, and its private part beside it. */
let folder: string;
let privateKey: string;
let ris: Server;
const lines = new Set<Socket>();
/** What came to the RIS, and what it answers. */
const taken: string[] = [];
let answers: 'AA' | 'AR' = 'AR';

beforeAll(async () => {
  ris = createServer((socket) => {
    lines.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      taken.push(text);
      const [header = ''] = text.slice(1).split('\r');
      const error = answers === 'AR' ? 'ERR||OBR^1^4|103^Table value not found^HL70357|E\r' : '';
      socket.write(frame(`MSH|^~\\&|RIS|NORTH|RADLOOP|NORTH|20261125100000||ACK|A1|P|2.5.1\rMSA|${answers}|${header.split('|')[9] ?? ''}\r${error}`));
    });
  });
  installation = await openInstallation({ site: siteWithKey() });
  ({ ports } = installation);
  await new Promise<void>((done) => ris.listen(ports.ris, '127.0.0.1', done));
}, 60_000);
afterAll(async () => {
  for (const line of lines) line.destroy();
  ris.close();
  await installation.clear();
  rmSync(folder, { recursive: true });
}, 30_000);

/** The site with a key for exports, and with a PACS that nobody answers for. */
function siteWithKey(): string {
  folder = mkdtempSync(join(tmpdir(), 'radloop-export-'));
  privateKey = join(folder, 'private.pem');
  const site = join(folder, 'site');
  cpSync(testSite, site, { recursive: true });
  const pair = generateKeyPairSync('rsa', { modulusLength: 3072 });
  writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(site, 'export-key.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const settings = JSON.parse(readFileSync(join(site, 'site.json'), 'utf8')) as object;
  writeFileSync(join(site, 'site.json'), JSON.stringify({ ...settings, exportKey: 'export-key.pem' }));
  const endpoints = JSON.parse(readFileSync(join(site, 'endpoints', 'endpoints.json'), 'utf8')) as object;
  const pacs = { baseUrl: `http://127.0.0.1:${NOBODY}` };
  writeFileSync(join(site, 'endpoints', 'endpoints.json'), JSON.stringify({ ...endpoints, pacs }));
  return site;
}

const q = (...args: string[]) =>
  runNode('--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/cli/main.ts', 'q', ...args, '--data', installation.data);
interface Listed {
  readonly id: string;
  readonly what: string;
  readonly type: string;
  readonly reason: string;
}
const listed = async (...args: string[]): Promise<Listed[]> =>
  (await q('list', '--json', ...args)).out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Listed]));

async function untilListed(kind: string): Promise<Listed> {
  for (let tries = 0; tries < 40; tries += 1) {
    const [item] = await listed('--kind', kind);
    if (item) return item;
    await new Promise((resume) => setTimeout(resume, 250));
  }
  throw new Error(`no ${kind} is held`);
}

/** The order's own: the service's canary may have come before it. */
async function orderId(): Promise<string> {
  const db = openDatabase(installation.store, { readOnly: true });
  const found = db.get<{ id: number }>("SELECT id FROM raw WHERE endpoint = 'mllp' ORDER BY id LIMIT 1");
  await db.close();
  return `m${found?.id ?? 0}`;
}

describe('an operator beside the running service', () => {
  it('sees what the RIS refused, tries it out, retries it with a reason: the same bytes, once', async () => {
    expect((await exchangeBytes(ports.mllp, frame(orderBytes())))?.toString()).toContain('MSA|AA|');
    const { id, reason } = await untilListed('delivery');
    expect(reason).toContain('AR (OBR-4 103)');
    const show = await q('show', id);
    expect(show.out).not.toMatch(/Abara|M4811000|headache/u);
    expect(show.out).toMatch(/PID-5 +x+\^x+/u);

    const before = taken.length;
    const dry = await q('retry', id, '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/would: the same \d+ bytes \(MSH-10 \w+\) go to ris again/u) });
    expect(await q('retry', id)).toMatchObject({ code: 1, err: expect.stringContaining('Say why with --reason') });
    expect(taken).toHaveLength(before);

    answers = 'AA';
    expect(await q('retry', id, '--reason', 'RIS knows the code now')).toMatchObject({ code: 0, out: expect.stringContaining('done: the same') });
    for (let tries = 0; tries < 40 && taken.length === before; tries += 1) await new Promise((resume) => setTimeout(resume, 100));
    expect(taken).toHaveLength(before + 1);
    const sent = taken.filter((text) => text.includes('ORU^R01'));
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(1);
    expect(await listed('--kind', 'delivery')).toEqual([]);
    const history = await q('history', id);
    expect(history.out).toMatch(/m-brandt +q-retry +done .*"RIS knows the code now"/u);
  }, 90_000);

  it('needs another person for more than one item', async () => {
    for (const control of ['M2', 'M3']) {
      const bytes = orderBytes('new', control).toString().replaceAll('P000001^REHEARSAL-EHR|F000001^REHEARSAL-RIS', '|');
      await exchangeBytes(ports.mllp, frame(bytes));
    }
    expect(await listed('--state', 'refused')).toHaveLength(2);
    const asked = await q('release', '--state', 'refused', '--reason', 'sender has mended them');
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is done yet') });
    const bulk = /radloop q confirm (b\d+)/u.exec(asked.out)?.[1] ?? '';
    expect(await q('confirm', bulk)).toMatchObject({ code: 1, err: expect.stringContaining('another person has to confirm it') });
    expect(await listed('--state', 'refused')).toHaveLength(2);
    expect(await q('confirm', bulk, '--as', 's-weber')).toMatchObject({ code: 0 });
    expect(await listed('--state', 'refused')).toEqual([]);
    expect(await q('confirm', bulk, '--as', 'dr-okafor')).toMatchObject({ code: 1, err: expect.stringContaining('has no role') });
  }, 60_000);

  it('sees which feed is down and since when, as the health of the service says it in one word', async () => {
    const feed = await untilListed('feed');
    expect(feed).toMatchObject({ id: 'f:pacs', what: 'feed', state: 'down' });
    expect((await q('show', 'f:pacs')).out).toContain('mend it there');
    expect(await q('retry', 'f:pacs', '--reason', 'x')).toMatchObject({ code: 1, out: expect.stringContaining('tries it again by itself') });
    const authorization = `Bearer ${readFileSync(join(installation.store, 'health.token'), 'utf8').trim()}`;
    const health = (await (await fetch(`http://127.0.0.1:${ports.http}/api/readyz`, { headers: { authorization } })).json()) as object;
    expect(health).toMatchObject({ ok: true, feeds: [{ name: 'pacs', state: 'down' }] });
  }, 60_000);

  it('exports sealed what only the holder of the site’s key opens', async () => {
    const order = await orderId();
    const file = join(folder, 'order.json');
    expect(await q('export', order, '--to', file)).toMatchObject({ code: 1, err: expect.stringContaining('Say why with --reason') });
    expect(await q('export', order, '--to', file, '--reason', 'sender asks')).toMatchObject({ code: 0, out: `${order} is in ${file}, sealed.\n` });
    expect(readFileSync(file, 'utf8')).not.toMatch(/Abara|QWJhcm/u);
    expect(await q('export', order, '--to', file, '--reason', 'sender asks')).toMatchObject({ code: 2, err: expect.stringContaining('EEXIST') });
    expect((await q('export', '--open', file, '--key', privateKey)).out).toBe(orderBytes().toString());
    const otherKey = join(folder, 'other.pem');
    writeFileSync(otherKey, generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(await q('export', '--open', file, '--key', otherKey)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('for another key') });
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"item": "${order}",`, '"item": "m99",'));
    expect(await q('export', '--open', file, '--key', privateKey)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('was changed') });
  }, 60_000);

  it('is told that the service must run once it does not, and may still look', async () => {
    const order = await orderId();
    await installation.stop();
    expect(await q('skip', order, '--reason', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('The service does not run') });
    expect((await q('history')).out).toContain('q-export');
    expect((await q('show', order)).code).toBe(0);
    expect((await q('list')).code).toBe(0);
    expect((await runNode('--conditions=source', 'infra/cli/main.ts', 'audit', 'verify', '--data', installation.data)).code).toBe(0);
  }, 60_000);
});
