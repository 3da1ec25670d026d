import type { Tone } from '#cards/kit/card.js';
import { formatDate, formatDayTime } from '#cards/kit/text.js';
import type { CaseNumber } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Instant } from '#core/time.js';
import type { Protocol } from '#domain/protocol.js';
import type { Appointment, OnPaper } from './events.ts';
import { lookUp } from './look-up.ts';
import { isUndecided } from './state.ts';
import type { Opened } from './state.ts';
import { isNewer } from './told.ts';
import { wordsIn } from './words-in.ts';
import type { Words } from './words.ts';

/** What a card needs to know besides the state. */
export interface CardMeta {
  readonly caseNumber: CaseNumber;
  /** IANA time zone of the site: every time on a card is in it. */
  readonly zone: string;
  readonly now: Instant;
  readonly catalogue: readonly Protocol[];
  /** Person id -> name. */
  readonly names: Readonly<Record<string, string>>;
  /** @default en */
  readonly language?: Language;
}

export type Tongue = Pick<CardMeta, 'language' | 'zone'>;

export function wordsOf({ language }: Pick<CardMeta, 'language'>): Words {
  return wordsIn(language);
}

/** `24 Nov 10:42`, as whoever reads the card writes it. */
export function timeOf(at: Instant, { zone, language }: Tongue): string {
  return formatDayTime(at, zone, language);
}

/** Where a case stands, in words that may be read in a channel: who acted and when, nothing of the patient, no reason, no protocol. */
export interface Status {
  readonly tone: Tone;
  readonly title: string;
  readonly lines: readonly string[];
}

export function statusOf(state: Opened, meta: CardMeta): Status {
  const { shared } = wordsOf(meta);
  const time = (at: Instant): string => timeOf(at, meta);
  switch (state.status) {
    case 'gathering':
    case 'proposing':
      return { tone: 'emphasis', title: checkingTitle(state, meta), lines: shared.checkingLines };
    case 'waiting':
      if (state.overdueSince === null) return { tone: 'emphasis', title: shared.waiting(time(state.since)), lines: lookLines(state, meta) };
      return {
        tone: 'warning',
        title: shared.overdue(time(state.overdueSince)),
        lines: [shared.waitingSince(time(state.since)), ...lookLines(state, meta)],
      };
    case 'asking': {
      const { question } = state;
      const title = shared.asking(time(question?.at ?? state.since));
      return { tone: 'emphasis', title, lines: question === null ? [] : [shared.askingBy(question.by.name)] };
    }
    case 'approved':
      return approvedOf(state, meta);
    case 'rejected':
      return {
        tone: 'emphasis',
        title: shared.rejected(state.by.name, time(state.at)),
        lines: [...paperLine(state.paper, meta), shared.coordinatorTold],
      };
    case 'cancelled': {
      const lines = state.decided === null ? [] : [shared.cancelledAfter(state.decided.approval.name)];
      return { tone: 'emphasis', title: shared.cancelled(time(state.at)), lines };
    }
    default:
      return state satisfies never;
  }
}

/** Who was made to look at it, one line each step, and who has opened it. */
export function lookLines({ look }: Opened, meta: CardMeta): readonly string[] {
  if (look === null) return [];
  const { shared } = wordsOf(meta);
  const named = (id: string): string => meta.names[id] ?? id;
  return [
    ...look.asked.map(({ people, at, because }) => shared.lookAsked[because](people.map(named).join(', '), timeOf(at, meta))),
    ...look.openedBy.map(({ by, at }) => shared.lookedAt(named(by), timeOf(at, meta))),
  ];
}

/** Of the patient, and not of what was ordered. */
const ofPatient: readonly string[] = ['patient', 'patientClass', 'present', 'birthDate', 'sex'];

function checkingTitle({ revision, changed }: Opened, meta: CardMeta): string {
  const { shared } = wordsOf(meta);
  if (revision === 0) return shared.checking;
  return changed.length > 0 && changed.every((name) => ofPatient.includes(name)) ? shared.patientChecking : shared.changedChecking;
}

/** Who decided and when; where the RIS has not taken it, that first. */
function approvedOf(state: Extract<Opened, { status: 'approved' }>, meta: CardMeta): Status {
  const { shared } = wordsOf(meta);
  const { approval, changedFrom, paper } = state.decided;
  const onPaper = paperLine(paper, meta);
  const who = (changedFrom === null ? shared.approved : shared.chosen)(approval.name, timeOf(approval.at, meta));
  switch (state.written) {
    case 'not-yet':
      return { tone: 'accent', title: who, lines: [...onPaper, shared.notYet] };
    case 'written':
      return {
        tone: 'good',
        title: who,
        lines: [...onPaper, paper?.inRis === true ? shared.writtenByHand : shared.written(timeOf(state.writtenAt ?? approval.at, meta))],
      };
    case 'failed': {
      const why = state.failures.findLast(({ message }) => message === 'order-change')?.code ?? '';
      const title = why === 'skipped' ? shared.risSkipped : why.startsWith('refused') ? shared.risRefused : shared.risUnreached;
      return { tone: 'attention', title, lines: [`${who}.`, ...onPaper, shared.coordinatorTold] };
    }
    default:
      return state.written satisfies never;
  }
}

/** What became of a closed case, as short as it can be said: who, what, when, and whether the RIS has it. Null: it is not closed. */
export function closedBy(state: Opened, meta: CardMeta): string | null {
  const { shared } = wordsOf(meta);
  const said = (rest: readonly string[]): string => [`${statusOf(state, meta).title}.`, ...rest].join(' ');
  switch (state.status) {
    case 'approved': {
      if (state.written !== 'written') return null;
      const { paper } = state.decided;
      return said([...paperLine(paper, meta), paper?.inRis === true ? shared.writtenByHand : shared.inRis]);
    }
    case 'rejected':
      return said(paperLine(state.paper, meta));
    case 'cancelled':
      return said(state.decided === null ? [] : [shared.cancelledAfter(state.decided.approval.name)]);
    case 'gathering':
    case 'proposing':
    case 'waiting':
    case 'asking':
      return null;
    default:
      return state satisfies never;
  }
}

