import { authorise } from '#core/authorise.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Person } from '#core/people.js';
import type { DatedLine } from '#core/story.js';
import type { CriticalRule } from '#domain/critical.js';
import { waitsForSecond } from '#domain/break-glass.js';
import type { Opening } from '#domain/break-glass.js';
import type { Declaration, Desk, PhoneNow } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { CaseStory, TabAsk, TabDesk, TabReply } from '#ports/tab.js';
import { accessesFor, activeAccess, openInEmergency, othersAccess, ownAccess } from './break-glass.ts';
import { boardFor, failsafeFor, mayBoard, takeByNumber } from './board.ts';
import { caseNow } from './case-now.ts';
import { mayReport, reportFor } from './critical-report.ts';
import { isSetUp } from './critical.ts';
import { openCase } from './desk.ts';
import type { Parts } from './parts.ts';

interface Needs {
  readonly parts: Parts;
  readonly desk: Pick<Desk, 'waiting' | 'answer' | 'declare' | 'exam' | 'phoneNow'>;
  /** Name, IANA zone and language of the site. */
  readonly site: { readonly name: string; readonly zone: string; readonly language: Language };
  /** Who is on call, for the board. Left out: the site has no rota. */
  readonly rota?: Rota | null;
  /** Within how long each category must be acknowledged, for the report on times. @default none */
  readonly rules?: readonly Pick<CriticalRule, 'category' | 'acknowledgeWithinMinutes'>[];
}

/** What the tab asks: the same list, the same view, the same answers as in the dialog, and a case's whole story. */
export function tabDesk({ parts, desk, site, rota = null, rules = [] }: Needs): TabDesk {
  const languageOf = ({ language }: Person): Language => language ?? site.language;
  return {
    me({ person }) {
      const accesses = authorise(person, 'break-glass-review', null).allowed || authorise(person, 'break-glass-confirm', null).allowed;
      const tasks = authorise(person, 'list-waiting', null).allowed;
      return {
        ...{ name: person.name, language: languageOf(person), zone: site.zone, site: site.name },
        pages: [
          ...(tasks ? (['tasks'] as const) : []),
          ...(mayBoard(parts, person) ? (['board'] as const) : []),
          ...(mayReport(parts, person) ? (['report'] as const) : []),
          ...(accesses ? (['accesses'] as const) : []),
        ],
        opensCases: tasks || accesses || authorise(person, 'view', null).allowed || authorise(person, 'break-glass', null).allowed,
        declares: mayDeclare(parts, person),
        ...named(mayDeclare(parts, person) ? desk.phoneNow(null) : null),
      };
    },
    async tasks({ person }) {
      const asOf = parts.clock.now();
      const rows = await desk.waiting(person);
      if ('denied' in rows) return { ok: false, code: 'denied', why: rows.denied };
      const names = parts.directory.names();
      const tasks = rows.map(({ workflow, caseNumber, kind, urgency, status, since, note, waiting, owner }) => ({
        ...{ workflow, caseNumber, kind, urgency, status, since, note, waiting },
        owner: owner === null ? null : (names[owner] ?? owner),
      }));
      return { ok: true, found: { asOf, tasks } };
    },
    story: ({ person }, typed) => story(parts, desk, person, typed),
    async answer(given) {
      const answer = await desk.answer(given);
      return answer.outcome === 'denied' ? { ok: false, code: 'denied', why: answer.text } : { ok: true, found: answer };
    },
    async exam({ person }, accession) {
      const exam = await desk.exam(person, accession);
      return !exam.ok && exam.code === 'denied' ? { ok: false, code: 'denied', why: exam.why } : { ok: true, found: exam };
    },
    async declare({ person }, { of, finding, category, side, via }) {
      const exam = examIn(of);
      if (exam === null) return unknown('caseNumber' in of ? of.caseNumber : of.accession);
      const declared = await desk.declare({ person, of: exam, finding, category, side, via });
      return !declared.ok && declared.code === 'denied' ? { ok: false, code: 'denied', why: declared.why } : { ok: true, found: declared };
    },
    breakGlass: (of, asked) => openInEmergency(parts, of, asked),
    endBreakGlass: (of, typed) => ownAccess(parts, of, typed, { type: 'accessEndAsked' }),
    longerBreakGlass: (of, { caseNumber, text }) => ownAccess(parts, of, caseNumber, { type: 'longerAsked', text }),
    accesses: (of) => accessesFor(parts, of),
    board: ({ person }) => boardFor(parts, rota, person),
    failsafe: ({ person }, typed) => failsafeFor(parts, person, typed),
    takeFailsafe: ({ person }, typed) => takeByNumber(parts, desk, person, typed),
    report: ({ person }, days) => reportFor({ parts, rules, zone: site.zone }, person, days, languageOf(person)),
    confirmAccess: (of, access) => othersAccess(parts, of, access, 'break-glass-confirm', { type: 'longerConfirmed' }),
    reviewAccess: (of, { access, opening, finding, text }) =>
      othersAccess(parts, of, access, 'break-glass-review', { type: 'reviewGiven', opening, finding, text }),
  };
}

