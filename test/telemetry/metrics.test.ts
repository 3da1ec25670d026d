import { createHmac } from 'node:crypto';
import { allowed } from '#adapters/telemetry/allowed.js';
import { telemetry } from '#adapters/telemetry/telemetry.js';
import type { RunningTelemetry } from '#adapters/telemetry/telemetry.js';
import { measured } from '#engine/measured.js';
import type { Span } from '#ports/telemetry.js';
import { METRICS } from '#ports/metrics.js';
import { noTelemetry } from '#ports/telemetry.js';
import { desk } from '#engine/desk.js';
import { deliver } from '#engine/deliver.js';
import { routeKept } from '#engine/routing.js';
import { receive } from '#engine/intake.js';
import { runCase } from '#engine/run-case.js';
import { okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { otlpReceiver, parsedMetrics } from './otlp-receiver.ts';

const hash = (text: string) => createHmac('sha256', 'secret').update(text).digest();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function started(otlpEndpoint: string | null = null, failed: (what: string, error: unknown) => void = () => undefined): RunningTelemetry {
  const running = telemetry({ instance: 'a1', otlpEndpoint, console: false, everySeconds: 1 }, allowed(['general'], hash), hash, failed);
  open.push({ close: () => running.stop() });
  return running;
}

describe('Metrics', () => {
  it('are Prometheus text with their units in the names, and counters only grow', async () => {
    const running = started();
    running.count('hl7.intake.messages', { endpoint: 'mllp:general', ack: 'AA' });
    running.measure('timer.lateness', 0.4, {});
    running.observe(() => [{ name: 'outbox.depth', value: 3, labels: { dest: 'ris' } }]);
    const first = parsedMetrics(await running.metricsText());
    expect(first.get('hl7_intake_messages_total{endpoint="mllp:general",ack="AA"}')).toBe(1);
    expect(first.get('timer_lateness_seconds_bucket{le="0.25"}')).toBe(0);
    expect(first.get('timer_lateness_seconds_bucket{le="0.5"}')).toBe(1);
    expect(first.get('timer_lateness_seconds_count')).toBe(1);
    expect(first.get('outbox_depth{dest="ris"}')).toBe(3);
    running.count('hl7.intake.messages', { endpoint: 'mllp:general', ack: 'AA' });
    expect(parsedMetrics(await running.metricsText()).get('hl7_intake_messages_total{endpoint="mllp:general",ack="AA"}')).toBe(2);
  });

  it('have labels of closed sets only: what anybody else writes there counts as `other` (invariant 36)', async () => {
    const running = started();
    for (const [name, { kind, labels }] of Object.entries(METRICS)) {
      const given = Object.fromEntries(Object.keys(labels).map((label) => [label, `QUILLFEATHER"}\n${Math.random()}`]));
      if (kind === 'counter') for (let n = 0; n < 3; n += 1) running.count(name as 'lease.lost', given as { what: string });
      if (kind === 'histogram') running.measure(name as 'timer.lateness', 1, given);
    }
    running.observe(() => [{ name: 'outbox.depth', value: 1, labels: { dest: 'QUILLFEATHER' } }]);
    const text = await running.metricsText();
    expect(text).not.toContain('QUILLFEATHER');
    expect(parsedMetrics(text).get('authz_denied_total{action="other"}')).toBe(3);
  });

  it('go on when one reading fails or never comes, without that one', async () => {
    const running = started();
    running.observe(() => Promise.reject(new Error('the store is gone')));
    running.observe(() => new Promise(() => undefined));
    running.observe(() => [{ name: 'store.free.bytes', value: 5 }]);
    expect(parsedMetrics(await running.metricsText()).get('store_free_bytes')).toBe(5);
  });

  it('go to a collector over OTLP; one that is down costs nothing but a count and one line', async () => {
    const collector = await otlpReceiver();
    open.push(collector);
    const told: string[] = [];
    const running = started(collector.url, (what) => told.push(what));
    running.count('hl7.duplicate.messages', { endpoint: 'mllp' });
    await running.flush();
    expect(collector.got.some(({ path, body }) => path === '/v1/metrics' && body.includes('hl7.duplicate.messages'))).toBe(true);
    collector.status = 400;
    await running.flush();
    await running.flush();
    expect(told).toEqual(['metrics']);
    expect(parsedMetrics(await running.metricsText()).get('telemetry_dropped_total{what="metrics"}')).toBeGreaterThanOrEqual(2);
  });
});

describe('What happens to an order', () => {
  async function played(): Promise<{
    readonly spans: readonly Span[];
    readonly counted: ReadonlyMap<string, number>;
    readonly fixture: EngineFixture;
  }> {
    const fixture = startEngineFixture('assist');
    open.push(fixture);
    const spans: Span[] = [];
    const counted = new Map<string, number>();
    const count = (name: string, labels: object): void => {
      const key = `${name} ${Object.values(labels).join(' ')}`.trim();
      counted.set(key, (counted.get(key) ?? 0) + 1);
    };
    const parts = measured(fixture.parts, { ...noTelemetry, traces: true, span: (span) => spans.push(span), count });
    const settle = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        while ((await routeKept(parts)) > 0);
        for (const job of await parts.bus.claim(fixture.now, 60, 99)) await runCase(parts, job.event, job);
        for (const item of await parts.outbox.claim(fixture.now, 60, 99)) await deliver(parts, item);
      }
    };
    await receive(parts, orderBytes(), { endpoint: 'mllp', facility: null });
    await receive(parts, orderBytes(), { endpoint: 'mllp', facility: null });
    await settle();
    const [row] = await fixture.stores.views.open('protocoling');
    if (row === undefined) throw new Error('no case');
    const answer = { person: okafor, caseNumber: row.caseNumber, revision: 1, verb: 'choose-other', protocolId: 'CT-HEAD-WO' } as const;
    fixture.risAnswers.push({ ok: false, code: 'not-connected', detail: 'QUILLFEATHER' });
    await desk(parts, []).answer(answer);
    await desk(parts, []).answer({ ...answer, person: { ...okafor, id: 'dr-lindqvist' as typeof okafor.id } });
    await settle();
    return { spans, counted, fixture };
  }

  it('is counted: messages, duplicates, decisions and those that came too late, cards, sendings that failed', async () => {
    const { counted } = await played();
    expect(counted.get('hl7.intake.messages mllp AA')).toBe(2);
    expect(counted.get('hl7.duplicate.messages mllp')).toBe(1);
    expect(counted.get('approval.decisions won')).toBe(1);
    expect(counted.get('approval.conflicts already')).toBe(1);
    expect(counted.get('notify.attempts card ok')).toBeGreaterThanOrEqual(1);
    expect(counted.get('messaging.client.sent.messages ris not-connected')).toBe(1);
    expect(counted.get('ai.fallback context-unavailable')).toBe(1);
  });

  it('is one trace from the message to what leaves because of it, each step under the one that caused it', async () => {
    const { spans } = await played();
    const ids = new Set(spans.map(({ id }) => id));
    const [intake] = spans;
    expect(intake).toMatchObject({ name: 'intake', parent: null });
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(['intake', 'route', 'event', 'outbox', 'delivery']));
    expect(new Set(spans.map(({ trace }) => trace))).toEqual(new Set([intake?.trace]));
    for (const { name, parent } of spans) if (name === 'route' || name === 'outbox' || name === 'delivery') expect(ids).toContain(parent);
    expect(spans.filter(({ name, parent }) => name === 'event' && parent !== null).map(({ parent }) => parent)).toEqual([
      `route:${intake?.trace ?? ''}`,
    ]);
    expect(spans.some(({ name, failed, about }) => name === 'delivery' && failed && about.code === 'not-connected')).toBe(true);
    for (const { startedAt, endedAt } of spans.filter(({ name }) => name !== 'outbox')) expect(endedAt).toBeGreaterThanOrEqual(startedAt);
  });
});
