import type { Desk } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import type { Turn } from '../turn.ts';
import { answerOf, openInPrivate, told } from './card-answer.ts';
import type { Press } from './card-answer.ts';
import { writePressed } from './declare.ts';
import { notSentCard } from './not-sent-card.ts';
import { words } from '../words.ts';

/** What answers a press: a sentence, and, where what was to reach a clinician did not, the card that says so in the private chat until somebody closes it. */
export interface OnCard {
  readonly said: string;
  readonly alarm: RenderedCard | null;
}

/** A press on a card in a chat or a channel (Action.Execute, or Action.Submit as its fallback): done, and answered. */
export async function pressOnCard(desk: Desk, turn: Turn, pressed: Press): Promise<OnCard> {
  switch (pressed.verb) {
    case 'open':
      return plain(await openInPrivate(desk, turn, pressed.caseNumber));
    case 'declare-critical': {
      const written = await writePressed(desk, turn.person, pressed);
      if (!written.ok) return written.code === 'denied' ? plain(written.why) : alarmed(written.why, turn, { ...pressed, revision: 0 });
      const opened = await openInPrivate(desk, turn, written.caseNumber);
      return plain(opened === words.openInPrivate ? written.text : `${written.text} ${opened}`);
    }
    case 'acknowledge': {
      const answer = await desk.answer(answerOf(turn.person, pressed));
      // The read-back is due in minutes: its form is put under the answer. Where it can't be, the answer counts all the same.
      if (answer.outcome === 'won') await openInPrivate(desk, turn, pressed.caseNumber).catch(() => null);
      return plain(told(answer));
    }
    default: {
      const answer = await desk.answer(answerOf(turn.person, pressed));
      const said = told(answer);
      return answer.notSent === true ? alarmed(answer.text, turn, pressed) : plain(said);
    }
  }
}

function alarmed(said: string, { person }: Turn, about: Parameters<typeof notSentCard>[1]): OnCard {
  return { said, alarm: notSentCard(said, about, person.language) };
}

function plain(said: string): OnCard {
  return { said, alarm: null };
}
