import type { Posting } from '#core/card.js';
import type { Effect } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { PersonId } from '#core/ids.js';
import type { Moment } from '#core/workflow.js';
import type { Paging, Policy } from './policy.ts';
import type { Known, Notice } from './state.ts';

type At = Moment<Policy>;

/** What a coordinator is told: that there is a gap, and in the place of that its other hours, or that there is none any more. */
export const noteNames = ['gap', 'gap-changed', 'gap-closed'] as const;
export type NoteName = (typeof noteNames)[number];
/** What a coordinator is paged about. */
export const PAGE = 'gap-near';

export function tell(person: PersonId, { revision }: Known, moment: At): Effect {
  return toPerson(person, 'gap', revision, moment);
}

/** By each way that they have. */
export function pages(person: PersonId, { revision }: Known, { channelsOf }: Paging, { caseId, event }: At): readonly Effect[] {
  return channelsOf(person).map((channel) => {
    const key = effectKey.parse(`${caseId}/${event}/page-${channel}-${person}`);
    return { kind: 'page', weight: 'advice', key, channel, to: person, note: PAGE, revision };
  });
}

/** In the place of what stands with them. */
export function edit({ person, posting }: Notice, { status, revision }: Known, moment: At): Effect {
  return toPerson(person, status === 'open' ? 'gap-changed' : 'gap-closed', revision, moment, posting);
}

function toPerson(person: PersonId, note: NoteName, revision: number, { caseId, event }: At, edits?: Posting): Effect {
  const key = effectKey.parse(`${caseId}/${event}/tell-${note}-${person}`);
  const more = edits === undefined ? {} : ({ precedence: 'edit', edits } as const);
  return { kind: 'tellPerson', weight: 'advice', key, person, note, revision, ...more };
}
