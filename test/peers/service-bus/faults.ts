/**
 * What the broker, or the way to it, may do to us. Each is armed for so many occasions:
 * `accept-then-cut` keeps a send and drops the connection before it says so; `cut-on-send` drops it before keeping; `cut-on-delivery` right after handing out;
 * `duplicate` keeps a send twice; `reorder` hands out the second message that waits before the first; `lose-lock` forgets the lock right after handing out;
 * `lose-scheduled` says yes to a scheduled message and forgets it.
 */
export const faultKinds = ['accept-then-cut', 'cut-on-send', 'cut-on-delivery', 'duplicate', 'reorder', 'lose-lock', 'lose-scheduled'] as const;
export type FaultKind = (typeof faultKinds)[number];

export class Faults {
  readonly #armed = new Map<FaultKind, number>();
  /** Added before each answer of the broker. */
  slowMs = 0;

  arm(kind: FaultKind, times = 1): void {
    this.#armed.set(kind, (this.#armed.get(kind) ?? 0) + times);
  }

  /** Does it happen on this occasion? Then it is used up. */
  happens(kind: FaultKind): boolean {
    const left = this.#armed.get(kind) ?? 0;
    if (left > 0) this.#armed.set(kind, left - 1);
    return left > 0;
  }

  heal(): void {
    this.#armed.clear();
    this.slowMs = 0;
  }
}

/** What was asked of the broker: the operations that Azure bills, and bytes. */
export interface Counts {
  connections: number;
  sends: number;
  sentBytes: number;
  deliveries: number;
  deliveredBytes: number;
  settlements: number;
  scheduled: number;
  cancelled: number;
  management: number;
  sessionsAccepted: number;
}

export const noCounts = (): Counts => ({
  ...{ connections: 0, sends: 0, sentBytes: 0, deliveries: 0, deliveredBytes: 0, settlements: 0 },
  ...{ scheduled: 0, cancelled: 0, management: 0, sessionsAccepted: 0 },
});
