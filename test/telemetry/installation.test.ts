import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from '../../infra/build.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { radloop } from '../support/radloop.ts';
import { otlpReceiver, parsedMetrics } from './otlp-receiver.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

/** Patients of nobody: a name, a number, a day of birth, words of a free text. They may be in the store, and nowhere else. */
const CANARIES = ['QUILLFEATHER', 'OBADIAH', '77341902', '19410203', 'zyxwound', 'ACC5550199'];

let running: TestInstallation | null = null;
let collector: OtlpReceiver | undefined;
const folder = mkdtempSync(join(tmpdir(), 'radloop-telemetry-'));
const faultFile = join(folder, 'fault');
const seen: string[] = [];

beforeAll(async () => {
  await build();
  collector = await otlpReceiver();
  const { url } = collector;
  writeFileSync(faultFile, '');
  // The parts take the environment of whoever starts them.
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url;
  process.env['RADLOOP_TEST_FAULT'] = faultFile;
  process.env['NODE_OPTIONS'] = `--import=${resolve('test/telemetry/faults.mjs')}`;
  running = await openInstallation();
}, 180_000);

afterAll(async () => {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'RADLOOP_TEST_FAULT', 'NODE_OPTIONS']) Reflect.deleteProperty(process.env, name);
  await running?.clear();
  await collector?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function service(): TestInstallation {
  if (running === null) throw new Error('nothing runs');
  return running;
}

function setFault(name: string): void {
  writeFileSync(faultFile, name);
  process.kill(service().servicePid(), 'SIGUSR2');
}

async function get(path: string, withToken = true): Promise<{ readonly status: number; readonly text: string }> {
  const token = readFileSync(join(service().store, 'health.token'), 'utf8').trim();
  const answered = await fetch(`http://127.0.0.1:${service().ports.http}/api/${path}`, {
    headers: withToken ? { authorization: `Bearer ${token}` } : {},
  });
  const text = await answered.text();
  seen.push(text);
  return { status: answered.status, text };
}

async function untilHealth(path: string, status: number, seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await get(path);
    if (answer.status === status || Date.now() > end) return answer.status;
    await pause(250);
  }
}

const log = (): string => readFileSync(join(service().data, 'logs', 'service.log'), 'utf8');

async function untilLogged(event: string, times = 1, seconds = 30): Promise<number> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = log().split(`"event":"${event}"`).length - 1;
    if (found >= times || Date.now() > end) return found;
    await pause(200);
  }
}

const send = async (bytes: Buffer | string): Promise<string> => {
  const answer = await exchangeBytes(service().ports.mllp, frame(bytes));
  return answer?.toString('latin1') ?? '';
};

/** An order of the rehearsal whose patient, numbers and words are canaries. */
function canaryOrder(n: number): string {
  const lines = orderBytes('new', `T${n}`).toString('latin1').split('\r');
  return lines
    .map((line) => {
      const fields = line.split('|');
      if (fields[0] === 'PID') {
        fields[3] = '77341902^^^MRN^MR';
        fields[5] = 'QUILLFEATHER^OBADIAH';
        fields[7] = '19410203';
      }
      if (fields[0] === 'ORC') fields[2] = `77341902${n}^HIS`;
      if (fields[0] === 'OBR') {
        fields[2] = `77341902${n}^HIS`;
        fields[18] = `ACC5550199${n}`;
        fields[13] = 'zyxwound of QUILLFEATHER';
      }
      return fields.join('|');
    })
    .join('\r');
}

describe('A running service', () => {
  it('answers yes or no to anybody, detail and metrics to whoever has the token', async () => {
    expect(await untilHealth('healthz/progress', 200, 20)).toBe(200);
    for (const path of ['livez', 'startupz', 'readyz', 'healthz/progress']) {
      expect(await get(path, false)).toEqual({ status: 200, text: '{"ok":true}' });
    }
    expect((await get('metrics', false)).status).toBe(401);
    expect(JSON.parse((await get('readyz')).text)).toMatchObject({
      ok: true,
      checks: expect.arrayContaining([{ name: 'store', ok: true, what: 'in order' }]),
    });
    expect(JSON.parse((await get('healthz/progress')).text)).toMatchObject({ ok: true, missing: [], canaryAge: expect.any(Number) });
  }, 60_000);

  it('counts what it does in text that Prometheus takes, and tells a collector the same', async () => {
    expect(await send(canaryOrder(1))).toContain('MSA|AA|');
    expect(await send(canaryOrder(1))).toContain('MSA|AA|');
    await untilLogged('hl7.received', 2);
    const metrics = parsedMetrics((await get('metrics')).text);
    expect(metrics.get('hl7_intake_messages_total{endpoint="mllp",ack="AA"}')).toBe(2);
    expect(metrics.get('hl7_duplicate_messages_total{endpoint="mllp"}')).toBe(1);
    expect(metrics.get('store_free_bytes')).toBeGreaterThan(0);
    expect(metrics.get('store_fsync_duration_seconds_count')).toBeGreaterThan(0);
    expect(metrics.get('progress_age_seconds')).toBeLessThan(30);
    expect([...metrics.keys()].filter((name) => name.includes('canary') || name.includes('progress"'))).toEqual([]);
    const end = Date.now() + 25_000;
    const got = collector?.got ?? [];
    while (!(got.some(({ path }) => path === '/v1/metrics') && got.some(({ path }) => path === '/v1/traces')) && Date.now() < end) await pause(250);
    const all = got.map(({ body }) => body).join('');
    for (const name of ['hl7.intake.messages', 'outbox.depth', 'intake', 'route', 'event', 'delivery', 'radloop.case']) expect(all).toContain(name);
  }, 60_000);

  it('says that nothing gets done when its worker of events fails, while HTTP and the doors live (field report 4)', async () => {
    setFault('events');
    expect(await untilHealth('healthz/progress', 503, 50)).toBe(503);
    const end = Date.now() + 35_000;
    while (!/"missing":\[[^\]]*"events"/u.test((await get('healthz/progress')).text) && Date.now() < end) await pause(500);
    expect(JSON.parse((await get('healthz/progress')).text)).toMatchObject({ ok: false, missing: expect.arrayContaining(['canary', 'events']) });
    expect((await get('healthz/progress', false)).text).toBe('{"ok":false}');
    expect((await get('livez', false)).status).toBe(200);
    // radloop doctor reads the same, and says what to do.
    const said = await radloop('doctor', '--data', service().data, '--service', `http://127.0.0.1:${service().ports.http}`);
    expect(said.code).toBe(1);
    expect(said.out).toMatch(
      /FAIL +progress +the worker that tells cases stands still\n +→ Events are not told to their cases\. Start the service anew/u,
    );
    expect(said.out).toMatch(/ok +ready +ready: store, disk, instance, keys/u);
    expect(await send(canaryOrder(2))).toContain('MSA|AA|');
    expect(await untilLogged('progress.lost')).toBe(1);
    setFault('');
    expect(await untilHealth('healthz/progress', 200, 30)).toBe(200);
    expect(await untilLogged('progress.regained')).toBe(1);
  }, 120_000);
});

