import type { Command } from '#domain/utterance.js';
import type { RenderedCard } from '#ports/people.js';
import { adaptiveCard, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Talk } from '../words.ts';
import { protocolOf } from './plan.ts';

export interface Offer {
  readonly command: Command;
  /** The revision that the person was shown: an older one changes nothing. */
  readonly revision: number;
}

/** Asks back, in the private chat: a button for each thing that was understood, which goes the way of every other press. */
export function offerCard(offers: readonly Offer[], talk: Talk): RenderedCard {
  const titles = offers.map(({ command }) => talk.act(command.verb, command.caseNumber, protocolOf(command)));
  const body = [
    textBlock(talk.confirm(titles.join('; '))),
    ...offers.flatMap(({ command }) =>
      'text' in command && command.text !== null ? [paragraph([run(`«${command.text}»`, { isSubtle: true })])] : [],
    ),
  ];
  const actions = offers.map(({ command, revision }, i) => buttonOf(titles[i] ?? '', command, revision));
  const { card, speak } = adaptiveCard(talk.confirm(titles.join('; ')), body);
  return { card: { ...card, actions }, speak };
}

function buttonOf(title: string, command: Command, revision: number) {
  const { verb, caseNumber } = command;
  const protocolId = protocolOf(command);
  const text = 'text' in command ? command.text : null;
  const data = {
    verb,
    caseNumber,
    revision,
    ...(protocolId === null ? {} : { protocolId }),
    ...(text === null ? {} : verb === 'ask-orderer' ? { question: text } : verb === 'reject' ? { reason: text } : { chooseReason: text }),
  };
  return { type: 'Action.Execute', title, verb, data, fallback: { type: 'Action.Submit', title, data } };
}
