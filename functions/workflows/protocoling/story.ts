import { clean, shorten } from '#cards/kit/text.js';
import type { StoryHeading, StoryKind, StoryLine } from '#core/story.js';
import { patientLines, textOf } from './card-order.ts';
import { titleOf } from './card-proposal.ts';
import { appointmentLine, timeOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import type { Fact } from './events.ts';
import { lookUp } from './look-up.ts';
import { isOpened } from './state.ts';
import type { State } from './state.ts';
import { storyWordsIn } from './story-words.ts';

/** Two identifiers of the order's patient, or of the first message that waits for its order. */
export function headingOf(state: State, meta: CardMeta): StoryHeading | null {
  if (isOpened(state)) return patientLines(state.order.patient, state.context?.ok === true ? state.context.value : null, meta);
  if (state.status === 'none') return null;
  const order = state.parked[0]?.order ?? (state.status === 'cancelled-before-order' ? state.order : null);
  return order === null ? null : patientLines(order.patient, null, meta);
}

/** @param least what people wrote in their own words is left out */
export function lineOf(fact: Fact, meta: CardMeta, least: boolean): StoryLine {
  const line = write(fact, meta);
  const lines = [...line.lines, ...(least ? [] : (line.own ?? []))].map((text) => shorten(clean(text).trim(), 600)).filter((text) => text !== '');
  return { kind: line.kind, title: line.title, lines, who: line.who ?? null, source: line.source ?? null };
}

interface Written {
  readonly kind: StoryKind;
  readonly title: string;
  readonly lines: readonly string[];
  /** What people wrote in their own words. */
  readonly own?: readonly string[];
  readonly who?: string;
  readonly source?: string;
}

type Of<Type extends Fact['type']> = Extract<Fact, { type: Type }>;

function write(fact: Fact, meta: CardMeta): Written {
  const words = storyWordsIn(meta.language);
  const { source } = words;
  const message = 'rawHash' in fact ? source.message(fact.rawHash.slice(0, 8)) : '';
  const named = (id: string | null): string => (id === null ? words.somebody : (meta.names[id] ?? id));
  const line = (kind: StoryKind, title: string, lines: readonly string[] = [], more: Partial<Written> = {}): Written => ({
    ...{ kind, title, lines },
    ...more,
  });
  switch (fact.type) {
    case 'orderOpened':
      return ordered(fact, words.order, [], meta);
    case 'orderChanged':
      return ordered(fact, words.changed, [changesOf(fact.changed, meta)], meta);
    case 'orderNoted':
      return line('message', words.noted, [], { source: message });
    case 'orderCancelled':
      return line('message', words.cancelled, [], { source: message });
    case 'cancelledBeforeOrder':
      return line('message', words.cancelledEarly, [], { source: message });
    case 'changedBeforeOrder':
      return line('message', words.changedEarly, [], { source: message });
    case 'arrivedBeforeOrder':
      return line('message', words.arrivedEarly, [], { source: message });
    case 'orderNeverCame':
      return line('trouble', words.neverCame, [], { source: source.clock });
    case 'messageHeld':
      return line('trouble', words.held, [lookUp(wordsOf(meta).view.heldLines, fact.reason, '')], { source: message });
    case 'patientMerged':
      return line('message', words.merged, [patientLines(fact.surviving, null, meta).number], { source: message });
    case 'patientUpdated':
      return line('message', words.patient, [], { source: `ADT ${fact.trigger}` });
    case 'appointmentKnown': {
      const { hash, at } = fact.appointment.stamp;
      const dated = source.dated(hash.slice(0, 8), timeOf(at, meta));
      return line('message', words.appointment, [appointmentLine(fact.appointment, meta)], { source: dated });
    }
    case 'imagesArrived':
      return line('message', words.images, [fact.images.description ?? fact.images.modalities.join('/')], { source: 'PACS' });
    case 'contextKnown':
      return line('check', words.context, [contextLine(fact, meta)], { source: source.ehr });
    case 'contextMissing':
      return line('trouble', words.contextMissing, [wordsOf(meta).view.unavailable(fact.why)], { source: source.ehr });
    case 'protocolProposed':
      return proposed(fact, meta);
    case 'protocolNotProposed':
      return line('trouble', words.noProposal, [wordsOf(meta).view.unavailable(fact.why)]);
    case 'priorityProposed': {
      const { model, version, phrases, priority } = fact.answer;
      const quoted = phrases.map(({ text }) => `“${text}”`).join(', ');
      return line('check', words.priority(wordsOf(meta).urgency[priority]), [], { own: [quoted], source: source.model(model, version) });
    }
    case 'priorityNotProposed':
      return line('trouble', words.noPriority, [wordsOf(meta).view.unavailable(fact.why)]);
    case 'approvalAsked':
      return put(fact, meta);
    case 'protocolApproved':
      return approved(fact, meta);
    case 'orderRejected': {
      const { by, reason, paper } = fact;
      const own = [wordsOf(meta).view.reason(reason)];
      return line('person', words.rejected, [], { own, who: by.name, ...onPaper(paper, meta) });
    }
    case 'ordererAsked':
      return line('person', words.question(named(fact.of)), [], { own: [fact.question], who: fact.by.name });
    case 'ordererAnswered':
      return line('person', words.answer, [], { own: [fact.text], who: fact.by.name });
    case 'questionLapsed':
      return line('trouble', words.lapsed, [], { source: source.clock });
    case 'lookAsked': {
      const { people, because, skipped, service } = fact;
      const lines = [words.lookReasons[because], ...(skipped.length === 0 ? [] : [words.lookSkipped(skipped.join(', '))])];
      return line('sent', words.lookAsked(people.map(named).join(', ')), lines, { source: service === null ? source.clock : words.rota(service) });
    }
    case 'lookedAt':
      return line('person', words.lookedAt, [], { who: named(fact.by) });
    case 'reminderSet':
      return line('person', words.reminderSet(timeOf(fact.due, meta)), [], { who: named(fact.person) });
    case 'reminderDue':
      return line('sent', words.reminderDue(named(fact.person)), [], { source: source.clock });
    case 'handedOver':
      return line('person', words.handedOver(fact.to.name), [], { who: fact.by.name });
    case 'takenBack':
      return line('person', words.takenBack[fact.what], fact.sent ? [words.takenBackSent] : [], { who: fact.by.name });
    case 'answerOverdue':
      return line('trouble', words.overdue, [words.overdueLine], { source: source.clock });
    case 'cardPosted':
      return line('card', words.card(fact.revision), [], { source: source.teams });
    case 'cardSuperseded':
      return line('card', words.cardGone, [], { source: source.teams });
    case 'historyMissing':
      return line('trouble', words.missing(timeOf(fact.from, meta), fact.until === null ? words.now : timeOf(fact.until, meta)));
    case 'personTold':
      return line('sent', words.told(named(fact.person)), [noteTitle(fact.note, meta)], { source: source.teams });
    case 'viewShown':
      return line('person', words.viewShown, [], { who: named(fact.person), source: source.teams });
    case 'privateCardOver':
      return line('card', words.privateCardOver(named(fact.person)), [], { source: source.teams });
    case 'recommendationSent':
      return line('sent', words.recommended, [], { source: source.receipt(fact.controlId, ackOf(fact.ack)) });
    case 'protocolWrittenBack':
      return line('sent', words.written, [], { source: source.receipt(fact.controlId, ackOf(fact.ack)) });
    case 'approvalRecorded':
      return line('sent', words.recorded(fact.resource), [], { source: source.ehr });
    case 'deliveryFailed':
      return line('trouble', words.failed(whatFailed(fact, meta)), [wordsOf(meta).view.failure(`${fact.code} ${fact.detail}`)]);
    default:
      return fact satisfies never;
  }
}

function ordered(fact: Of<'orderOpened' | 'orderChanged'>, title: string, first: readonly string[], meta: CardMeta): Written {
  const { source, orderedBy } = storyWordsIn(meta.language);
  const { order, rawHash } = fact;
  const by = order.orderingProvider?.name ?? '';
  const lines = [...first, textOf(order.procedure), by === '' ? '' : orderedBy(by)];
  return { kind: 'message', title, lines, own: [order.indication ?? wordsOf(meta).view.noIndication], source: source.message(rawHash.slice(0, 8)) };
}

function changesOf(changed: readonly string[], meta: CardMeta): string {
  const text = changed.map((name) => lookUp(wordsOf(meta).shared.changes, name, name)).join(', ');
  return text === '' ? '' : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function contextLine({ context }: Of<'contextKnown'>, meta: CardMeta): string {
  const words = storyWordsIn(meta.language);
  const { missing } = context;
  return missing.length === 0 ? words.known(0) : words.notKnown(missing.map((part) => lookUp(wordsOf(meta).view.parts, part, part)).join(', '));
}

function proposed({ answer }: Of<'protocolProposed'>, meta: CardMeta): Written {
  const words = storyWordsIn(meta.language);
  const { protocolId, confidence, reasons, model, version } = answer;
  const source = words.source.model(model, version);
  const sure = words.confidence(Math.round(confidence * 100));
  if (protocolId === null) return { kind: 'check', title: words.abstained, lines: [sure], own: reasons, source };
  return { kind: 'check', title: words.proposed, lines: [titleOf(protocolId, meta), sure], own: reasons, source };
}

function put({ revision, priority, flags }: Of<'approvalAsked'>, meta: CardMeta): Written {
  const words = storyWordsIn(meta.language);
  const { urgency, view } = wordsOf(meta);
  const rules = flags.map(
    ({ severity, text, rule, source }) => `${lookUp(view.severities, severity, severity)}: ${text} (${view.flagSource(rule, source)})`,
  );
  const lines = [words.urgency(urgency[priority]), words.flags(flags.length)];
  return { kind: 'check', title: words.asked(revision), lines, own: rules, source: words.source.rules };
}

function approved(fact: Of<'protocolApproved'>, meta: CardMeta): Written {
  const words = storyWordsIn(meta.language);
  const { view } = wordsOf(meta);
  const { approval, protocolId, changedFrom, reason, paper } = fact;
  const lines = [titleOf(protocolId, meta), changedFrom === null ? '' : view.insteadOf(changedFrom)];
  const own = reason === null || reason.trim() === '' ? [] : [view.reason(reason)];
  return { kind: 'person', title: changedFrom === null ? words.approved : words.chosen, lines, own, who: approval.name, ...onPaper(paper, meta) };
}

function onPaper(paper: Of<'protocolApproved'>['paper'], meta: CardMeta): { readonly source?: string } {
  return paper === undefined ? {} : { source: storyWordsIn(meta.language).source.paper(paper.enteredBy.name) };
}

function noteTitle(note: string, meta: CardMeta): string {
  const known: unknown = Reflect.get(wordsOf(meta).notes, note);
  return typeof known === 'object' && known !== null && 'title' in known ? String(known.title) : '';
}

/** MSA-1 of what came back. */
function ackOf(ack: string): string {
  return /(?:^|\r)MSA\|([A-Z]{2})/u.exec(ack)?.[1] ?? '';
}

function whatFailed({ kind, message }: Of<'deliveryFailed'>, meta: CardMeta): string {
  const words = storyWordsIn(meta.language);
  if (kind === 'showCard') return words.cardWhat;
  return lookUp(words.whats, message, words.note);
}
