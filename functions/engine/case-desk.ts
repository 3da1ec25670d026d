import type { Action } from '#core/action.js';
import { caseNumber as caseNumberOf, personId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { CaseDesk, CaseReply, CaseRequest } from '#ports/case-desk.js';
import type { Declaration, Desk, PersonAnswer } from '#ports/desk.js';
import { identified } from './caller.ts';
import type { Parts } from './parts.ts';

interface Needs {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'clock'>;
  readonly desk: Desk;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
}

/** Cases from the command line: nobody but the person behind the account, and what they may do is what they may do in Teams. */
export function caseDesk({ parts, desk, rehearsal }: Needs): CaseDesk {
  return {
    async ask(caller, request) {
      const asker = await identified(parts, rehearsal, caller, { action: actionOf(request), usually: null });
      if (!('person' in asker)) return asker;
      const { person } = asker;
      if (request.ask === 'case-alerts') return alerts(desk, person, parts.clock.now());
      if (request.ask === 'case-follow-ups') return followUps(desk, person, parts.clock.now());
      if (request.ask === 'case-declare' && !('caseNumber' in request.of)) return declare(desk, person, request.of, request);
      const typed = request.ask === 'case-declare' ? numberIn(request.of) : request.caseNumber;
      const number = caseNumberOf.safeParse(typed.trim().toUpperCase());
      if (!number.success) return unknown(`${typed} is no case number: six or seven characters, such as 7KF3QN. Was one misread?`);
      switch (request.ask) {
        case 'case-show':
          return show(desk, person, number.data);
        case 'case-answer':
          return act(desk, person, number.data, request);
        case 'case-declare':
          return declare(desk, person, { caseNumber: number.data }, request);
        default:
          return request satisfies never;
      }
    },
  };
}

function actionOf(request: CaseRequest): Action {
  switch (request.ask) {
    case 'case-show':
    case 'case-alerts':
    case 'case-follow-ups':
      return 'view';
    case 'case-declare':
      return 'declare-critical';
    case 'case-answer':
      return request.verb;
    default:
      return request satisfies never;
  }
}

function numberIn(of: Extract<CaseRequest, { ask: 'case-declare' }>['of']): string {
  return 'caseNumber' in of ? of.caseNumber : of.accession;
}

async function alerts(desk: Desk, person: Person, asOf: Instant): Promise<CaseReply> {
  const found = await desk.alerts(person);
  return 'denied' in found ? { ok: false, code: 'denied', text: found.denied } : { ok: true, answer: 'alerts', asOf, alerts: found };
}

async function followUps(desk: Desk, person: Person, asOf: Instant): Promise<CaseReply> {
  const found = await desk.followUps(person);
  return 'denied' in found ? { ok: false, code: 'denied', text: found.denied } : { ok: true, answer: 'follow-ups', asOf, followUps: found };
}

async function declare(
  desk: Desk,
  person: Person,
  of: Declaration['of'],
  { finding, category, side }: Extract<CaseRequest, { ask: 'case-declare' }>,
): Promise<CaseReply> {
  const declared = await desk.declare({ person, of, finding, category, side, via: 'command-line' });
  return declared.ok ? { ...declared, answer: 'declared' } : { ok: false, code: declared.code, text: declared.why };
}

function unknown(text: string): CaseReply {
  return { ok: false, code: 'unknown', text };
}

async function show(desk: Desk, person: Person, number: CaseNumber): Promise<CaseReply> {
  const opened = await desk.open(person, number);
  return opened.ok ? { ...opened, answer: 'view' } : { ok: false, code: 'denied', text: opened.why };
}

/**
 * Acts that rest on nothing that is shown of the patient: whoever takes an alert over, or has it in hand at the switchboard, may not see the patient; that it was not
 * them somebody knows without a look, and the note says that it was withdrawn or changed.
 */
const needsNoLook: ReadonlySet<PersonAnswer['verb']> = new Set<PersonAnswer['verb']>([
  ...(['take-over', 'take-failsafe', 'record-attempt', 'not-me', 'seen'] as const),
]);

/** Acts on the revision that this person was shown last: an older one, or none, changes nothing and says so (DECISIONS 12). */
async function act(desk: Desk, person: Person, number: CaseNumber, request: Extract<CaseRequest, { ask: 'case-answer' }>): Promise<CaseReply> {
  const seen = await desk.shown(person.id, number);
  if (seen === null) return unknown(`There is no case ${number}.`);
  const { verb } = request;
  const written = await writtenIn(desk, person, number, request);
  if ('refused' in written) return { ok: true, answer: 'answered', outcome: 'invalid', text: written.refused };
  const revision = needsNoLook.has(verb) ? seen.current : seen.shown;
  const { outcome, text: said, notSent } = await desk.answer({ person, caseNumber: number, revision, verb, ...written, ...formIn(request) });
  if (outcome === 'denied') return { ok: false, code: 'denied', text: said };
  const look = outcome === 'stale' ? ` Look at it as it is now ("radloop case show ${number}"), then say it again.` : '';
  return { ok: true, answer: 'answered', outcome, text: `${said}${look}`, ...(notSent === undefined ? {} : { notSent }) };
}

/** What the form of a critical result asks for, as a button brings it: what is blank was not said. */
function formIn({ fields = {}, to }: Extract<CaseRequest, { ask: 'case-answer' }>): Partial<Pick<PersonAnswer, 'fields' | 'to'>> {
  const said = Object.entries(fields).filter(([, value]) => value.trim() !== '');
  const person = personId.safeParse(to);
  return { ...(said.length === 0 ? {} : { fields: Object.fromEntries(said) }), ...(person.success ? { to: person.data } : {}) };
}

type Written = Partial<Pick<PersonAnswer, 'protocolId' | 'text' | 'due' | 'to' | 'confirmed'>>;

/** What was typed besides verb and case, as the desk takes it. */
async function writtenIn(
  desk: Desk,
  person: Person,
  number: CaseNumber,
  { verb, protocolId, text, confirmed }: Extract<CaseRequest, { ask: 'case-answer' }>,
): Promise<Written | { readonly refused: string }> {
  switch (verb) {
    case 'remind': {
      const due = desk.due(text ?? '');
      return due === null
        ? { refused: `"${text ?? ''}" is no time that is ahead, such as "in 20 minutes" or "at 16:00". No reminder was set.` }
        : { due };
    }
    case 'hand-over': {
      const found = await desk.receivers(person, number, text ?? '');
      // Whoever may not hand over is told that by the desk.
      const { people, refused } = 'denied' in found ? { people: [], refused: [] } : found;
      const [one, ...more] = people;
      if (one !== undefined && more.length === 0) return { to: one.id };
      const named = people.map(({ id }) => id).join(', ');
      if (more.length > 0) return { refused: `Several people are meant: ${named}. Give one of these ids. Nothing was changed.` };
      const id = personId.safeParse(text);
      const known = refused[0] ?? null;
      return known === null ? (id.success ? { to: id.data } : {}) : { refused: `${known} Nothing was changed.` };
    }
    case 'take-back':
      return confirmed === true ? { confirmed } : {};
    default:
      return { ...(protocolId === null ? {} : { protocolId }), ...(text === null ? {} : { text }) };
  }
}
