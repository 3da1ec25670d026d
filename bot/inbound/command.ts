import { caseNumber as caseNumberShape } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { AskerRole, Command, Understood, Utterance } from '#domain/utterance.js';
import type { Clock } from '#ports/clock.js';
import type { Desk, PersonAnswer } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { CaseRow } from '#ports/views.js';
import { askCard, offerCard, whichCard } from '../conversation/offer-card.ts';
import type { Offer } from '../conversation/offer-card.ts';
import { onCallSays } from '../conversation/on-call.ts';
import { askHandOver, askTakeBack, dueOf } from '../conversation/own-acts.ts';
import type { Asked } from '../conversation/own-acts.ts';
import { mayOnAlert, planFor } from '../conversation/plan.ts';
import type { Plan } from '../conversation/plan.ts';
import { searchCard } from '../conversation/search-card.ts';
import { waitingCard } from '../conversation/waiting-card.ts';
import type { Turn } from '../turn.ts';
import { talkIn, words } from '../words.ts';
import type { Talk } from '../words.ts';
import { offerTakeOver, openInPrivate, showView, told } from './card-answer.ts';
import { writePlanned } from './declare.ts';

interface Needs {
  readonly desk: Desk;
  readonly clock: Clock;
  /** IANA zone of the site. */
  readonly zone: string;
  /** Null: the site has none. */
  readonly rota: Rota | null;
  /** Person id to name. */
  readonly names: () => Readonly<Record<string, string>>;
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

/**
 * Does, shows or asks back what was understood, and answers where it was said. @param text as it was written
 * @param recent what this person was shown in this private chat in the last minutes
 */
export async function answerWords(needs: Needs, turn: Turn, given: Understood, text: string, recent: readonly CaseNumber[] = []): Promise<void> {
  try {
    await answerUnderstood(needs, turn, given, { text, lately: recent });
  } catch (error) {
    // Whatever it was: a radiologist who waits for it to go out is told to phone.
    if (given.intent === 'declare-critical') await turn.say(needs.desk.notSent(turn.person));
    throw error;
  }
}

async function answerUnderstood(
  needs: Needs,
  turn: Turn,
  said: Understood,
  { text, lately }: { readonly text: string; readonly lately: readonly CaseNumber[] },
): Promise<void> {
  const { desk, clock, zone } = needs;
  const { given, recent } = await whichAlert(desk, turn, said, { text, lately });
  // In private it answers in the language that this person reads.
  const understood = turn.inPrivate ? { ...given, language: turn.person.language ?? given.language } : given;
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
  const plan = planFor(understood, { person: turn.person, inPrivate: turn.inPrivate, seen, shown, said: text });
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
    case 'search':
      await find(desk, turn, plan.words, understood, talk);
      break;
    case 'on-call':
      await turn.say(onCallSays({ rota: needs.rota, now: clock.now(), zone, names: needs.names() }, understood.slots, understood.language));
      break;
    case 'hand-over':
      await ask(turn, await askHandOver(desk, turn, plan.cases.map((one) => caseNumberShape.parse(one)), understood.slots.person, talk), talk); // prettier-ignore
      break;
    case 'take-back':
      await ask(turn, await askTakeBack(desk, turn, caseNumberShape.parse(plan.caseNumber), talk), talk);
      break;
    case 'declare':
      await declare(desk, turn, plan, { talk, language: understood.language, zone });
      break;
    case 'denied-alert': {
      const about = { person: turn.person, caseNumber: caseNumberShape.parse(plan.caseNumber), revision: revisionOf(plan.caseNumber) };
      await turn.say((await desk.answer({ ...about, verb: plan.verb })).text);
      break;
    }
    case 'look-first':
      await showFirst(desk, turn, plan.caseNumber, talk);
      break;
    case 'offer':
      await offer(
        turn,
        plan.offers.flatMap((command): Offer[] => {
          const due = dueOf(desk, command, zone, understood.language);
          if (command.verb === 'remind' && due == null) return [];
          return [{ command, revision: Math.max(revisionOf(command.caseNumber), 1), ...(due == null ? {} : { due }) }];
        }),
        talk,
        plan.text === talk.whichOf ? plan.text : understood.intent === 'remind' ? talk.remind.ask : undefined,
      );
      break;
    case 'act':
    case 'denied':
      for (const command of plan.commands) {
        const answer = answerOf(desk, turn, command, revisionOf(command.caseNumber));
        await turn.say(answer === null ? talk.refused['needs-time'] : told(await desk.answer(answer)));
      }
      break;
    default:
      return plan satisfies never;
  }
  if (understood.also.length > 0) await turn.say(talk.firstOnly);
}

/**
 * "Acknowledge", and no case written with it: the one critical result that this person may see, or the choice between them, whatever they were shown last. In a shared
 * place it is asked which.
 */
