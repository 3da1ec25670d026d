import type { CounterName, GaugeName, HistogramName, Labels } from './metrics.ts';

/** One gauge as it stands. */
export interface Reading {
  readonly name: GaugeName;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The way of a message: kept, worked out, told to its case, waiting to go out, gone out. */
export type SpanName = 'intake' | 'route' | 'event' | 'outbox' | 'delivery';

/**
 * One step that has ended. `trace`, `id` and `parent` are any texts that name the same thing again elsewhere (a hash, an event id, an effect's key): only
 * their keyed hashes leave, as trace and span ids.
 */
export interface Span {
  readonly name: SpanName;
  readonly trace: string;
  readonly id: string;
  /** null: the first step. */
  readonly parent: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
  /** Closed words, as in a log line; `case` is hashed. */
  readonly about: SpanFields;
}

export interface SpanFields {
  readonly endpoint?: string;
  readonly type?: string | null;
  readonly workflow?: string;
  readonly kind?: string;
  readonly destination?: string;
  readonly code?: string;
  readonly attempt?: number;
  readonly case?: string;
}

/** Counts, durations and traces of the running service. Never throws, never waits; holds no patient data, as its names and labels are closed sets (metrics.ts). */
export interface Telemetry {
  /** Costs an addition. */
  count<Name extends CounterName>(name: Name, labels: Labels<Name>): void;
  /** @param took seconds */
  measure<Name extends HistogramName>(name: Name, took: number, labels: Labels<Name>): void;
  /** Called whenever metrics are read; gauges of one that rejects are left out. */
  observe(read: () => Promise<readonly Reading[]> | readonly Reading[]): void;
  /** Are spans exported anywhere? Where not, nobody makes them. */
  readonly traces: boolean;
  span(span: Span): void;
}

/** Nothing is measured. */
export const noTelemetry: Telemetry = {
  count: () => undefined,
  measure: () => undefined,
  observe: () => undefined,
  traces: false,
  span: () => undefined,
};
