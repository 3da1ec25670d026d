import type { Delivery } from '#core/delivery.js';
import { epochOf } from '#core/time.js';
import type { Claim, OutboxItem } from '#ports/outbox-store.js';
import type { Pager } from '#ports/pager.js';
import type { Telemetry } from '#ports/telemetry.js';
import type { Backpressure } from './backpressure.ts';
import { CANARY_ENDPOINT, PROGRESS } from './canary.ts';
import type { Parts } from './parts.ts';
import { Recent, changed, tapped } from './tapped.ts';
import { traced } from './traced.ts';
import type { Traced } from './traced.ts';

/** Doors at which HL7 comes in are named; these bring other things. */
const NOT_HL7: readonly string[] = ['fhir', 'pacs', 'event-grid', CANARY_ENDPOINT];

/**
 * The parts with somebody looking on at every port that tells how the service does: engine code stays free of measuring. What is looked at is counted after it
 * succeeded; the canary is in none of the counts of messages, answers and deliveries (its timer is in the lateness of timers: it is one like the others).
 */
export function measured(parts: Parts, telemetry: Telemetry): Parts {
  const trace = traced(telemetry);
  return changed(parts, {
    raw: measuredRaw(parts, telemetry, trace),
    bus: measuredBus(parts, telemetry, trace),
    cases: measuredCases(parts, telemetry, trace),
    outbox: measuredOutbox(parts, telemetry, trace),
    ...(parts.pressure === undefined ? {} : { pressure: measuredPressure(parts.pressure, telemetry) }),
    deadlines: tapped(parts.deadlines, {
      fire([{ at }, now]) {
        telemetry.measure('timer.lateness', (epochOf(now) - epochOf(at)) / 1000, {});
      },
    }),
    audit: tapped(parts.audit, {
      record([{ outcome, action }]) {
        if (outcome === 'denied') telemetry.count('authz.denied', { action });
      },
    }),
    model: tapped(parts.model, {
      ask(_given, { ok }) {
        if (!ok) telemetry.count('ai.fallback', { reason: 'model-unavailable' });
      },
    }),
    ehr: tapped(parts.ehr, {
      gather(_given, { ok }) {
        if (!ok) telemetry.count('ai.fallback', { reason: 'context-unavailable' });
      },
    }),
    ...(parts.pager === undefined ? {} : { pager: measuredPager(parts.pager, telemetry) }),
    // Whoever asks for it asks again each time: the bot is made after the parts.
    get people() {
      return measuredPeople(parts.people, telemetry);
    },
  });
}

function measuredRaw({ raw }: Parts, telemetry: Telemetry, trace: Traced): Parts['raw'] {
  return tapped(
    raw,
    {
      keep([message], kept, began) {
        const { endpoint } = message;
        if (NOT_HL7.includes(endpoint)) return;
        telemetry.count('hl7.intake.messages', { endpoint, ack: kept.ackCode });
        telemetry.measure('hl7.intake.ack.duration', (performance.now() - began) / 1000, {});
        if (!kept.fresh) telemetry.count('hl7.duplicate.messages', { endpoint });
        if (kept.controlIdReused) telemetry.count('hl7.control_id_reuse', { endpoint });
        trace.kept(message, began);
      },
      unrouted(_given, messages) {
        trace.found(messages);
      },
      route([routes], _result, began) {
        trace.routed(routes, began);
      },
    },
    (name, given) => {
      const [message] = given as Parameters<Parts['raw']['keep']>;
      if (name === 'keep' && !NOT_HL7.includes(message.endpoint))
        telemetry.count('hl7.intake.messages', { endpoint: message.endpoint, ack: 'not-kept' });
    },
  );
}

function measuredBus({ bus }: Parts, telemetry: Telemetry, trace: Traced): Parts['bus'] {
  const ended = (isOurs: boolean, claimed: string): void => {
    if (!isOurs) telemetry.count('lease.lost', { what: 'event' });
    trace.eventFailed(claimed);
  };
  return tapped(bus, {
    claim(_given, events) {
      trace.claimed(events);
    },
    release([{ claimed }], isOurs) {
      ended(isOurs, claimed);
    },
    quarantine([{ claimed }], isOurs) {
      ended(isOurs, claimed);
    },
  });
}