async function whichAlert(
  desk: Desk,
  { person, inPrivate }: Turn,
  given: Understood,
  { text, lately: recent }: { readonly text: string; readonly lately: readonly CaseNumber[] },
): Promise<{ readonly given: Understood; readonly recent: readonly CaseNumber[] }> {
  const { intent, slots } = given;
  const isOnAlert = intent === 'acknowledge' || intent === 'read-back' || intent === 'decline-alert';
  const written = text.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '');
  const isNamed = slots.cases?.some((number) => written.includes(number)) === true;
  if (!isOnAlert || !inPrivate || isNamed || !mayOnAlert(person, intent)) return { given, recent };
  const alerts = await desk.alerts(person);
  const [only, ...more] = 'denied' in alerts ? [] : alerts.map(({ caseNumber }) => caseNumber);
  if (only === undefined) return { given, recent };
  const { cases: _guessed, ...others } = slots;
  return more.length === 0
    ? { given: { ...given, slots: { ...others, cases: [only] } }, recent }
    : { given: { ...given, slots: others }, recent: [only, ...more] };
}

async function list(desk: Desk, clock: Clock, turn: Turn, { slots, language }: Understood, talk: Talk): Promise<void> {
  const rows = await desk.waiting(turn.person);
  if ('denied' in rows) return turn.say(rows.denied);
  const wanted = rows.filter((row) => fits(row, slots.urgency, slots.modality));
  return wanted.length === 0 ? turn.say(talk.waiting.none) : turn.show(waitingCard(wanted, clock.now(), talk, language));
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
  await showOwn(desk, turn, number);
}

/** The person's own view where they are in private. It counts as shown once it was sent. @returns was it? Else they are told why not */
async function showOwn(desk: Desk, turn: Turn, number: CaseNumber): Promise<boolean> {
  const opened = await desk.open(turn.person, number, undefined, false);
  if (!opened.ok) {
    await (opened.mayTakeOver === undefined ? turn.say(opened.why) : offerTakeOver(turn, opened));
    return false;
  }
  const isShown = await showView(desk, turn, opened);
  if (!isShown) await turn.say(words.noPrivateChat);
  return isShown;
}

/** Shows what was written with the button that sends it, in private wherever it was said. */
async function declare(desk: Desk, turn: Turn, plan: Extract<Plan, { kind: 'declare' }>, shown: Parameters<typeof writePlanned>[3]): Promise<void> {
  const declared = await writePlanned(desk, turn, plan, shown);
  if (declared === null) return;
  if (!declared.ok) return turn.say(declared.why);
  await turn.say(declared.text);
  if (turn.inPrivate) await showOwn(desk, turn, declared.caseNumber);
  else await turn.say(await openInPrivate(desk, turn, declared.caseNumber));
}

/** Words act only on what this person was shown at the case's revision of now; else they see it first and nothing is done (DECISIONS 12). */
async function showFirst(desk: Desk, turn: Turn, written: string, talk: Talk): Promise<void> {
  const number = caseNumberShape.parse(written);
  if (!turn.inPrivate) {
    const outcome = await openInPrivate(desk, turn, number);
    return turn.say(outcome === words.openInPrivate ? talk.lookFirstInPrivate(number) : outcome);
  }
  if (await showOwn(desk, turn, number)) await turn.say(talk.lookFirst(number));
}

/** One case of the patient is shown as it is; of several it is asked which, by two identifiers each. */
async function find(desk: Desk, turn: Turn, words: string, { slots, language }: Understood, talk: Talk): Promise<void> {
  const found = await desk.search(turn.person, words, slots.modality ?? null);
  if ('denied' in found) return turn.say(found.denied);
  const [only, ...others] = found.matches;
  if (only === undefined) return turn.say(found.complete ? talk.search.none : `${talk.search.none} ${talk.search.notAll}`);
  if (others.length === 0 && found.complete) return show(desk, turn, only.row.caseNumber, talk);
  const posting = await turn.showView(searchCard(found, talk, language));
  if (posting === null) return;
  for (const { row } of found.matches) await desk.stands(turn.person, row.caseNumber, row.revision, posting);
}

/** What is asked back stands in the private chat only. */
async function ask(turn: Turn, asked: Asked, talk: Talk): Promise<void> {
  if ('says' in asked) return turn.inPrivate ? turn.say(asked.says) : inPrivate(turn, asked.says, talk);
  if (turn.inPrivate) return turn.show(asked.card);
  return turn.say((await turn.showInPrivate(asked.card)) ? talk.confirmInPrivate : words.noPrivateChat);
}

async function inPrivate(turn: Turn, says: string, talk: Talk): Promise<void> {
  return turn.say((await turn.showInPrivate(askCard(says, []))) ? talk.confirmInPrivate : words.noPrivateChat);
}

/** The card to confirm stands in the private chat only: it may hold what the person wrote. */
async function offer(turn: Turn, offers: readonly Offer[], talk: Talk, asked: string | undefined): Promise<void> {
  if (offers.length === 0) return turn.say(talk.refused['needs-time']);
  const card = offerCard(offers, talk, asked);
  if (turn.inPrivate) return turn.show(card);
  return turn.say((await turn.showInPrivate(card)) ? talk.confirmInPrivate : words.noPrivateChat);
}

/** Null: the words name no moment that is ahead. */
function answerOf(desk: Desk, { person }: Turn, command: Command, revision: number): PersonAnswer | null {
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
    case 'remind': {
      const due = desk.due(command.when);
      return due === null ? null : { ...about, verb: 'remind', due };
    }
    default:
      return command satisfies never;
  }
}
