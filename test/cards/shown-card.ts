import type { RenderedCard } from '#ports/people.js';
import type { CardState } from '../support/card-states.ts';

/** A card as a person sees it, and what it is of. */
export interface ShownCard {
  /** Folder and name of its file in the gallery. */
  readonly name: string;
  /**
   * `list`: what is waiting; `ask`: asked back in private; `search`: patients who fit; `access`: of an emergency access; `switchboard`: what is phoned, for
   * who may see no patient; `seen`: a note of what everybody who was told has to see; `gap`: of a roster. */
  readonly kind: 'shared' | 'note' | 'view' | 'question' | 'receipt' | 'list' | 'ask' | 'search' | 'access' | 'switchboard' | 'seen' | 'gap';
  readonly of: Pick<CardState, 'name' | 'meta'> & { readonly state: Pick<CardState['state'], 'order' | 'revision'> };
  readonly card: RenderedCard;
  /** The exported function that made it. */
  readonly by: unknown;
}
