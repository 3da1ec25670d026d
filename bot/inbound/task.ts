import { z } from 'zod/v4';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Clock } from '#ports/clock.js';
import type { Desk, Opened } from '#ports/desk.js';
import type { Log } from '#ports/log.js';
import type { RenderedCard } from '#ports/people.js';
import { attachmentOf } from '../outbound/activity.ts';
import { answerOf, isCritical } from './card-answer.ts';
import type { DeclarePress, Press } from './card-answer.ts';
import { writePressed } from './declare.ts';
import { dialogWordsIn } from './dialog-words.ts';
import { notSentCard } from './not-sent-card.ts';
import { receiptCard } from './receipt-card.ts';
import { takeOverCard } from './take-over-card.ts';

const task = z.looseObject({ data: z.looseObject({}).optional() });

/** What Teams does with the dialog. @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots */
export type TaskAnswer =
  | { readonly task: { readonly type: 'message'; readonly value: string } }
  | {
      readonly task: {
        readonly type: 'continue';
        readonly value: { readonly title: string; readonly height: 'large'; readonly width: 'large'; readonly card: ReturnType<typeof attachmentOf> };
      };
    };

export interface Answered {
  readonly answer: TaskAnswer;
  /** The personal view in it, which counts as shown once the answer has left in time; null: there is none. */
  readonly shows: { readonly caseNumber: CaseNumber; readonly revision: number } | null;
}

/** What a button brought with it into a dialog. */
export function taskData(value: unknown): unknown {
  return task.safeParse(value).data?.data;
}

interface Needs {
  readonly desk: Desk;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * "Open" (task/fetch) and the buttons inside the dialog (task/submit). Every press is answered: an answer that counted with its receipt and the next case,
 * one that changed nothing with why, over the case as it is now.
 */
export async function answerTask(needs: Needs, person: Person, pressed: Press): Promise<Answered> {
  const { desk } = needs;
  const { caseNumber } = pressed;
  if (pressed.verb === 'open') return dialog(await desk.open(person, caseNumber, undefined, false), person);
  if (pressed.verb === 'declare-critical') return declared(needs, person, pressed);
  const answer = await desk.answer(answerOf(person, pressed));
  if (answer.notSent === true) return { answer: notSentDialog(person, pressed, answer.text), shows: null };
  switch (answer.outcome) {
    case 'won':
    case 'noted':
      if (pressed.verb === 'acknowledge') return toReadBack(needs, person, pressed, answer.text);
      return { answer: await receipt(needs, person, pressed, answer.text), shows: null };
    case 'already':
    case 'stale':
    case 'closed':
    case 'invalid':
      return openAnew(needs, person, pressed, answer.text);
    case 'denied':
      return { answer: message(answer.text), shows: null };
    default:
      return answer.outcome satisfies never;
  }
}

export function message(value: string): TaskAnswer {
  return { task: { type: 'message', value } };
}

/** What was written opens in the same dialog: it is not sent yet, and has the button that sends it. */
async function declared({ desk, log }: Needs, person: Person, pressed: DeclarePress): Promise<Answered> {
  const written = await writePressed(desk, person, pressed);
  if (!written.ok) return { answer: written.code === 'denied' ? message(written.why) : notSentDialog(person, pressed, written.why), shows: null };
  const opened = await desk.open(person, written.caseNumber, undefined, false).catch((error: unknown) => {
    log.error('bot.view-not-shown', { fault: error });
    return undefined;
  });
  return opened?.ok === true ? dialog(opened, person) : { answer: message(written.text), shows: null };
}

/** Whom to phone now, as an alarm, at once: no view holds it up. */
export function notSentDialog({ language }: Person, { caseNumber, ...pressed }: Press, said: string): TaskAnswer {
  const about = { caseNumber, revision: 'revision' in pressed ? pressed.revision : 0 };
  return shown(dialogWordsIn(language).notSent.title(caseNumber), notSentCard(said, about, language));
}

async function receipt({ desk, clock, log }: Needs, person: Person, pressed: Press, said: string): Promise<TaskAnswer> {
  const { caseNumber } = pressed;
  // The answer counts: what it is followed by must neither fail it nor hold it up.
  const next = await withinTime(desk.next(person, caseNumber), nextWithinMs).catch((error: unknown) => {
    log.error('bot.next-not-known', { fault: error });
    return undefined;
  });
  // What is to be done about a critical result comes next: nobody is told that nothing waits.
  const after = next == null && isCritical(pressed) ? 'unsaid' : next;
  return shown(dialogWordsIn(person.language).title(caseNumber), receiptCard(said, after, clock.now(), person.language));
}

/** The alert is theirs, and the read-back is due in minutes: its form is the answer. */
async function toReadBack(needs: Needs, person: Person, pressed: Press, said: string): Promise<Answered> {
  const { desk, log } = needs;
  const opening = desk.open(person, pressed.caseNumber, said, false).catch((error: unknown) => {
    log.error('bot.view-not-shown', { fault: error });
    return undefined;
  });
  const opened = await withinTime(opening, nextWithinMs);
  return opened?.ok === true ? dialog(opened, person) : { answer: await receipt(needs, person, pressed, said), shows: null };
}

/** Milliseconds for the look at what is to be done next. */
const nextWithinMs = 1_500;

async function withinTime<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of whoever acts on what they may not look at: no look is tried, and none is on record as denied. */
const actsUnseen: readonly Press['verb'][] = ['take-over', 'take-failsafe', 'record-attempt', 'seen'];

/** What was said is read in any case: a view that can't be had takes it from nobody. */
async function openAnew({ desk, log }: Needs, person: Person, pressed: Press, said: string): Promise<Answered> {
  const { verb, caseNumber } = pressed;
  if (actsUnseen.includes(verb)) return { answer: message(said), shows: null };
  const opened = await desk.open(person, caseNumber, said, false, typedIn(pressed)).catch((error: unknown) => {
    log.error('bot.view-not-shown', { fault: error });
    return undefined;
  });
  return opened?.ok === true ? dialog(opened, person) : { answer: message(said), shows: null };
}

/** A read-back that was refused comes back with the words of who wrote it: nobody types them twice, on a telephone, in five minutes. */
function typedIn(pressed: Press): Readonly<Record<string, string>> | undefined {
  if (pressed.verb !== 'read-back') return undefined;
  const { finding, action } = pressed;
  return Object.fromEntries(Object.entries({ finding, action }).flatMap(([name, text = '']) => (text.trim() === '' ? [] : [[name, text]])));
}

function dialog(opened: Opened, person: Person): Answered {
  if (opened.ok) {
    const { caseNumber, revision } = opened;
    return { answer: shown(opened.title, opened.view), shows: { caseNumber, revision } };
  }
  const { why, mayTakeOver } = opened;
  if (mayTakeOver === undefined) return { answer: message(why), shows: null };
  const title = dialogWordsIn(person.language).takeOver.title(mayTakeOver.caseNumber);
  return { answer: shown(title, takeOverCard(why, mayTakeOver, person.language)), shows: null };
}

function shown(title: string, card: RenderedCard): TaskAnswer {
  return { task: { type: 'continue', value: { title, height: 'large', width: 'large', card: attachmentOf(card) } } };
}
