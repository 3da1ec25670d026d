import { createHmac } from 'node:crypto';
import { destinationOf, laneOf, rankOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { SIX_CHARACTER_NUMBERS, caseId as caseIdOf, drawnCaseNumber } from '#core/ids.js';
import type { CaseId, CaseNumber, EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { Append, Appended, CaseHistory, CaseStore, StoredFact } from '#ports/case-store.js';
import type { EventClaim } from '#ports/event-bus.js';
import { sha256 } from '#adapters/audit-chain/row.js';
import { appendAudit } from './audit-rows.ts';
import { addCaseKeys, casesEverWith } from './case-keys.ts';
import { conversationHash, openFact, sealEffect, sealFact } from './case-pieces.ts';
import type { Database } from './database.ts';
import { Shredded } from './sealing.ts';
import { caseIdKeyedBy, keyedHash } from './surroundings.ts';

/** @param six numbers of six characters that are given before those of seven */
export function caseStore(db: Database, six = SIX_CHARACTER_NUMBERS): CaseStore {
  const hash = keyedHash(db.secret);
  return {
    async read(workflow, caseId, after = 0) {
      return readHistory(db, caseId, after) ?? (await db.write(() => readHistory(db, caseId, after) ?? reserve(db, six, workflow, caseId)));
    },
    append: (change) => db.write(() => append(db, hash, change)),
    caseIdOf: caseIdKeyedBy(db.secret),
    heard: (caseId, event) => Promise.resolve(heard(db, caseId, event)),
    findByConversation(conversationId) {
      const found = db.get<{ number: CaseNumber }>(
        'SELECT number FROM outbox WHERE conversation = ? LIMIT 1',
        conversationHash(hash, conversationId),
      );
      return Promise.resolve(found?.number ?? null);
    },
    findByNumber(number) {
      const found = db.get<{ workflow: string; case_id: string }>('SELECT workflow, case_id FROM cases WHERE number = ?', number);
      return Promise.resolve(found ? { workflow: found.workflow, caseId: caseIdOf.parse(found.case_id) } : null);
    },
    findByKey: (key) => Promise.resolve(casesEverWith(db, hash, key)),
  };
}

function readHistory(db: Database, caseId: CaseId, after: number): CaseHistory | undefined {
  const found = db.get<{ number: CaseNumber; version: number; shredded_at: string | null }>(
    'SELECT number, version, shredded_at FROM cases WHERE case_id = ?',
    caseId,
  );
  if (!found) return undefined;
  if (found.shredded_at !== null) throw new Shredded(`The patient data of case ${found.number} was taken away on ${found.shredded_at}.`);
  const rows = db.all<{ seq: number; at: Instant; fact: Uint8Array }>(
    // Another process may have written one more since the version was read.
    'SELECT seq, at, fact FROM facts WHERE case_id = ? AND seq > ? AND seq <= ? ORDER BY seq',
    ...[caseId, after, found.version],
  );
  const facts: StoredFact[] = rows.map(({ seq, at, fact }) => ({ seq, at, fact: openFact(db, caseId, seq, fact) }));
  return { caseId, caseNumber: found.number, version: found.version, facts };
}

/** A case is never deleted, so that its number is given to no other, and its row's number says how many there are. */
function reserve(db: Database, six: number, workflow: string, caseId: CaseId): CaseHistory {
  const given = db.get<{ rows: number | null }>('SELECT max(rowid) AS rows FROM cases')?.rows ?? 0;
  for (let attempt = 0; ; attempt += 1) {
    const number = numberFor(db.secret, caseId, attempt, given < six ? 6 : 7);
    const taken = db.get('SELECT 1 FROM cases WHERE number = ?', number);
    if (taken) continue;
    db.run('INSERT INTO cases (case_id, workflow, number, version) VALUES (?, ?, ?, 0)', caseId, workflow, number);
    return { caseId, caseNumber: number, version: 0, facts: [] };
  }
}

/** A number that tells nothing of the order: drawn from a keyed hash, the next one when it is taken. */
function numberFor(secret: string, caseId: CaseId, attempt: number, length: 6 | 7): CaseNumber {
  const digest = createHmac('sha256', secret).update(`number:${caseId}:${attempt}`).digest();
  return drawnCaseNumber([0, 1, 2, 3, 4, 5].slice(0, length - 1).map((i) => digest.readUInt32BE(i * 4)));
}

function heard(db: Database, caseId: CaseId, event: EventId): { readonly answer: Answer | undefined } | null {
  const found = db.get<{ answer: string | null }>('SELECT answer FROM heard WHERE case_id = ? AND event_id = ?', caseId, event);
  if (!found) return null;
  return { answer: found.answer === null ? undefined : (JSON.parse(found.answer) as Answer) };
}

function append(db: Database, hash: (text: string) => Uint8Array, change: Append): Appended {
  const { caseId, event, at } = change;
  const before = heard(db, caseId, event.id);
  if (before) {
    finishClaimed(db, change.claimed);
    return { ok: false, code: 'already-heard', answer: before.answer };
  }
  if (change.claimed !== undefined && !isOurs(db, change.claimed)) return { ok: false, code: 'claim-lost' };
  const version = db.get<{ version: number }>('SELECT version FROM cases WHERE case_id = ?', caseId)?.version;
  if (version !== change.expectedVersion) return { ok: false, code: 'conflict' };
  change.facts.forEach(({ type, fact }, index) => {
    const seq = version + index + 1;
    const stored = sealFact(db, caseId, seq, fact);
    db.run('INSERT INTO facts (case_id, seq, type, at, event_id, fact) VALUES (?, ?, ?, ?, ?, ?)', caseId, seq, type, at, event.id, stored);
    // The hash of what is stored, which is sealed: a fact that is changed behind Radloop's back no longer fits its row, and dropping its key leaves the chain valid.
    const detail = { number: change.caseNumber, event: event.id, fact: seq, factHash: sha256(stored) };
    appendAudit(db, { caseId, at, actor: event.actor, action: type, outcome: 'done', detail });
  });
  // What changed nothing but was answered (stale, already decided) is on record too.
  if (change.facts.length === 0 && change.answer) {
    const detail = { number: change.caseNumber, event: event.id, answer: change.answer.outcome };
    const outcome = change.answer.outcome === 'denied' ? 'denied' : 'nothing';
    appendAudit(db, { caseId, at, actor: event.actor, action: event.type, outcome, detail });
  }
  addCaseKeys(db, hash, caseId, change.keys, at);
  for (const { effect, suppressed } of change.effects) writeEffect(db, change, effect, suppressed);
  const next = version + change.facts.length;
  db.run('UPDATE cases SET version = ? WHERE case_id = ?', next, caseId);
  db.run('INSERT INTO heard (case_id, event_id, answer) VALUES (?, ?, ?)', caseId, event.id, change.answer ? JSON.stringify(change.answer) : null);
  if (change.row) {
    db.run(
      'INSERT INTO rows (case_id, workflow, number, open, row, updated_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET open = excluded.open, row = excluded.row, updated_at = excluded.updated_at',
      ...[caseId, change.workflow, change.caseNumber, change.row.open ? 1 : 0, JSON.stringify(change.row), at],
    );
  } else {
    // No case to speak of any more: a change without an order that was listed, then cancelled.
    db.run('DELETE FROM rows WHERE case_id = ?', caseId);
  }
  finishClaimed(db, change.claimed);
  return { ok: true, version: next };
}

/** The event is deleted when it is told, so that one whose claim was lost may be gone. */
function isOurs(db: Database, { claimed, attempt }: EventClaim): boolean {
  return db.get("SELECT 1 FROM events WHERE id = ? AND attempt = ? AND state = 'leased'", claimed, attempt) !== undefined;
}

function finishClaimed(db: Database, claim: EventClaim | undefined): void {
  if (claim !== undefined) db.run("DELETE FROM events WHERE id = ? AND attempt = ? AND state = 'leased'", claim.claimed, claim.attempt);
}

/** Deadlines and withdrawals are done here and now; everything else is queued for delivery. */
function writeEffect(db: Database, change: Append, effect: Effect, suppressed: boolean): void {
  const { caseId, at } = change;
  if (!suppressed && effect.kind === 'setDeadline') {
    if (effect.at === null) db.run('DELETE FROM deadlines WHERE case_id = ? AND name = ?', caseId, effect.name);
    else
      db.run(
        'INSERT INTO deadlines (case_id, workflow, name, epoch, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch, at = excluded.at',
        ...[caseId, change.workflow, effect.name, effect.epoch, effect.at],
      );
    return;
  }
  if (!suppressed && effect.kind === 'withdraw') {
    db.run(
      "UPDATE outbox SET state = 'withdrawn', done_at = ?, lease_until = NULL WHERE case_id = ? AND destination = ? AND state IN ('waiting', 'leased', 'held') AND awaits IS NULL",
      ...[at, caseId, effect.destination],
    );
    return;
  }
  db.run(
    `INSERT OR IGNORE INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, rank, state, attempt, failures, crashes, retries, due, written_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '{}', 0, 0, ?, ?)`,
    ...[
      caseId,
      change.workflow,
      change.caseNumber,
      effect.key,
      laneOf(effect),
      effect.kind,
      destinationOf(effect),
      effect.weight,
      sealEffect(db, caseId, effect),
      rankOf(effect),
    ],
    ...[suppressed ? 'suppressed' : 'waiting', at, at],
  );
}
