import { failureCode } from '#core/delivery.js';
import { EFFECT_KINDS, pagingChannel } from '#core/effect.js';
import { FHIR_TYPES, MESSAGE_TYPES } from './closed-words.ts';

/**
 * What a field of a log line may hold. Nothing else can be written: patient data has no kind.
 * words: one of these. count: a whole number from 0 on. duration: milliseconds. fault: an Error, of which the name of its class and Node's own code are written.
 * opaque: an id that means nothing outside, written as its keyed hash. configured: a name of the site's folder or of a part of Radloop, such as
 * `mllp:general`. kind: a message type that is on the list; any other is written as `other`. address: an IP address. status: of HTTP, or null.
 */
export type FieldKind =
  | { readonly is: 'words'; readonly words: readonly string[] }
  | { readonly is: 'kind'; readonly words: readonly string[] }
  | { readonly is: 'count' | 'duration' | 'flag' | 'fault' | 'opaque' | 'configured' | 'address' | 'status' };

const words = <const Word extends string>(...all: Word[]): { readonly is: 'words'; readonly words: readonly Word[] } => ({ is: 'words', words: all });
const count = { is: 'count' } as const;
const duration = { is: 'duration' } as const;
const flag = { is: 'flag' } as const;
const fault = { is: 'fault' } as const;
const opaque = { is: 'opaque' } as const;
const configured = { is: 'configured' } as const;
const address = { is: 'address' } as const;
const status = { is: 'status' } as const;

const code = words(...failureCode.options);
const type = { is: 'kind', words: [...MESSAGE_TYPES, ...FHIR_TYPES] } as const;
const ack = words('AA', 'AE', 'AR');