function paperLine(paper: OnPaper | undefined, meta: CardMeta): readonly string[] {
  return paper === undefined ? [] : [wordsOf(meta).shared.onPaper(paper.enteredBy.name)];
}

/** What whoever opens the case should know beforehand; as little of the patient as statusOf. */
export function noticesOf(state: Opened, meta: Tongue): readonly string[] {
  const { shared } = wordsOf(meta);
  const held = new Set(state.held.map(({ reason }) => (reason === 'no-patient-number' ? shared.heldNumberless : shared.held)));
  const missed = missedOf(state, meta);
  if (state.status !== 'waiting' && state.status !== 'asking')
    return [...held, ...unknownTime(state, meta), ...undecidedOf(state, meta), ...(state.status === 'cancelled' ? [] : missed)];
  const { protocol } = state;
  return [
    ...held,
    ...unknownTime(state, meta),
    ...undecidedOf(state, meta),
    ...withoutAnswer(state, meta),
    ...missed,
    ...(state.changed.length > 0 ? [shared.putAgain(changesIn(state, meta))] : []),
    ...(state.context?.ok === false ? [shared.contextMissing] : []),
    ...(protocol?.ok === false ? [state.order.kind === 'unknown' ? shared.noProposal : shared.noModel] : []),
    ...(protocol?.ok === true && protocol.value.protocolId === null ? [shared.noProposal] : []),
    ...(state.lapsedQuestions > 0 ? [shared.lapsed] : []),
  ];
}

/** Before anybody decides a second time what was decided then. */
function unknownTime({ missing }: Opened, meta: Tongue): readonly string[] {
  if (missing === null) return [];
  const { from, until } = missing;
  return [wordsOf(meta).shared.historyMissing(timeOf(from, meta), until === null ? null : timeOf(until, meta))];
}

/** Whose it is by hand-over; that a decision was taken back, and that the RIS has it all the same. */
export function undecidedOf(state: Opened, meta: Tongue): readonly string[] {
  const { shared } = wordsOf(meta);
  const { handedOver, takenBack } = state;
  const handed =
    handedOver === null || !isUndecided(state) ? [] : [shared.handedOver(handedOver.to.name, handedOver.by.name, timeOf(handedOver.at, meta))];
  if (takenBack === null) return handed;
  const back = isUndecided(state) ? [shared.takenBack(takenBack.by.name, timeOf(takenBack.at, meta))] : [];
  const still = takenBack.inRis ? [isUndecided(state) ? shared.stillInRis : shared.removeFromRis] : [];
  return [...handed, ...back, ...still];
}

/** That the exam was done without this answer, as far as it is known. */
function withoutAnswer({ images, account }: Opened, meta: Tongue): readonly string[] {
  const { shared } = wordsOf(meta);
  if (images.length > 0) return [shared.images];
  const status = examStatus(account.orderStatus);
  return status === null ? [] : [status === 'begun' ? shared.examBegun : shared.examDone];
}

/** Was the exam begun or done, as far as it is known? */
export function isExamined({ images, account }: Opened): boolean {
  return images.length > 0 || examStatus(account.orderStatus) !== null;
}

/** What a status says of the exam: HL7 table 0038 (IP, A, CM) or a ServiceRequest's (completed). */
function examStatus(orderStatus: string | null): 'begun' | 'done' | null {
  if (orderStatus === 'CM' || orderStatus === 'completed') return 'done';
  return orderStatus === 'IP' || orderStatus === 'A' ? 'begun' : null;
}

export function changesIn({ changed, account }: Opened, meta: Tongue): string {
  const { changes } = wordsOf(meta).shared;
  const went = account.present === false ? 'left' : 'back';
  return changed.map((name) => lookUp(changes, name === 'present' ? went : name, name)).join(', ');
}

function missedOf(state: Opened, meta: Tongue): readonly string[] {
  const appointment = appointmentOf(state);
  return appointment === null || isBooked(appointment) ? [] : [appointmentLine(appointment, meta)];
}

/** The one that is booked last; where none is booked, the last that was called off. */
export function appointmentOf({ appointments }: Opened): Appointment | null {
  const newestFirst = appointments.toSorted((a, b) => (isNewer(a.stamp, b.stamp) ? -1 : 1));
  return newestFirst.find(isBooked) ?? newestFirst[0] ?? null;
}

export function isBooked({ status }: Appointment): boolean {
  return status === 'booked' || status === 'rescheduled' || status === 'modified';
}

/** May be read in a channel: a day and a time of the site, nothing that a message says in words. */
export function appointmentLine(appointment: Appointment, meta: Tongue): string {
  const { shared } = wordsOf(meta);
  const { startsAt, startsAtInstant, status } = appointment;
  const day = /^\d{4}-?\d\d-?\d\d/u.exec(startsAt ?? '')?.[0];
  const when = startsAtInstant === null ? (day === undefined ? null : formatDate(day, meta.language)) : timeOf(startsAtInstant, meta);
  if (isBooked(appointment)) return when === null ? shared.bookedUndated : shared.booked(when);
  if (status === 'no-show') return when === null ? shared.noShowUndated : shared.noShow(when);
  return when === null ? shared.unbookedUndated : shared.unbooked(when);
}

/** May somebody still decide? */
export function isWaiting(state: Opened): boolean {
  return state.status === 'waiting' || state.status === 'asking';
}
