import type { Meter } from '@opentelemetry/api';
import { METRICS } from '#ports/metrics.js';
import type { CounterName, GaugeName, HistogramName, Metric, MetricName } from '#ports/metrics.js';
import type { Reading, Telemetry } from '#ports/telemetry.js';
import type { Allowed } from './allowed.ts';

/** Seconds: from a sync of a fast disk to a timer that fires ten minutes late. */
const BOUNDARIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 30, 60, 600];

interface Counted {
  readonly attributes: Readonly<Record<string, string>>;
  value: number;
}

/**
 * The metrics of metrics.ts on an OpenTelemetry meter. A counter is a number in memory, read when metrics are collected: on the receive path it costs an
 * addition. A label that is not of its closed set is written as `other`.
 */
export function meters(meter: Meter, allowed: Allowed): Pick<Telemetry, 'count' | 'measure' | 'observe'> {
  const counts = new Map<CounterName, Map<string, Counted>>();
  const histograms = new Map<HistogramName, ReturnType<Meter['createHistogram']>>();
  const readers: (() => Promise<readonly Reading[]> | readonly Reading[])[] = [];
  const labels = (name: MetricName, given: Readonly<Record<string, string>>) => closed(METRICS[name], given, allowed);

  const gauges = new Map<GaugeName, ReturnType<Meter['createObservableGauge']>>();
  for (const [name, { kind, unit, about }] of Object.entries(METRICS) as [MetricName, Metric][]) {
    const options = { unit, description: about };
    if (kind === 'counter') {
      const values = new Map<string, Counted>();
      counts.set(name as CounterName, values);
      meter.createObservableCounter(name, options).addCallback((result) => {
        for (const { value, attributes } of values.values()) result.observe(value, attributes);
      });
    } else if (kind === 'histogram') {
      histograms.set(name as HistogramName, meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: BOUNDARIES } }));
    } else gauges.set(name as GaugeName, meter.createObservableGauge(name, options));
  }
  meter.addBatchObservableCallback(
    async (result) => {
      for (const read of readers) {
        // A store that does not answer takes its own gauges away, and no others.
        const readings = await within(read).catch(() => []);
        for (const { name, value, labels: given = {} } of readings) {
          const instrument = gauges.get(name);
          if (instrument !== undefined) result.observe(instrument, value, labels(name, given));
        }
      }
    },
    [...gauges.values()],
  );
  return {
    count(name, given) {
      const values = counts.get(name);
      if (values === undefined) return;
      let key = '';
      for (const label in given) key += `${given[label as keyof typeof given]}\n`;
      const known = values.get(key);
      if (known !== undefined) {
        known.value += 1;
        return;
      }
      const attributes = labels(name, given);
      // What was not closed is not kept as a key of its own either.
      const closedKey = Object.values(attributes)
        .map((value) => `${value}\n`)
        .join('');
      const same = values.get(closedKey);
      if (same === undefined) values.set(closedKey, { attributes, value: 1 });
      else same.value += 1;
    },
    measure(name, took, given) {
      histograms.get(name)?.record(Math.max(0, took), labels(name, given));
    },
    observe(read) {
      readers.push(read);
    },
  };
}

const READ_WITHIN_MS = 2000;

async function within(read: () => Promise<readonly Reading[]> | readonly Reading[]): Promise<readonly Reading[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<readonly Reading[]>((resolve) => {
    timer = setTimeout(resolve, READ_WITHIN_MS, []);
  });
  try {
    return await Promise.race([Promise.resolve(read()), late]);
  } finally {
    clearTimeout(timer);
  }
}

function closed(metric: Metric, given: Readonly<Record<string, string>>, allowed: Allowed): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [label, values] of Object.entries(metric.labels)) {
    const value = given[label] ?? '';
    const fits = values === 'configured' ? allowed.isConfigured(value) : values.includes(value);
    attributes[label] = fits ? value : 'other';
  }
  return attributes;
}
