import type { HospitalEvent } from '#domain/hospital-event.js';
import type { RawState, Route, Unrouted } from '#ports/raw-store.js';
import type { Parts } from './parts.ts';
import { accessionsOf } from './report-exam.ts';
import { consequencesOf } from './route.ts';
import type { Readers } from './route-critical.ts';

type Needs = Pick<Parts, 'raw' | 'door' | 'log' | 'wake' | 'pressure' | 'findingsIn' | 'detectedIn' | 'cases' | 'workflows'>;

/** Messages that are worked on in one transaction, at most. */
const AT_ONCE = 64;

/**
 * What the messages cause that were kept and answered: read again from their bytes, as at the moment they came, oldest first, each once. Answering does not
 * wait for this; a process that dies in between goes on here. Waits while many events or questions do (backpressure.ts). Gives how many there were.
 */
export async function routeKept(parts: Needs): Promise<number> {
  const room = (await parts.pressure?.room()) ?? AT_ONCE;
  const kept = await parts.raw.unrouted(Math.min(AT_ONCE, room));
  if (kept.length === 0) return 0;
  parts.pressure?.routed(kept.length);
  const routes = await Promise.all(kept.map((message) => routeOf(parts, message)));
  await parts.raw.route(routes).catch(() => oneByOne(parts, routes));
  parts.wake();
  return kept.length;
}

/** One that the store will not take does not keep the others back: it is left for an operator. A store that takes nothing at all rejects here too. */
async function oneByOne({ raw, log }: Needs, routes: readonly Route[]): Promise<void> {
  for (const route of routes) {
    await raw.route([route]).catch(async (error: unknown) => {
      await raw.route([{ ...route, consequences: [], ...NOT_USED }]);
      log.error('hl7.not-routed', { endpoint: '', fault: error });
    });
  }
}

const NOT_USED = { state: 'kept', reason: 'A fault of the reader: what it says is not used.' } as const;

async function routeOf(needs: Needs, { id, endpoint, hash, bytes, receivedAt }: Unrouted): Promise<Route> {
  const { door, log } = needs;
  try {
    // UTF-16 comes over HTTPS alone, where its end is known; over MLLP it was refused.
    const { events, reason } = door.judge(bytes, receivedAt, endpoint.startsWith('https:'));
    const readers = { ...readersOf(needs, endpoint), accessions: await accessionsOf(events, needs) };
    const consequences = consequencesOf(events, { id: `hl7:${hash}`, actor: { kind: 'sender', endpoint }, receivedAt }, readers);
    return { id, consequences, reason, state: usedAs(events, consequences.length > 0) };
  } catch (error) {
    // A fault of ours, and no reason for the others to wait: an operator finds it among the kept ones.
    log.error('hl7.not-routed', { endpoint, fault: error });
    return { id, consequences: [], ...NOT_USED };
  }
}

export function readersOf({ findingsIn, detectedIn, log }: Readers & Pick<Needs, 'log'>, endpoint: string): Readers {
  return {
    ...(findingsIn === undefined ? {} : { findingsIn }),
    ...(detectedIn === undefined ? {} : { detectedIn }),
    unread: (fault) => {
      log.error('critical.report-not-read', { endpoint, fault });
    },
  };
}

/** What became of a message that the door took. */
export function usedAs(events: readonly HospitalEvent[], used: boolean): RawState {
  if (events.length > 0 && events.every((event) => event.type === 'orderReceived' && event.order.kind === 'not-imaging')) return 'not-imaging';
  return used ? 'used' : 'kept';
}
