import { askingButton, choiceInput, confirmingButton, plainButton, textInput } from '#cards/kit/ask.js';
import type { About } from '#cards/kit/ask.js';
import { paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Action, Element } from '#cards/kit/card.js';
import type { May } from '#core/workflow.js';
import type { Protocol } from '#domain/protocol.js';
import { proposedOf } from './card-proposal.ts';
import { isExamined, isWaiting, wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import type { Amount } from './card-amount.ts';
import { criticalButton } from './card-critical.ts';
import { didOn } from './own-acts.ts';
import type { Opened } from './state.ts';
import type { Words } from './words.ts';

export interface Ask {
  /** Stands above the buttons. */
  readonly above: readonly Element[];
  readonly buttons: readonly Action[];
}

/** Longest id that fits on a button of a phone. */
const LONGEST_ON_BUTTON = 24;

/** Identifies this case at this revision, and nothing of the patient. */
export function about(state: Opened, { caseNumber }: CardMeta): About {
  return { caseNumber, revision: state.revision };
}

/** The buttons that this person has in this state; none where the case is decided or is theirs only to look at. */
export function actionsOf(state: Opened, meta: CardMeta, may: May, amount: Amount): Ask {
  const critical =
    state.status !== 'cancelled' && may.allows?.('declare-critical') === true ? [criticalButton(about(state, meta), wordsOf(meta))] : [];
  if (!isWaiting(state)) return { above: [], buttons: [...takeBackButton(state, meta, may), ...critical] };
  const { ask } = wordsOf(meta);
  const here = about(state, meta);
  const proposed = proposedOf(state, meta.catalogue);
  const { choices, left } = choicesOf(state, meta, amount);
  const stops = state.flags.filter(({ severity }) => severity === 'stop').length;
  // No button invites where something speaks against it or was not looked at.
  const isChecked = stops === 0 && state.context?.ok !== false;
  const decide: Action[] = [
    ...(proposed === null ? [] : [plainButton(approveTitle(proposed, ask), 'approve', here, isChecked ? 'positive' : undefined)]),
    chooseButton(here, choices, proposed !== null, ask),
  ];
  const reason = textInput('reason', ask.rejectLabel, { required: ask.rejectRequired });
  const question = textInput('question', ask.questionLabel, { required: ask.questionRequired });
  const answer = textInput('answerText', ask.answerLabel, { required: ask.answerRequired });
  const buttons: Action[] = [
    ...(may.decide ? decide : []),
    ...(may.ask && state.question === null ? [askingButton(ask.question, 'ask-orderer', here, [question], ask.questionSend)] : []),
    ...(may.answer && state.question !== null ? [askingButton(ask.answerSend, 'answer-question', here, [answer], ask.answerSend)] : []),
    ...(may.decide ? [askingButton(ask.reject, 'reject', here, [reason], ask.rejectSend, 'destructive')] : []),
    ...critical,
  ];
  const looking = may.decide ? [] : [textBlock(ask.mayNot, { isSubtle: true })];
  const cut = may.decide && left > 0 ? [paragraph([run(ask.choicesCut(left), { isSubtle: true })])] : [];
  // The buttons are a scroll away from what was found: it is said again beside them.
  const warned = [...(stops === 0 ? [] : [ask.stops(stops)]), ...(state.context?.ok === false ? [ask.unchecked] : [])];
  const reminders = may.decide ? warned.map((text) => textBlock(text, { weight: 'bolder' })) : [];
  return { above: [...looking, ...cut, ...reminders], buttons };
}

/** The way back from a decision, for whoever took it, for as long as it can change something for the patient (GOV-09, DECISIONS 13). */
function takeBackButton(state: Opened, meta: CardMeta, may: May): readonly Action[] {
  const acts = didOn(state);
  // A press takes back the last thing that its person did: where that could be a reminder, it is said in words.
  const isDecision = acts.length > 0 && acts.every(({ what }) => what === 'approval' || what === 'rejection');
  if (may.takeBack !== true || !isDecision || isExamined(state)) return [];
  const { ask, answers } = wordsOf(meta);
  const isSent = state.status === 'approved' && state.written === 'written';
  const says = isSent ? answers.alreadySent : ask.takeBackSays;
  const more = { round: state.round, ...(isSent ? ({ confirmed: true } as const) : {}) };
  return [confirmingButton(ask.takeBack, 'take-back', about(state, meta), says, ask.takeBackSend, more)];
}

function approveTitle({ id }: Protocol, ask: Words['ask']): string {
  return id.length > LONGEST_ON_BUTTON ? ask.approve : ask.approveThis(id);
}

function chooseButton(here: About, choices: readonly { title: string; value: string }[], proposed: boolean, ask: Words['ask']): Action {
  const list = choiceInput('protocolId', ask.chooseLabel, choices, { required: ask.chooseRequired, placeholder: ask.choosePlaceholder });
  // An id of its own: native Teams clients refuse a card in which two inputs have the same.
  const inputs = proposed ? [list, textInput('chooseReason', ask.chooseWhy, { required: null })] : [list];
  return askingButton(proposed ? ask.choose : ask.chooseFirst, 'choose-other', here, inputs, ask.chooseSend);
}

/** The model's alternatives first, then the catalogue of the order's modality, without what is proposed already. */
function choicesOf(state: Opened, meta: CardMeta, amount: Amount): { readonly choices: { title: string; value: string }[]; readonly left: number } {
  const { modality } = state.order;
  const answer = state.protocol?.ok === true ? state.protocol.value : null;
  const close = (answer?.alternatives ?? []).flatMap((id) => meta.catalogue.filter((row) => row.id === id));
  const others = meta.catalogue
    .filter((row) => (modality === null || row.modality === modality) && !close.includes(row))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rows = [...close, ...others].filter((row) => row.id !== answer?.protocolId);
  const title = (row: Protocol): string => `${row.name} · ${row.id}`;
  const choices = rows.map((row) => ({ title: close.includes(row) ? wordsOf(meta).ask.suggested(title(row)) : title(row), value: row.id }));
  return { choices: choices.slice(0, amount.choices), left: Math.max(0, choices.length - amount.choices) };
}
