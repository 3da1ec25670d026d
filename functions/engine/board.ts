import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import type { Subject } from '#core/authorise.js';
import type { BoardRow } from '#core/board.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Answer, Seen } from '#core/workflow.js';
import { CRITICAL } from '#domain/critical.js';
import type { CaseStore } from '#ports/case-store.js';
import type { Desk } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { Board, BoardAlert, BoardService, FailsafeView, TabReply } from '#ports/tab.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';

interface OpenAlert {
  readonly caseNumber: CaseNumber;
  readonly seen: Seen;
}

/** Has the site critical results, and could this person ever see one of them? */
export function mayBoard({ workflows }: Pick<Parts, 'workflows'>, person: Person): boolean {
  const isThere = workflows.some(({ name }) => name === CRITICAL);
  return isThere && (authorise(person, 'view', null).allowed || authorise(person, 'take-failsafe', null).allowed);
}

/** What is open, for one person, and who is on call. No patient data. */
export async function boardFor(parts: Parts, rota: Rota | null, person: Person): Promise<TabReply<Board>> {
  const view = authorise(person, 'view', null);
  if (!mayBoard(parts, person)) {
    await denied(parts, person, null, 'view');
    return { ok: false, code: 'denied', why: view.allowed ? 'This site has not set up critical results.' : view.why };
  }
  // Before it is read: what is shown is at least as new as this says, and no clock runs late.
  const asOf = parts.clock.now();
  const open = await openAlerts(parts);
  const alerts = open.flatMap(({ caseNumber, seen }) => alertFor(parts, person, caseNumber, seen) ?? []).toSorted(byGravity);
  const takesFailsafe = authorise(person, 'take-failsafe', null).allowed;
  return { ok: true, found: { asOf, alerts, onCall: onCallNow(parts, rota), takesFailsafe, isFailsafeAlone: !view.allowed } };
}

/** Null: not this person's to see. */
function alertFor(parts: Pick<Parts, 'directory' | 'clock'>, person: Person, caseNumber: CaseNumber, seen: Seen): BoardAlert | null {
  const row = seen.board?.(lookOf(parts, person, caseNumber)) ?? null;
  if (row === null) return null;
  if (authorise(person, 'view', seen.subject).allowed) return { ...row, caseNumber, opens: 'case' };
  return isAtFailsafe(row) && authorise(person, 'take-failsafe', seen.subject).allowed ? { ...row, caseNumber, opens: 'failsafe' } : null;
}

function isAtFailsafe({ status }: BoardRow): boolean {
  return status === 'failsafe' || status === 'failsafe-taken';
}

function byGravity(one: BoardAlert, other: BoardAlert): number {
  return Number(one.drill) - Number(other.drill) || one.category - other.category || (one.since < other.since ? -1 : one.since > other.since ? 1 : 0);
}

/** Of each store the look that is under way: however many boards hang in a hospital, what is open is read once for all that ask meanwhile. */
const underWay = new WeakMap<CaseStore, Promise<readonly OpenAlert[]>>();

function openAlerts(parts: Parts): Promise<readonly OpenAlert[]> {
  const asked = underWay.get(parts.cases) ?? lookThrough(parts).finally(() => underWay.delete(parts.cases));
  underWay.set(parts.cases, asked);
  return asked;
}

async function lookThrough(parts: Parts): Promise<readonly OpenAlert[]> {
  const rows = await parts.views.open(CRITICAL);
  return Promise.all(
    rows.map(async ({ caseId, caseNumber }) => {
      const { workflow, state } = await caseNow(parts, CRITICAL, caseId);
      return { caseNumber, seen: workflow.see(state) };
    }),
  );
}

function onCallNow({ clock, directory }: Pick<Parts, 'clock' | 'directory'>, rota: Rota | null): readonly BoardService[] {
  const now = clock.now();
  return (rota?.services() ?? []).flatMap(({ id, name }) => {
    const levels = (rota?.at(id, now)?.levels ?? []).map(({ level, people, until }) => ({
      ...{ level, until },
      people: people.map((person) => {
        const known = directory.byId(person);
        return { name: known?.name ?? person, phone: known?.contacts.phone ?? null };
      }),
    }));
    return levels.length === 0 ? [] : [{ service: name, levels }];
  });
}

