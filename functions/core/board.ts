import type { PagingChannel } from './effect.ts';
import type { Instant } from './time.ts';

/** Somebody who is called, and by what number people reach them. */
export interface BoardPerson {
  readonly name: string;
  /** Why they: `first on call`, in the reader's language; null: as themselves. */
  readonly as: string | null;
  /** What they are on call for; null: nothing. */
  readonly service: string | null;
  /** As people dial it; null: not known. */
  readonly phone: string | null;
  /** What a gateway has said last of each page to them, which says nothing of them; `logged`: it was a line in the log, which reaches nobody. Left out: nothing. */
  readonly pages?: readonly { readonly channel: PagingChannel; readonly delivered: boolean; readonly at: Instant; readonly logged?: true }[];
}

/** Where a critical result stands. `changed`: over, but for who has not seen what was changed. `failsafe`: with whoever always sits somewhere, and nobody there has it in hand. */
export type BoardStatus = 'not-sent' | 'asking' | 'open' | 'failsafe' | 'failsafe-taken' | 'taken' | 'read-back' | 'withdrawn' | 'changed';

/** One open critical result as a board on a wall shows it: no patient data. */
export interface BoardRow {
  /** 1 is the gravest. */
  readonly category: 1 | 2 | 3;
  readonly drill: boolean;
  readonly status: BoardStatus;
  /** The level that was reached last; 0: none yet. */
  readonly level: number;
  /** Who is called now, in the order in which they were. */
  readonly called: readonly BoardPerson[];
  /** Who has said that they are on their way to one that nobody has taken; others are still called. */
  readonly comesNow: readonly string[];
  /** Who has not said that they saw the last change of one that goes on; of one that is over they stand in `called`. */
  readonly notSeenBy: readonly BoardPerson[];
  /** Who has taken it, or has it in hand; null: nobody. */
  readonly takenBy: string | null;
  /** Services that are called, with what is dialled when nobody answers elsewhere. */
  readonly services: readonly { readonly name: string; readonly phone: string | null }[];
  /** When it was sent; of one that was not, when it became known. */
  readonly since: Instant;
  /** When the next step is due, unless somebody does something before; null: it waits for no time. */
  readonly until: Instant | null;
  /** Who knows more. */
  readonly callBack: { readonly name: string; readonly phone: string };
}
