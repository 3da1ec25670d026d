import { formatDate, formatDayTime } from '#cards/kit/text.js';
import type { PaperCase } from '#core/paper.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Order } from '#domain/order.js';
import { missingOf } from './card-context.ts';
import { textOf } from './card-order.ts';
import { proposedOf, titleOf } from './card-proposal.ts';
import { isWaiting, noticesOf, statusOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import { lookUp } from './look-up.ts';
import type { Policy } from './policy.ts';
import { isOpened } from './state.ts';
import type { Opened, State } from './state.ts';
import { wordsIn } from './words-in.ts';

/** The page around it is written in English. */
const words = wordsIn('en');

type Meta = CardMeta & { readonly policy: Policy };

/** What stands of the case on the list for a downtime; null where nothing has come yet that names an order. */
export function paperOf(state: State, meta: Meta): PaperCase | null {
  if (isOpened(state)) return ofOpened(state, meta);
  if (state.status === 'none') return null;
  const order = state.status === 'cancelled-before-order' ? state.order : state.parked[0]?.order;
  if (order == null) return null;
  const { early, paper, view } = words;
  const said = state.status === 'cancelled-before-order' ? `${early.cancel}. ${early.cancelledLine}` : `${early.change}. ${early.neverCameLine}`;
  return {
    ...ofOrder(order),
    ...{ urgency: early.badge, isFirst: false, location: '', deadline: null, proposal: null, warnings: [], mayDecide: false },
    state: sentences(said, ...(state.held.length === 0 ? [] : [view.heldTitle])),
    waitsFor: paper.coordinator,
  };
}

function ofOpened(state: Opened, meta: Meta): PaperCase {
  const { urgency } = words;
  const { priority } = state;
  const proposed = proposedOf(state, meta.catalogue);
  return {
    ...ofOrder(state.order),
    urgency: priority === null ? urgency.unknown : urgency[priority],
    isFirst: priority === 'STAT',
    location: locationOf(state),
    state: standing(state, meta),
    waitsFor: waitsFor(state, meta),
    deadline: deadlineOf(state, meta.policy),
    proposal: proposed === null || !isWaiting(state) ? null : { id: proposed.id, name: proposed.name },
    warnings: isWaiting(state) ? warningsOf(state, meta) : [],
    mayDecide: isWaiting(state),
  };
}

function ofOrder(order: Order): Pick<PaperCase, 'group' | 'patient' | 'exam' | 'indication' | 'orderedBy' | 'order' | 'accession'> {
  const { paper, view } = words;
  const { name, id, birthDate, sex } = order.patient;
  const full = name === null ? '' : [name.family, name.given].filter((part) => part !== '').join(', ');
  const number = order.placerOrderNumber ?? order.fillerOrderNumber;
  return {
    group: order.modality ?? paper.noGroup,
    patient: {
      name: full === '' ? paper.noPatient : full,
      number: id ?? '',
      born: birthDate === null ? '' : formatDate(birthDate),
      sex: sex === null ? '' : lookUp(view.sexes, sex.slice(0, 1).toUpperCase(), sex),
    },
    exam:
      [order.procedure, ...order.procedures]
        .map(textOf)
        .filter((text) => text !== '')
        .join(' + ') || view.noProcedure,
    indication: order.indication ?? view.noIndication,
    orderedBy: order.orderingProvider?.name ?? '',
    order: number?.id ?? '',
    accession: order.accessionNumber ?? '',
  };
}

function locationOf({ account, order }: Opened): string {
  const { view } = words;
  const { pointOfCare = '', room = '', bed = '' } = account.location ?? {};
  const kind = order.patientClass === null ? '' : lookUp(view.classes, order.patientClass, order.patientClass);
  const parts = [kind, pointOfCare, room === '' ? '' : view.room(room), bed === '' ? '' : view.bed(bed)].filter((part) => part !== '');
  return account.present === false ? [view.left, ...parts].join(', ') : parts.join(', ');
}

/** As the card says it, with the protocol that was approved: whoever does the exam needs it. */
function standing(state: Opened, meta: Meta): string {
  const { paper } = words;
  const notices = noticesOf(state, meta);
  if (state.status === 'gathering' || state.status === 'proposing') return sentences(paper.checking, ...notices);
  if (state.status === 'asking' && state.question !== null) return sentences(paper.asking(state.question.by.name, state.question.text), ...notices);
  if (state.status !== 'approved') return sentences(statusOf(state, meta).title, ...notices);
  const { approval, protocolId } = state.decided;
  const who = words.shared.approved(approval.name, formatDayTime(approval.at, meta.zone));
  const inRis = { 'not-yet': paper.notInRis, failed: paper.risFailed, written: words.shared.writtenByHand }[state.written];
  return sentences(paper.approved(titleOf(protocolId, meta), who), inRis, ...notices);
}

function sentences(...all: readonly string[]): string {
  return all.map((text) => text.replace(/\.$/u, '')).join('. ');
}

function waitsFor(state: Opened, { names }: Meta): string {
  const { paper } = words;
  if (state.status === 'approved') return paper.enters;
  if (state.status === 'asking' && state.question !== null) return names[state.question.of] ?? state.question.of;
  if (state.overdueSince !== null) return `${paper.radiologist} (${paper.coordinator})`;
  const named = (id: string): string => names[id] ?? id;
  const { look } = state;
  const [opened] = look?.openedBy ?? [];
  const asked = look?.asked.at(-1);
  if (opened !== undefined) return paper.opened(named(opened.by));
  return asked === undefined ? paper.radiologist : paper.asked(asked.people.map(named).join(', '));
}

/** The same times as the case is woken by (effects.ts). */
function deadlineOf(state: Opened, policy: Policy): Instant | null {
  if (state.status === 'asking' && state.question !== null) return addMinutes(state.question.at, policy.questionWithinMinutes);
  if (state.status !== 'waiting' || state.putAt === null) return null;
  return addMinutes(state.putAt, policy.answerWithinMinutes[state.priority ?? 'ROUTINE']);
}

/** The gravest first; what could not be checked is said as loudly, as on the card. */
function warningsOf(state: Opened, meta: Meta): readonly string[] {
  const { view } = words;
  const { context, flags } = state;
  const found = (['stop', 'ask', 'inform'] as const).flatMap((severity) =>
    flags.filter((flag) => flag.severity === severity).map(({ text }) => `${view.severities[severity]}: ${text}`),
  );
  if (context?.ok === true) {
    const missing = missingOf(context.value, meta).join(', ');
    return missing === '' ? found : [...found, `${view.notKnown}: ${view.notCheckedParts(missing)}`];
  }
  return [...found, `${view.notChecked}: ${view.notCheckedWhy(context === null || context.why === '' ? view.ehrSilent : context.why)}`];
}
