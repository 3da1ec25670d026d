import type { Instant } from '#core/time.js';
import type { Command } from '#domain/utterance.js';
import type { RenderedCard } from '#ports/people.js';
import { adaptiveCard, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Talk } from '../words.ts';
import { protocolOf } from './plan.ts';

export interface Offer {
  readonly command: Command;
  /** The revision that the person was shown: an older one changes nothing. */
  readonly revision: number;
  /** When `command` is to remind: the moment, and as people read it. */
  readonly due?: { readonly at: Instant; readonly says: string };
}

/** One press: what it says, and what it brings back. Nothing of it is trusted when it comes. */
export interface Button {
  readonly title: string;
  readonly data: { readonly verb: string; readonly caseNumber: string } & Readonly<Record<string, unknown>>;
}

/** Asks which of several cases is meant, in the private chat: a button opens each. */
export function whichCard(cases: readonly string[], talk: Talk): RenderedCard {
  const buttons = cases.map((caseNumber) => ({ title: talk.open(caseNumber), data: { verb: 'open', caseNumber } }));
  return askCard(talk.whichOf, buttons);
}

/** Asks back, in the private chat: a button for each thing that was understood, which goes the way of every other press. @param asked what it asks, if not whether it was meant */
export function offerCard(offers: readonly Offer[], talk: Talk, asked?: string): RenderedCard {
  const buttons = offers.map((offer) => buttonOf(offer, talk));
  const says = asked ?? talk.confirm(buttons.map(({ title }) => title).join('; '));
  const notes = offers.flatMap(({ command }) => ('text' in command && command.text !== null ? [command.text] : []));
  return askCard(says, buttons, notes);
}

/** A question with a button for each answer. @param notes what the person wrote, as it will be sent */
export function askCard(says: string, buttons: readonly Button[], notes: readonly string[] = []): RenderedCard {
  const body = [textBlock(says), ...notes.map((note) => paragraph([run(`«${note}»`, { isSubtle: true })]))];
  const { card, speak } = adaptiveCard(says, body);
  return { card: { ...card, actions: buttons.map(actionOf) }, speak };
}

function actionOf({ title, data }: Button) {
  return { type: 'Action.Execute', title, verb: data.verb, data, fallback: { type: 'Action.Submit', title, data } };
}

function buttonOf({ command, revision, due }: Offer, talk: Talk): Button {
  const { verb, caseNumber } = command;
  const protocolId = protocolOf(command);
  if (due !== undefined) return { title: talk.remind.button(caseNumber, due.says), data: { verb, caseNumber, revision, due: due.at } };
  const text = 'text' in command ? command.text : null;
  const data = {
    verb,
    caseNumber,
    revision,
    ...(protocolId === null ? {} : { protocolId }),
    ...(text === null ? {} : verb === 'ask-orderer' ? { question: text } : verb === 'reject' ? { reason: text } : { chooseReason: text }),
  };
  return { title: talk.act(verb, caseNumber, protocolId), data };
}
