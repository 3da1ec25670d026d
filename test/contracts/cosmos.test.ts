import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosFailure } from '#adapters/azure/cosmos-failure.js';
import { CosmosUnsuitable, openCosmos } from '#adapters/azure/cosmos.js';
import type { Cosmos } from '#adapters/azure/cosmos.js';
import { rewrapCaseKeys, shredCase } from '#adapters/azure/case-keys.js';
import { CaseShredded } from '#adapters/azure/case-partition.js';
import { authority } from '../support/certificates.ts';
import { azureStores, startAzurePeers } from '../support/azure-fixture.ts';
import { histories } from '#adapters/azure/case-histories.js';
import { appendTo, caseNo, t0 } from '../support/store-fixture.ts';
import { startCosmosPeer } from '../peers/cosmos/server.ts';
import type { CosmosPeer } from '../peers/cosmos/server.ts';

describe('the way to Cosmos DB', () => {
  let peer: CosmosPeer;
  let cosmos: Cosmos;
  beforeEach(async () => {
    peer = await startCosmosPeer();
    cosmos = await openCosmos({ endpoint: peer.endpoint, key: peer.key, create: true, patienceSeconds: 1 });
  });
  afterEach(async () => {
    cosmos.close();
    await peer.close();
  });
  const put = (id: string, more: object = {}) =>
    cosmos.write('cases', 'a', [{ do: 'create', document: { id, caseId: 'a', kind: 'step', ...more } as { id: string } }]);

  it('says what was in the way of a write, and writes nothing of its batch', async () => {
    expect(await put('one')).toEqual({ ok: true });
    expect(await put('one')).toEqual({ ok: false, at: 0, why: 'exists' });
    const one = await cosmos.read<object>('cases', 'a', 'one');
    const document = { id: 'one', caseId: 'a', kind: 'step' };
    const both = [{ do: 'create', document: { id: 'two', caseId: 'a' } }, { do: 'replace', document, etag: '"old"' }] as const; // prettier-ignore
    expect(await cosmos.write('cases', 'a', both)).toEqual({ ok: false, at: 1, why: 'changed' });
    expect(await cosmos.read('cases', 'a', 'two')).toBeNull();
    expect(await cosmos.write('cases', 'a', [both[0], { do: 'delete', id: 'none', etag: '*' }])).toEqual({ ok: false, at: 1, why: 'gone' });
    expect(await cosmos.write('cases', 'a', [both[0], { ...both[1], etag: one?._etag ?? '' }])).toEqual({ ok: true });
  });

  it('waits as long as a 429 asks for, and gives up when its patience is over', async () => {
    peer.faults.add({ kind: 'throttled', retryAfterMs: 150, operation: 'batch' });
    const before = performance.now();
    expect(await put('one')).toEqual({ ok: true });
    expect(performance.now() - before).toBeGreaterThan(140);
    peer.faults.add({ kind: 'throttled', retryAfterMs: 150, times: 1000 });
    await expect(put('two')).rejects.toMatchObject({ name: 'CosmosFailure', status: 429 });
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it('knows a write that was done and not answered, however often the answer is lost', async () => {
    peer.faults.add({ kind: 'answer-lost', operation: 'batch', times: 3 });
    expect(await put('one')).toEqual({ ok: true });
    peer.faults.clear();
    expect(await put('one')).toMatchObject({ ok: false, why: 'exists' });
  });

  it('says nothing of a document when it fails', async () => {
    peer.faults.add({ kind: 'unavailable', times: 1000 });
    const failure = await put('CANARY-ID', { name: 'CANARY-MEYER' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CosmosFailure);
    const { message, stack, cause } = failure as CosmosFailure;
    expect(message).toBe('Cosmos DB: write on cases failed: HTTP 503');
    expect(`${message}${stack ?? ''}${String(cause)}${JSON.stringify(failure)}`).not.toContain('CANARY');
  });

  it('is refused by an account whose replicas may lag, and says how to mend it', async () => {
    const lagging = await startCosmosPeer({ consistency: 'Session' });
    await expect(openCosmos({ endpoint: lagging.endpoint, key: lagging.key })).rejects.toThrow(CosmosUnsuitable);
    await expect(openCosmos({ endpoint: lagging.endpoint, key: lagging.key })).rejects.toThrow(
      /has the default consistency Session: Radloop needs Strong/u,
    );
    await lagging.close();
  });

  it.each([
    ['BoundedStaleness', { otherRegions: 1 }, /default consistency BoundedStaleness: Radloop needs Strong/u],
    ['BoundedStaleness', { writesInSeveralRegions: true }, /written in several regions/u],
    ['BoundedStaleness', {}, null],
    ['Strong', { otherRegions: 1 }, null],
  ] as const)(
    'with the consistency %s and %j: another region may lag, and a second that writes knows nothing of an ETag',
    async (consistency, more, refused) => {
      const account = await startCosmosPeer({ consistency, ...more });
      const opening = openCosmos({ endpoint: account.endpoint, key: account.key });
      if (refused === null) (await opening).close();
      else await expect(opening).rejects.toThrow(refused);
      await account.close();
    },
  );

  it('shows a token of its managed identity where it has no key', async () => {
    const asked: string[] = [];
    const identity = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: 'token', expires_on: String(Math.floor(Date.now() / 1000) + 3600), resource: 'x', token_type: 'Bearer' }),
      );
    });
    await new Promise<void>((done) => identity.listen(0, '127.0.0.1', done));
    const folder = mkdtempSync(join(tmpdir(), 'radloop-cosmos-'));
    const site = await authority('a site');
    writeFileSync(join(folder, 'ca.pem'), site.ca);
    const secure = await startCosmosPeer({ tls: await site.issue('127.0.0.1', { names: [{ type: 'ip', value: '127.0.0.1' }] }) });
    const withKey = `const { openCosmos } = await import('./functions/adapters/azure/cosmos.ts');
      await openCosmos({ endpoint: '${secure.endpoint}', key: '${secure.key}', create: true });
      const cosmos = await openCosmos({ endpoint: '${secure.endpoint}', identityClientId: 'client' });
      console.log(JSON.stringify(await cosmos.write('numbers', 'n', [{ do: 'create', document: { id: 'n' } }]))); cosmos.close(); process.exit(0);`;
    const settings = {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`,
      IDENTITY_HEADER: 'secret',
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    };
    const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', withKey], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...settings },
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toEqual({ ok: true });
    expect(asked[0]).toContain('client_id=client');
    if (child.exitCode === null) await once(child, 'exit');
    await secure.close();
    identity.close();
    rmSync(folder, { recursive: true });
  });

  it('follows the change feed: each document once, as it was written last, from where it was left', async () => {
    for (let n = 1; n <= 5; n += 1) await put(`d${n}`, { n });
    const first = await cosmos.changes<{ n: number }>('cases', null, 3);
    expect([first.documents.map(({ n }) => n), first.more]).toEqual([[1, 2, 3], true]);
    const d1 = first.documents[0]!;
    await cosmos.write('cases', 'a', [{ do: 'replace', document: { id: 'd1', caseId: 'a', n: 9 } as { id: string }, etag: d1._etag }]);
    const rest = await cosmos.changes<{ n: number }>('cases', first.cursor, 100);
    expect([rest.documents.map(({ n }) => n), rest.more]).toEqual([[4, 5, 9], false]);
    expect(await cosmos.changes('cases', rest.cursor, 100)).toMatchObject({ documents: [], more: false });
  });
});

describe('the Cosmos peer', () => {
  let peer: CosmosPeer;
  let cosmos: Cosmos;
  beforeAll(async () => {
    peer = await startCosmosPeer();
    cosmos = await openCosmos({ endpoint: peer.endpoint, key: peer.key, create: true, patienceSeconds: 1 });
    for (const half of [0, 1])
      for (let from = 0; from < 125; from += 100) {
        const numbers = Array.from({ length: Math.min(100, 125 - from) }, (_, n) => 2 * (from + n) + (half === 0 ? 2 : 1));
        const documents = numbers.map((n) => ({ id: `d${n}`, caseId: `p${half}`, kind: 'step', base: n }));
        await cosmos.write(
          'cases',
          `p${half}`,
          documents.map((document) => ({ do: 'create', document })),
        );
      }
  });
  afterAll(async () => {
    cosmos.close();
    await peer.close();
  });
  const ids = (query: string, more: object = {}) =>
    cosmos.query<{ id: string }>('cases', { query, ...more }).then((found) => found.map(({ id }) => id));

  it.each([
    ['a query over all partitions without a bound', "SELECT * FROM c WHERE c.kind = 'step'", /needs a bound/u],
    ['a path that is not indexed', 'SELECT TOP 5 * FROM c WHERE c.row = 1', /does not index row/u],
    ['an order by two paths without their composite index', 'SELECT TOP 5 * FROM c ORDER BY c.kind, c.base', /needs a composite index/u],
    ['a word that is Cosmos’s own', 'SELECT TOP 5 * FROM c WHERE c.order = 1', /Cosmos takes this name only as/u],
    ['what it does not know', 'SELECT TOP 5 * FROM c JOIN d IN c.rows', /does not know what follows/u],
  ])('refuses %s', async (_name, query, why) => {
    await expect(cosmos.query('cases', { query })).rejects.toMatchObject({ status: 400 });
    expect(peer.refused().at(-1)).toMatch(why);
  });

  it('answers pages of a partition whole and in order, and of another nothing', async () => {
    const found = await ids("SELECT * FROM c WHERE c.kind = 'step' ORDER BY c.base", { partition: 'p1' });
    expect(found).toEqual(Array.from({ length: 125 }, (_, n) => `d${2 * n + 1}`));
  });

  it('answers what a value is compared with, and what is defined', async () => {
    expect(
      await ids("SELECT TOP 9 c.id FROM c WHERE c.base > @base AND (c.kind = 'step' OR c.kind IN ('x', 'y')) ORDER BY c.base DESC", {
        values: { base: 247 },
      }),
    ).toEqual(['d250', 'd249', 'd248']);
    expect(await ids('SELECT TOP 9 c.id FROM c WHERE c.base < 3 AND NOT ARRAY_CONTAINS(@not, c.kind)', { values: { not: ['step'] } })).toEqual([]);
    expect(await ids('SELECT TOP 9 c.id FROM c WHERE IS_DEFINED(c.wakeAt)')).toEqual([]);
    expect(await cosmos.query('cases', { query: 'SELECT VALUE COUNT(1) FROM c', partition: 'p0' })).toEqual([125]);
  });

  it('takes no document and no batch of over 2 MB, and no batch of over 100', async () => {
    const large = { id: 'large', caseId: 'a', data: 'x'.repeat(2_097_000) };
    await expect(cosmos.write('cases', 'a', [{ do: 'create', document: large }])).resolves.toMatchObject({ why: 'too-large' });
    const many = Array.from({ length: 101 }, (_, n) => ({ do: 'create' as const, document: { id: `n${n}`, caseId: 'a' } }));
    await expect(cosmos.write('cases', 'a', many)).rejects.toThrow(CosmosFailure);
    expect(await cosmos.write('cases', 'a', many.slice(1))).toEqual({ ok: true });
  });

  it('forgets a document when its time is over, where the container has that', async () => {
    await cosmos.write('site', 'x', [{ do: 'create', document: { id: 'short', part: 'x', ttl: 1 } as { id: string } }]);
    expect(await cosmos.read('site', 'x', 'short')).not.toBeNull();
    await new Promise((done) => setTimeout(done, 2100));
    expect(await cosmos.read('site', 'x', 'short')).toBeNull();
  });

  it('refuses a request that is not signed with its key', async () => {
    await expect(openCosmos({ endpoint: peer.endpoint, key: Buffer.from('another').toString('base64'), create: true })).rejects.toThrow();
  });

  it('counts requests, request units and bytes', async () => {
    peer.counts.clear();
    await cosmos.read('cases', 'p1', 'd1');
    expect(peer.counts.all()).toMatchObject({ 'cases read': { requests: 1, units: 2, documents: 1 } });
  });
});

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

it('the Cosmos peer runs as a process of its own, keeps its file over an end, and takes faults over HTTP', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-cosmos-'));
  const start = async () => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/peers/cosmos/main.ts', '--file', join(folder, 'cosmos.sqlite')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { endpoint, key } = JSON.parse(line.toString()) as { endpoint: string; key: string };
    return { child, endpoint, cosmos: await openCosmos({ endpoint, key, create: true, patienceSeconds: 5 }) };
  };
  const first = await start();
  await fetch(`${first.endpoint}/_peer/faults`, { method: 'POST', body: JSON.stringify({ kind: 'answer-lost', operation: 'batch' }) });
  expect(await first.cosmos.write('numbers', 'n', [{ do: 'create', document: { id: 'n' } }])).toEqual({ ok: true });
  expect(await (await fetch(`${first.endpoint}/_peer/counts`)).json()).toMatchObject({ 'numbers batch': { requests: 1 } });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  first.cosmos.close();
  const second = await start();
  expect(await second.cosmos.read('numbers', 'n', 'n')).toMatchObject({ id: 'n' });
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');
  second.cosmos.close();
  rmSync(folder, { recursive: true });
});

it('the data keys of cases are wrapped anew while cases are read, and one that is dropped opens nothing any more', async () => {
  const peers = await startAzurePeers();
  const stores = await azureStores(peers);
  for (let n = 1; n <= 3; n += 1) await appendTo(stores, caseNo(n), { facts: [{ type: 'a', fact: { n } }] });
  await stores.site.keyring.rotate();
  expect(await rewrapCaseKeys(stores.site)).toBeGreaterThanOrEqual(3);
  expect(await rewrapCaseKeys(stores.site)).toBe(0);
  const other = await stores.another();
  expect((await other.cases.read('protocoling', caseNo(2))).facts).toMatchObject([{ fact: { n: 2 } }]);
  expect(await shredCase(stores.site, caseNo(2))).toBe(true);
  expect(await shredCase(stores.site, caseNo(2))).toBe(false);
  await expect(stores.cases.read('protocoling', caseNo(2))).rejects.toThrow(CaseShredded);
  await expect(other.cases.read('protocoling', caseNo(2))).rejects.toThrow(CaseShredded);
  expect((await stores.cases.read('protocoling', caseNo(3))).facts).toHaveLength(1);
  expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 3 });
  other.cosmos.close();
  await stores.close();
  await peers.close();
});

it('facts that were read are remembered up to so many bytes: those that were read longest ago go first', () => {
  const known = histories(100);
  const facts = (n: number) => Array.from({ length: n }, (_, seq) => ({ seq, at: t0, fact: {} }));
  known.add(caseNo(1), facts(1), 40);
  known.add(caseNo(2), facts(2), 40);
  known.add(caseNo(1), facts(3), 10);
  known.add(caseNo(3), facts(4), 45);
  expect([1, 2, 3].map((n) => known.of(caseNo(n)).length)).toEqual([3, 0, 4]);
  known.add(caseNo(4), facts(5), 500);
  expect([1, 2, 3, 4].map((n) => known.of(caseNo(n)).length)).toEqual([0, 0, 0, 0]);
});
