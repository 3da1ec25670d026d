import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import type { Subject } from '#core/authorise.js';
import type { CaseNumber } from '#core/ids.js';
import { isAlike } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import type { Alike, Answer, Look, Seen } from '#core/workflow.js';
import { CRITICAL } from '#domain/critical.js';
import { momentOf, whenOf } from '#domain/when.js';
import type { Declared, Desk, ExamLook, NamedExams, Next, Opened } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { CaseRow } from '#ports/views.js';
import { answerCase, keepAnswer } from './answer.ts';
import { alertsFor, declareCritical, isSetUp } from './critical.ts';
import type { ClassOf } from './critical.ts';
import { lookAtExam } from './critical-exam.ts';
import type { Elsewhere } from './critical-exam.ts';
import type { EhrExams } from './ehr-exam.ts';
import { isDrill } from './drill-clear.ts';
import { denied, find, inLanguageOf, lookNow } from './found.ts';
import type { Found } from './found.ts';
import { receiversOf } from './hand-over.ts';
import { examsCalled } from './named-exams.ts';
import { notSent, orNotSent, phoneNow } from './not-sent.ts';
import type { PhoneOf } from './not-sent.ts';
import { followUpsFor, ownFollowUps } from './follow-ups.ts';
import { byUrgency, openCases, openRows } from './open-cases.ts';
import { tellLooked, tellStanding } from './looked.ts';
import type { Parts } from './parts.ts';
import { refusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';
import { search } from './search.ts';

/** Refused activities of one source and check that get a row each within a minute. */
const MOST_ALONE = 12;

/** Seconds that the EHR has to say which exam an accession number is of: where somebody waits for just that, and on the way to a declaration, which answers within the second. */
const EHR_SECONDS = { look: 3, declaration: 0.4 } as const;
const LOOK_WITHIN_MS = 4000;

/** Of the site, for what words mean. */
export interface DeskSite {
  /** IANA zone. */
  readonly zone: string;
  /** Null: the site has no rota. */
  readonly rota: Rota | null;
  /** Where a case stands on the tab, for whoever may open it there in an emergency. Left out: there is no tab. */
  readonly tab?: (caseNumber: CaseNumber) => string;
  /** Left out: every finding is one of its own. */
  readonly classOf?: ClassOf;
  /** Whom a radiologist phones when nothing can be sent. Left out: nobody is named. */
  readonly phoneOf?: PhoneOf;
  /** Left out: no exam is looked for in the EHR. */
  readonly ehrExams?: EhrExams;
  /** Whose numbers people mean by a record number. @default '' */
  readonly assigner?: string;
}

/** How a case is opened. */
export interface Opening {
  /** Why it is opened anew. */
  readonly notice?: string | undefined;
  /** What the person had typed into the form that was refused. */
  readonly typed?: Look<never>['typed'];
  /** Told to who may not, and could in an emergency. */
  readonly site?: Pick<DeskSite, 'tab'>;
  /** The person has an emergency access to it: they see it, decide nothing, and it does not count as shown. */
  readonly emergency?: boolean;
  /** False: it has yet to reach the person, and counts once that is told (Desk.seen). @default true */
  readonly counts?: boolean;
}

/** What Teams asks of the engine: authorised on every call, audited before it answers. */
export function desk(
  parts: Parts,
  protocolIds: readonly string[],
  record: Refusals = refusals(parts),
  site: DeskSite = { zone: 'UTC', rota: null },
): Desk {
  const phoneOf: PhoneOf = site.phoneOf ?? (() => null);
  const phoning = { log: parts.log, phoneOf };
  const elsewhere = (seconds: number): Elsewhere => ({
    inEhr: (accession) => site.ehrExams?.(accession, seconds) ?? Promise.resolve([]),
    ...{ assigner: site.assigner ?? '', phoneOf },
  });
  return {
    waiting: (person) => waiting(parts, person),
    open: (person, number, notice, counts, typed) =>
      openCase(parts, person, number, { notice, typed, site, ...(counts === undefined ? {} : { counts }) }),
    async seen(person, number, revision, posting) {
      const found = await find(parts, number);
      if (found === null) return;
      await countAsSeen(parts, person, found, { number, revision });
      if (posting !== undefined) await tellStanding(parts, person, found, { revision, posting });
    },
    next: (person, after) => next(parts, person, after),
    async shared(number) {
      const found = await find(parts, number);
      return found?.seen.sharedCard(lookNow(parts, number)) ?? null;
    },
    async shown(person, number) {
      const found = await find(parts, number);
      if (found?.seen.row == null) return null;
      const { row, round } = found.seen;
      return { shown: await parts.audit.shownRevision(found.caseId, person), current: row.revision, round };
    },
    answer(answer) {
      if (answer.verb !== 'release-critical') return answerCase(parts, answer);
      return orNotSent(
        phoning,
        answer.person,
        async (sending) => {
          sending.about = (await find(parts, answer.caseNumber))?.seen.about ?? null;
          return answerCase(parts, answer);
        },
        (text): Answer => ({ outcome: 'invalid', text, notSent: true }),
      );
    },
    keep: (answer) => keepAnswer(parts, answer),
    search: (person, words, modality) => search(parts, person, words, modality),
    declare: (declaration) =>
      orNotSent<Declared>(
        phoning,
        declaration.person,
        (sending) =>
          declareCritical(parts, { classOf: site.classOf ?? (() => null), ...elsewhere(EHR_SECONDS.declaration) }, declaration, (about) => {
            sending.about = about;
          }),
        (why) => ({ ok: false, code: 'not-sent', why }),
      ),
    examsCalled: (person, name) =>
      orNotSent<NamedExams>(
        phoning,
        person,
        () => examsCalled(parts, phoneOf, person, name),
        (why) => ({ ok: false, code: 'not-sent', why }),
      ),
    exam: (person, accession) =>
      orNotSent<ExamLook>(
        phoning,
        person,
        () => lookAtExam(parts, elsewhere(EHR_SECONDS.look), person, accession),
        (why) => ({ ok: false, code: 'not-sent', why }),
        LOOK_WITHIN_MS,
      ),
    alerts: (person) => alertsFor(parts, person),
    followUps: (person) => followUpsFor(parts, person),
    notSent: (person, isLate = false) => notSent(phoneOf, person, null, isLate),
    phoneNow: (about) => phoneNow(phoneOf, about),
    async stands(person, number, revision, posting) {
      const found = await find(parts, number);
      if (found?.seen.viewsEnd === true) await tellStanding(parts, person, found, { revision, posting });
    },
    due(said) {
      const when = whenOf(said);
      return when === null ? null : momentOf(when, parts.clock.now(), site.zone);
    },
    async receivers(person, number, said) {
      const found = await find(parts, number);
      if (found === null) return { denied: `There is no case ${number}.` };
      const verdict = authorise(person, 'hand-over', found.seen.subject);
      await denied(parts, person, found.caseId, 'hand-over', verdict);
      return verdict.allowed ? receiversOf(parts, site.rota, person, found.seen.subject, said) : { denied: verdict.why };
    },
    async takeBack(person, number) {
      const found = await find(parts, number);
      if (found === null) return { denied: `There is no case ${number}.` };
      const verdict = authorise(person, 'take-back', found.seen.subject);
      await denied(parts, person, found.caseId, 'take-back', verdict);
      const last = found.seen.takeBack(person.id, { ...lookNow(parts, number), ...inLanguageOf(person) });
      return verdict.allowed && last !== null ? last : { denied: verdict.allowed ? `There is nothing to take back of ${number}.` : verdict.why };
    },
    caseOfConversation: (conversationId) => parts.cases.findByConversation(conversationId),
    deny(what, detail) {
      const { status = null, check = null, from = null, aadObjectId = null } = detail;
      // All of Teams comes from one place: whom a genuine token names is told apart from others.
      const counted = {
        source: `${what} ${String(from)} ${String(aadObjectId)}`,
        check: `${what} ${String(check)}`,
        shared: { status, check, from },
        alone: MOST_ALONE,
      };
      return record.note({ ...counted, actor: { kind: 'system', part: 'guard' }, action: what, detail });
    },
    protocolIds: () => protocolIds,
  };
}

async function waiting(parts: Parts, person: Person): Promise<readonly CaseRow[] | { readonly denied: string }> {
  const verdict = authorise(person, 'list-waiting', null);
  if (!verdict.allowed) {
    await denied(parts, person, null, 'list-waiting', verdict);
    return { denied: verdict.why };
  }
  const own = await ownFollowUps(parts, person);
  // Who opens no case at all has the list for its numbers; who may open every one is spared the look into each.
  if (!authorise(person, 'view', null).allowed || authorise(person, 'view', anyCase).allowed) return byUrgency([...(await openRows(parts)), ...own]);
  const { cases } = await openCases(parts);
  return byUrgency([...cases.filter(({ subject }) => authorise(person, 'view', subject).allowed).map(({ row }) => row), ...own]);
}

/** On nobody's list but of those who have all of them. */
const anyCase: Subject = { modality: null, orderer: null, askedOf: null };

/** Only what a press would decide: it waits for a decision, this person may take it, it is no drill, and the workflow is not off or silent here. */
async function next(parts: Parts, person: Person, after: CaseNumber): Promise<Next | null> {
  const { cases, left } = await openCases(parts);
  const mine = cases.filter(({ row, subject }) => {
    const mode = parts.modeOf(row.workflow, subject.modality);
    const isAsked = row.waiting && row.revision > 0 && subject.askedOf === null && row.caseNumber !== after && !isDrill(row);
    return isAsked && mode !== 'off' && mode !== 'silent' && authorise(person, 'approve', subject).allowed;
  });
  const [first] = mine;
  return first === undefined ? null : { row: first.row, waiting: mine.length, orMore: left > 0 };
}

/** Other open cases whose patient could be taken for this one's. A look at them that fails holds no view up: the view says that they were not compared. */
async function alikeTo(parts: Parts, number: CaseNumber, { likeness }: Seen): Promise<Alike> {
  if (likeness === null) return { cases: [], complete: true };
  const open = await openCases(parts).catch((error: unknown) => {
    parts.log.error('desk.names-not-compared', { fault: error });
    return null;
  });
  if (open === null) return { cases: [], complete: false };
  const { cases, left } = open;
  const alike = cases.filter((one) => one.row.caseNumber !== number && one.likeness !== null && isAlike(likeness, one.likeness));
  return { cases: alike.map(({ row }) => row.caseNumber), complete: left === 0 };
}

export async function openCase(
  parts: Parts,
  person: Person,
  number: CaseNumber,
  { notice, typed, site, emergency = false, counts = true }: Opening,
): Promise<Opened> {
  const found = await find(parts, number);
  const row = found?.seen.row ?? null;
  if (found === null || row === null) return { ok: false, why: `There is no case ${number}.` };
  const { caseId, seen } = found;
  const { subject } = seen;
  const verdict = authorise(person, 'view', subject);
  if (!verdict.allowed && !emergency) {
    await denied(parts, person, caseId, 'view', verdict);
    const where = authorise(person, 'break-glass', subject).allowed ? site?.tab?.(number) : undefined;
    const why = where === undefined ? verdict.why : `${verdict.why} In an emergency you may open it on the Radloop tab: ${where}`;
    if (!mayTakeOver(parts, person, found, number)) return { ok: false, why };
    const called = authorise(person, 'acknowledge', subject);
    return { ok: false, why: called.allowed ? why : called.why, mayTakeOver: { caseNumber: number, revision: row.revision } };
  }
  const may = {
    decide: authorise(person, 'approve', subject).allowed,
    ask: authorise(person, 'ask-orderer', subject).allowed,
    answer: authorise(person, 'answer-question', subject).allowed,
    takeBack: authorise(person, 'take-back', subject).allowed,
    // A site that has not set critical results up has no button for them.
    allows: (action: Action) => authorise(person, action, subject).allowed && (action !== 'declare-critical' || isSetUp(parts)),
    least: !authorise({ ...person, roles: person.roles.filter((role) => role !== 'technologist') }, 'view', subject).allowed,
  };
  const alike = await alikeTo(parts, number, seen);
  const more = {
    ...{ alike, reader: person.id, ...inLanguageOf(person) },
    ...(notice === undefined ? {} : { notice }),
    ...(typed === undefined ? {} : { typed }),
  };
  const nothingMore = { decide: false, ask: false, answer: false };
  const view = seen.personalView({ ...lookNow(parts, number), ...more }, verdict.allowed ? may : nothingMore);
  if (view === null) return { ok: false, why: `Case ${number} has no order yet.` };
  const { revision } = row;
  if (verdict.allowed && counts) await countAsSeen(parts, person, found, { number, revision });
  else {
    const actor = { kind: 'person', person: person.id } as const;
    // Without its revision it was not shown in the sense that words may act on it; BTG: purposeOfUse "break the glass".
    const detail = verdict.allowed ? { number } : { number, purpose: 'BTG' };
    await parts.audit.record({ caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail });
  }
  return { ok: true, caseNumber: number, revision, title: `${seen.kind(person.language) ?? row.kind} ${number}`, view, ends: seen.viewsEnd ?? false };
}

/** Somebody who treats patients and was not called for a critical result that nobody has taken. Of a drill the patient is nobody's. */
function mayTakeOver(parts: Parts, person: Person, { workflow, seen }: Found, number: CaseNumber): boolean {
  const { row, subject } = seen;
  const isUntaken = workflow === CRITICAL && (row?.status === 'open' || row?.status === 'failsafe');
  const isDrill = seen.calling?.(lookNow(parts, number))?.drill === true;
  return isUntaken && !isDrill && authorise(person, 'take-over', subject).allowed;
}

/** Puts on record that the view of this revision is what the person was shown, and stops who is made to look after them (DECISIONS 12). */
async function countAsSeen(
  parts: Parts,
  person: Person,
  found: Found,
  view: { readonly number: CaseNumber; readonly revision: number },
): Promise<void> {
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId: found.caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done', detail: view });
  await tellLooked(parts, person, found, view.revision);
}
