import type { Desk } from '#ports/desk.js';
import type { Turn } from '../turn.ts';
import { answerOf, openInPrivate, told } from './card-answer.ts';
import type { Press } from './card-answer.ts';
import { writeCritical } from './declare.ts';
import { words } from '../words.ts';

/** A press on a card in a chat or a channel (Action.Execute, or Action.Submit as its fallback): done, and the sentence that answers it. */
export async function pressOnCard(desk: Desk, turn: Turn, pressed: Press): Promise<string> {
  switch (pressed.verb) {
    case 'open':
      return openInPrivate(desk, turn, pressed.caseNumber);
    case 'declare-critical': {
      const { caseNumber, found: finding, category = null } = pressed;
      const written = await writeCritical(desk, turn.person, { of: { caseNumber }, finding, category });
      if (!written.ok) return written.why;
      const opened = await openInPrivate(desk, turn, written.caseNumber);
      return opened === words.openInPrivate ? written.text : `${written.text} ${opened}`;
    }
    default:
      return told(await desk.answer(answerOf(turn.person, pressed)));
  }
}
