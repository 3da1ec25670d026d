import type { Checkpoint, Signature } from './audit-store.ts';

/** A signed checkpoint as it stands outside the store, under a signature of its own. */
export interface Anchor extends Pick<Checkpoint, 'height' | 'upto' | 'hash'> {
  /** When it was put there. */
  readonly at: string;
  /** The store went back to this checkpoint by a restored backup: anchors that stand before this one and are higher count no more. */
  readonly restored: boolean;
  readonly signed: Signature;
}

/** A place outside the store to which anchors are only ever added: whoever can write the store can't take back what stands here. */
export interface Anchors {
  /** Where it is, as an operator would look for it. */
  readonly where: string;
  /** Resolves when it is kept for good. */
  add(anchor: Anchor): Promise<void>;
  /** The one that was added last. */
  last(): Promise<Anchor | null>;
  /** All, in the order in which they were added; what was cut off by a crash in the middle of adding is left out. */
  all(): AsyncIterable<Anchor>;
}
