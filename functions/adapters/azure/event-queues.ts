import type { CaseId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { readHead } from './case-partition.ts';
import type { Site } from './case-partition.ts';
import type { EventDocument } from './cosmos-documents.ts';
import type { Stored } from './cosmos.ts';

/** What is known of the queues of events without asking for all of them: which cases to look at, and when. */
export interface EventQueues {
  /** There is, or will be, something to do for this case. */
  look(caseId: CaseId, from: Instant): void;
  /** Events that stand first in their case's queue and may be leased, of different cases. One at which a process ended comes by itself. */
  heads(now: Instant, most: number): Promise<Stored<EventDocument>[]>;
  /** When to look next; null: nothing is known to fall due. */
  nextDue(): Promise<Instant | null>;
  /** Resolves when nothing of this case is due or leased. Rejects when it was given up. */
  idle(caseId: CaseId): Promise<void>;
  giveUp(): void;
  dueBefore(before: Instant, most: number): Promise<Pick<EventDocument, 'caseId' | 'eventId'>[]>;
}

type State =
  | { readonly is: 'free'; readonly head: Stored<EventDocument> }
  /** Being told, by us or by another; what stands behind it may be told after it. */
  | { readonly is: 'leased' }
  | { readonly is: 'later'; readonly at: Instant }
  /** A person must act first. */
  | { readonly is: 'held' }
  | { readonly is: 'empty' };

interface Waiter {
  readonly done: () => void;
  readonly stopped: (why: Stopped) => void;
}

/** This process ends: another is given the case. */
class Stopped extends Error {
  override name = 'Stopped';
}

type Found = Pick<EventDocument, 'caseId' | 'queuedAt'> & { readonly eventDue: Instant };

/** Cases of one look over all of them, and looks that a claim takes at most. */
const LOOK_AT = 100;
const LOOKS = 20;
/** Cases being told here, at most, which are looked at again for what stands behind. */
const LEASED_BESIDE = 32;
/** Seconds after which a case that waits for a person, or for its time, is looked at again at the latest. */
const HELD_SECONDS = 10;
/** Cases that a query leaves out, at most. */
const MOST_LEFT_OUT = 500;
const [ALWAYS, NEVER] = ['0000-01-01T00:00:00.000Z' as Instant, '9999-12-31T23:59:59.999Z' as Instant];

const FIELDS = 'c.caseId, c.queuedAt, c.eventDue';
const DUE = "c.kind = 'event' AND c.eventDue <= @now AND NOT ARRAY_CONTAINS(@without, c.caseId)";
const SUSPECT = "(c.state = 'leased' OR c.crashes > 0)";

export function eventQueues(site: Site, sweepSeconds: number): EventQueues {
  const { cosmos } = site;
  /** Cases to look at, from then on. */
  const known = new Map<CaseId, Instant>();
  /** Cases that are stuck until then. */
  const stuck = new Map<CaseId, Instant>();
  const waiting = new Map<CaseId, Waiter[]>();
  let isGivenUp = false;
  let swept: Instant | null = null;

  const look = (caseId: CaseId, from: Instant): void => {
    const before = known.get(caseId);
    known.set(caseId, before !== undefined && before < from ? before : from);
    stuck.delete(caseId);
  };
  const rest = (caseId: CaseId): void => {
    known.delete(caseId);
    for (const { done } of waiting.get(caseId) ?? []) done();
    waiting.delete(caseId);
  };
  /** Looks at one case, and remembers what there is to do. */
  const stateOf = async (caseId: CaseId, now: Instant): Promise<State> => {
    const state = await readState(site, caseId, now);
    if (state.is === 'free') return state;
    if (state.is === 'leased') {
      // Behind the others: many that stand still must not be all that is looked at.
      known.delete(caseId);
      known.set(caseId, ALWAYS);
      return state;
    }
    rest(caseId);
    if (state.is === 'later') known.set(caseId, state.at);
    if (state.is === 'later' || state.is === 'held')
      stuck.set(caseId, state.is === 'later' && state.at < addSeconds(now, HELD_SECONDS) ? state.at : addSeconds(now, HELD_SECONDS));
    return state;
  };
  const free = async (cases: readonly CaseId[], now: Instant): Promise<Stored<EventDocument>[]> => {
    const states = await Promise.all(cases.map((caseId) => stateOf(caseId, now)));
    return states.flatMap((state) => (state.is === 'free' ? [state.head] : []));
  };
  /** Over all cases: those with something due, but for the ones that are known to be stuck. */
  const sweep = async (now: Instant, most: number, where: string): Promise<Stored<EventDocument>[]> => {
    for (const [caseId, until] of stuck) if (until <= now) stuck.delete(caseId);
    const without = new Set(stuck.keys());
    const heads: Stored<EventDocument>[] = [];
    const query = `SELECT TOP @top ${FIELDS} FROM c WHERE c.eventDue >= @from AND ${where} ORDER BY c.eventDue`;
    for (let n = 0, from = ALWAYS; n < LOOKS && heads.length < most; n += 1) {
      const values = { now, from, without: [...without].slice(0, MOST_LEFT_OUT), top: LOOK_AT };
      const found = await cosmos.query<Found>('cases', { query, values });
      const cases = [...new Set(inTurn(found).map(({ caseId }) => caseId))].filter((caseId) => !without.has(caseId));
      for (const caseId of cases) without.add(caseId);
      heads.push(...(await free(cases, now)));
      const last = found.at(-1)?.eventDue;
      if (last === undefined || found.length < LOOK_AT || (cases.length === 0 && last === from)) break;
      // More may be stuck than a query leaves out: what comes after them is looked at all the same.
      from = last;
    }
    return heads;
  };

  return {
    look,
    async heads(now, most) {
      const asked = [...known].filter(([, from]) => from <= now).map(([caseId]) => caseId);
      const heads = await free(asked.slice(0, most + LEASED_BESIDE), now);
      if (swept === null || now < swept || now >= addSeconds(swept, sweepSeconds)) {
        swept = now;
        heads.push(...(await sweep(now, 1, `${DUE} AND ${SUSPECT}`)), ...(await sweep(now, most, DUE)));
      }
      const once = [...new Map(heads.map((head) => [head.caseId, head])).values()];
      const suspect = inTurn(once.filter(({ state, crashes }) => state === 'leased' || crashes > 0))[0];
      const given = suspect === undefined ? inTurn(once).slice(0, most) : [suspect];
      // Whatever stands behind them is looked at when they are done; what was not given now, at the next claim.
      for (const { caseId } of once) known.set(caseId, ALWAYS);
      return given;
    },
    async nextDue() {
      if (sweepSeconds > 0) return [...known.values()].filter((from) => from !== ALWAYS).sort()[0] ?? null;
      const values = { now: NEVER, without: [...stuck.keys()].slice(0, MOST_LEFT_OUT), top: LOOK_AT };
      const query = `SELECT TOP @top c.caseId, c.eventDue FROM c WHERE ${DUE} ORDER BY c.eventDue`;
      const found = await cosmos.query<Found>('cases', { query, values });
      const dues = await Promise.all([...new Set(found.map(({ caseId }) => caseId))].map((caseId) => dueOf(site, caseId)));
      return dues.filter((due) => due !== null).sort()[0] ?? null;
    },
    idle(caseId) {
      look(caseId, ALWAYS);
      return new Promise((done, stopped) => {
        if (isGivenUp) return stopped(new Stopped());
        waiting.set(caseId, [...(waiting.get(caseId) ?? []), { done, stopped }]);
      });
    },
    giveUp() {
      isGivenUp = true;
      for (const { stopped } of [...waiting.values()].flat()) stopped(new Stopped());
      waiting.clear();
    },
    dueBefore(before, most) {
      const query = `SELECT TOP @most c.caseId, c.eventId FROM c WHERE c.state = 'waiting' AND ${DUE} ORDER BY c.eventDue`;
      return cosmos.query('cases', { query, values: { now: before, most, without: [...stuck.keys()].slice(0, MOST_LEFT_OUT) } });
    },
  };
}

async function firstOf({ cosmos }: Site, caseId: CaseId): Promise<Stored<EventDocument> | undefined> {
  const query = "SELECT TOP 1 * FROM c WHERE c.kind = 'event' ORDER BY c.turn";
  return (await cosmos.query<Stored<EventDocument>>('cases', { query, partition: caseId }))[0];
}

async function readState(site: Site, caseId: CaseId, now: Instant): Promise<State> {
  const [head, first] = await Promise.all([readHead(site, caseId), firstOf(site, caseId)]);
  if (first === undefined) return { is: 'empty' };
  if (head?.parked != null || first.eventDue === undefined) return { is: 'held' };
  if (first.eventDue <= now) return { is: 'free', head: first };
  return first.state === 'leased' ? { is: 'leased' } : { is: 'later', at: first.eventDue };
}

/** When the first in a case's queue falls due; null: never, or there is none. */
async function dueOf(site: Site, caseId: CaseId): Promise<Instant | null> {
  const state = await readState(site, caseId, ALWAYS);
  if (state.is === 'later') return state.at;
  return state.is === 'leased' ? ((await firstOf(site, caseId))?.eventDue ?? null) : null;
}

function inTurn<T extends Pick<EventDocument, 'queuedAt'>>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => (a.queuedAt < b.queuedAt ? -1 : a.queuedAt > b.queuedAt ? 1 : 0));
}
