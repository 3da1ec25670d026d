import { formatDayTime } from '#cards/kit/text.js';
import type { CaseNumber } from '#core/ids.js';
import type { Command } from '#domain/utterance.js';
import type { Desk } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import type { Turn } from '../turn.ts';
import type { Talk } from '../words.ts';
import { askCard } from './offer-card.ts';
import type { Button, Offer } from './offer-card.ts';

/** What is asked back in the private chat, or why there is nothing to ask. */
export type Asked = { readonly card: RenderedCard } | { readonly says: string };

/** More buttons than this are no choice any more. */
const MOST_BUTTONS = 6;

/** Repeats a hand-over back: a button for each who is meant and may decide it; nobody who may: why, and who else may. */
export async function askHandOver(desk: Desk, { person }: Turn, cases: readonly CaseNumber[], named: string | undefined, talk: Talk): Promise<Asked> {
  const buttons: Button[] = [];
  const refused = new Set<string>();
  for (const caseNumber of cases) {
    const standing = await desk.shown(person.id, caseNumber);
    if (standing === null) return { says: talk.noSuchCase };
    const found = await desk.receivers(person, caseNumber, named ?? '');
    if ('denied' in found) return { says: found.denied };
    const { people, others, refused: why } = found;
    for (const one of why) refused.add(one);
    for (const { id, name } of people.length > 0 ? people : others) {
      const data = { verb: 'hand-over', caseNumber, revision: Math.max(standing.current, 1), round: standing.round, to: id };
      buttons.push({ title: talk.handOver.button(caseNumber, name), data });
    }
  }
  if (buttons.length === 0) return { says: refused.size > 0 ? talk.handOver.nobody([...refused].join(' ')) : talk.handOver.toWhom };
  const says = refused.size > 0 ? `${talk.handOver.nobody([...refused].join(' '))} ${talk.handOver.ask}` : talk.handOver.ask;
  return { card: askCard(says, buttons.slice(0, MOST_BUTTONS)) };
}

/** Repeats back what would be taken back, and what follows where it was sent. */
export async function askTakeBack(desk: Desk, { person }: Turn, caseNumber: CaseNumber, talk: Talk): Promise<Asked> {
  const standing = await desk.shown(person.id, caseNumber);
  if (standing === null) return { says: talk.noSuchCase };
  const found = await desk.takeBack(person, caseNumber);
  if ('denied' in found) return { says: `${found.denied} ${talk.takeBack.nothing}` };
  const { says, sent } = found;
  const data = {
    verb: 'take-back',
    caseNumber,
    revision: Math.max(standing.current, 1),
    round: standing.round,
    ...(sent === null ? {} : { confirmed: true }),
  };
  return { card: askCard(talk.takeBack.ask(says, sent), [{ title: talk.takeBack.button(says), data }]) };
}

/** The moment that a reminder is for; null: the words name none that is ahead. */
export function dueOf(desk: Desk, command: Command, zone: string, language: 'en' | 'es'): Offer['due'] | null {
  if (command.verb !== 'remind') return null;
  const at = desk.due(command.when);
  return at === null ? null : { at, says: formatDayTime(at, zone, language) };
}
