import { z } from 'zod/v4';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';
import type { Log } from '#ports/log.js';
import type { Turn } from '../turn.ts';
import { words } from '../words.ts';
import { answerOf, readPress } from './card-answer.ts';
import type { Press } from './card-answer.ts';
import { pressOnCard } from './press-on-card.ts';
import { answerTask, message, notSentDialog, taskData } from './task.ts';
import type { Answered } from './task.ts';

interface Needs {
  readonly desk: Desk;
  readonly clock: Clock;
  readonly log: Log;
}

/** Teams gives up after 5 s and sends the same again; an answer that came late would be thrown away. */
const answerWithinMs = 4_000;

const cardAction = z.looseObject({
  action: z.looseObject({ verb: z.string().optional(), data: z.looseObject({}).nullish() }),
  trigger: z.string().optional(),
});

type Invoke = 'task/fetch' | 'task/submit' | 'adaptiveCard/action';

/** An invoke that asks for something that we know. */
export interface ReadInvoke {
  readonly ok: true;
  readonly name: Invoke;
  readonly pressed: Press;
}

/** What no person who uses our cards could have sent: nothing handles it, and it is answered with a body that says so. */
export interface UnreadInvoke {
  readonly ok: false;
  readonly check: 'unknown-invoke' | 'card-data' | 'automatic';
  readonly body: object;
}

export function readInvoke(name: string, value: unknown): ReadInvoke | UnreadInvoke {
  switch (name) {
    case 'task/fetch':
    case 'task/submit': {
      const pressed = readPress(taskData(value));
      // Teams shows the message; the status is for whoever looks at the answer.
      return pressed === null ? unread('card-data', { statusCode: 400, ...message(words.badRequest) }) : { ok: true, name, pressed };
    }
    case 'adaptiveCard/action':
      return readAction(value);
    default:
      return unread('unknown-invoke', error(words.badRequest));
  }
}

function unread(check: UnreadInvoke['check'], body: object): UnreadInvoke {
  return { ok: false, check, body };
}

/** Action.Execute, whose verb stands in two places that must agree. */
function readAction(value: unknown): ReadInvoke | UnreadInvoke {
  const read = cardAction.safeParse(value);
  if (!read.success) return unread('card-data', error(words.badRequest));
  const { action, trigger } = read.data;
  if (trigger === 'automatic') return unread('automatic', error(words.automatic));
  const pressed = readPress({ ...action.data, verb: action.data?.['verb'] ?? action.verb });
  if (pressed === null || (action.verb !== undefined && action.verb !== pressed.verb)) return unread('card-data', error(words.badRequest));
  return { ok: true, name: 'adaptiveCard/action', pressed };
}

/** How far an invoke has come when it is to be answered. */
export interface Begun {
  /** When it came, by `performance.now()`. */
  readonly at: number;
  /** What must be done before it. */
  readonly first: Promise<unknown>;
}

/** Answers an invoke with 200 and a body that says what became of it, in time; never a bare 501. */
export async function answerInvoke(needs: Needs, turn: Turn, { name, pressed }: ReadInvoke, begun: Begun): Promise<object> {
  const inDialog = name !== 'adaptiveCard/action';
  const failed = inDialog ? message : text;
  const notSent = (said: string): object => (inDialog ? notSentDialog(turn.person, pressed, said) : text(said));
  // Action.Execute is answered with text, never with a card: a card in the answer to a press in a channel may replace what everybody sees there.
  const onCard = async () => ({ answer: text((await pressOnCard(needs.desk, turn, pressed)).said), shows: null });
  const { desk } = needs;
  const isSending = pressed.verb === 'release-critical' || pressed.verb === 'declare-critical';
  // What is to reach a clinician waits for no store to remember a chat.
  const first = isSending ? Promise.resolve() : begun.first;
  const work = first.then((): Promise<Done> => (inDialog ? answerTask(needs, turn.person, pressed) : onCard()));
  const leftMs = () => begun.at + answerWithinMs - performance.now();
  try {
    const done = await withinTime<Done | null>(work, null, leftMs());
    if (done === null) return isSending ? notSent(desk.notSent(turn.person, true)) : failed(await saidLate(needs, turn, pressed));
    const { answer, shows } = done;
    // A view that comes too late is thrown away by Teams: only one that is in time counts as shown.
    if (shows !== null) await withinTime(keepSeen(needs, turn, shows), undefined, leftMs());
    return answer;
  } catch (error) {
    needs.log.error('bot.invoke-failed', { invoke: name, fault: error });
    return isSending ? notSent(desk.notSent(turn.person)) : failed(words.broken);
  }
}

type Done = Pick<Answered, 'shows'> & { readonly answer: object };

/** Milliseconds for keeping an answer whose own work is not done in time; with them Teams is still answered within its 5 s. */
const keepWithinMs = 400;

/** An answer that was pressed is kept, so that it counts whatever becomes of the work that was begun (invariant 17). */
async function saidLate({ desk, log }: Needs, turn: Turn, pressed: Press): Promise<string> {
  if (pressed.verb === 'open' || pressed.verb === 'declare-critical') return words.late;
  const keeping = desk.keep(answerOf(turn.person, pressed)).catch((error: unknown) => {
    log.error('bot.answer-not-kept', { fault: error });
    return false;
  });
  return (await withinTime(keeping, false, keepWithinMs)) ? words.received : words.late;
}

/** What can't be kept fails no answer: the person sees the view, and words ask for it once more. */
async function keepSeen({ desk, log }: Needs, turn: Turn, { caseNumber, revision }: NonNullable<Answered['shows']>): Promise<void> {
  try {
    await desk.seen(turn.person, caseNumber, revision);
  } catch (error) {
    log.error('bot.seen-not-kept', { fault: error });
  }
}

function text(said: string): object {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: said };
}

function error(why: string): object {
  return { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest', message: why } };
}

async function withinTime<T>(work: Promise<T>, late: T, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), milliseconds);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
