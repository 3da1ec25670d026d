import { caseNumber as caseNumberShape } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { AskerRole, Command, Understood, Utterance } from '#domain/utterance.js';
import type { Clock } from '#ports/clock.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { offerCard, whichCard } from '../conversation/offer-card.ts';
import type { Offer } from '../conversation/offer-card.ts';
import { planFor } from '../conversation/plan.ts';
import { waitingCard } from '../conversation/waiting-card.ts';
import type { Turn } from '../turn.ts';
import { talkIn, words } from '../words.ts';
import type { Talk } from '../words.ts';
import { openInPrivate, told } from './card-answer.ts';

interface Needs {
  readonly desk: Desk;
  readonly clock: Clock;
}

/** What the model is given of a turn. @param recent what this person was shown in the last minutes */
export async function utteranceOf(desk: Desk, turn: Turn, text: string, recent: readonly CaseNumber[]): Promise<Utterance> {
  const threadCase = turn.inPrivate ? null : await desk.caseOfConversation(turn.conversationId);
  return {
    text,
    place: turn.inPrivate ? 'private' : threadCase === null ? 'channel' : 'thread',
    threadCase,
    lastShown: recent,
    role: askerRoleOf(turn.person),
  };
}

function askerRoleOf({ roles }: Person): AskerRole {
  if (roles.includes('protocoling-radiologist') || roles.includes('reading-radiologist')) return 'radiologist';
  const own = (['protocoling-technologist', 'technologist', 'coordinator', 'scheduler', 'operator'] as const).find((role) => roles.includes(role));
  return own ?? 'oncall';
}

/** Does, shows or asks back what was understood, and answers where it was said. @param recent what this person was shown in this private chat in the last minutes */
export async function answerWords({ desk, clock }: Needs, turn: Turn, understood: Understood, recent: readonly CaseNumber[] = []): Promise<void> {
  const talk = talkIn(understood.language);
  const cases = [...new Set([...(understood.slots.cases ?? []), ...understood.commands.map((one) => one.caseNumber)])];
  const revisions = new Map<string, { readonly shown: number; readonly current: number }>();
  for (const written of cases) {
    const number = caseNumberShape.safeParse(written);
    if (!number.success) return turn.say(talk.refused['check-character']);
    const seen = await desk.shown(turn.person.id, number.data);
    if (seen === null) return turn.say(talk.noSuchCase);
    revisions.set(written, seen);
  }
  const shown: CaseNumber[] = [];
  for (const number of cases.length === 0 ? recent : []) {
    const seenAt = await desk.shown(turn.person.id, number);
    if (seenAt === null) continue;
    revisions.set(number, seenAt);
    shown.push(number);
  }
  const seen = (number: string) => revisions.get(number)?.shown === revisions.get(number)?.current;
  const plan = planFor(understood, { person: turn.person, inPrivate: turn.inPrivate, seen, shown });
  const revisionOf = (number: string) => revisions.get(number)?.current ?? 0;
  switch (plan.kind) {
    case 'say':
      await turn.say(plan.text);
      break;
    case 'list':
      await list(desk, clock, turn, understood, talk);
      break;
    case 'show':
      if (understood.intent !== 'show-case') await turn.say(plan.text);
      await show(desk, turn, plan.caseNumber, talk);
      break;
    case 'which':
      await turn.show(whichCard(plan.cases, talk));
      break;
    case 'look-first':
      await showFirst(desk, turn, plan.caseNumber, talk);
      break;
    case 'offer':
      await offer(
        turn,
        plan.offers.map((command) => ({ command, revision: revisionOf(command.caseNumber) })),
        talk,
        plan.text === talk.whichOf ? plan.text : undefined,
      );
      break;
    case 'act':
    case 'denied':
      for (const command of plan.commands) await turn.say(told(await desk.answer(answerOf(turn, command, revisionOf(command.caseNumber)))));
      break;
    default:
      return plan satisfies never;
  }
  if (understood.also.length > 0) await turn.say(talk.firstOnly);
}

async function list(desk: Desk, clock: Clock, turn: Turn, { slots }: Understood, talk: Talk): Promise<void> {
  const rows = await desk.waiting(turn.person);
  if ('denied' in rows) return turn.say(rows.denied);
  const wanted = rows.filter((row) => fits(row, slots.urgency, slots.modality));
  return wanted.length === 0 ? turn.say(talk.waiting.none) : turn.show(waitingCard(wanted, clock.now(), talk.waiting));
}

function fits(row: CaseRow, urgency: string | undefined, modality: string | undefined): boolean {
  return (urgency === undefined || row.urgency === urgency) && (modality === undefined || row.kind.split(' ').includes(modality));
}

/** In private the person's own view, in a channel the shared card. */
async function show(desk: Desk, turn: Turn, written: string, talk: Talk): Promise<void> {
  const number = caseNumberShape.parse(written);
  if (!turn.inPrivate) {
    const card = await desk.shared(number);
    return card === null ? turn.say(talk.noSuchCase) : turn.show(card);
  }
  const opened = await desk.open(turn.person, number);
  return opened.ok ? turn.show(opened.view) : turn.say(opened.why);
}

/** Words act only on what this person was shown at the case's revision of now; else they see it first and nothing is done (DECISIONS 12). */
async function showFirst(desk: Desk, turn: Turn, written: string, talk: Talk): Promise<void> {
  const number = caseNumberShape.parse(written);
  if (!turn.inPrivate) {
    const outcome = await openInPrivate(desk, turn, number);
    return turn.say(outcome === words.openInPrivate ? talk.lookFirstInPrivate(number) : outcome);
  }
  const opened = await desk.open(turn.person, number);
  if (!opened.ok) return turn.say(opened.why);
  await turn.show(opened.view);
  return turn.say(talk.lookFirst(number));
}

/** The card to confirm stands in the private chat only: it may hold what the person wrote. */
async function offer(turn: Turn, offers: readonly Offer[], talk: Talk, asked: string | undefined): Promise<void> {
  const card = offerCard(offers, talk, asked);
  if (turn.inPrivate) return turn.show(card);
  return turn.say((await turn.showInPrivate(card)) ? talk.confirmInPrivate : words.noPrivateChat);
}

function answerOf({ person }: Turn, command: Command, revision: number): PersonAnswer {
  const about = { person, caseNumber: caseNumberShape.parse(command.caseNumber), revision };
  switch (command.verb) {
    case 'approve':
      return { ...about, verb: 'approve' };
    case 'choose-other':
      return { ...about, verb: 'choose-other', protocolId: command.protocolId, ...(command.text === null ? {} : { text: command.text }) };
    case 'reject':
      return { ...about, verb: 'reject', text: command.text };
    case 'ask-orderer':
      return { ...about, verb: 'ask-orderer', text: command.text };
    default:
      return command satisfies never;
  }
}
