import { callButton } from '#cards/kit/ask.js';
import type { Element } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { unbroken } from '#cards/kit/text.js';
import type { PersonId } from '#core/ids.js';
import type { May } from '#core/workflow.js';
import type { Meta } from './card-meta.ts';
import type { Alert } from './state.ts';
import { whenOf } from './story.ts';
import { wordsIn } from './words-in.ts';

/** Buttons that stand beside those of the view. */
const MOST_CALLED = 3;

/** Who is spoken with now: their numbers, and the call in Teams of those whose account is known. Of who records calls those who were called, of who was called the radiologist. */
export function callsOf(alert: Alert, meta: Meta, may: May): readonly Element[] {
  const { card } = wordsIn(meta.language);
  const { policy, names } = meta;
  const people = calledBy(alert, may).map((id) => ({
    name: names[id] ?? policy.nameOf(id),
    phone: policy.phoneOf(id),
    account: policy.accountOf?.(id) ?? null,
  }));
  const numbers = people.flatMap(({ name, phone }) => (phone === null ? [] : [`${name} \u260e\u00a0${unbroken(phone)}`]));
  const buttons = people.flatMap(({ name, account }) => (account === null ? [] : [callButton(card.callInTeams(name), account)]));
  return [
    ...facts([{ label: card.call, value: numbers.join('; ') }]),
    ...(buttons.length === 0 ? [] : [{ type: 'ActionSet', actions: buttons, spacing: 'small' } as const]),
  ];
}

function calledBy({ status, acknowledged, readBack, released, steps, drill }: Alert, may: May): readonly PersonId[] {
  if (drill || (status !== 'open' && status !== 'acknowledged' && status !== 'read-back')) return [];
  if (may.allows?.('read-back') === true) return released === null ? [] : [released.by.id];
  if (may.allows?.('record-call') !== true) return [];
  const taker = readBack ?? acknowledged;
  return taker === null ? (steps.at(-1)?.reached ?? []).slice(0, MOST_CALLED).map(({ person }) => person) : [taker.by.id];
}

/** The recorded conversation: who, with whom, when. */
export function conversationOf({ conversation }: Alert, { language, policy }: Meta): readonly Element[] {
  if (conversation === null) return [];
  const { card } = wordsIn(language);
  const { spoke, by, with: to, when } = conversation;
  return facts([{ label: card.conversation, value: card.spokeWith(spoke ?? by.name, to, whenOf(when, { policy, language })) }]);
}
