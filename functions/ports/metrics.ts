import { failureCode } from '#core/delivery.js';
import { pagingChannel } from '#core/effect.js';

/** A label's values are a closed set: words; `configured`: names of the site's folder and of Radloop's parts. What is not in it counts as `other`; never an id. */
export type LabelValues = readonly string[] | 'configured';

export interface Metric {
  /** counter: only grows. histogram: how long something took. gauge: as it stands when it is read. */
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM, as OpenTelemetry has it: s, By, 1; in braces what is counted. */
  readonly unit: string;
  readonly about: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
}

const counter = <const Labels extends Metric['labels']>(unit: string, about: string, labels: Labels) =>
  ({ kind: 'counter', unit, about, labels }) as const;
const seconds = <const Labels extends Metric['labels']>(about: string, labels: Labels) => ({ kind: 'histogram', unit: 's', about, labels }) as const;
const gauge = <const Labels extends Metric['labels']>(unit: string, about: string, labels: Labels) =>
  ({ kind: 'gauge', unit, about, labels }) as const;

/** What `authz.denied` tells apart. */
const DENIED_ACTIONS = [
  ...[
    'view',
    'list-waiting',
    'approve',
    'choose-other',
    'decline',
    'ask-orderer',
    'answer-question',
    'remind',
    'hand-over',
    'take-back',
    'snooze',
    'door',
    'hl7',
    'teams-activity-refused',
    'tab-request-refused',
  ],
  ...['break-glass', 'break-glass-confirm', 'break-glass-review'],
  ...['q-list', 'q-show', 'q-diff', 'q-history', 'q-retry', 'q-skip', 'q-release', 'q-park', 'q-confirm', 'q-export'],
] as const;

/** Every metric of Radloop's own (INVARIANTS section 4), besides those of the runtime that OpenTelemetry names. */
export const METRICS = {
  'hl7.intake.messages': counter('{message}', 'Messages answered, by door and application answer', {
    endpoint: 'configured',
    ack: ['AA', 'AE', 'AR', 'not-kept'],
  }),
  'hl7.intake.refused': counter('{message}', 'Messages answered AE and not kept because too much was waiting', { endpoint: 'configured' }),
  'hl7.intake.ack.duration': seconds('From the whole message to its row and answer on the disk', {}),
  'hl7.duplicate.messages': counter('{message}', 'The same bytes again, answered as before', { endpoint: 'configured' }),
  'hl7.control_id_reuse': counter('{message}', 'MSH-10 used again for other bytes', { endpoint: 'configured' }),
  'inbox.depth': gauge('{message}', 'Messages and events kept and not worked out yet', {}),
  'inbox.oldest.age': gauge('s', 'Age of the oldest of them', {}),
  'outbox.depth': gauge('{effect}', 'Effects that wait to go out', { dest: 'configured' }),
  'outbox.oldest.age': gauge('s', 'Age of the oldest of them', { dest: 'configured' }),
  'quarantine.count': gauge('{item}', 'What is held for a person', { reason: ['event', 'delivery', 'message', 'arrival'] }),
  'approval.decisions': counter('{decision}', 'Answers of people and what became of them', {
    outcome: ['won', 'noted', 'already', 'stale', 'closed', 'denied', 'invalid'],
  }),
  'approval.conflicts': counter('{decision}', 'Answers that came too late or to something else', { reason: ['already', 'stale', 'closed'] }),
  'notify.attempts': counter('{attempt}', 'Cards and notes handed to Teams, pages handed to their channels', {
    channel: ['card', 'private-chat', ...pagingChannel.options],
    result: ['ok', ...failureCode.options],
  }),
  'notify.answers': counter('{answer}', 'What came back of pages: reports of the gateway, keys pressed in calls, replies', {
    what: ['delivered', 'undeliverable', 'key', 'reply'],
    became: ['known', 'unknown-page', 'unknown-number', 'nothing-waits'],
  }),
  'messaging.client.sent.messages': counter('{message}', 'HL7 messages sent; error.type is empty when the receiver took it', {
    'messaging.destination.name': 'configured',
    'error.type': ['', ...failureCode.options],
  }),
  'messaging.process.duration': seconds('From the claim of an event or an effect to its end', {
    'messaging.operation.name': ['event', 'delivery'],
  }),
  'timer.lateness': seconds('How long after its due time a deadline fired', {}),
  'lease.lost': counter('{claim}', 'Writes refused because another claim had been given since', { what: ['event', 'delivery'] }),
  'store.fsync.duration': seconds('One sync of the store', {}),
  'store.free.bytes': gauge('By', 'Free where the store is', {}),
  'clock.step.seconds': gauge('s', 'The last step of the wall clock against the steady one; 0: none', {}),
  'audit.chain.height': gauge('{row}', 'Rows of the audit trail', {}),
  'audit.anchor.age': gauge('s', 'Since the trail was last anchored outside the store', {}),
  'ai.fallback': counter('{question}', 'Cards and sentences that had to go without', {
    reason: ['model-unavailable', 'context-unavailable', 'words-not-understood'],
  }),
  'authz.denied': counter('{denial}', 'What somebody was not let do', { action: DENIED_ACTIONS }),
  'progress.age': gauge('s', 'Since a canary was sent that went the whole way', {}),
  'log.dropped': counter('{field}', 'Lines and fields that are not on the list', { what: ['line', 'field'] }),
  'telemetry.dropped': counter('{batch}', 'What could not be exported', { what: ['metrics', 'traces'] }),
  'nodejs.eventloop.delay.p99': gauge('s', 'Event loop delay since the last reading', {}),
  'nodejs.eventloop.utilization': gauge('1', 'Share of the time in which the event loop was busy', {}),
  'v8js.memory.heap.used': gauge('By', 'Heap in use', {}),
  'process.memory.usage': gauge('By', 'Resident memory', {}),
} as const satisfies Readonly<Record<string, Metric>>;

type Named<Kind extends Metric['kind']> = {
  [Name in keyof typeof METRICS]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[keyof typeof METRICS];
export type MetricName = keyof typeof METRICS;
export type CounterName = Named<'counter'>;
export type HistogramName = Named<'histogram'>;
export type GaugeName = Named<'gauge'>;
export type Labels<Name extends MetricName> = { readonly [Label in keyof (typeof METRICS)[Name]['labels']]: string };
