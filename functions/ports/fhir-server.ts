import type { Delivery } from '#core/delivery.js';
import type { Context } from '#domain/context.js';
import type { Order } from '#domain/order.js';

export type ContextResult =
  | { readonly ok: true; readonly context: Context; readonly tookMs: number }
  /** `why` is shown on the card: plain words, no address, no patient data. */
  | { readonly ok: false; readonly why: string };

/** The EHR, as far as a case asks it. Never throws for what a server may do (refusal, HTML, 500, silence). */
export interface FhirServer {
  /** All parts of the context within `budgetSeconds`; parts that came too late are named in `missing`. */
  gather(order: Order, budgetSeconds: number): Promise<ContextResult>;
  /**
   * Writes the record of an approval (`approvalRecordData`) once, or a Communication of a critical result (`criticalRecordData`): one a critical result, whose
   * later versions take the place of the ones before. The same key again finds what is there.
   */
  write(
    what: 'Task' | 'Provenance' | 'Communication',
    data: unknown,
    key: string,
  ): Promise<Delivery<{ readonly id: string; readonly version: string | null }>>;
}
