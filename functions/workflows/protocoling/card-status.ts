import type { Tone } from '#cards/kit/card.js';
import { formatDayTime } from '#cards/kit/text.js';
import type { CaseNumber } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Protocol } from '#domain/protocol.js';
import type { Opened } from './state.ts';
import { words } from './words.ts';

/** What a card needs to know besides the state. */
export interface CardMeta {
  readonly caseNumber: CaseNumber;
  /** IANA time zone of the site: every time on a card is in it. */
  readonly zone: string;
  readonly now: Instant;
  readonly catalogue: readonly Protocol[];
  /** Person id -> name. */
  readonly names: Readonly<Record<string, string>>;
}

/** Where a case stands, in words that may be read in a channel: who acted and when, nothing of the patient, no reason, no protocol. */
export interface Status {
  readonly tone: Tone;
  readonly title: string;
  readonly lines: readonly string[];
}

export function statusOf(state: Opened, { zone }: CardMeta): Status {
  const { shared } = words;
  const time = (at: Instant): string => formatDayTime(at, zone);
  switch (state.status) {
    case 'gathering':
    case 'proposing':
      return { tone: 'emphasis', title: state.revision === 0 ? shared.checking : shared.changedChecking, lines: shared.checkingLines };
    case 'waiting':
      if (state.overdueSince === null) return { tone: 'emphasis', title: shared.waiting(time(state.since)), lines: [] };
      return { tone: 'warning', title: shared.overdue(time(state.overdueSince)), lines: [shared.waitingSince(time(state.since))] };
    case 'asking': {
      const { question } = state;
      const title = shared.asking(time(question?.at ?? state.since));
      return { tone: 'emphasis', title, lines: question === null ? [] : [shared.askingBy(question.by.name)] };
    }
    case 'approved':
      return approvedOf(state, time);
    case 'rejected':
      return { tone: 'emphasis', title: shared.rejected(state.by.name, time(state.at)), lines: [shared.coordinatorTold] };
    case 'cancelled': {
      const lines = state.decided === null ? [] : [shared.cancelledAfter(state.decided.approval.name)];
      return { tone: 'emphasis', title: shared.cancelled(time(state.at)), lines };
    }
    default:
      return state satisfies never;
  }
}

/** Who decided and when; where the RIS has not taken it, that first. */
function approvedOf(state: Extract<Opened, { status: 'approved' }>, time: (at: Instant) => string): Status {
  const { shared } = words;
  const { approval, changedFrom } = state.decided;
  const who = (changedFrom === null ? shared.approved : shared.chosen)(approval.name, time(approval.at));
  switch (state.written) {
    case 'not-yet':
      return { tone: 'accent', title: who, lines: [shared.notYet] };
    case 'written':
      return { tone: 'good', title: who, lines: [shared.written(time(state.writtenAt ?? approval.at))] };
    case 'failed': {
      const refused = state.failures.findLast(({ message }) => message === 'order-change')?.code.startsWith('refused') === true;
      return { tone: 'attention', title: refused ? shared.risRefused : shared.risUnreached, lines: [`${who}.`, shared.coordinatorTold] };
    }
    default:
      return state.written satisfies never;
  }
}

/** What whoever opens the case should know beforehand; as little of the patient as statusOf. */
export function noticesOf(state: Opened): readonly string[] {
  const { shared } = words;
  const held = new Set(state.held.map(({ reason }) => (reason === 'no-patient-number' ? shared.heldNumberless : shared.held)));
  if (state.status !== 'waiting' && state.status !== 'asking') return [...held];
  const { protocol } = state;
  return [
    ...held,
    ...(state.context?.ok === false ? [shared.contextMissing] : []),
    ...(protocol?.ok === false ? [state.order.kind === 'unknown' ? shared.noProposal : shared.noModel] : []),
    ...(protocol?.ok === true && protocol.value.protocolId === null ? [shared.noProposal] : []),
    ...(state.lapsedQuestions > 0 ? [shared.lapsed] : []),
  ];
}

/** May somebody still decide? */
export function isWaiting(state: Opened): boolean {
  return state.status === 'waiting' || state.status === 'asking';
}
