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

/** Asks which of several cases is meant, in the private chat: a button opens each. */
export function whichCard(cases: readonly string[], talk: Talk): RenderedCard {
  const { card, speak } = adaptiveCard(talk.whichOf, [textBlock(talk.whichOf)]);
  const actions = cases.map((caseNumber) => {
    const [title, data] = [talk.open(caseNumber), { verb: 'open', caseNumber }];
    return { type: 'Action.Execute', title, verb: 'open', data, fallback: { type: 'Action.Submit', title, data } };
  });
  return { card: { ...card, actions }, speak };
}

/** Asks back, in the private chat: a button for each thing that was understood, which goes the way of every other press. @param asked what it asks, if not whether it was meant */
export function offerCard(offers: readonly Offer[], talk: Talk, asked?: string): RenderedCard {
  const titles = offers.map(({ command }) => talk.act(command.verb, command.caseNumber, protocolOf(command)));
  const says = asked ?? talk.confirm(titles.join('; '));
  const body = [
    textBlock(says),
    ...offers.flatMap(({ command }) =>
      'text' in command && command.text !== null ? [paragraph([run(`«${command.text}»`, { isSubtle: true })])] : [],
    ),
  ];
  const actions = offers.map(({ command, revision }, i) => buttonOf(titles[i] ?? '', command, revision));
  const { card, speak } = adaptiveCard(says, body);
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
