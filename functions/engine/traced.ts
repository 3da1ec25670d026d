import { epochOf } from '#core/time.js';
import type { Append } from '#ports/case-store.js';
import type { ClaimedEvent } from '#ports/event-bus.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import type { RawMessage, Route, Unrouted } from '#ports/raw-store.js';
import type { Telemetry } from '#ports/telemetry.js';
import { CANARY_ENDPOINT, PROGRESS } from './canary.ts';
import { Recent } from './tapped.ts';

/** Where a step belongs: the trace, and the step that caused it. */
interface Place {
  readonly trace: string;
  readonly parent: string | null;
}

/** What is told of each step; where nobody takes spans nothing is made of it. */
export interface Traced {
  kept(message: RawMessage, began: number): void;
  found(messages: readonly Unrouted[]): void;
  routed(routes: readonly Route[], began: number): void;
  claimed(events: readonly ClaimedEvent[]): void;
  /** Gives the seconds since the event was claimed, or since `began` where nobody claimed it. */
  told(change: Append, began: number): number;
  eventFailed(claimed: string): void;
  taken(item: OutboxItem): void;
  delivered(item: OutboxItem, began: number, code: string): void;
}

const MOST = 20_000;

/**
 * One trace from a message to what leaves because of it. Its name is the hash of the message's bytes, which the ids of its events hold; what an effect was caused
 * by is remembered in memory: after a restart an effect that waited begins a trace of its own, joined to the first by the hashed case.
 */
export function traced(telemetry: Telemetry): Traced {
  const messages = new Recent<Unrouted>(MOST);
  const events = new Recent<{ readonly job: ClaimedEvent; readonly began: number }>(MOST);
  const effects = new Recent<Place>(MOST);
  const cases = new Recent<string>(MOST);
  const wall = (at: number): number => Math.round(performance.timeOrigin + at);
  const now = (): number => wall(performance.now());

  const placeOf = (caseId: string, event: string): Place => {
    const [, hash] = /^(?:hl7|in):([0-9a-f]{64})/u.exec(event) ?? [];
    return hash === undefined ? { trace: cases.get(caseId) ?? caseId, parent: null } : { trace: hash, parent: `route:${hash}` };
  };
  const eventSpan = (
    about: Pick<Append, 'workflow' | 'caseId'> & { readonly event: string },
    began: number,
    attempt: number,
    failed: boolean,
  ): Place => {
    const { trace, parent } = placeOf(about.caseId, about.event);
    const id = `event:${about.caseId}:${about.event}:${attempt}`;
    telemetry.span({
      ...{ name: 'event', trace, id, parent, failed, startedAt: wall(began), endedAt: now() },
      about: { workflow: about.workflow, attempt, case: about.caseId },
    });
    return { trace, parent: id };
  };

  return {
    kept({ endpoint, hash, messageType, state }, began) {
      if (!telemetry.traces) return;
      const about = { endpoint, type: messageType };
      telemetry.span({
        ...{ name: 'intake', trace: hash, id: `intake:${hash}`, parent: null, failed: state === 'refused', about },
        ...{ startedAt: wall(began), endedAt: now() },
      });
    },
    found(found) {
      if (telemetry.traces) for (const message of found) if (message.endpoint !== CANARY_ENDPOINT) messages.put(message.id, message);
    },
    routed(routes, began) {
      for (const { id } of routes) {
        const message = messages.take(id);
        if (message === undefined) continue;
        const { hash, endpoint } = message;
        telemetry.span({
          ...{ name: 'route', trace: hash, id: `route:${hash}`, parent: `intake:${hash}`, failed: false, about: { endpoint } },
          ...{ startedAt: wall(began), endedAt: now() },
        });
      }
    },
    claimed(given) {
      for (const job of given) {
        // An id may come again: what was claimed last under it counts.
        if (job.event.workflow === PROGRESS) events.take(job.claimed);
        else events.put(job.claimed, { job, began: performance.now() });
      }
    },
    told(change, began) {
      const { workflow, caseId, event, claimed } = change;
      const known = claimed === undefined ? undefined : events.take(claimed.claimed);
      const since = known?.began ?? began;
      if (telemetry.traces) {
        const place = eventSpan({ workflow, caseId, event: event.id }, since, claimed?.attempt ?? 1, false);
        cases.put(caseId, place.trace);
        for (const { effect } of change.effects) effects.put(effect.key, place);
      }
      return (performance.now() - since) / 1000;
    },
    eventFailed(claimed) {
      const known = events.take(claimed);
      if (known === undefined || !telemetry.traces) return;
      const { event, attempt } = known.job;
      eventSpan({ workflow: event.workflow, caseId: event.caseId, event: event.id }, known.began, attempt, true);
    },
    taken({ effect, attempt, writtenAt, workflow, caseId }) {
      if (!telemetry.traces) return;
      const { trace, parent } = effects.get(effect.key) ?? { trace: cases.get(caseId) ?? caseId, parent: null };
      telemetry.span({
        ...{ name: 'outbox', trace, id: `outbox:${effect.key}:${attempt}`, parent, failed: false, startedAt: epochOf(writtenAt), endedAt: now() },
        about: { workflow, kind: effect.kind, attempt, case: caseId },
      });
    },
    delivered({ effect, attempt, workflow, caseId }, began, code) {
      if (!telemetry.traces) return;
      const { trace } = effects.get(effect.key) ?? { trace: cases.get(caseId) ?? caseId };
      const destination = effect.kind === 'sendHl7' ? { destination: effect.destination } : {};
      telemetry.span({
        ...{ name: 'delivery', trace, id: `delivery:${effect.key}:${attempt}`, parent: `outbox:${effect.key}:${attempt}`, failed: code !== '' },
        ...{ startedAt: wall(began), endedAt: now() },
        about: { workflow, kind: effect.kind, attempt, case: caseId, ...destination, ...(code === '' ? {} : { code }) },
      });
    },
  };
}
