import type { Posting } from '#core/card.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { OnCallGap } from '#domain/on-call-gap.js';
import type { Fact } from './events.ts';

/** A private card that stands with somebody. */
export interface Notice {
  readonly person: PersonId;
  readonly posting: Posting;
}

export type State = { readonly status: 'none' } | Known;
export interface Known {
  readonly status: 'open' | 'mended' | 'over';
  readonly gap: OnCallGap;
  readonly since: Instant;
  /** Counts what there was to say of it. */
  readonly revision: number;
  readonly notices: readonly Notice[];
  /** What was paged, as `beginningBy` names it. */
  readonly paged: readonly string[];
}

export function evolve(state: State, fact: Fact): State {
  if (fact.type === 'gapOpened') {
    const { gap, at } = fact;
    return { status: 'open', gap, since: at, revision: state.status === 'none' ? 1 : state.revision + 1, notices: [], paged: [] };
  }
  if (state.status === 'none') return state;
  switch (fact.type) {
    case 'gapChanged':
      return { ...state, gap: fact.gap, revision: state.revision + 1 };
    case 'gapPaged':
      return { ...state, paged: [...state.paged, ...fact.what] };
    case 'gapClosed':
      return { ...state, status: fact.why, revision: state.revision + 1 };
    case 'noticeGiven':
      return { ...state, notices: [...state.notices, { person: fact.person, posting: fact.posting }] };
    case 'noticeFailed':
      return state;
    default:
      return fact satisfies never;
  }
}
