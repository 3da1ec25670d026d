import type { CaseEvent } from '#core/event.js';
import type { CaseId } from '#core/ids.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Arrival, ArrivalEntry } from '#ports/raw-store.js';
import type { Bodies } from './blob-bodies.ts';
import { readHead, replaced } from './case-partition.ts';
import type { Stored } from './cosmos.ts';
import { casesWith, ordersAmong } from './lookups.ts';
import type { Cases, Keeping } from './lookups.ts';
import { alsoKnownAs } from './patients.ts';
import { stamp } from './stamp.ts';

/** What arrivals need besides the look-ups. */
export interface Arriving extends Keeping {
  readonly bodies: Bodies;
  readonly publish: (event: CaseEvent) => Promise<void>;
}

export interface ArrivalDocument {
  readonly id: 'arrival';
  /** Of what and version. */
  readonly key: string;
  readonly what: Arrival['what'];
  readonly caseId: CaseId | null;
  readonly workflow: string | null;
  readonly matchedBy: string | null;
  readonly reason: string;
  readonly state: ArrivalEntry['state'];
  readonly rawId: string;
  readonly receivedAt: Instant;
  readonly arrivedAt: string;
  /** Body of an unmatched one, to look for its order again. */
  readonly kept: string | null;
  /** Its case has the event, or is told nothing of it. */
  readonly told: boolean;
}

interface Match extends Pick<ArrivalEntry, 'caseId' | 'matchedBy' | 'reason'> {
  readonly workflow: string | null;
}

/**
 * Keeps an arrival once a version, with the case it belongs to or why none. One that was unmatched and comes again is matched when its order is known by now.
 * The match is written first, then its case is told, then that it was: done again after a crash it tells the same case.
 */
export async function keepArrival(arriving: Arriving, arrival: Arrival, rawId: string, at: Instant): Promise<void> {
  const { site, bodies, hash } = arriving;
  const key = hash(`${arrival.what}|${arrival.version}`);
  for (;;) {
    const before = await site.cosmos.read<ArrivalDocument>('lookups', key, 'arrival');
    if (before !== null && before.state !== 'unmatched') return tell(arriving, before, arrival, at);
    const match = await matchOf(arriving, arrival);
    if (before !== null && match.caseId === null) return;
    const kept = match.caseId === null ? await bodies.put('site', Buffer.from(JSON.stringify(arrival))) : null;
    const state = match.caseId === null ? 'unmatched' : 'matched';
    const told = match.caseId === null || !arrival.tell;
    const fresh: ArrivalDocument = { id: 'arrival', key, what: arrival.what, ...match, state, rawId, receivedAt: at, arrivedAt: stamp(), kept, told };
    const document = before === null ? fresh : { ...before, ...match, state, kept, told };
    const change = before === null ? { do: 'create' as const, document } : replaced(before, document as Stored<ArrivalDocument>);
    if ((await site.cosmos.write('lookups', key, [change])).ok && told) return;
  }
}

async function tell({ site, publish }: Arriving, before: Stored<ArrivalDocument>, { id, actor, input }: Arrival, at: Instant): Promise<void> {
  const { key, caseId, workflow, told } = before;
  if (told || caseId === null || workflow === null) return;
  await publish({ id, workflow, caseId, occurredAt: at, actor, input });
  await site.cosmos.write('lookups', key, [replaced(before, { ...before, told: true })]);
}

/** Looks again for the order of one that is unmatched; whichever door it came by. False when there is none to look for. */
export async function matchAgain(arriving: Arriving, id: string): Promise<boolean> {
  const found = await arriving.site.cosmos.read<ArrivalDocument>('lookups', id, 'arrival');
  const arrival = await arrivalIn(arriving, found);
  if (found === null || arrival === null) return false;
  await keepArrival(arriving, arrival, found.rawId, found.receivedAt);
  return true;
}

/** What is kept of one that is unmatched; null: there is no such one. */
export async function unmatchedArrival(arriving: Arriving, id: string): Promise<Arrival | null> {
  return arrivalIn(arriving, await arriving.site.cosmos.read<ArrivalDocument>('lookups', id, 'arrival'));
}

