import { pagesBy } from '#core/effect.js';
import { eventId } from '#core/ids.js';
import type { OutboxItem, OutboxShare } from '#ports/outbox-store.js';
import { deliver } from './deliver.ts';
import { hearing } from './hear.ts';
import type { Parts } from './parts.ts';
import { routeKept } from './routing.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

/** Seconds that a claim holds. A process that dies with it is found out by the next start, or by this. */
const LEASE_SECONDS = 60;

export interface Engine {
  wake(): void;
  stop(): Promise<void>;
}

/**
 * The shell: events to their cases, effects out, due times in.
 * @param leaseSeconds shorter in tests
 */
export function startEngine(parts: Parts, leaseSeconds = LEASE_SECONDS): Engine {
  const { clock, log } = parts;
  let stopping = false;
  const workers: Worker[] = [
    startWorker<'kept'>(
      {
        name: 'routes',
        atOnce: 1,
        take: async () => ((await parts.raw.unrouted(1)).length > 0 ? ['kept'] : []),
        do: () =>
          unhurried(async () => {
            while (!stopping && (await routeKept(parts)) > 0);
          }),
        nextDue: () => Promise.resolve(null),
      },
      clock,
      log,
    ),
    startWorker({ name: 'events', atOnce: 16, ...hearing(parts, leaseSeconds) }, clock, log),
    ...sharesOf(parts, leaseSeconds).map(({ name, atOnce, share, leaseSeconds }) =>
      startWorker<OutboxItem>(
        {
          ...{ name, atOnce, do: (item) => deliver(parts, item), nextDue: () => parts.outbox.nextDue(share) },
          take: (now, most) => parts.outbox.claim(now, leaseSeconds, most, share),
        },
        clock,
        log,
      ),
    ),
    startWorker(
      {
        name: 'deadlines',
        atOnce: 1,
        take: (now) => parts.deadlines.due(now, 100),
        do: (deadline) =>
          unhurried(async () => {
            await parts.deadlines.fire(deadline, clock.now());
            parts.wake();
          }),
        nextDue: () => parts.deadlines.nextDue(),
      },
      clock,
      log,
    ),
  ];
  return {
    wake() {
      for (const worker of workers) worker.wake();
    },
    async stop() {
      stopping = true;
      parts.pressure?.stop();
      await Promise.all(workers.map((worker) => worker.stop()));
      await parts.audit.seal(clock.now());
    },
  };
}

const PAUSE_MS = 1000;

/** What was not claimed comes again at once: a store that fails at it is not asked without pause. */
async function unhurried(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    throw error;
  }
}

interface Share {
  readonly name: string;
  readonly atOnce: number;
  readonly share: OutboxShare;
  /** Longer than all that are taken at once can last one after the other: what is under way is never taken again by this process. */
  readonly leaseSeconds: number;
}

/**
 * Each receiver by itself: one that hangs holds up no other, and no card. What stays inside (a timer is set) and what is urgent stand behind no flood of new cards.
 * A destination takes one message at a time; the second is rendered meanwhile. */
function sharesOf({ destinations, pager }: Pick<Parts, 'destinations' | 'pager'>, lease: number): readonly Share[] {
  const channels = [...(pager?.channels ?? [])];
  const names = [...Object.keys(destinations), ...channels.map(pagesBy)];
  const ehr = ['gatherContext', 'writeFhir'] as const;
  const inner = ['askModel', 'setDeadline', 'withdraw', 'tellCase'] as const;
  const people = ['tellPerson'] as const;
  const cards = ['showCard'] as const;
  const drills = ['clearDrills'] as const;
  const toTeams = [...cards, ...people] as const;
  return [
    ...Object.entries(destinations).map(([destination, { ackTimeoutSeconds }]) => ({
      ...{ name: `outbox to ${destination}`, atOnce: 2, share: { destination } },
      // Connecting and waiting, for each of the two.
      leaseSeconds: lease + 4 * ackTimeoutSeconds,
    })),
    { name: 'outbox to the EHR', atOnce: 16, share: { kinds: ehr }, leaseSeconds: lease },
    { name: 'outbox inner', atOnce: 16, share: { kinds: inner }, leaseSeconds: lease },
    // By precedence: what is urgent has hands of its own, and so have edits and notes, however many new cards wait. Each send takes the connector's 10 seconds at most.
    { name: 'outbox critical', atOnce: 16, share: { kinds: toTeams, precedence: ['critical'] }, leaseSeconds: 4 * lease },
    // What ends drills waits behind nothing that a drill could be in the way of.
    { name: 'outbox drills', atOnce: 2, share: { kinds: drills }, leaseSeconds: lease },
    // One that hangs holds each of its own hands for ten seconds, and no other channel's. A printer takes one connection at a time.
    ...channels.map((channel) => ({
      ...{ name: `outbox to ${pagesBy(channel)}`, atOnce: channel === 'print' ? 1 : 8, share: { destination: pagesBy(channel) } },
      leaseSeconds: 4 * lease,
    })),
    { name: 'outbox STAT', atOnce: 16, share: { kinds: toTeams, precedence: ['stat'] }, leaseSeconds: 4 * lease },
    { name: 'outbox to people', atOnce: 8, share: { kinds: people, precedence: ['new', 'edit'] }, leaseSeconds: 4 * lease },
    { name: 'outbox edits', atOnce: 8, share: { kinds: cards, precedence: ['edit'] }, leaseSeconds: 4 * lease },
    // Posted one at a time: few are enough, and few are held while they wait for a place.
    { name: 'outbox new cards', atOnce: 4, share: { kinds: cards, precedence: ['new'] }, leaseSeconds: 4 * lease },
    { name: 'outbox', atOnce: 16, share: { notDestinations: names, notKinds: [...ehr, ...inner, ...drills, ...toTeams] }, leaseSeconds: 4 * lease },
  ];
}

/** The Teams client was started anew and shows nothing: every open case's card is posted again, the old posting recorded as superseded. */
export async function repostOpenCards(parts: Parts, occasion: string): Promise<number> {
  let count = 0;
  for (const { name } of parts.workflows) {
    for (const { caseId } of await parts.views.open(name)) {
      const id = eventId.parse(`cards-lost:${occasion}`);
      await parts.bus.publish({
        id,
        workflow: name,
        caseId,
        occurredAt: parts.clock.now(),
        actor: { kind: 'system', part: 'start' },
        input: { type: 'cardsLost' },
      });
      count += 1;
    }
  }
  parts.wake();
  return count;
}
