import type { AuditVerdict } from '#ports/audit-store.js';
import type { OpenedFact } from './opened-facts.ts';

/** One row of the inbox. */
export interface RawRow {
  readonly id: string;
  readonly endpoint: string;
  readonly hash: string;
  readonly length: number;
  readonly kept: number;
  readonly ack_code: string;
  readonly state: string;
  readonly reason: string | null;
}

export interface EffectRecord {
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  readonly code: string | null;
  readonly detail: string | null;
}

/** What a store holds, as a test looks at it past the ports: whichever parts it is made of, and also while a service works on it. */
export interface Records {
  /** In the order in which they happened, case by case. */
  facts<Fact>(type?: string): Promise<OpenedFact<Fact>[]>;
  /** Oldest first. */
  raw(): Promise<RawRow[]>;
  /** State of each event that waits for its case. */
  events(): Promise<string[]>;
  effects(): Promise<EffectRecord[]>;
  /** Cases that a list shows. */
  cases(): Promise<number>;
  auditRows(): Promise<number>;
  verify(): Promise<AuditVerdict>;
  close(): Promise<void>;
}
