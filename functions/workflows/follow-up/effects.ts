import type { Posting } from '#core/card.js';
import type { Effect } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import type { Moment } from '#core/workflow.js';
import type { Policy } from './policy.ts';

/** Takes the patient's data away where a view stands in a private chat. @param n tells it from others of the same event */
export function takeAway(
  { person, posting }: { readonly person: PersonId; readonly posting: Posting },
  n: number,
  revision: number,
  { caseId, event }: Moment<Policy>,
): Effect {
  const key = effectKey.parse(`${caseId}/${event}/over-${n}`);
  return { kind: 'tellPerson', weight: 'advice', key, person, note: 'view-over', revision, precedence: 'edit', edits: posting };
}
