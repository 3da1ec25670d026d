import { z } from 'zod/v4';
import type { Person } from '#core/people.js';
import type { Desk, Opened } from '#ports/desk.js';
import { attachmentOf } from '../outbound/activity.ts';
import { words } from '../words.ts';
import { answerOf, readPress, told } from './card-answer.ts';

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

/** "Open" (task/fetch) and the buttons inside the dialog (task/submit). Every press is answered. */
export async function answerTask(desk: Desk, person: Person, value: unknown): Promise<TaskAnswer> {
  const pressed = readPress(task.safeParse(value).data?.data);
  if (pressed === null) return message(words.badRequest);
  if (pressed.verb === 'open') return dialog(await desk.open(person, pressed.caseNumber));
  return message(told(await desk.answer(answerOf(person, pressed))));
}

export function message(value: string): TaskAnswer {
  return { task: { type: 'message', value } };
}

function dialog(opened: Opened): TaskAnswer {
  if (!opened.ok) return message(opened.why);
  return { task: { type: 'continue', value: { title: opened.title, height: 'large', width: 'large', card: attachmentOf(opened.view) } } };
}
