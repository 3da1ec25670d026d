import type { Instant } from '#core/time.js';
import type { PaperRow } from '#domain/downtime.js';
import type { Caller } from './queue.ts';

/** What the store says of messages on their way to their case. */
export interface Backlog {
  /** When the oldest message came that has not reached its case yet; null: all have. What is held for a person does not count. */
  oldest(): Promise<Instant | null>;
}

/** One time that somebody opened a list: a line that only grows, each with the hash of the one before it. */
export interface Opening {
  /** From 1, without a gap. */
  readonly n: number;
  readonly at: string;
  /** Account of the operating system, and the one that it was lent by (sudo), as that says. */
  readonly account: string;
  readonly lentBy: string | null;
  readonly how: 'screen' | 'html' | 'csv' | 'json' | 'browser';
  /** As-of time of the list that was opened. */
  readonly asOf: string;
  /** Of the line before, and of this one (SHA-256, hexadecimal). */
  readonly prev: string;
  readonly hash: string;
}

/** A line of the record of openings; `n` 0 and 64 zeros before the first. */
export interface RecordEnd extends Pick<Opening, 'n' | 'hash'> {
  /** Lines up to the end of the record that are not whole, or do not follow from the one before. Left out: none. */
  readonly faults?: number;
  /** Hash of the first line of the record: another one is a record that was begun anew. Left out: none, or noted before that was. */
  readonly first?: string;
}

/** Where lists lie, outside the store, to be read when nothing else runs. */
export interface DowntimeFolder {
  /** Both or none; on the disk when it resolves. The newest few are kept. Each file comes in pieces, so that it need not be held whole. */
  write(asOf: Instant, files: { readonly html: Iterable<string>; readonly csv: Iterable<string> }): Promise<void>;
  /**
   * Openings after the one that was taken last, in their order. `gap` says what is wrong with the record that was not yet when `last` was its end (closed words),
   * null: nothing; `end` is its last line, from which it is read on.
   */
  openingsAfter(last: RecordEnd): Promise<{ readonly openings: readonly Opening[]; readonly gap: string | null; readonly end: RecordEnd }>;
}

export interface PaperRequest {
  readonly ask: 'enter-paper';
  readonly row: PaperRow;
  /** Says what would happen; nothing is changed. */
  readonly dryRun: boolean;
}

/**
 * `done` recorded now; `would` on a dry run; `before`: this very row was entered before; `conflict`: it was decided or changed meanwhile, a person looks;
 * `refused`: the row can't be taken as it is. `text` says it in a sentence, without patient data.
 */
export type PaperReply =
  | { readonly ok: false; readonly code: 'denied'; readonly text: string }
  | { readonly ok: true; readonly outcome: 'done' | 'would' | 'before' | 'conflict' | 'refused'; readonly text: string };

/** The running service, as `radloop downtime enter` speaks to it. */
export interface PaperDesk {
  enter(caller: Caller, request: PaperRequest): Promise<PaperReply>;
}
