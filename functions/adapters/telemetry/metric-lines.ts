import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** One metric of one export, as a line: what alerts on Azure read (infra/azure/modules/alerts.bicep). Absent fields are null in a query. */
export interface MetricLine {
  readonly event: 'metric';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Measurements since the last export; of a gauge 1. */
  readonly count: number;
  /** Since the last export; of a gauge its value. */
  readonly sum: number;
  readonly max: number;
  /** Upper end of the bucket that holds it, at most `max`. */
  readonly p95?: number;
  readonly p99?: number;
}

type Result = Parameters<Parameters<PushMetricExporter['export']>[1]>[0];
/** ExportResultCode.SUCCESS of @opentelemetry/core, which is not among our dependencies. */
const SUCCESS: unknown = 0;

/** Metrics as lines of the service's own log: they go where the log goes, by its identity, and need no collector and no key. Nothing since the last export: no line, but of gauges. */
export function metricLines(write: (line: string) => void, now: () => string): PushMetricExporter {
  return {
    export({ scopeMetrics }: ResourceMetrics, done) {
      for (const { metrics } of scopeMetrics)
        for (const metric of metrics) for (const line of linesOf(metric)) write(JSON.stringify({ at: now(), ...line }));
      done({ code: SUCCESS } as Result);
    },
    selectAggregationTemporality: () => AggregationTemporality.DELTA,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function linesOf(metric: MetricData): MetricLine[] {
  const { name } = metric.descriptor;
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.dataPoints.filter(({ value }) => value !== 0).map((point) => single(name, point));
    case DataPointType.GAUGE:
      return metric.dataPoints.map((point) => single(name, point));
    case DataPointType.HISTOGRAM:
      return metric.dataPoints.filter(({ value }) => value.count > 0).map((point) => histogram(name, point));
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      // None is made.
      return [];
    default:
      return metric satisfies never;
  }
}

function single(name: string, { attributes, value }: DataPoint<number>): MetricLine {
  return { event: 'metric', name, labels: labelsOf(attributes), count: 1, sum: value, max: value };
}

function histogram(name: string, { attributes, value }: DataPoint<Histogram>): MetricLine {
  const { count, sum = 0, max = 0, buckets } = value;
  const below = (share: number): number => {
    let seen = 0;
    for (const [index, counted] of buckets.counts.entries()) {
      seen += counted;
      if (seen >= count * share) return Math.min(buckets.boundaries[index] ?? max, max);
    }
    return max;
  };
  return { event: 'metric', name, labels: labelsOf(attributes), count, sum, max, p95: below(0.95), p99: below(0.99) };
}

function labelsOf(attributes: DataPoint<unknown>['attributes']): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}
