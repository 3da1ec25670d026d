import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ConsoleMetricExporter, MeterProvider, MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, ConsoleSpanExporter } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Telemetry } from '#ports/telemetry.js';
import type { Allowed } from './allowed.ts';
import { meters } from './meters.ts';
import { metricLines } from './metric-lines.ts';
import { prometheusText } from './prometheus.ts';
import { runtimeReadings } from './runtime.ts';
import { tracer } from './tracer.ts';

export interface TelemetrySettings {
  /** Names the process among those that work on one store. */
  readonly instance: string;
  /** Base address of an OpenTelemetry collector (OTLP over HTTP, protobuf or JSON as the exporter has it): metrics and traces go there; null: nowhere. */
  readonly otlpEndpoint: string | null;
  /** Metrics and spans on standard output, for trying out. */
  readonly console: boolean;
  /** Metrics as lines of the log, once a minute (metric-lines.ts); left out: none. */
  readonly lines?: (line: string) => void;
  /** Seconds between two exports of metrics. @default 15 */
  readonly everySeconds?: number;
}

export interface RunningTelemetry extends Telemetry {
  /** All metrics as they stand, in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Sends what is not sent yet. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * OpenTelemetry behind the port. Nothing here reaches the engine by failing: what can't be exported is dropped and counted, and `failed` is told once for each
 * outage.
 */
export function telemetry(
  settings: TelemetrySettings,
  allowed: Allowed,
  hash: (text: string) => Uint8Array,
  failed: (what: 'metrics' | 'traces', error: unknown) => void,
): RunningTelemetry {
  const { instance, otlpEndpoint, console, lines, everySeconds = lines === undefined ? 15 : 60 } = settings;
  const resource = resourceFromAttributes({ 'service.name': 'radloop', 'service.instance.id': instance });
  const base = otlpEndpoint?.replace(/\/+$/u, '');
  const scrape = new ScrapeReader();
  const told = (what: 'metrics' | 'traces') =>
    outages(what, failed, () => {
      measured.count('telemetry.dropped', { what });
    });
  const toldOfMetrics = told('metrics');
  const toldOfTraces = told('traces');

  const metricExporters: PushMetricExporter[] = [
    ...(base === undefined ? [] : [watched(new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: 5000 }), toldOfMetrics)]),
    ...(console ? [new ConsoleMetricExporter()] : []),
    ...(lines === undefined ? [] : [metricLines(lines, () => new Date().toISOString())]),
  ];
  const readers = metricExporters.map(
    (exporter) =>
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: everySeconds * 1000,
        exportTimeoutMillis: Math.min(6000, everySeconds * 1000),
      }),
  );
  const provider = new MeterProvider({ resource, readers: [scrape, ...readers] });
  const measured = meters(provider.getMeter('radloop'), allowed);
  measured.observe(runtimeReadings());

  const spanExporters: SpanExporter[] = [
    ...(base === undefined ? [] : [watched(new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: 5000 }), toldOfTraces)]),
    ...(console ? [new ConsoleSpanExporter()] : []),
  ];
  const processors = spanExporters.map((exporter) => new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000, exportTimeoutMillis: 6000 }));
  const spans = processors.length === 0 ? null : tracer(resource, processors, allowed, hash);
  return {
    ...measured,
    traces: spans !== null,
    span(span) {
      spans?.span(span);
    },
    async metricsText() {
      const { resourceMetrics } = await scrape.collect();
      return prometheusText(resourceMetrics);
    },
    async flush() {
      await Promise.allSettled([provider.forceFlush(), spans?.flush()]);
    },
    async stop() {
      await Promise.allSettled([provider.shutdown(), spans?.stop()]);
    },
  };
}

/** Read when somebody asks; nothing is pushed. */
class ScrapeReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface Exports<Batch, Result> {
  export(batch: Batch, done: (result: Result) => void): void;
}

/** The answer's body is dropped: it may quote what was sent. */
function watched<Batch, Result extends { readonly error?: Error }, Exporter extends Exports<Batch, Result>>(
  exporter: Exporter & Exports<Batch, Result>,
  told: (error: Error | null) => void,
): Exporter {
  const send = exporter.export.bind(exporter);
  exporter.export = (batch, done) => {
    send(batch, (result) => {
      told(result.error ?? null);
      done(result);
    });
  };
  return exporter;
}

function outages(
  what: 'metrics' | 'traces',
  failed: (what: 'metrics' | 'traces', error: unknown) => void,
  dropped: () => void,
): (error: unknown) => void {
  let isOut = false;
  return (error) => {
    if (error !== null) dropped();
    if (error !== null && !isOut) failed(what, error);
    isOut = error !== null;
  };
}