/** Every line that Radloop writes, and its fields. A field may be left out. */
export const LOG_LINES = {
  'answer.not-sent': { destination: configured, code },
  'audit.anchor-conflict': {},
  'audit.anchors-beside-the-store': {},
  'audit.not-anchored': { fault },
  'audit.not-sealed': { fault },
  'audit.restored-over': {},
  'bot.answer-not-kept': { fault },
  'bot.invoke-failed': { invoke: words('task/fetch', 'task/submit', 'adaptiveCard/action', 'other'), fault },
  'bot.next-not-known': { fault },
  'bot.refused': {
    status,
    check: words(
      ...[
        'channel',
        'service-url',
        'no-tenant',
        'tenant',
        'no-conversation',
        'person',
        'content-type',
        'content-encoding',
        'size',
        'depth',
        'not-json',
      ],
      ...['not-an-activity', 'no-token', 'not-a-bearer-token', 'token-unreadable', 'token-algorithm', 'token-without-key-id', 'unknown-key'],
      ...['keys-unavailable', 'token-expired', 'token-signature', 'token-invalid', 'token-aud', 'token-iss', 'token-exp', 'token-nbf', 'token-iat'],
      ...['token-serviceurl', 'key-endorsement', 'activity-type', 'duplicate-name', 'unknown-invoke', 'card-data', 'automatic'],
    ),
  },
  'bot.seen-not-kept': { fault },
  'bot.send-failed': { code },
  'bot.turn-failed': { fault },
  'bot.view-not-shown': { fault },
  'bus.trouble': { what: words('send-failed', 'too-many-unsent', 'session-lost', 'receive-failed') },
  'clock.not-marked': { fault },
  'clock.stepped': { duration, direction: words('forwards', 'back') },
  /** The EHR was asked for an exam that no case is of, and did not say. */
  'critical.exam-not-asked': { code, status, fault },
  'critical.report-not-read': { endpoint: configured, fault },
  /** The site's policy of critical results is looser than the one before in so many points: the one before stands. */
  'critical.policy-waits': { count },
  'delivery.answered': { code: words('AA', 'AE', 'AR', 'CA', 'CE', 'CR'), attempt: count },
  'delivery.failed': {
    kind: words(...EFFECT_KINDS),
    code,
    attempt: count,
    again: flag,
  },
  'delivery.claim-lost': { attempt: count },
  'desk.opening-not-told': { fault },
  'teams.limits-not-kept': { fault },
  'on-call.gaps': { count },
  'desk.exam-not-read': { fault },
  'desk.names-not-compared': { fault },
  /** A critical result could not be written or sent, or not in time (no fault): whoever tried was told to phone. */
  'desk.not-sent': { fault },
  'door.not-recorded': { fault },
  'door.refused': {
    address,
    why: words(
      ...['untrusted-certificate', 'expired-certificate', 'no-certificate', 'our-certificate-untrusted', 'old-tls', 'not-tls', 'no-facility'],
      ...['between-frames', 'new-start-in-frame', 'unfinished-frame', 'frame-timed-out', 'frame-without-end', 'too-many-faults'],
      ...[
        'too-many-connections',
        'too-much-held',
        'answers-not-taken',
        'not-answered',
        'no-secret',
        'wrong-secret',
        'wrong-signature',
        'old-signature',
      ],
    ),
  },
  'downtime.not-written': { fault },
  'downtime.openings-gap': { after: count },
  'downtime.same-disk': {},
  'downtime.written': { cases: count, held: count, behind: duration, took: duration },
  'event.claim-lost': { workflow: configured, attempt: count },
  'event.failed': { workflow: configured, attempt: count, fault },
  'event.quarantined': { workflow: configured, attempt: count },
  'event.received': { endpoint: configured, type, used: flag, fresh: flag },
  'fhir.gap': { subscription: configured, events: count, by: words('number', 'time') },
  'fhir.not-read': { type, code, status, attempt: count },
  'fhir.not-taken': { type, fault, attempt: count },
  'fhir.notification-unread': { subscription: configured, status },
  'fhir.subscribed': { subscription: configured, made: words('created', 'updated', 'existing') },
  'fhir.subscription-failed': { subscription: configured, code, status },
  'fhir.subscription-silent': { subscription: configured, times: count },
  'fhir.subscription-stopped': { subscription: configured, status: words('error', 'off') },
  'fhir.sweep-failed': { subscription: configured, code, status, times: count },
  'fhir.sweep-incomplete': { subscription: configured },
  'fhir.told': {
    subscription: configured,
    shape: words('empty', 'resource', 'backport-r4', 'r4b', 'r5'),
    type: words('handshake', 'heartbeat', 'event-notification', 'query-status', 'query-event'),
    named: count,
    studies: count,
    foreign: count,
    ignored: count,
  },
  'hl7.answer-not-awaited': { endpoint: configured, code: words('AA', 'AE', 'AR', 'CA', 'CE', 'CR') },
  'hl7.batch-count': { endpoint: configured, messages: count },
  'hl7.control_id_reuse': { endpoint: configured, type },
  'hl7.disk-nearly-full': { messages: count },
  'hl7.not-judged': { endpoint: configured, fault },
  'hl7.not-kept': { endpoint: configured, fault },
  'hl7.not-routed': { endpoint: configured, fault },
  'hl7.received': { endpoint: configured, ack, type, state: words('new', 'used', 'kept', 'not-imaging', 'refused', 'released'), fresh: flag },
  'hl7.taken-again': { waiting: count },
  'hl7.too-much-waits': { waiting: count, messages: count },
  'hl7.turned-away': { endpoint: configured, field: words('MSH-3', 'MSH-4') },
  'log.left-out': { line: { is: 'kind', words: ['hl7.not-kept', 'worker.failed', 'worker.job-failed', 'event.failed', 'delivery.failed'] }, count },
  'mcp.failed': { fault },
  'mcp.refused': {
    status,
    check: words(
      ...['content-type', 'content-encoding', 'size', 'origin', 'not-json', 'tenant', 'person', 'no-token', 'not-a-bearer-token', 'token-unreadable'],
      ...['token-algorithm', 'token-without-key-id', 'unknown-key', 'keys-unavailable', 'token-expired', 'token-signature', 'token-invalid'],
      ...['token-aud', 'token-iss', 'token-exp', 'token-nbf', 'token-iat', 'token-of-no-person', 'token-scope'],
    ),
  },
  'pacs.not-kept': { fault, attempt: count },
  'pacs.not-read': {},
  /** Something came back of a page. */
  'page.answered': {
    channel: words(...pagingChannel.options),
    what: words('delivered', 'undeliverable', 'key', 'reply'),
    became: words('known', 'unknown-page', 'unknown-number', 'nothing-waits'),
  },
  'page.logged': { item: opaque },
  'poll.failed': { poll: configured, fault },
  'process.crashed': { fault },
  'progress.lost': { missing: words('overload', 'canary', 'timer', 'routes', 'events', 'outbox', 'deadlines', 'watcher') },
  'progress.regained': { duration },
  'queue.acted': { act: words('retry', 'skip', 'release', 'park', 'unpark', 'confirm', 'export'), item: opaque, done: flag },
  'restore.case-set-aside': { fault },
  'retention.acted': { act: words('hold', 'unhold', 'shred', 'shorten') },
  'retention.not-swept': { fault },
  'retention.waits': { messages: count, cases: count, rows: count },
  'retention.swept': { messages: count, cases: count, days: count, rows: count },
  'site.people-read': { count },
  'site.people-unusable': { fault },
  'site.roster-not-kept': { fault },
  'site.roster-unusable': { roster: configured, fault },
  'site.rosters-read': { count },
  'site-key.made': {},
  'site-key.not-rewrapped': { fault },
  'site-key.rewrapped': { keys: count, done: flag },
  'tab.failed': { fault },
  'tab.refused': {
    status,
    check: words(
      ...['content-type', 'content-encoding', 'size', 'another-site', 'not-of-the-tab', 'sign-in-elsewhere', 'tenant', 'person', 'token-client'],
      ...['no-token', 'not-a-bearer-token', 'token-unreadable', 'token-algorithm', 'token-without-key-id', 'unknown-key', 'keys-unavailable'],
      ...['token-expired', 'token-signature', 'token-invalid', 'token-aud', 'token-iss', 'token-exp', 'token-nbf', 'token-iat'],
      ...['token-of-no-person', 'token-scope'],
    ),
  },
  'telemetry.not-exported': { fault, what: words('metrics', 'traces') },
  /** Open alerts that nobody goes on with were paged by whoever watches; `why`: of the one that has waited longest. */
  'watcher.alert-overdue': { alerts: count, why: words('timer', 'event', 'held', 'page', 'nothing'), duration },
  'watcher.not-looked': { fault },
  'watcher.not-paged': { channel: words(...pagingChannel.options), code },
  'watcher.not-written': { fault },
  'watcher.ping-goes-on': {},
  'watcher.ping-stopped': { because: words('store', 'pager', 'service', 'outside') },
  'words.not-understood-there': { why: words('late', 'not-reached', 'refused', 'too-long', 'not-in-form', 'not-verbatim', 'resting') },
  'worker.failed': { worker: configured, fault },
  'worker.job-failed': { worker: configured, fault },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

export type LogLine = keyof typeof LOG_LINES;