const CONFLICTS: readonly string[] = ['already', 'stale', 'closed'];

function measuredCases({ cases }: Parts, telemetry: Telemetry, trace: Traced): Parts['cases'] {
  return tapped(cases, {
    append([change], appended, began) {
      if (change.workflow === PROGRESS) return;
      if (!appended.ok) {
        if (appended.code === 'claim-lost') telemetry.count('lease.lost', { what: 'event' });
        return;
      }
      const outcome = change.answer?.outcome;
      if (change.event.actor.kind === 'person' && outcome !== undefined) {
        telemetry.count('approval.decisions', { outcome });
        if (CONFLICTS.includes(outcome)) telemetry.count('approval.conflicts', { reason: outcome });
      }
      const took = trace.told(change, began);
      telemetry.measure('messaging.process.duration', took, { 'messaging.operation.name': 'event' });
    },
  });
}

function measuredOutbox({ outbox }: Parts, telemetry: Telemetry, trace: Traced): Parts['outbox'] {
  const underWay = new Recent<{ readonly item: OutboxItem; readonly began: number }>(10_000);
  const keyOf = ({ id, attempt }: Claim): string => `${id}:${attempt}`;
  const ended = (claim: Claim, isOurs: boolean, code: string): void => {
    if (!isOurs) telemetry.count('lease.lost', { what: 'delivery' });
    const known = underWay.take(keyOf(claim));
    if (known === undefined) return;
    const { item, began } = known;
    telemetry.measure('messaging.process.duration', (performance.now() - began) / 1000, { 'messaging.operation.name': 'delivery' });
    if (item.effect.kind === 'sendHl7')
      telemetry.count('messaging.client.sent.messages', { 'messaging.destination.name': item.effect.destination, 'error.type': code });
    trace.delivered(item, began, code);
  };
  return tapped(outbox, {
    claim(_given, items) {
      for (const item of items) {
        if (item.workflow === PROGRESS) {
          underWay.take(keyOf(item));
          continue;
        }
        underWay.put(keyOf(item), { item, began: performance.now() });
        trace.taken(item);
      }
    },
    delivered([claim], isOurs) {
      ended(claim, isOurs, '');
    },
    awaitAnswer([claim], isOurs) {
      ended(claim, isOurs, '');
    },
    tryAgain([claim, code], isOurs) {
      ended(claim, isOurs, code);
    },
    hold([claim, code], isOurs) {
      ended(claim, isOurs, code);
    },
  });
}

function measuredPressure(pressure: Backpressure, telemetry: Telemetry): Backpressure {
  return {
    ...pressure,
    refused(endpoint) {
      telemetry.count('hl7.intake.refused', { endpoint });
      pressure.refused(endpoint);
    },
  };
}

function measuredPager(pager: Pager, telemetry: Telemetry): Pager {
  return tapped(pager, {
    send([{ channel }], done) {
      telemetry.count('notify.attempts', { channel, result: done.ok ? 'ok' : done.code });
    },
  });
}

const measuredOnes = new WeakMap<Parts['people'], Parts['people']>();

function measuredPeople(people: Parts['people'], telemetry: Telemetry): Parts['people'] {
  const known = measuredOnes.get(people);
  if (known !== undefined) return known;
  const attempt = (channel: 'card' | 'private-chat', done: Delivery): void => {
    telemetry.count('notify.attempts', { channel, result: done.ok ? 'ok' : done.code });
  };
  const made = tapped(people, {
    post(_given, done) {
      attempt('card', done);
    },
    edit(_given, done) {
      attempt('card', done);
    },
    tell(_given, done) {
      attempt('private-chat', done);
    },
  });
  measuredOnes.set(people, made);
  return made;
}
