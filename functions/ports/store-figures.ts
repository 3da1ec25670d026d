import type { Instant } from '#core/time.js';

/** How much waits in the store, and since when. The canary is in none of the figures. */
export interface StoreFigures {
  /** Messages kept and not worked out, events not told to their case yet. */
  readonly inbox: Waiting;
  /** By receiver: a destination of endpoints.json, `ehr`, `teams`, `page:CHANNEL`, or `inner` for what stays inside. */
  readonly outbox: readonly (Waiting & { readonly dest: string })[];
  readonly quarantine: Readonly<Record<'event' | 'delivery' | 'message' | 'arrival', number>>;
  readonly freeBytes: number | null;
  readonly auditRows: number;
}

export interface Waiting {
  readonly depth: number;
  readonly oldest: Instant | null;
}

export interface StoreHealth {
  figures(): Promise<StoreFigures>;
  /** Where the store is; null: it has no disk to run full. Costs little. */
  freeBytes(): Promise<number | null>;
  /** Writes something and waits until it is on the disk. Rejects when the store does not take it. */
  probe(): Promise<void>;
  /** Does the store know this process as one that works on it? */
  isKnown(): Promise<boolean>;
}
