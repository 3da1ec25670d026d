import type { CaseNumber } from '#core/ids.js';
import type { Clock } from '#ports/clock.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import type { Act, Guess, Heard } from '../conversation/heard.ts';
import { waitingCard } from '../conversation/waiting-card.ts';
import type { Turn } from '../turn.ts';
import { words } from '../words.ts';
import { openInPrivate, told } from './card-answer.ts';

interface Needs {
  readonly desk: Desk;
  readonly clock: Clock;
}

/** Does what one sentence of the closed grammar says, and answers it where it was said. */
export async function answerWords({ desk, clock }: Needs, turn: Turn, heard: Heard): Promise<void> {
  switch (heard.kind) {
    case 'help':
      return turn.say(words.help);
    case 'waiting': {
      const rows = await desk.waiting(turn.person);
      if ('denied' in rows) return turn.say(rows.denied);
      return rows.length === 0 ? turn.say(words.waiting.none) : turn.show(waitingCard(rows, clock.now()));
    }
    case 'show':
      return withCase(desk, turn, heard.caseNumber, (number) => show(desk, turn, number));
    case 'approve':
    case 'use':
    case 'reject':
    case 'ask':
      return withCase(desk, turn, heard.caseNumber, (number) => act(desk, turn, number, heard));
    case 'refused':
      return turn.say(words.refused[heard.why]);
    case 'unclear':
      return turn.say(turn.inPrivate ? words.unclear : words.unclearInChannel);
    default:
      return heard satisfies never;
  }
}

/** Asks back with the exact words for what only a planner or a guess understood: nothing is done, nothing is shown. */
export async function askBack(desk: Desk, turn: Turn, guessed: Guess): Promise<void> {
  if (guessed.kind === 'waiting') return turn.say(words.confirm('what is waiting'));
  return withCase(desk, turn, guessed.caseNumber, (number) => turn.say(words.confirm(sentenceFor(guessed.kind, number))));
}

function sentenceFor(kind: Guess['kind'], number: CaseNumber): string {
  switch (kind) {
    case 'approve':
    case 'show':
      return `${kind} ${number}`;
    case 'use':
      return `use … for ${number}`;
    case 'reject':
      return `reject ${number} because …`;
    case 'ask':
      return `ask the orderer of ${number}: …?`;
    case 'waiting':
      return 'what is waiting';
    default:
      return kind satisfies never;
  }
}

/** The case that was named, else the one whose card this thread belongs to. */
async function withCase(desk: Desk, turn: Turn, named: CaseNumber | null, then: (number: CaseNumber) => Promise<void>): Promise<void> {
  const number = named ?? (turn.inPrivate ? null : await desk.caseOfConversation(turn.conversationId));
  return number === null ? turn.say(words.whichCase) : then(number);
}

/** In private the person's own view, in a channel the shared card. */
async function show(desk: Desk, turn: Turn, number: CaseNumber): Promise<void> {
  if (!turn.inPrivate) {
    const card = await desk.shared(number);
    return card === null ? turn.say(words.noSuchCase) : turn.show(card);
  }
  const opened = await desk.open(turn.person, number);
  return opened.ok ? turn.show(opened.view) : turn.say(opened.why);
}

/** Words act only on what this person was shown at the case's revision of now; else they see it first and nothing is done (DECISIONS 12). */
async function act(desk: Desk, turn: Turn, number: CaseNumber, said: Act): Promise<void> {
  const seen = await desk.shown(turn.person.id, number);
  if (seen === null) return turn.say(words.noSuchCase);
  if (seen.shown !== seen.current) return showFirst(desk, turn, number);
  return turn.say(told(await desk.answer(answerOf(turn, number, seen.current, said))));
}

async function showFirst(desk: Desk, turn: Turn, number: CaseNumber): Promise<void> {
  if (!turn.inPrivate) {
    const outcome = await openInPrivate(desk, turn, number);
    return turn.say(outcome === words.openInPrivate ? words.lookFirstInPrivate(number) : outcome);
  }
  const opened = await desk.open(turn.person, number);
  if (!opened.ok) return turn.say(opened.why);
  await turn.show(opened.view);
  return turn.say(words.lookFirst(number));
}

function answerOf({ person }: Turn, number: CaseNumber, revision: number, said: Act): PersonAnswer {
  const about = { person, caseNumber: number, revision };
  switch (said.kind) {
    case 'approve':
      return { ...about, verb: 'approve' };
    case 'use':
      return { ...about, verb: 'choose-other', protocolId: said.protocolId, ...(said.reason === null ? {} : { text: said.reason }) };
    case 'reject':
      return { ...about, verb: 'reject', text: said.reason };
    case 'ask':
      return { ...about, verb: 'ask-orderer', text: said.question };
    default:
      return said satisfies never;
  }
}
