import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import type { Verdict } from '#core/authorise.js';
import { BREAK_GLASS, breakGlassMinutes } from '#core/break-glass.js';
import { isHousekeeping } from '#core/housekeeping.js';
import { caseNumber as caseNumberOf, eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { addMinutes } from '#core/time.js';
import type { Answer } from '#core/workflow.js';
import { accessFact, accessIdOf, activeOf, withAccess } from '#domain/break-glass.js';
import type { Access, KnownAccess, Opening } from '#domain/break-glass.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { AccessRow, SignedIn, TabAsk, TabReply } from '#ports/tab.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';
import { runCase } from './run-case.ts';

/** The opening that shows this case to this person now; null: none. Asked at each view: it ends on time, whatever a timer does. */
export async function activeAccess(parts: Parts, person: Person, caseId: CaseId): Promise<Opening | null> {
  if (!authorise(person, 'break-glass', null).allowed) return null;
  return activeOf(await accessNow(parts, accessIdOf(caseId, person.id)), parts.clock.now());
}

async function accessNow(parts: Parts, accessId: CaseId): Promise<Access> {
  const { facts } = await parts.cases.read(BREAK_GLASS, accessId);
  return facts.map(({ fact }) => accessFact.parse(fact)).reduce<Access>(withAccess, { status: 'none' });
}

/** Opens a case to somebody without the relationship, after a fresh sign-in, with a reason. */
export async function openInEmergency(
  parts: Parts,
  { person, signedInAt, withSecondFactor }: SignedIn,
  { caseNumber: typed, reason, text }: Extract<TabAsk, { ask: 'break-glass' }>,
): Promise<TabReply<Answer>> {
  const found = await targetOf(parts, typed);
  if (found === null) return unknown(typed);
  const { target, subject } = found;
  const note = (outcome: AuditEntry['outcome'], detail: AuditEntry['detail']): Promise<void> =>
    record(parts, person, target.caseId, 'break-glass', outcome, { number: target.caseNumber, ...detail });
  const verdict = authorise(person, 'break-glass', subject);
  if (!verdict.allowed) {
    await note('denied', {});
    return refused(verdict);
  }
  // Whoever may open it needs no glass broken: the emergency is kept for emergencies.
  if (authorise(person, 'view', subject).allowed) {
    await note('nothing', { check: 'may-view' });
    return { ok: false, code: 'denied', why: `${target.caseNumber} is open to you as it is.` };
  }
  const now = parts.clock.now();
  if (signedInAt === null || !withSecondFactor || addMinutes(signedInAt, breakGlassMinutes.freshSignIn) < now) {
    await note('denied', { check: 'sign-in' });
    return {
      ok: false,
      code: 'sign-in',
      why: `Sign in once more: an emergency access needs a sign-in with a second factor of the last ${breakGlassMinutes.freshSignIn} minutes.`,
    };
  }
  const answer = await tell(parts, person, accessIdOf(target.caseId, person.id), { type: 'accessAsked', target, reason, text, signedInAt });
  if (answer.outcome === 'won') await note('done', { reason, purpose: 'BTG' });
  return { ok: true, found: answer };
}

/** Of the person's own access: its end, or a longer time. */
export async function ownAccess(
  parts: Parts,
  { person }: SignedIn,
  typed: string,
  input: { readonly type: 'accessEndAsked' } | { readonly type: 'longerAsked'; readonly text: string },
): Promise<TabReply<Answer>> {
  const found = await targetOf(parts, typed);
  if (found === null) return unknown(typed);
  const { target } = found;
  const verdict = authorise(person, 'break-glass', null);
  if (!verdict.allowed) {
    await record(parts, person, target.caseId, 'break-glass', 'denied', { number: target.caseNumber });
    return refused(verdict);
  }
  return { ok: true, found: await tell(parts, person, accessIdOf(target.caseId, person.id), input) };
}

/** Of somebody else's access: the second person's yes, or privacy's finding. */
export async function othersAccess(
  parts: Parts,
  { person }: SignedIn,
  typed: string,
  action: 'break-glass-confirm' | 'break-glass-review',
  input: Readonly<Record<string, unknown>> & { readonly type: string },
): Promise<TabReply<Answer>> {
  const number = caseNumberOf.safeParse(typed.trim().toUpperCase());
  const known = number.success ? await parts.cases.findByNumber(number.data) : null;
  const verdict = authorise(person, action, null);
  if (!verdict.allowed) {
    await record(parts, person, known?.caseId ?? null, action, 'denied', {});
    return refused(verdict);
  }
  if (known?.workflow !== BREAK_GLASS) return unknown(typed);
  const answer = await tell(parts, person, known.caseId, input);
  return answer.outcome === 'denied' ? { ok: false, code: 'denied', why: answer.text } : { ok: true, found: answer };
}

/** What waits for a second person or for privacy, for who may confirm or judge it. The list is a look at who looked: it is audited. */
export async function accessesFor(parts: Parts, { person }: SignedIn): Promise<TabReply<readonly AccessRow[]>> {
  const [confirm, review] = [authorise(person, 'break-glass-confirm', null), authorise(person, 'break-glass-review', null)];
  const may = { confirm: confirm.allowed, review: review.allowed };
  if (!confirm.allowed && !review.allowed) {
    await record(parts, person, null, 'break-glass-review', 'denied', {});
    return refused(review);
  }
  const rows = await parts.views.open(BREAK_GLASS);
  const accesses = await Promise.all(rows.map(async (row) => ({ row, access: await accessNow(parts, row.caseId) })));
  const listed = accesses
    .flatMap(({ row, access }) =>
      access.status === 'known' ? access.openings.map((opening) => rowOf(parts, person, may, row.caseNumber, access, opening)) : [],
    )
    .filter(({ review: given, mayConfirm }) => (may.review ? given === null : mayConfirm));
  await record(parts, person, null, may.review ? 'break-glass-review' : 'break-glass-confirm', 'done', { list: listed.length });
  return { ok: true, found: listed.toSorted((a, b) => (a.at < b.at ? -1 : 1)) };
}

function rowOf(
  parts: Parts,
  person: Person,
  may: { readonly confirm: boolean; readonly review: boolean },
  access: CaseNumber,
  { by, target }: KnownAccess,
  opening: Opening,
): AccessRow {
  const { n, reason, text, at, until, closedAt, longer, review } = opening;
  const now = parts.clock.now();
  const isOver = closedAt !== null || now >= until;
  const waits = longer !== null && now < longer.until && !isOver;
  const isOwn = by.id === person.id;
  return {
    ...{ access, caseNumber: target.caseNumber, opening: n, person: by.name, reason, at, until, closedAt },
    text: may.review && !isOwn ? text : null,
    longer: waits ? longer : null,
    judgeBy: addMinutes(at, breakGlassMinutes.review),
    review: review === null ? null : { by: review.by.name, finding: review.finding },
    mayConfirm: may.confirm && waits && !isOwn,
    mayReview: may.review && isOver && review === null && !isOwn,
  };
}

async function targetOf(parts: Parts, typed: string) {
  const number = caseNumberOf.safeParse(typed.trim().toUpperCase());
  const known = number.success ? await parts.cases.findByNumber(number.data) : null;
  if (!number.success || known === null || isHousekeeping(known.workflow)) return null;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  const { row, subject } = workflow.see(state);
  return row === null ? null : { target: { caseId: known.caseId, caseNumber: number.data }, subject };
}

/** Told to the access itself; who it is and in which language they read goes with it. */
async function tell(
  parts: Parts,
  person: Person,
  accessId: CaseId,
  input: Readonly<Record<string, unknown>> & { readonly type: string },
): Promise<Answer> {
  const now = parts.clock.now();
  const by = { id: person.id, name: person.name };
  const answer = await runCase(parts, {
    id: eventId.parse(`${input.type}:${person.id}:${typeof input['opening'] === 'number' ? input['opening'] : ''}:${now}`),
    workflow: BREAK_GLASS,
    caseId: accessId,
    occurredAt: now,
    actor: { kind: 'person', person: person.id },
    input: { ...input, by, ...(person.language === undefined ? {} : { language: person.language }) },
  });
  return answer ?? { outcome: 'invalid', text: 'This changed nothing.' };
}

function record(
  parts: Parts,
  person: Person,
  caseId: CaseId | null,
  action: Action,
  outcome: AuditEntry['outcome'],
  detail: AuditEntry['detail'],
): Promise<void> {
  return parts.audit.record({ caseId, at: parts.clock.now(), actor: { kind: 'person', person: person.id }, action, outcome, detail });
}

function unknown(typed: string): TabReply<never> {
  return { ok: false, code: 'unknown', why: `There is no case ${typed.slice(0, 12).toUpperCase()}. Was a character misread?` };
}

function refused(verdict: Exclude<Verdict, { allowed: true }>): TabReply<never> {
  return { ok: false, code: 'denied', why: verdict.why };
}
