import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { healthToken } from '#adapters/embedded/health-token.js';
import { secrets } from '#adapters/fhir-in/secrets.js';
import { allowed } from '#adapters/telemetry/allowed.js';
import { crashText, withoutMessage } from '#adapters/telemetry/crash.js';
import { allowListLog } from '#adapters/telemetry/log.js';
import { watchSteadiness } from '#adapters/telemetry/runtime.js';
import { telemetry } from '#adapters/telemetry/telemetry.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Site } from '#domain/site.js';
import { withCanary } from '#engine/canary.js';
import { measured } from '#engine/measured.js';
import type { Parts } from '#engine/parts.js';
import { progress } from '#engine/progress.js';
import type { Progress } from '#engine/progress.js';
import { headroomCheck, readiness } from '#engine/readiness.js';
import type { Checking } from '#engine/readiness.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';
import type { GaugeName, Labels } from '#ports/metrics.js';
import type { Reading } from '#ports/telemetry.js';
import type { Config } from './config.ts';
import type { Stores } from './stores.ts';
import { registerFaults } from './triggers/faults.ts';
import type { Health } from './triggers/health.ts';

/** What is known elsewhere. */
export interface Sides extends Pick<Health, 'held' | 'feeds'> {
  readonly bot: { keysUsable(): Promise<boolean> };
  /** When the audit trail was last anchored outside the store; null: it is anchored nowhere, or was not yet. */
  readonly anchoredAt: () => Promise<Instant | null>;
  /** What somebody has to mend, and no reason to send no work here; each null: nothing. */
  readonly noted: Readonly<Record<string, Checking>>;
}

/** How the service is watched: its log, its metrics and traces, its canary, its health. */
export interface Watch {
  readonly log: Log;
  /** The parts with somebody looking on; the engine and the doors must be given these. */
  watched(parts: Parts): Parts;
  /** Counts a sentence that an endpoint was asked about in vain. */
  fellBack(): void;
  /** Counts what came back of a page. */
  answered(labels: Labels<'notify.answers'>): void;
  /** Once the engine runs: sends the canary, answers the health routes. */
  start(sides: Sides): Health;
  stop(): Promise<void>;
}

export function watch(config: Config, site: Site, stores: Stores, clock: Clock, write: (line: string) => void): Watch {
  const { hash, instance, health: store } = stores;
  const names = allowed(namesOf(site), hash);
  const log = allowListLog({
    write,
    clock,
    allowed: names,
    dropped: (what) => {
      running.count('log.dropped', { what });
    },
  });
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint = null, RADLOOP_TELEMETRY: where } = config;
  const running = telemetry(
    { instance, otlpEndpoint, console: where === 'console', ...(where === 'lines' ? { lines: write } : {}) },
    names,
    hash,
    (what, fault) => {
      log.error('telemetry.not-exported', { what, fault });
    },
  );
  const steady = watchSteadiness((milliseconds) => {
    log.error('clock.stepped', { duration: Math.abs(milliseconds), direction: milliseconds > 0 ? 'forwards' : 'back' });
  });
  const synced = (took: unknown): void => {
    if (typeof took === 'number') running.measure('store.fsync.duration', took, {});
  };
  subscribe('radloop.store.sync', synced);
  // Node's own way would print the message.
  process.on('uncaughtException', (fault) => {
    log.error('process.crashed', { fault });
    process.stderr.write(`${crashText(fault)}\n`);
    process.exit(1);
  });
  registerFaults(withoutMessage);

  let watched: Progress | null = null;
  let canary: { stop(): void } | null = null;
  let hasStarted = false;
  running.observe(() => [{ name: 'clock.step.seconds', value: steady.clockStep() }]);
  running.observe(() => storeReadings(stores, clock.now()));
  running.observe(async () => {
    const age = (await watched?.look())?.canaryAge ?? null;
    return age === null ? [] : [{ name: 'progress.age', value: Math.max(0, age) }];
  });
  return {
    log,
    fellBack: () => {
      running.count('ai.fallback', { reason: 'words-not-understood' });
    },
    answered: (labels) => {
      running.count('notify.answers', labels);
    },
    watched(parts) {
      watched = progress(measured(withCanary(parts), running), { cursors: stores.cursors, trail: stores.canaryTrail });
      return watched.parts;
    },
    start({ bot, anchoredAt, held, feeds, noted }) {
      if (watched === null) throw new Error('functions/telemetry.ts: the parts are not watched yet.');
      const { look, start } = watched;
      canary = start();
      hasStarted = true;
      running.observe(async () => aged('audit.anchor.age', await anchoredAt(), clock.now()));
      const { RADLOOP_HEALTH_TOKEN: given, RADLOOP_DATA: folder } = config;
      const token = given ?? (folder === undefined ? null : healthToken(folder));
      return {
        loopDelay: () => steady.loopDelay(),
        hasStarted: () => hasStarted,
        ready: readiness(
          {
            store: async () => {
              await store.probe();
              return null;
            },
            disk: async () => headroomCheck((await store.figures()).freeBytes),
            instance: async () => ((await store.isKnown()) ? null : 'the store does not know this process any more'),
            keys: async () => ((await bot.keysUsable()) ? null : 'the keys of the Bot Connector can not be had: nobody can answer a card'),
          },
          noted,
        ),
        ...{ progress: look, held, feeds, metrics: () => running.metricsText() },
        mayReadDetail: (authorization) => token !== null && /^Bearer /u.test(authorization) && secrets.same(authorization.slice(7), token),
      };
    },
    async stop() {
      canary?.stop();
      steady.stop();
      unsubscribe('radloop.store.sync', synced);
      await running.stop();
    },
  };
}

/** Names that may stand in a log line, a label or a span. */
function namesOf({ settings, endpoints, onCall }: Site): readonly string[] {
  const { ehr, destinations } = endpoints;
  return [
    ...[...settings.facilities, ...(onCall?.services ?? [])].map(({ id }) => id),
    ...Object.keys(destinations),
    ...(ehr.subscriptions?.rows.map(({ name }) => name) ?? []),
  ];
}

async function storeReadings({ health }: Pick<Stores, 'health'>, now: Instant): Promise<readonly Reading[]> {
  const { inbox, outbox, quarantine, freeBytes, auditRows } = await health.figures();
  return [
    { name: 'inbox.depth', value: inbox.depth },
    ...aged('inbox.oldest.age', inbox.oldest ?? now, now),
    ...outbox.flatMap(({ dest, depth, oldest }): readonly Reading[] => [
      { name: 'outbox.depth', value: depth, labels: { dest } },
      ...aged('outbox.oldest.age', oldest, now, { dest }),
    ]),
    ...Object.entries(quarantine).map(([reason, value]): Reading => ({ name: 'quarantine.count', value, labels: { reason } })),
    ...(freeBytes === null ? [] : [{ name: 'store.free.bytes', value: freeBytes } as const]),
    { name: 'audit.chain.height', value: auditRows },
  ];
}

function aged(name: GaugeName, since: Instant | null, now: Instant, labels: Readonly<Record<string, string>> = {}): readonly Reading[] {
  return since === null ? [] : [{ name, value: Math.max(0, (epochOf(now) - epochOf(since)) / 1000), labels }];
}