async function arrivalIn({ bodies }: Arriving, found: ArrivalDocument | null): Promise<Arrival | null> {
  if (found?.kept == null || found.state !== 'unmatched') return null;
  return JSON.parse((await bodies.get(found.kept)).toString()) as Arrival;
}

/** The first group of keys that leads to exactly one case decides; more than one narrows what the next groups may lead to. */
export async function matchOf(keeping: Keeping, { by, patient, workflow: ofOrders, tell: isTold }: Arrival): Promise<Match> {
  let among: ReadonlySet<CaseId> | null = null;
  const tried: string[] = [];
  for (const { name, keys, near } of by) {
    if (keys.length === 0) continue;
    const within = near ? { from: daysFrom(near.at, -near.days), to: daysFrom(near.at, near.days) } : null;
    const all = [...(await under(keeping, keys, within))].filter(([caseId]) => among?.has(caseId) ?? true);
    const found = ofOrders === undefined ? all : await ordersAmong(keeping, all, { keys, workflow: ofOrders, tell: isTold });
    const [only] = found;
    if (only === undefined || found.length > 1) {
      tried.push(`${name}: ${found.length === 0 ? 'no case' : `${found.length} cases`}`);
      if (found.length > 1) among = new Set(found.map(([caseId]) => caseId));
      continue;
    }
    const [caseId, workflow] = only;
    const agrees = await samePatient(keeping, caseId, patient);
    // A number that names somebody else's order is a mistake somewhere: nothing weaker may explain it away.
    if (agrees === 'no') return unmatched(`${name}: the one case is about another patient`);
    return { caseId, workflow, matchedBy: name, reason: `${name}: one case${agrees === 'yes' ? '' : `, ${agrees}`}` };
  }
  return unmatched(tried.length === 0 ? 'it names no order and no patient' : [...new Set(tried)].join('; '));
}

const unmatched = (reason: string): Match => ({ caseId: null, workflow: null, matchedBy: null, reason });

/** A patient counts under every number that is theirs by merges. */
async function under(keeping: Keeping, keys: Arrival['patient'], within: { readonly from: Instant; readonly to: Instant } | null): Promise<Cases> {
  const all = await Promise.all(keys.map((key) => alsoKnownAs(keeping, key)));
  return casesWith(keeping, all.flat(), within);
}

const DAY_MS = 86_400_000;
/** The first and the last moment that an Instant can say. Some scanners write year 1 or 9999 for a time that they don't know. */
const [FIRST_MS, LAST_MS] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

function daysFrom(at: Instant, days: number): Instant {
  return toInstant(Math.min(Math.max(epochOf(at) + days * DAY_MS, FIRST_MS), LAST_MS));
}

async function samePatient(
  keeping: Keeping,
  caseId: CaseId,
  patient: Arrival['patient'],
): Promise<'yes' | 'no' | 'it names no patient' | 'its patient not known yet'> {
  if (patient.length === 0) return 'it names no patient';
  if ((await under(keeping, patient, null)).has(caseId)) return 'yes';
  return ((await readHead(keeping.site, caseId))?.version ?? 0) > 0 ? 'no' : 'its patient not known yet';
}

/** Newest first. */
export async function arrivalsOf({ site }: Keeping, most: number, state?: ArrivalEntry['state']): Promise<readonly ArrivalEntry[]> {
  const query = `SELECT TOP @most * FROM c WHERE IS_DEFINED(c.arrivedAt)${state === undefined ? '' : ' AND c.state = @state'} ORDER BY c.arrivedAt DESC`;
  const found = await site.cosmos.query<ArrivalDocument>('lookups', { query, values: { most, ...(state === undefined ? {} : { state }) } });
  return found.map(({ key, what, caseId, matchedBy, reason, state: is, receivedAt }) => ({
    id: key,
    what,
    caseId,
    matchedBy,
    reason,
    state: is,
    receivedAt,
  }));
}
