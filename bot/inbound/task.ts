import { z } from 'zod/v4';
import type { Person } from '#core/people.js';
import type { Desk, Opened } from '#ports/desk.js';
import { attachmentOf } from '../outbound/activity.ts';
import { answerOf, told } from './card-answer.ts';
import type { Press } from './card-answer.ts';

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

/** What a button brought with it into a dialog. */
export function taskData(value: unknown): unknown {
  return task.safeParse(value).data?.data;
}

/** "Open" (task/fetch) and the buttons inside the dialog (task/submit). Every press is answered. */
export async function answerTask(desk: Desk, person: Person, pressed: Press): Promise<TaskAnswer> {
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
