import { z } from 'zod/v4';
import type { Desk } from '#ports/desk.js';
import type { Log } from '#ports/log.js';
import type { Turn } from '../turn.ts';
import { words } from '../words.ts';
import { pressOnCard, readPress } from './card-answer.ts';
import { answerTask, message } from './task.ts';

/** Teams gives up after 5 s and sends the same again; an answer that came late would be thrown away. */
const answerWithinMs = 4_000;

const cardAction = z.looseObject({
  action: z.looseObject({ verb: z.string().optional(), data: z.looseObject({}).nullish() }),
  trigger: z.string().optional(),
});

/** Answers every invoke with 200 and a body that says what became of it, in time; never a bare 501. */
export async function answerInvoke(desk: Desk, log: Log, turn: Turn, name: string, value: unknown): Promise<object> {
  const { work, failed } = handlerOf(desk, turn, name, value);
  try {
    return await withinTime(work(), failed(words.late));
  } catch (error) {
    log.error('bot.invoke-failed', { invoke: known(name), fault: error });
    return failed(words.broken);
  }
}

interface Handler {
  readonly work: () => Promise<object>;
  readonly failed: (why: string) => object;
}

function handlerOf(desk: Desk, turn: Turn, name: string, value: unknown): Handler {
  const invoke = known(name);
  switch (invoke) {
    case 'task/fetch':
    case 'task/submit':
      return { work: () => answerTask(desk, turn.person, value), failed: message };
    case 'adaptiveCard/action':
      return { work: () => executed(desk, turn, value), failed: text };
    case 'other':
      return { work: () => Promise.resolve(error(words.badRequest)), failed: text };
    default:
      return invoke satisfies never;
  }
}

/** Action.Execute. Answered with text, never with a card: a card in the answer to a press in a channel may replace what everybody sees there. */
async function executed(desk: Desk, turn: Turn, value: unknown): Promise<object> {
  const read = cardAction.safeParse(value);
  if (!read.success) return error(words.badRequest);
  const { action, trigger } = read.data;
  if (trigger === 'automatic') return error(words.automatic);
  const pressed = readPress({ ...action.data, verb: action.data?.['verb'] ?? action.verb });
  if (pressed === null || (action.verb !== undefined && action.verb !== pressed.verb)) return error(words.badRequest);
  return text(await pressOnCard(desk, turn, pressed));
}

function text(said: string): object {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: said };
}

function error(why: string): object {
  return { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest', message: why } };
}

function known(name: string): 'task/fetch' | 'task/submit' | 'adaptiveCard/action' | 'other' {
  return name === 'task/fetch' || name === 'task/submit' || name === 'adaptiveCard/action' ? name : 'other';
}

async function withinTime(work: Promise<object>, late: object): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<object>((resolve) => {
    timer = setTimeout(() => resolve(late), answerWithinMs);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
