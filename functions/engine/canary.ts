import { effectKey, eventId, orderKey, personId } from '#core/ids.js';
import type { CaseEvent } from '#core/event.js';
import { addSeconds, epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { CaseState, Runnable, Seen, Step } from '#core/workflow.js';
import type { CanaryReceived } from '#domain/canary.js';
import type { Claim } from '#ports/outbox-store.js';
import type { Consequence, Route } from '#ports/raw-store.js';
import type { Parts } from './parts.ts';
import { Recent, changed } from './tapped.ts';

/**
 * The canary (ADR 0028): an HL7 message of Radloop's own, NMD^N02 (application management data), that goes the whole way of an order: read and answered, kept in
 * the inbox, worked out by the `routes` worker, told to a case by the `events` worker, through the outbox, and a timer armed and fired. Its case has no facts: so
 * it has no row in a list and none in the audit trail. What goes out is a note to nobody, with nothing to tell.
 */
export const CANARY_ENDPOINT = 'canary';
export const PROGRESS = 'progress';
/** The order that every canary names, and so the one case that they have. */
export const CANARY_ORDER = orderKey.parse('placer|RADLOOP|canary');
const TIMER_SECONDS = 2;

/** MSH and NCK (system clock), as HL7 v2.5.1 chapter 14 has them; MSH-10 is the moment. */
export function canaryMessage(at: Instant): Buffer {
  const time = at.replace(/[-T:.Z]/gu, '').slice(0, 14);
  return Buffer.from(`MSH|^~\\&|RADLOOP|CANARY|RADLOOP|CANARY|${time}||NMD^N02^NMD_N02|${epochOf(at)}|P|2.5.1\rNCK|${time}\r`);
}

const nothingToSee: Seen = {
  row: null,
  subject: { modality: null, orderer: null, askedOf: null },
  likeness: null,
  round: 0,
  keys: [],
  takeBack: () => null,
  posting: null,
  kind: () => null,
  sharedCard: () => null,
  personalView: () => null,
  paper: () => null,
  note: () => null,
};

const NO_STATE: CaseState = { of: PROGRESS };
const NOTHING: Step = { facts: [], effects: [], answer: undefined, row: null, keys: [], modality: null };

/** Told of the canary it wants a note that says nothing and a timer; told of its timer, nothing. No facts ever: its history is empty and costs nothing. */
const progressWorkflow: Runnable = {
  name: PROGRESS,
  fold: () => NO_STATE,
  step(_state, input, { now }) {
    const { type, sentAt } = input as Partial<CanaryReceived>;
    if (type !== 'canaryReceived' || sentAt === undefined) return NOTHING;
    const key = effectKey.parse(canaryKey(sentAt));
    return {
      ...NOTHING,
      effects: [
        { kind: 'tellPerson', key, weight: 'advice', person: personId.parse('nobody'), note: 'nothing', revision: 0 },
        {
          kind: 'setDeadline',
          key: effectKey.parse(`${key}:timer`),
          weight: 'inner',
          name: 'canary',
          epoch: epochOf(sentAt),
          at: addSeconds(now, TIMER_SECONDS),
        },
      ],
    };
  },
  see: () => nothingToSee,
};

function canaryKey(sentAt: Instant): string {
  return `canary:${epochOf(sentAt)}`;
}

/** When the canary of this effect was sent; null: it is no canary's. */
export function sentAtOf(key: string): Instant | null {
  const [, epoch] = /^canary:(\d{1,15})$/u.exec(key) ?? [];
  return epoch === undefined ? null : toInstant(Number(epoch));
}

/** The parts with a way for the canary through them. What becomes of every other message is as before. */
export function withCanary(parts: Parts): Parts {
  return changed(parts, {
    raw: canaryRaw(parts),
    bus: canaryBus(parts),
    outbox: canaryOutbox(parts),
    log: quietOf(parts.log),
    workflows: [...parts.workflows, progressWorkflow],
    modeOf: (workflow, modality) => (workflow === PROGRESS ? 'assist' : parts.modeOf(workflow, modality)),
  });
}

/** The door reads NMD^N02 and uses it for nothing; the canary's is kept as one that has something to tell, and what it tells is put in by the route. */
function canaryRaw({ raw, door }: Parts): Parts['raw'] {
  const waiting = new Recent<Instant>(1000);
  return changed(raw, {
    keep: (message, consequences) =>
      message.endpoint === CANARY_ENDPOINT && message.ackCode === 'AA'
        ? raw.keep({ ...message, state: 'new', reason: null }, 'later')
        : raw.keep(message, consequences),
    async unrouted(most) {
      const found = await raw.unrouted(most);
      for (const { id, endpoint, bytes, receivedAt } of found) {
        if (endpoint !== CANARY_ENDPOINT) {
          waiting.take(id);
          continue;
        }
        const { controlId } = door.judge(bytes, receivedAt);
        waiting.put(id, sentAtOf(`canary:${controlId ?? ''}`) ?? receivedAt);
      }
      return found;
    },
    route: (routes) => raw.route(routes.map((route) => canaryRoute(route, waiting.get(route.id)))),
  });
}

function canaryRoute(route: Route, sentAt: Instant | undefined): Route {
  if (sentAt === undefined) return route;
  const consequence: Consequence = {
    kind: 'to-order',
    workflow: PROGRESS,
    numbers: [CANARY_ORDER],
    id: eventId.parse(canaryKey(sentAt)),
    actor: { kind: 'system', part: 'canary' },
    input: { type: 'canaryReceived', sentAt },
  };
  return { ...route, state: 'used', reason: null, consequences: [consequence] };
}

/** A canary that fails again and again is dropped, not held for a person: that it is missing is what shows. */
function canaryBus({ bus, cases, clock }: Parts): Parts['bus'] {
  const claimed = new Recent<CaseEvent>(100);
  return changed(bus, {
    async claim(now, leaseSeconds, most) {
      const given = await bus.claim(now, leaseSeconds, most);
      for (const { claimed: id, event } of given) {
        // A store may give an id again once its event is gone: what was claimed last under it counts.
        if (event.workflow === PROGRESS) claimed.put(id, event);
        else claimed.take(id);
      }
      return given;
    },
    async quarantine(claim, reason, at) {
      const event = claimed.take(claim.claimed);
      if (event === undefined) return bus.quarantine(claim, reason, at);
      const { caseId, caseNumber, version } = await cases.read(PROGRESS, event.caseId);
      const appended = await cases.append({
        ...{ workflow: PROGRESS, caseId, caseNumber, expectedVersion: version, at: clock.now(), row: null, keys: [], answer: undefined },
        event: { id: event.id, type: 'dropped', actor: event.actor },
        facts: [],
        effects: [],
        claimed: { claimed: claim.claimed, attempt: claim.attempt },
      });
      return appended.ok;
    },
  });
}

function canaryOutbox({ outbox }: Parts): Parts['outbox'] {
  const claimed = new Recent<true>(100);
  const keyOf = ({ id, attempt }: Claim): string => `${id}:${attempt}`;
  return changed(outbox, {
    async claim(now, leaseSeconds, most, share) {
      const given = await outbox.claim(now, leaseSeconds, most, share);
      for (const item of given) {
        if (item.workflow === PROGRESS) claimed.put(keyOf(item), true);
        else claimed.take(keyOf(item));
      }
      return given;
    },
    hold: (claim, code, detail, at) => (claimed.get(keyOf(claim)) ? outbox.delivered(claim, 'dropped', at) : outbox.hold(claim, code, detail, at)),
  });
}

/** A line for each canary would be all that an idle night's log holds. */
function quietOf(log: Parts['log']): Parts['log'] {
  return {
    info(line, fields) {
      const isCanary = fields !== undefined && 'endpoint' in fields && fields.endpoint === CANARY_ENDPOINT;
      if (!isCanary) log.info(line, fields);
    },
    error(line, fields) {
      log.error(line, fields);
    },
  };
}
