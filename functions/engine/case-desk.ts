import { caseNumber as caseNumberOf, personId } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { CaseDesk, CaseReply, CaseRequest, Desk, PersonAnswer } from '#ports/desk.js';
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
      const action = request.ask === 'case-show' ? 'view' : request.verb;
      const asker = await identified(parts, rehearsal, caller, { action, usually: null });
      if (!('person' in asker)) return asker;
      const number = caseNumberOf.safeParse(request.caseNumber.trim().toUpperCase());
      if (!number.success) return unknown(`${request.caseNumber} is no case number: six or seven characters, such as 7KF3QN. Was one misread?`);
      return request.ask === 'case-show' ? show(desk, asker.person, number.data) : act(desk, asker.person, number.data, request);
    },
  };
}

function unknown(text: string): CaseReply {
  return { ok: false, code: 'unknown', text };
}

async function show(desk: Desk, person: Person, number: CaseNumber): Promise<CaseReply> {
  const opened = await desk.open(person, number);
  return opened.ok ? { ...opened, answer: 'view' } : { ok: false, code: 'denied', text: opened.why };
}

/** Acts on the revision that this person was shown last: an older one, or none, changes nothing and says so (DECISIONS 12). */
async function act(desk: Desk, person: Person, number: CaseNumber, request: Extract<CaseRequest, { ask: 'case-answer' }>): Promise<CaseReply> {
  const seen = await desk.shown(person.id, number);
  if (seen === null) return unknown(`There is no case ${number}.`);
  const { verb } = request;
  const written = await writtenIn(desk, person, number, request);
  if ('refused' in written) return { ok: true, answer: 'answered', outcome: 'invalid', text: written.refused };
  const { outcome, text: said } = await desk.answer({ person, caseNumber: number, revision: seen.shown, verb, ...written });
  if (outcome === 'denied') return { ok: false, code: 'denied', text: said };
  const look = outcome === 'stale' ? ` Look at it as it is now ("radloop case show ${number}"), then say it again.` : '';
  return { ok: true, answer: 'answered', outcome, text: `${said}${look}` };
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