describe('Patients in everything that can go wrong (invariant 36)', () => {
  const hostileToken = ['{"alg":"none","kid":"QUILLFEATHER"}', '{"sub":"OBADIAH 77341902"}', 'zyxwound']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

  it('are refused, kept, quarantined and turned away without a word of them outside the store', async () => {
    const http = `http://127.0.0.1:${service().ports.http}`;
    // Refusals of every kind.
    expect(await send(canaryOrder(3).replace('PID|', 'PIX|'))).toContain('MSA|AE|');
    expect(await send('MSH|^~\\&|HIS|GENERAL|||QUILLFEATHER||OBADIAH^77341902|zyxwound||2.5.1\rPID|1||77341902\r')).toContain('MSA|AR|');
    await exchangeBytes(service().ports.mllp, Buffer.from('QUILLFEATHER OBADIAH 77341902 zyxwound'), { hangUp: true, seconds: 2 });
    await send(`${canaryOrder(4)}\rOBX|1|TX|QUILLFEATHER^OBADIAH||zyxwound\r`.replace('ORM^O01', 'ZZZ^QUILLFEATHER'));
    // Doors with words in the address, the headers and the body.
    const body = JSON.stringify({ type: 'message', text: 'QUILLFEATHER 77341902', channelId: 'msteams', serviceUrl: 'http://OBADIAH.example' });
    const json = { 'content-type': 'application/json' };
    const asked = [
      await fetch(`${http}/api/messages?patient=QUILLFEATHER`, {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${hostileToken}` },
        body,
      }),
      await fetch(`${http}/api/messages`, { method: 'POST', headers: json, body: '{"text": "QUILLFEATHER' }),
      await fetch(`${http}/api/hl7?mrn=77341902`, { method: 'POST', headers: { authorization: 'Bearer OBADIAH' }, body: canaryOrder(5) }),
      await fetch(`${http}/api/fhir/QUILLFEATHER/ServiceRequest/77341902`, { method: 'PUT', headers: json, body: '{"resourceType":"QUILLFEATHER"}' }),
    ];
    expect(asked.map(({ status }) => status).filter((status) => status < 400 || status === 500)).toEqual([]);
    for (const answer of asked) seen.push(await answer.text());
    // An event that the store refuses with its content in the message: poison.
    setFault('facts');
    expect(await send(canaryOrder(6))).toContain('MSA|AA|');
    expect(await untilLogged('event.quarantined', 1, 40)).toBeGreaterThanOrEqual(1);
    const held = async (): Promise<number> => parsedMetrics((await get('metrics')).text).get('quarantine_count{reason="event"}') ?? 0;
    for (let n = 0; n < 40 && (await held()) === 0; n += 1) await pause(250);
    expect(await held()).toBeGreaterThanOrEqual(1);
    setFault('');
    await get('readyz');
  }, 120_000);

  it('are in no crash output either: the class of the error and its places, and the process ends', async () => {
    await pause(2500);
    for (const fault of ['reject', 'crash']) {
      setFault(fault);
      expect(await untilLogged('process.crashed', fault === 'reject' ? 1 : 2, 15)).toBe(fault === 'reject' ? 1 : 2);
      if (fault === 'reject') await service().killAndRestart();
    }
    const text = log();
    expect(text).toContain('"fault":"RangeError"');
    expect(text).toContain('Radloop ended: SyntaxError.');
    expect(text).toMatch(/at .*faults\.mjs:\d+/u);
  }, 60_000);

  it('left no trace: not in the log, the metrics, the traces, the addresses asked or what was answered', () => {
    const told = { log: log(), exported: collector?.got.map(({ path, body }) => path + body).join('') ?? '', answered: seen.join('\n') };
    for (const [where, text] of Object.entries(told)) {
      expect(text.length).toBeGreaterThan(200);
      for (const canary of CANARIES) expect({ where, canary, found: text.includes(canary) }).toEqual({ where, canary, found: false });
    }
  });
});
