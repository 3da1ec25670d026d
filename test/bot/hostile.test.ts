import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../infra/build.ts';
import { startPart } from '../../infra/local/children.ts';
import type { Part } from '../../infra/local/children.ts';
import type { Flood } from '../support/flood-process.ts';
import { opening, openBotDoor } from '../support/bot-door.ts';
import type { Answered, BotDoor } from '../support/bot-door.ts';
import { testSite } from '../support/planned-orders.ts';
import { takePorts } from '../support/ports.ts';
import { radloop } from '../support/radloop.ts';
import { approval, hostile, written } from './hostile.ts';

const isFull = process.env['RADLOOP_FAULTS'] === 'full';
const PER_SECOND = 1000;
const SECONDS = isFull ? 60 : 5;

let door: BotDoor;
beforeAll(async () => {
  await build();
  door = await openBotDoor();
}, 240_000);
afterAll(() => door.close(), 60_000);

/** Of an invoke that was read the status in the body counts. */
const statusOf = ({ status, body }: Answered) => (status === 200 ? ((body as { statusCode?: number } | null)?.statusCode ?? 200) : status);

describe('over HTTP, at the door of a running service', () => {
  it.each(hostile(() => door))('is refused, once on record, and reaches no handler: %s: %i (%s)', async (_name, status, check, sent) => {
    const request = await sent();
    const before = await door.counters();
    const rows = (await door.refusals()).length;
    const answer = await door.post(request);
    expect(statusOf(answer)).toBe(status);
    expect(await door.counters()).toEqual({ ...before, audited: before.audited + 1 });
    const [row, ...more] = (await door.refusals()).slice(rows);
    expect([row, more]).toEqual([expect.objectContaining({ status, check, from: 'loopback' }), []]);
    expect(JSON.stringify([row, answer.body])).not.toContain(written);
  });

  it('the counters are for this machine alone', async () => {
    await expect(door.counters({ 'x-forwarded-for': '203.0.113.9' })).rejects.toThrow('403');
    await expect(door.counters({ 'x-forwarded-for': '127.0.0.1' })).resolves.toMatchObject({ handlers: expect.any(Number) });
  });
});

