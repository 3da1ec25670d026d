import { createHmac } from 'node:crypto';
import { laneOf } from '#core/effect.js';
import type { Effect } from '#core/effect.js';
import { CASE_ALPHABET, caseId as caseIdOf, caseNumber as caseNumberOf, checkCharacter } from '#core/ids.js';
import type { CaseId, CaseNumber, EventId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import type { Append, Appended, CaseHistory, CaseStore, StoredFact } from '#ports/case-store.js';
import { appendAudit } from './audit-store.ts';
import { addCaseKeys } from './case-keys.ts';
import type { Database } from './database.ts';
import { keyedHash } from './surroundings.ts';

export function caseStore(db: Database): CaseStore {
  const hash = keyedHash(db.secret);
  return {
    async read(workflow, caseId) {
      return readHistory(db, caseId) ?? (await db.write(() => readHistory(db, caseId) ?? reserve(db, workflow, caseId)));
    },
    append: (change) => db.write(() => append(db, hash, change)),
    heard: (caseId, event) => Promise.resolve(heard(db, caseId, event)),
    findByConversation(conversationId) {
      const found = db.get<{ number: CaseNumber }>(
        "SELECT number FROM outbox WHERE receipt ->> '$.conversationId' = ? AND kind = 'showCard' LIMIT 1",
        conversationId,
      );
      return Promise.resolve(found?.number ?? null);
    },
    findByNumber(number) {
      const found = db.get<{ workflow: string; case_id: string }>('SELECT workflow, case_id FROM cases WHERE number = ?', number);
      return Promise.resolve(found ? { workflow: found.workflow, caseId: caseIdOf.parse(found.case_id) } : null);
    },
  };
}

function readHistory(db: Database, caseId: CaseId): CaseHistory | undefined {
  const found = db.get<{ number: CaseNumber; version: number }>('SELECT number, version FROM cases WHERE case_id = ?', caseId);
  if (!found) return undefined;
  const rows = db.all<{ seq: number; at: Instant; fact: string }>('SELECT seq, at, fact FROM facts WHERE case_id = ? ORDER BY seq', caseId);
  const facts: StoredFact[] = rows.map(({ seq, at, fact }) => ({ seq, at, fact: JSON.parse(fact) as unknown }));
  return { caseId, caseNumber: found.number, version: found.version, facts };
}

function reserve(db: Database, workflow: string, caseId: CaseId): CaseHistory {
  for (let attempt = 0; ; attempt += 1) {
    const number = numberFor(db.secret, caseId, attempt);
    const taken = db.get('SELECT 1 FROM cases WHERE number = ?', number);
    if (taken) continue;
    db.run('INSERT INTO cases (case_id, workflow, number, version) VALUES (?, ?, ?, 0)', caseId, workflow, number);
    return { caseId, caseNumber: number, version: 0, facts: [] };
  }
}

/** A number that tells nothing of the order: drawn from a keyed hash, the next one when it is taken. */
function numberFor(secret: string, caseId: CaseId, attempt: number): CaseNumber {
  const digest = createHmac('sha256', secret).update(`number:${caseId}:${attempt}`).digest();
  const body = [0, 1, 2, 3, 4].map((i) => CASE_ALPHABET.charAt(digest.readUInt32BE(i * 4) % CASE_ALPHABET.length)).join('');
  return caseNumberOf.parse(body + checkCharacter(body));
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
  const version = db.get<{ version: number }>('SELECT version FROM cases WHERE case_id = ?', caseId)?.version;
  if (version !== change.expectedVersion) return { ok: false, code: 'conflict' };
  change.facts.forEach(({ type, fact }, index) => {
    db.run(
      'INSERT INTO facts (case_id, seq, type, at, event_id, fact) VALUES (?, ?, ?, ?, ?, ?)',
      ...[caseId, version + index + 1, type, at, event.id, JSON.stringify(fact)],
    );
    appendAudit(db, { caseId, at, actor: event.actor, action: type, outcome: 'done', detail: { number: change.caseNumber, event: event.id } });
  });
  // What changed nothing but was answered (stale, already decided) is on record too.
  if (change.facts.length === 0 && change.answer) {
    const detail = { number: change.caseNumber, event: event.id, answer: change.answer.outcome };
    appendAudit(db, { caseId, at, actor: event.actor, action: event.type, outcome: 'nothing', detail });
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

function finishClaimed(db: Database, claimed: number | undefined): void {
  if (claimed !== undefined) db.run('DELETE FROM events WHERE id = ?', claimed);
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
  const destination = effect.kind === 'sendHl7' ? effect.destination : effect.kind === 'writeFhir' ? 'ehr' : null;
  db.run(
    `INSERT OR IGNORE INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, state, attempt, failures, due, written_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '{}', ?, ?)`,
    ...[caseId, change.workflow, change.caseNumber, effect.key, laneOf(effect), effect.kind, destination, effect.weight, JSON.stringify(effect)],
    ...[suppressed ? 'suppressed' : 'waiting', at, at],
  );
}
