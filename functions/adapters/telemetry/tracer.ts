import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace as traces } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Resource } from '@opentelemetry/resources';
import { FHIR_TYPES, MESSAGE_TYPES } from '#ports/closed-words.js';
import type { FieldKind } from '#ports/log-lines.js';
import type { Span, SpanFields } from '#ports/telemetry.js';
import { failureCode } from '#core/delivery.js';
import { EFFECT_KINDS } from '#core/effect.js';
import type { Allowed } from './allowed.ts';

const KINDS: Readonly<Record<keyof SpanFields, FieldKind>> = {
  endpoint: { is: 'configured' },
  type: { is: 'kind', words: [...MESSAGE_TYPES, ...FHIR_TYPES] },
  workflow: { is: 'configured' },
  kind: { is: 'words', words: EFFECT_KINDS },
  destination: { is: 'configured' },
  code: { is: 'words', words: failureCode.options },
  attempt: { is: 'count' },
  case: { is: 'opaque' },
};

export interface Tracer {
  span(span: Span): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Spans with ids of our own making: a step finds the trace of the message that caused it by that message's hash, also in another process and after a restart.
 * Trace and span ids are keyed hashes: nothing can be told from them.
 */
export function tracer(resource: Resource, processors: readonly SpanProcessor[], allowed: Allowed, hash: (text: string) => Uint8Array): Tracer {
  const traceId = (text: string): string => hex(hash(`trace:${text}`), 16);
  const spanId = (text: string): string => hex(hash(`span:${text}`), 8);
  const next = { traceId: '', spanId: '' };
  const provider = new TracerProvider({
    resource,
    spanProcessors: [...processors],
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
  });
  const made = provider.getTracer('radloop');
  return {
    span({ name, trace, id, parent, startedAt, endedAt, failed, about }) {
      next.traceId = traceId(trace);
      next.spanId = spanId(id);
      const above = { traceId: next.traceId, spanId: parent === null ? '' : spanId(parent), traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const context = parent === null ? ROOT_CONTEXT : traces.setSpanContext(ROOT_CONTEXT, above);
      const span = made.startSpan(name, { startTime: startedAt, attributes: attributesOf(about, allowed) }, context);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(Math.max(startedAt, endedAt));
    },
    flush: () => provider.forceFlush(),
    stop: () => provider.shutdown(),
  };
}

function attributesOf(about: SpanFields, allowed: Allowed): Record<string, string | number | boolean> {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [name, kind] of Object.entries(KINDS) as [keyof SpanFields, FieldKind][]) {
    const value = about[name];
    const shown = value === undefined ? undefined : allowed.value(kind, value);
    if (shown !== undefined && shown !== null) attributes[`radloop.${name}`] = shown;
  }
  return attributes;
}

function hex(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes)
    .toString('hex')
    .slice(0, 2 * length);
}