describe('a site that is no rehearsal', () => {
  let folder = '';
  let service: Part | null = null;
  afterAll(async () => {
    await service?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has no counters', async () => {
    const { ports, release } = await takePorts();
    folder = mkdtempSync(join(tmpdir(), 'radloop-real-site-'));
    const site = join(folder, 'site');
    cpSync(testSite, site, { recursive: true });
    change(join(site, 'site.json'), { rehearsal: false });
    change(join(site, 'channels.json'), { serviceUrl: 'https://smba.trafficmanager.net/amer/' });
    service = await startPart({
      ...{ name: 'service', logFile: join(folder, 'log') },
      args: ['infra/local/service.ts', '--http-port', String(ports.http), '--mllp-port', String(ports.mllp)],
      env: {
        ...{ MicrosoftAppId: door.side.appId, MicrosoftAppTenantId: door.side.tenantId, MicrosoftAppType: 'UserAssignedMSI' },
        ...{
          RADLOOP_SITE: site,
          RADLOOP_DATA: join(folder, 'store'),
          RADLOOP_RIS: `127.0.0.1:${ports.ris}`,
          RADLOOP_EHR_URL: `http://127.0.0.1:${ports.ehr}/fhir`,
        },
      },
    });
    for (const path of ['/rehearsal/counters', '/api/rehearsal/counters'])
      expect((await fetch(`http://127.0.0.1:${ports.http}${path}`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${ports.http}/api/livez`)).status).toBe(200);
    await service.stop();
    await release();
  }, 60_000);
});

function change(file: string, to: object): void {
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...to }));
}

describe('radloop case, in a process of its own', () => {
  const run = (...args: string[]) => radloop('case', ...args, '--data', door.installation.data);

  it('shows a case to whom it may be shown, as words, and has the look on record', async () => {
    const before = await door.counters();
    const { code, out } = await run('show', door.caseNumber, '--as', 'dr-okafor');
    expect(code).toBe(0);
    expect(out).toContain(`${door.caseNumber}, revision ${door.revision}`);
    expect(out).toContain('CT-HEAD-WO');
    expect(out).toMatch(/severe headache/u);
    expect(out).not.toMatch(/"type"|undefined|null|\\/u);
    expect((await door.counters()).audited).toBe(before.audited + 1);
  });

  it('denies who may not, and an account that people.json does not name', async () => {
    for (const verb of [['approve'], ['reject', 'no reason']]) {
      const [first = '', ...rest] = verb;
      expect(await run(first, door.caseNumber, ...rest, '--as', 't-novak')).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('has no role that may'),
      });
    }
    expect(await run('approve', door.caseNumber)).toMatchObject({ code: 1, err: expect.stringContaining('belongs to nobody') });
    expect(await run('approve')).toMatchObject({ code: 2 });
    expect(await door.decisions()).toEqual([]);
  });

  it('approves nothing that was not shown to the one who asks', async () => {
    const { code, out } = await run('choose', door.caseNumber, 'CT-HEAD-WO', '--as', 'dr-lindqvist');
    expect(code).toBe(1);
    expect(out).toContain(`radloop case show ${door.caseNumber}`);
    expect(await door.decisions()).toEqual(['personAnswered']);
  });
});

describe('the same press again and again (invariant 17, field report 19)', () => {
  it('gets the first answer and has one effect and one decision on record: with its id, and with new ids and times', async () => {
    const press = (parts = {}) =>
      door.post({
        activity: approval(door, {
          value: { data: { verb: 'choose-other', caseNumber: door.caseNumber, revision: door.revision, protocolId: 'CT-HEAD-WO' } },
          ...parts,
        }),
      });
    const before = await door.counters();
    const first = await press();
    expect(first).toMatchObject({
      status: 200,
      body: { task: { value: { card: { content: { speak: expect.stringContaining(door.caseNumber) } } } } },
    });
    const after = await door.counters();
    expect(after.effects).toBeGreaterThan(before.effects);
    const decisions = await door.decisions();
    for (let again = 0; again < 100; again += 1) {
      expect(await press(again % 2 === 0 ? {} : { id: `new-${again}`, timestamp: new Date(Date.now() + again).toISOString() })).toEqual(first);
    }
    expect(await Promise.all(Array.from({ length: 20 }, (_, n) => press({ id: `at-once-${n}` })))).toEqual(Array.from({ length: 20 }, () => first));
    expect(await door.decisions()).toEqual(decisions);
    expect(decisions.filter((action) => action === 'protocolApproved')).toHaveLength(1);
    const end = await door.counters();
    expect({ effects: end.effects, audited: end.audited }).toEqual({ effects: after.effects, audited: after.audited });
    expect(end.handlers - after.handlers).toBe(120);
  });
});

describe(`a flood of ${PER_SECOND} forged requests a second for ${SECONDS} s`, () => {
  it(
    'is a few rows and a count a minute, and a good press keeps its time',
    async () => {
      const calm = await presses(SECONDS);
      const rowsBefore = (await door.refusals()).length;
      const requests = await forged();
      const flood = flooded({ port: door.installation.ports.http, perSecond: PER_SECOND, seconds: SECONDS, requests });
      const stormy = await presses(SECONDS);
      const { sent, statuses, seconds } = await flood;
      expect(statuses).toEqual({ '401': sent });
      await door.installation.stopService();
      const rows = (await door.refusals()).slice(rowsBefore);
      const told = rows.reduce((sum, row) => sum + Number(row['count'] ?? 1), 0);
      const figures = { perSecond: PER_SECOND, seconds, rows: rows.length, calm: p(calm), stormy: p(stormy) };
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      expect(told).toBe(sent);
      const checks = new Set(rows.map((row) => row['check']));
      expect([...checks].sort()).toEqual(['not-a-bearer-token', 'token-aud', 'token-signature']);
      expect(rows.filter((row) => row['count'] === undefined).length).toBeLessThanOrEqual(3 * 12);
      expect(rows.filter((row) => row['count'] !== undefined).length).toBeLessThanOrEqual(3 * (Math.ceil(SECONDS / 60) + 1));
      // What nobody may wait longer for (invariant 17); in the long form, which has the machine to itself, about what it is in calm.
      expect(p(stormy).p99).toBeLessThan(seconds < SECONDS * 1.1 ? 1000 : 4500);
      if (isFull) expect(p(stormy).p99).toBeLessThan(Math.max(3 * p(calm).p99, 250));
    },
    SECONDS * 3000 + 120_000,
  );
});

/** Garbage, a genuine token for somebody else, and the dearest: everything right but the signature. */
async function forged(): Promise<string[]> {
  const { side } = door;
  const tokens = ['aaaa', await side.token({ aud: 'somebody-else' }), await side.token({}, { key: side.keys.unpublished.private })];
  return tokens.map((token) => {
    const body = JSON.stringify(approval(door));
    const head = ['POST /api/messages HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`, 'Content-Type: application/json'];
    return `${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  });
}

function flooded(flood: Flood): Promise<{ readonly sent: number; readonly statuses: Readonly<Record<string, number>>; readonly seconds: number }> {
  const args = ['--conditions=source', 'test/support/flood-process.ts', JSON.stringify(flood)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: (flood.seconds + 90) * 1000 }, (error, out) => {
      if (error === null) resolve(JSON.parse(out) as Awaited<ReturnType<typeof flooded>>);
      else reject(error instanceof Error ? error : new Error('the flood ended'));
    });
  });
}

/** Milliseconds of each good press, one after the other. */
async function presses(seconds: number): Promise<readonly number[]> {
  const took: number[] = [];
  const authorization = `Bearer ${await door.side.token()}`;
  for (const began = performance.now(); performance.now() - began < seconds * 1000;) {
    const from = performance.now();
    expect((await door.post({ activity: opening(door), authorization })).status).toBe(200);
    took.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return took;
}

function p(took: readonly number[]): { readonly n: number; readonly p50: number; readonly p99: number } {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { n: took.length, p50: at(0.5), p99: at(0.99) };
}
