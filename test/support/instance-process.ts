import { appendFileSync } from 'node:fs';
import { takeOver } from '#adapters/embedded/take-over.js';
import { toInstant } from '#core/time.js';
import type { CaseState, Runnable } from '#core/workflow.js';
import type { Site } from '#domain/site.js';
import { startEngine } from '#engine/engine.js';
import type { Parts } from '#engine/parts.js';
import { startEngineFixture } from './engine-fixture.ts';

/**
 * A whole engine in a process of its own, on a store that others may work on too. What leaves it, and when it begins and ends an event, goes to a ledger outside
 * the store, one JSON line each. Started by instances.ts.
 */
export interface InstanceOptions {
  readonly folder: string;
  readonly ledger: string;
  readonly leaseSeconds: number;
  /** Where it says so and stops itself once, as SIGSTOP from outside would: between two turns, so never in the middle of a write. */
  readonly stopAt: 'append' | 'keepBytes' | 'send' | null;
}

const options = JSON.parse(process.argv[2] ?? '{}') as InstanceOptions;
const note = (line: object): void => {
  appendFileSync(options.ledger, `${JSON.stringify({ pid: process.pid, at: Date.now(), ...line })}\n`);
};
let stopped = false;
function here(where: InstanceOptions['stopAt']): void {
  if (stopped || options.stopAt !== where) return;
  stopped = true;
  note({ stopped: where });
  process.kill(process.pid, 'SIGSTOP');
}

/** Dies, hangs or throws at an event that says so; counts the others. */
const poison: Runnable = {
  name: 'poison',
  fold: (before, facts) => ((before as unknown as number) + facts.length) as unknown as CaseState,
  step(state, input) {
    const { does } = input as { does: string };
    if (does === 'exit') process.exit(1);
    if (does === 'abort') process.kill(process.pid, 'SIGKILL');
    if (does === 'hang') for (;;);
    if (does === 'throw') throw new TypeError('poison');
    return {
      facts: [{ type: 'told', fact: { type: 'told', n: state as unknown as number } }],
      effects: [],
      answer: undefined,
      row: null,
      keys: [],
      modality: null,
    };
  },
  see: () => {
    throw new Error('nothing is shown of it');
  },
};

/** A receiver that answers soon, so that a lease is little longer than the engine's. */
const quick = (site: Site): Site => {
  const destinations = Object.entries(site.endpoints.destinations).map(([name, one]) => [name, { ...one, ackTimeoutSeconds: 0.25 }]);
  return { ...site, endpoints: { ...site.endpoints, destinations: Object.fromEntries(destinations) as Site['endpoints']['destinations'] } };
};

const { parts: fixed, stores } = startEngineFixture('assist', quick, options.folder);
const log = (level: string) => (event: string, fields?: object) => {
  note({ log: event, level, ...fields });
};
const parts: Parts = {
  ...fixed,
  clock: { now: () => toInstant(Date.now()) },
  log: { info: log('info'), error: log('error') } as Parts['log'],
  workflows: [...fixed.workflows, poison],
  bus: {
    ...fixed.bus,
    async claim(...args) {
      const claimed = await fixed.bus.claim(...args);
      for (const { event, attempt } of claimed) note({ begins: event.id, case: event.caseId, attempt });
      return claimed;
    },
  },
  cases: {
    ...fixed.cases,
    async append(change) {
      if (change.claimed !== undefined) here('append');
      const appended = await fixed.cases.append(change);
      if (change.claimed !== undefined) note({ ends: change.event.id, case: change.caseId, attempt: change.claimed.attempt, ok: appended.ok });
      return appended;
    },
  },
  outbox: {
    ...fixed.outbox,
    async keepBytes(claim, bytes) {
      here('keepBytes');
      return fixed.outbox.keepBytes(claim, bytes);
    },
  },
  hl7: {
    ...fixed.hl7,
    async send(destination, bytes) {
      here('send');
      note({ sent: bytes.toString('base64'), to: destination });
      return { ok: true, receipt: { code: 'AA', controlId: 'x', text: 'MSA|AA|x' } };
    },
  },
  people: {
    async post(place, card) {
      const posting = { place, conversationId: `thread-${process.pid}-${Date.now()}`, activityId: String(Math.random()) };
      note({ posted: JSON.stringify(card), id: posting.activityId });
      return { ok: true, receipt: posting };
    },
    async edit(before, card) {
      note({ edited: before.activityId, card: JSON.stringify(card) });
      return { ok: true, receipt: before };
    },
    async tell(person) {
      note({ told: person });
      return { ok: true, receipt: { place: person, conversationId: person, activityId: 'note' } };
    },
  },
  wake() {
    engine.wake();
  },
};
await takeOver(stores.db);
const engine = startEngine(parts, options.leaseSeconds);
note({ ready: true });

process.once('SIGTERM', () => {
  void engine
    .stop()
    .then(() => stores.db.close())
    .then(() => {
      note({ ended: true });
      process.exit(0);
    });
});
