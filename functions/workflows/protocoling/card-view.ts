import { container, paragraph, run, textBlock, verbatim } from '#cards/kit/card.js';
import type { Element, TextRun, Tone } from '#cards/kit/card.js';
import { receiptOf } from '#cards/kit/receipt.js';
import type { QualityFinding } from '#domain/quality.js';
import type { Flag } from '#domain/protocol.js';
import type { Amount } from './card-amount.ts';
import { contextSection, missingOf } from './card-context.ts';
import { lookUp } from './look-up.ts';
import { proposalSection, titleOf } from './card-proposal.ts';
import { changesIn, isWaiting, lookLines, statusOf, timeOf, undecidedOf, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import { isByArrival, standing } from './findings.ts';
import { isUndecided } from './state.ts';
import type { Opened } from './state.ts';

/** What must be known before anything else: the decision that was made, held messages, what is late. */
export function noticeSections(state: Opened, meta: CardMeta): readonly Element[] {
  const { view } = wordsOf(meta);
  const undecided = undecidedOf(state, meta).map((title) => receiptOf({ tone: 'warning', title, lines: [] }));
  const held = [...new Set(state.held.map(({ reason }) => reason))].map((reason) =>
    receiptOf({ tone: 'attention', title: view.heldTitle, lines: [lookUp(view.heldLines, reason, '')] }),
  );
  const images =
    isUndecided(state) && state.images.length > 0 ? [receiptOf({ tone: 'attention', title: view.imagesTitle, lines: [view.imagesLine] })] : [];
  const merged =
    state.mergedAt === null ? [] : [receiptOf({ tone: 'warning', title: view.mergedTitle(timeOf(state.mergedAt, meta)), lines: [view.mergedLine] })];
  if (!isWaiting(state))
    return [...held, ...images, ...merged, ...undecided, receiptOf({ ...statusOf(state, meta), lines: receiptLines(state, meta) })];
  const overdue =
    state.overdueSince === null
      ? []
      : [receiptOf({ tone: 'warning', title: view.overdue(timeOf(state.overdueSince, meta)), lines: [view.overdueLine] })];
  const lapsed = state.lapsedQuestions === 0 ? [] : [receiptOf({ tone: 'warning', title: view.lapsedTitle, lines: [view.lapsedLine] })];
  const changed =
    state.changed.filter((name) => name !== 'patient').length === 0
      ? []
      : [receiptOf({ tone: 'warning', title: view.changedTitle, lines: [sentenceOf(changesIn(state, meta))] })];
  const [first, ...others] = lookLines(state, meta);
  const look = first === undefined ? [] : [receiptOf({ tone: 'emphasis', title: first, lines: others })];
  return [...held, ...undecided, ...images, ...overdue, ...merged, ...changed, ...lapsed, ...look];
}

function sentenceOf(clause: string): string {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}

/** The status, and what only those who may open the case may read: protocol, reason, what the RIS said. */
function receiptLines(state: Opened, meta: CardMeta): readonly string[] {
  const { view } = wordsOf(meta);
  const { lines } = statusOf(state, meta);
  if (state.status === 'rejected') return [view.reason(state.reason), ...lines];
  if (state.status !== 'approved') return lines;
  const { protocolId, changedFrom, reason } = state.decided;
  const failure = state.written === 'failed' ? state.failures.findLast(({ message }) => message === 'order-change') : undefined;
  return [
    titleOf(protocolId, meta),
    ...(changedFrom === null ? [] : [view.insteadOf(changedFrom)]),
    ...(reason === null || reason.trim() === '' ? [] : [view.reason(reason)]),
    ...lines,
    ...(failure === undefined || failure.detail === '' ? [] : [view.failure(failure.detail)]),
    ...state.failures.filter(({ kind }) => kind === 'writeFhir').map(({ message }) => view.ehrFailure(message)),
  ];
}

/** What the messages of the order leave out or say doubtfully, judged when they came; and that their order is only that of their coming. */
export function findingsOf(state: Opened, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const found = standing(state);
  const content = found.filter(({ field }) => field !== null);
  const shown = content.slice(0, amount.items).map(({ kind, text }) => paragraph([kindOf(kind, view.doubt), run(text, {}, amount.text)], 'none'));
  const left = content.length - shown.length;
  // About the message and not about what is ordered: there for who looks into it, and no louder.
  const aside = found.filter(({ field }) => field === null).map(({ text, where }) => run(`${text} (${where})`, {}, amount.text).text);
  const small = [...(isByArrival(state) ? [view.byArrival] : []), ...aside.slice(0, amount.items)].join(' ');
  const lines = [
    ...shown,
    ...(left > 0 ? [textBlock(view.moreFindings(left), { weight: 'bolder' })] : []),
    ...(small === '' ? [] : [paragraph([run(small, { size: 'small' }, 600)], 'small')]),
  ];
  return lines.length === 0 ? [] : [heading(view.findings), container('emphasis', lines, 'small')];
}

function kindOf(kind: QualityFinding['kind'], doubt: string): TextRun {
  return kind === 'gap' ? run('• ') : run(`${doubt}: `, { weight: 'bolder' });
}

/** Safety, proposal, context, questions: the order in which they are needed. @param least without what else stands in the chart */
export function viewSections(state: Opened, meta: CardMeta, amount: Amount, least = false): readonly Element[] {
  const { view } = wordsOf(meta);
  if (state.status === 'gathering' || state.status === 'proposing') return [container('emphasis', [textBlock(view.stillAsked)])];
  return [
    heading(view.safety),
    ...safetyOf(state, meta, amount),
    heading(view.proposal),
    ...proposalSection(state, meta, amount),
    ...(state.context?.ok === true && !least ? [heading(view.context), ...contextSection(state.context.value, meta, amount)] : []),
    ...questionsOf(state, meta, amount),
  ];
}

function heading(text: string): Element {
  return textBlock(text, { style: 'heading', size: 'default', weight: 'bolder', spacing: 'medium' });
}

const order = ['stop', 'ask', 'inform'] as const;
const tones: Readonly<Record<Flag['severity'], Tone>> = { stop: 'attention', ask: 'warning', inform: 'emphasis' };

/** The gravest first. What could not be checked is said as loudly as what was found, and nothing is ever called safe. */
function safetyOf(state: Opened, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const sorted = order.flatMap((severity) => state.flags.filter((flag) => flag.severity === severity));
  const flags = sorted.slice(0, amount.flags).map((flag) => flagOf(flag, meta, amount));
  const brief = sorted.slice(amount.flags, amount.flags * 3);
  const rest = sorted.length - flags.length - brief.length;
  const lines = brief.map(({ severity, text }) =>
    paragraph([run(`${view.severities[severity]}: `, { weight: 'bolder' }), run(text, {}, amount.text)], 'none'),
  );
  const more = [...lines, ...(rest > 0 ? [textBlock(view.moreFlags(rest), { weight: 'bolder' })] : [])];
  const unchecked = uncheckedOf(state, meta);
  const none = sorted.length === 0 && unchecked.length === 0 ? [textBlock(view.noFlags, { spacing: 'small' })] : [];
  return [...flags, ...(more.length === 0 ? [] : [container('warning', more, 'small')]), ...unchecked, ...none];
}

function flagOf(flag: Flag, meta: CardMeta, amount: Amount): Element {
  const { view } = wordsOf(meta);
  const evidence = flag.evidence.slice(0, amount.items).map((item) => paragraph([run(`• ${item}`, {}, amount.text)], 'none'));
  return container(
    tones[flag.severity],
    [
      paragraph([run(`${view.severities[flag.severity]}: `, { weight: 'bolder' }), run(flag.text, { weight: 'bolder' }, amount.text * 2)], 'none'),
      ...evidence,
      paragraph([run(view.flagSource(flag.rule, flag.source), { size: 'small' }, amount.text)], 'none'),
    ],
    'small',
  );
}

function uncheckedOf(state: Opened, meta: CardMeta): readonly Element[] {
  const { view } = wordsOf(meta);
  const { context } = state;
  if (context?.ok === true) {
    const missing = missingOf(context.value, meta).join(', ');
    return missing === '' ? [] : [notice(view.notKnown, view.notCheckedParts(missing))];
  }
  const why = context === null || context.why === '' ? view.ehrSilent : view.unavailable(context.why);
  return [notice(view.notChecked, view.notCheckedWhy(why))];
}

function notice(word: string, text: string): Element {
  return container('warning', [paragraph([run(`${word}: `, { weight: 'bolder' }), run(text, {}, 400)], 'none')], 'small');
}

/** What was asked and answered before, oldest first, and what is still open. */
function questionsOf(state: Opened, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const said = (name: string, text: string) =>
    paragraph([run(view.saidBy(name), { weight: 'bolder' }, 80), verbatim(text, {}, amount.text * 3)], 'small');
  const answered = state.exchanges
    .slice(-amount.items)
    .flatMap(({ by, question, answeredBy, answer }) => [said(by.name, question), said(answeredBy.name, answer)]);
  const { question } = state;
  const open = question === null ? [] : [said(view.openQuestion(question.by.name, timeOf(question.at, meta)), question.text)];
  const all = [...answered, ...open];
  return all.length === 0 ? [] : [heading(view.questions), ...all];
}