/** What the switchboard opens: whom to phone, and its own buttons. Whoever may open the case has no need of it. */
export async function failsafeFor(parts: Parts, person: Person, typed: string): Promise<TabReply<FailsafeView>> {
  const found = await alertBy(parts, person, typed);
  if ('ok' in found) return found;
  const { caseId, caseNumber, seen } = found;
  const asOf = parts.clock.now();
  const look = lookOf(parts, person, caseNumber);
  const row = seen.board?.(look) ?? null;
  const note = row !== null && isAtFailsafe(row) ? seen.note('failsafe', look) : null;
  if (row === null || note === null) return { ok: false, code: 'unknown', why: `${caseNumber} is not with the switchboard any more.` };
  const actor = { kind: 'person', person: person.id } as const;
  // Without its revision: it is no view of the case that words may act on.
  await parts.audit.record({ caseId, at: asOf, actor, action: 'view', outcome: 'done', detail: { number: caseNumber, part: 'failsafe' } });
  const { sensitive, ...view } = note;
  if (sensitive) throw new TypeError(`the note of ${CRITICAL} for the switchboard holds patient data`);
  return { ok: true, found: { caseNumber, asOf, alert: { ...row, caseNumber, opens: 'failsafe' }, view } };
}

/** By the code on the print: whoever has the sheet in hand has seen what it says, whatever revision that was. */
export async function takeByNumber(parts: Parts, desk: Pick<Desk, 'answer'>, person: Person, typed: string): Promise<TabReply<Answer>> {
  const found = await alertBy(parts, person, typed);
  if ('ok' in found) return found;
  const { caseNumber, seen } = found;
  const answer = await desk.answer({ person, caseNumber, revision: seen.row?.revision ?? 0, verb: 'take-failsafe' });
  return answer.outcome === 'denied' ? { ok: false, code: 'denied', why: answer.text } : { ok: true, found: answer };
}

interface Found extends OpenAlert {
  readonly caseId: CaseId;
}

/** An alert for whoever may take it in hand. */
async function alertBy(parts: Parts, person: Person, typed: string): Promise<Found | Extract<TabReply<never>, { ok: false }>> {
  const number = caseNumberOf.safeParse(typed.replaceAll(/[^0-9A-Za-z]/gu, '').toUpperCase());
  const known = number.success ? await parts.cases.findByNumber(number.data) : null;
  const isAlert = known?.workflow === CRITICAL;
  const seen = isAlert ? await seenOf(parts, known.caseId) : null;
  const verdict = authorise(person, 'take-failsafe', seen?.subject ?? (null as Subject | null));
  if (!verdict.allowed) {
    await denied(parts, person, isAlert ? known.caseId : null, 'take-failsafe');
    return { ok: false, code: 'denied', why: verdict.why };
  }
  if (!number.success || !isAlert || seen === null)
    return { ok: false, code: 'unknown', why: `There is no critical result ${typed.slice(0, 12).toUpperCase()}. Was a character misread?` };
  return { caseId: known.caseId, caseNumber: number.data, seen };
}

async function seenOf(parts: Parts, caseId: CaseId): Promise<Seen> {
  const { workflow, state } = await caseNow(parts, CRITICAL, caseId);
  return workflow.see(state);
}

function lookOf({ directory, clock }: Pick<Parts, 'directory' | 'clock'>, { language }: Person, caseNumber: CaseNumber) {
  return { caseNumber, now: clock.now(), names: directory.names(), ...(language === undefined ? {} : { language }) };
}

function denied({ audit, clock }: Pick<Parts, 'audit' | 'clock'>, person: Person, caseId: CaseId | null, action: Action): Promise<void> {
  const actor = { kind: 'person', person: person.id } as const;
  return audit.record({ caseId, at: clock.now(), actor, action, outcome: 'denied', detail: { action } });
}