/** Null: it is no case number. */
function examIn(of: Extract<TabAsk, { ask: 'declare' }>['of']): Declaration['of'] | null {
  if ('accession' in of) return of;
  const number = caseNumberOf.safeParse(of.caseNumber.trim().toUpperCase());
  return number.success ? { caseNumber: number.data } : null;
}

/** The person's own view, audited as one, and everything that led to it. */
async function story(parts: Parts, desk: Pick<Desk, 'phoneNow'>, person: Person, typed: string): Promise<TabReply<CaseStory>> {
  const parsed = caseNumberOf.safeParse(typed.trim().toUpperCase());
  const known = parsed.success ? await parts.cases.findByNumber(parsed.data) : null;
  if (!parsed.success || known === null) return unknown(typed);
  const number = parsed.data;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  const seen = workflow.see(state);
  const { subject } = seen;
  const mayView = authorise(person, 'view', subject).allowed;
  const access = mayView ? null : await activeAccess(parts, person, known.caseId);
  const opened = await openCase(parts, person, number, { emergency: access !== null });
  if (!opened.ok) {
    const mayBreakGlass = !mayView && authorise(person, 'break-glass', subject).allowed;
    const { why, mayTakeOver } = opened;
    return { ok: false, code: mayView ? 'unknown' : 'denied', why, mayBreakGlass, ...(mayTakeOver === undefined ? {} : { mayTakeOver }) };
  }
  const asOf = parts.clock.now();
  const look = {
    caseNumber: number,
    now: asOf,
    names: parts.directory.names(),
    ...(person.language === undefined ? {} : { language: person.language }),
  };
  const least = mayView && !mayViewAll(person, subject);
  const { facts } = await parts.cases.read(known.workflow, known.caseId);
  const lines: readonly DatedLine[] = facts.flatMap(({ at, fact }) => {
    const line = workflow.line?.(fact, look, least) ?? null;
    return line === null ? [] : [{ at, ...line }];
  });
  const { title, revision, view } = opened;
  const maySend = mayView && isSetUp(parts) && (mayDeclare(parts, person) || authorise(person, 'release-critical', subject).allowed);
  return {
    ok: true,
    found: {
      caseNumber: number,
      title,
      revision,
      asOf,
      heading: seen.heading?.(look) ?? null,
      lines,
      view,
      emergency: mayView ? null : emergencyOf(access, asOf),
      ...named(maySend ? desk.phoneNow({ orderCase: number, ...(seen.about as object | null) }) : null),
    },
  };
}

function mayDeclare(parts: Parts, person: Person): boolean {
  return isSetUp(parts) && authorise(person, 'declare-critical', null).allowed;
}

function named(phoneNow: PhoneNow | null): { readonly phoneNow?: PhoneNow } {
  return phoneNow === null ? {} : { phoneNow };
}

/** Not only what the exam needs of the patient (May.least). */
function mayViewAll(person: Person, subject: Parameters<typeof authorise>[2]): boolean {
  return authorise({ ...person, roles: person.roles.filter((role) => role !== 'technologist') }, 'view', subject).allowed;
}

function emergencyOf(access: Opening | null, now: CaseStory['asOf']): CaseStory['emergency'] {
  return access === null ? null : { until: access.until, longerUntil: waitsForSecond(access, now) ? access.longer.until : null };
}

function unknown(typed: string): TabReply<never> {
  const number: CaseNumber | string = typed.slice(0, 12).toUpperCase();
  return { ok: false, code: 'unknown', why: `There is no case ${number}. Was a character misread?` };
}
