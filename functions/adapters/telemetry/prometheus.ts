import { DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Prometheus wants the unit in the name, written out. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * Prometheus' text format, version 0.0.4, by OpenTelemetry's rules for names: dots become underscores, the unit and for counters `_total` follow.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function prometheusText({ resource, scopeMetrics }: ResourceMetrics): string {
  const about = Object.entries(resource.attributes).map(([name, value]) => [sane(name), String(value)] as const);
  const target = ['# HELP target_info Who is measured', '# TYPE target_info gauge', `target_info${labels(about)} 1`];
  return `${[...target, ...scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(linesOf))].join('\n')}\n`;
}

function linesOf(metric: MetricData): string[] {
  const { descriptor } = metric;
  const unit = UNITS[descriptor.unit] ?? '';
  const plain = sane(descriptor.name);
  const base = plain.endsWith(unit) ? plain : `${plain}${unit}`;
  switch (metric.dataPointType) {
    case DataPointType.SUM: {
      const name = metric.isMonotonic ? `${base}_total` : base;
      return family(
        name,
        metric.isMonotonic ? 'counter' : 'gauge',
        descriptor.description,
        metric.dataPoints.map((point) => single(name, point)),
      );
    }
    case DataPointType.GAUGE:
      return family(
        base,
        'gauge',
        descriptor.description,
        metric.dataPoints.map((point) => single(base, point)),
      );
    case DataPointType.HISTOGRAM:
      return family(
        base,
        'histogram',
        descriptor.description,
        metric.dataPoints.flatMap((point) => histogram(base, point)),
      );
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      // None is made.
      return [];
    default:
      return metric satisfies never;
  }
}

function family(name: string, type: string, help: string, points: readonly string[]): string[] {
  return points.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...points];
}

function single(name: string, { attributes, value }: DataPoint<number>): string {
  return `${name}${labels(pairs(attributes))} ${value}`;
}

function histogram(name: string, { attributes, value }: DataPoint<Histogram>): string[] {
  const own = pairs(attributes);
  let below = 0;
  const buckets = value.buckets.counts.map((count, at) => {
    below += count;
    return `${name}_bucket${labels([...own, ['le', String(value.buckets.boundaries[at] ?? '+Inf')]])} ${below}`;
  });
  return [...buckets, `${name}_sum${labels(own)} ${value.sum ?? 0}`, `${name}_count${labels(own)} ${value.count}`];
}

function pairs(attributes: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  return Object.entries(attributes).map(([name, value]) => [sane(name), String(value)] as const);
}

function labels(all: readonly (readonly [string, string])[]): string {
  if (all.length === 0) return '';
  return `{${all.map(([name, value]) => `${name}="${value.replace(/[\\"]/gu, '\\$&').replaceAll('\n', '\\n')}"`).join(',')}}`;
}

function sane(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/gu, '_');
}
