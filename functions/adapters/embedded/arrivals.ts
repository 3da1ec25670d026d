import type { CaseId } from '#core/ids.js';
import { epochOf, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Arrival, ArrivalEntry } from '#ports/raw-store.js';
import { casesWith, ordersAmong } from './case-keys.ts';
import type { Database } from './database.ts';
import { publishEvent } from './event-bus.ts';
import type { Keeping } from './keeper.ts';
import { OF_SITE } from './sealing.ts';

type Match = Pick<ArrivalEntry, 'caseId' | 'matchedBy' | 'reason'>;

/** Keeps an arrival once a version, with the case it belongs to or why none. One that was unmatched and comes again is matched when its order is known by now. */
export function keepArrival(keeping: Keeping, arrival: Arrival, rawId: number, at: Instant): CaseId | null {
  const { db, hash } = keeping;
  const version = hash(`${arrival.what}|${arrival.version}`);
  const before = db.get<{ id: number; state: string }>('SELECT id, state FROM arrivals WHERE what = ? AND version_hash = ?', arrival.what, version);
  if (before && before.state !== 'unmatched') return null;
  const { caseId, matchedBy, reason } = matchOf(keeping, arrival);
  if (before && caseId === null) return null;
  const kept = caseId === null ? db.sealing.seal(OF_SITE, arrivalPlace(arrival.what, version), JSON.stringify(arrival)) : null;
  const state: ArrivalEntry['state'] = caseId === null ? 'unmatched' : 'matched';
  db.run(
    `INSERT INTO arrivals (what, version_hash, case_id, matched_by, reason, state, raw_id, received_at, kept) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET case_id = excluded.case_id, matched_by = excluded.matched_by, reason = excluded.reason, state = excluded.state, kept = excluded.kept`,
    ...[arrival.what, version, caseId, matchedBy, reason, state, rawId, at, kept],
  );
  if (caseId === null || !arrival.tell) return caseId;
  const { id, actor, input } = arrival;
  publishEvent(db, { id, workflow: workflowOf(db, caseId), caseId, occurredAt: at, actor, input }, at);
  return caseId;
}

export function arrivalPlace(what: string, version: Uint8Array): string {
  return `arrival|${what}|${Buffer.from(version).toString('hex')}`;
}

/** The first group of keys that leads to exactly one case decides; more than one narrows what the next groups may lead to. */
function matchOf(keeping: Keeping, { by, patient, workflow, tell }: Arrival): Match {
  let among: ReadonlySet<CaseId> | null = null;
  const tried: string[] = [];
  for (const { name, keys, near } of by) {
    if (keys.length === 0) continue;
    const within = near ? { from: daysFrom(near.at, -near.days), to: daysFrom(near.at, near.days) } : null;
    const all = [...casesWith(keeping, keys, within)].filter((caseId) => among?.has(caseId) ?? true);
    const found = workflow === undefined ? all : ordersAmong(keeping, all, { keys, workflow, tell });
    const [caseId] = found;
    if (caseId === undefined || found.length > 1) {
      tried.push(`${name}: ${found.length === 0 ? 'no case' : `${found.length} cases`}`);
      if (found.length > 1) among = new Set(found);
      continue;
    }
    const agrees = samePatient(keeping, caseId, patient);
    // A number that names somebody else's order is a mistake somewhere: nothing weaker may explain it away.
    if (agrees === 'no') return { caseId: null, matchedBy: null, reason: `${name}: the one case is about another patient` };
    return { caseId, matchedBy: name, reason: `${name}: one case${agrees === 'yes' ? '' : `, ${agrees}`}` };
  }
  return { caseId: null, matchedBy: null, reason: tried.length === 0 ? 'it names no order and no patient' : [...new Set(tried)].join('; ') };
}

const DAY_MS = 86_400_000;
/** The first and the last moment that an Instant can say. Some scanners write year 1 or 9999 for a time that they don't know. */
const [FIRST_MS, LAST_MS] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

function daysFrom(at: Instant, days: number): Instant {
  return toInstant(Math.min(Math.max(epochOf(at) + days * DAY_MS, FIRST_MS), LAST_MS));
}

function samePatient(
  keeping: Keeping,
  caseId: CaseId,
  patient: Arrival['patient'],
): 'yes' | 'no' | 'it names no patient' | 'its patient not known yet' {
  if (patient.length === 0) return 'it names no patient';
  if (casesWith(keeping, patient, null).has(caseId)) return 'yes';
  const told = keeping.db.get('SELECT 1 FROM facts WHERE case_id = ? LIMIT 1', caseId);
  return told ? 'no' : 'its patient not known yet';
}

function workflowOf(db: Database, caseId: CaseId): string {
  const found =
    db.get<{ workflow: string }>('SELECT workflow FROM cases WHERE case_id = ?', caseId) ??
    db.get<{ workflow: string }>('SELECT workflow FROM order_numbers WHERE case_id = ? LIMIT 1', caseId);
  if (found === undefined) throw new Error('a case that is matched has no workflow');
  return found.workflow;
}

interface Row {
  readonly id: number;
  readonly what: Arrival['what'];
  readonly case_id: CaseId | null;
  readonly matched_by: string | null;
  readonly reason: string;
  readonly state: ArrivalEntry['state'];
  readonly received_at: Instant;
}

/** Newest first. */
export function signedReports(db: Database, from: Instant, to: Instant): number {
  const found = db.get<{ n: number }>("SELECT count(*) AS n FROM arrivals WHERE what = 'report' AND received_at >= ? AND received_at < ?", from, to);
  return found?.n ?? 0;
}

export function arrivalsOf(db: Database, most: number, state?: ArrivalEntry['state']): readonly ArrivalEntry[] {
  const columns = 'id, what, case_id, matched_by, reason, state, received_at';
  const rows = state
    ? db.all<Row>(`SELECT ${columns} FROM arrivals WHERE state = ? ORDER BY id DESC LIMIT ?`, state, most)
    : db.all<Row>(`SELECT ${columns} FROM arrivals ORDER BY id DESC LIMIT ?`, most);
  return rows.map(({ id, case_id, matched_by, received_at, ...row }) => {
    return { ...row, id: String(id), caseId: case_id, matchedBy: matched_by, receivedAt: received_at };
  });
}
