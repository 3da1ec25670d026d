import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { metricLines } from '#adapters/telemetry/metric-lines.js';
import type { MetricLine } from '#adapters/telemetry/metric-lines.js';

describe('metrics as lines of the log', () => {
  it('tell of each minute its count, sum, greatest and percentiles, and of a gauge how it stands', async () => {
    const lines: string[] = [];
    const exporter = metricLines((line) => lines.push(line), () => '2026-11-25T12:00:00.000Z'); // prettier-ignore
    const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
    const meter = provider.getMeter('radloop');
    const took = meter.createHistogram('hl7.intake.ack.duration', { advice: { explicitBucketBoundaries: [0.01, 0.05, 0.1] } });
    const counter = meter.createCounter('hl7.intake.messages');
    meter.createObservableGauge('inbox.depth').addCallback((result) => { result.observe(7); }); // prettier-ignore
    for (let n = 0; n < 98; n += 1) took.record(0.005);
    took.record(0.04);
    took.record(0.08);
    counter.add(3, { ack: 'AA' });
    await provider.forceFlush();
    const read = lines.map((line) => JSON.parse(line) as MetricLine);
    expect(read.find(({ name }) => name === 'hl7.intake.ack.duration')).toMatchObject({
      event: 'metric',
      count: 100,
      max: 0.08,
      p95: 0.01,
      p99: 0.05,
    });
    expect(read.find(({ name }) => name === 'hl7.intake.messages')).toMatchObject({ labels: { ack: 'AA' }, sum: 3 });
    expect(read.find(({ name }) => name === 'inbox.depth')).toMatchObject({ sum: 7, max: 7 });
    lines.length = 0;
    counter.add(2, { ack: 'AA' });
    await provider.forceFlush();
    const next = lines.map((line) => JSON.parse(line) as MetricLine);
    expect(next.map(({ name, sum }) => [name, sum])).toEqual([
      ['hl7.intake.messages', 2],
      ['inbox.depth', 7],
    ]);
    await provider.shutdown();
  });
});
