import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rights } from '../../infra/cli/doctor-files.ts';
import { finding, printed } from '../../infra/cli/doctor-finding.ts';
import { authority } from '../support/certificates.ts';
import { radloop } from '../support/radloop.ts';
import { embeddedStores } from '../support/store-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'radloop-doctor-'));
const tokenFile = join(folder, 'token');
let server: Server;
let answers: Record<string, { status: number; body: object | string }> = {};

beforeAll(async () => {
  writeFileSync(tokenFile, 'a-token\n');
  server = createServer((request, response) => {
    const { status, body } = answers[request.url ?? ''] ?? { status: 404, body: {} };
    const isText = typeof body === 'string';
    const mayRead = request.headers.authorization === 'Bearer a-token';
    response
      .writeHead(isText && !mayRead ? 401 : status)
      .end(isText ? (mayRead ? body : '') : JSON.stringify(mayRead ? body : { ok: status === 200 }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

interface Found {
  readonly check: string;
  readonly level: string;
  readonly what: string;
  readonly todo: string;
}

async function doctor(...more: string[]): Promise<readonly Found[]> {
  return doctorOn(folder, ...more);
}

async function doctorOn(data: string, ...more: string[]): Promise<readonly Found[]> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { out, err } = await radloop('doctor', '--data', data, '--service', url, '--token-file', tokenFile, '--json', ...more);
  if (out === '') throw new Error(err);
  return out.trim().split('\n').map((line) => JSON.parse(line) as Found); // prettier-ignore
}

const well = {
  '/api/livez': { status: 200, body: { ok: true } },
  '/api/readyz': { status: 200, body: { ok: true, checks: [{ name: 'store', ok: true, what: 'in order' }] } },
  '/api/healthz/progress': { status: 200, body: { ok: true, missing: [], canaryAge: 4, timerLateness: 0.1 } },
  '/api/metrics': { status: 200, body: 'inbox_depth 0\ninbox_oldest_age_seconds 0\nclock_step_seconds 0\n' },
};

describe('radloop doctor', () => {
  it('says what waits for two people of a service that takes work all the same', async () => {
    const checks = [
      { name: 'store', ok: true, what: 'in order' },
      { name: 'critical-policy', ok: true, what: 'the policy of before stands: category-1: 2 levels in place of 3' },
    ];
    answers = { ...well, '/api/readyz': { status: 200, body: { ok: true, checks } } };
    const found = (await doctor()).filter(({ check }) => check.startsWith('ready'));
    expect(found).toMatchObject([
      { check: 'ready', level: 'ok' },
      { check: 'ready: critical-policy', level: 'warn', what: checks[1]?.what, todo: expect.stringContaining('radloop critical policy change') },
    ]);
  });

  it('says of a service that is well that it is, and what proves it', async () => {
    answers = well;
    const found = await doctor();
    expect(found.filter(({ check }) => ['service', 'ready', 'progress', 'inbox', 'clock'].includes(check)).map(({ level }) => level)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
    expect(found.find(({ check }) => check === 'progress')?.what).toBe(
      'gets its work done: a message went the whole way 4 s ago, its timer 0.1 s late',
    );
  }, 30_000);

  it('says when the watcher looked last, that none ever did, and that it has stopped', async () => {
    const watcher = async (progress: object, status = 200) => {
      answers = { ...well, '/api/healthz/progress': { status, body: { ok: status === 200, canaryAge: 4, timerLateness: 0.1, ...progress } } };
      return (await doctor()).filter(({ what }) => /watch|looked/u.test(what)).map(({ level, what }) => `${level}: ${what}`);
    };
    expect(await watcher({ missing: [], watcherAge: 7.2 })).toEqual(['ok: looked 7 s ago']);
    expect(await watcher({ missing: [], watcherAge: null })).toEqual(['warn: nobody has ever watched the critical results of this store']);
    expect(await watcher({ missing: ['watcher'], watcherAge: 75 }, 503)).toEqual([
      'fail: who watches the critical results has not looked for more than a minute',
    ]);
  }, 60_000);

  it('says for each thing that is wrong what to do, and ends with 1', async () => {
    answers = {
      ...well,
      '/api/readyz': { status: 503, body: { ok: false, checks: [{ name: 'disk', ok: false, what: '12 MB free, 256 MB are needed' }] } },
      '/api/healthz/progress': { status: 503, body: { ok: false, missing: ['canary', 'outbox'] } },
      '/api/metrics': {
        status: 200,
        body: 'inbox_depth 40\ninbox_oldest_age_seconds 90\nclock_step_seconds 86400\noutbox_depth{dest="ris"} 7\noutbox_oldest_age_seconds{dest="ris"} 1800\naudit_anchor_age_seconds 4000\nlog_dropped_total{what="field"} 2\n',
      },
    };
    const found = await doctor();
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ check: 'ready: disk', level: 'fail', todo: expect.stringContaining('Make room') }),
        expect.objectContaining({ check: 'progress', level: 'fail', what: 'the workers of what goes out stand still' }),
        expect.objectContaining({ check: 'inbox', level: 'warn', what: '40 wait, the oldest for 90 s' }),
        expect.objectContaining({
          check: 'to ris',
          level: 'fail',
          what: '7 wait, the oldest for 30 min',
          todo: expect.stringContaining('Look whether ris answers'),
        }),
        expect.objectContaining({ check: 'clock', level: 'warn', what: 'was set by 86400.0 s while the service ran' }),
        expect.objectContaining({ check: 'anchors', level: 'fail' }),
        expect.objectContaining({ check: 'log', level: 'warn' }),
      ]),
    );
    for (const { level, todo } of found) expect(todo === '').toBe(level === 'ok');
  }, 30_000);

  it('says once how old the last anchor is: as the running service knows it, else by its files', async () => {
    const stores = embeddedStores(join(folder, 'store'));
    await stores.db.close();
    answers = { ...well, '/api/metrics': { status: 200, body: 'inbox_depth 0\naudit_anchor_age_seconds 30\n' } };
    const anchors = async () => (await doctorOn(folder)).filter(({ check }) => check === 'anchors').map(({ level, what }) => `${level}: ${what}`);
    expect(await anchors()).toEqual(['ok: the audit trail was anchored 30 s ago']);
    answers = well;
    expect(await anchors()).toEqual([expect.stringContaining('warn: no anchor of the audit trail in')]);
  }, 30_000);

  it('fails when nothing answers, and says how to start it', async () => {
    const { code, out } = await radloop('doctor', '--data', folder, '--service', 'http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL +service +nothing answers at http:\/\/127\.0\.0\.1:1\n +→ Start it, or name where it is/u);
    expect(out).toMatch(/\d+ checks: \d+ failed, \d+ to look at, \d+ in order\.\n$/u);
  }, 30_000);

  it('counts the days of a certificate, and fails for one that is over', async () => {
    answers = well;
    const ca = await authority('CA');
    const { cert } = await ca.issue('radloop');
    const { cert: over } = await ca.issue('radloop', { isExpired: true });
    const [now, expired] = [join(folder, 'now.pem'), join(folder, 'over.pem')];
    writeFileSync(now, cert);
    writeFileSync(expired, over);
    const found = (await doctor('--certificate', now, '--certificate', expired, '--certificate', tokenFile)).filter(
      ({ check }) => check === 'certificate',
    );
    expect(found[0]).toMatchObject({ level: expect.stringMatching(/warn|fail/u), what: expect.stringMatching(/expires (?:in|within) \d days?/u) });
    expect(found[1]).toMatchObject({ level: 'fail', what: expect.stringContaining('has expired on'), todo: expect.stringContaining(expired) });
    expect(found[2]).toMatchObject({ level: 'fail', what: expect.stringContaining('holds no certificate that can be read') });
  }, 30_000);

  it('fails for a key that others may read', () => {
    const file = join(folder, 'key');
    writeFileSync(file, 'x', { mode: 0o600 });
    expect(rights([file])).toMatchObject([{ level: 'ok' }]);
    chmodSync(file, 0o640);
    expect(rights([file])).toMatchObject([{ level: 'fail', todo: expect.stringContaining(`chmod 600 ${file}`) }]);
  });

  it('puts what is wrong last, in colour on a terminal only, within the width', () => {
    const all = [finding('disk', 'fail', 'word '.repeat(40).trim(), 'do this'), finding('clock', 'ok', 'fine')];
    const plain = printed(all, { colours: false, width: 80 });
    expect(plain.indexOf('clock')).toBeLessThan(plain.indexOf('disk'));
    expect(plain).not.toContain('\u001b');
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(printed(all, { colours: true, width: 80 })).toContain('\u001b[31m');
  });
});
