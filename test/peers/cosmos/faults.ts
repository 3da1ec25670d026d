/** What the peer can be told to do wrong. */
export interface Fault {
  /**
   * `throttled` 429 with x-ms-retry-after-ms; `precondition` 412; `retry-with` 449; `unavailable` 503; `answer-lost`: the write is done, then the connection is cut;
   * `cut`: the connection is cut before anything is done; `slow`: answered after `delayMs`.
   */
  readonly kind: 'throttled' | 'precondition' | 'retry-with' | 'unavailable' | 'answer-lost' | 'cut' | 'slow';
  /** Only such requests. @default all on documents */
  readonly operation?: string;
  readonly container?: string;
  /** Only requests whose address or body holds this text. */
  readonly about?: string;
  /** How many requests of these pass first. @default 0 */
  readonly after?: number;
  /** How many are hit. @default 1 */
  readonly times?: number;
  /** Part of these requests that is hit, 0 to 1. @default 1 */
  readonly chance?: number;
  /** Milliseconds. @default 10 */
  readonly retryAfterMs?: number;
  /** Milliseconds. @default 100 */
  readonly delayMs?: number;
}

export interface Request {
  readonly operation: string;
  readonly container: string;
  readonly about: string;
}

/** The peer's faults, held by the test that injects them. */
export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** How many requests were hit so far. */
  hits(): number;
  /** The fault that hits this request. */
  next(request: Request): Fault | null;
}

/** @param chance gives numbers from 0 to 1 for faults that hit a part. */
export function openFaults(chance: () => number = Math.random): Faults {
  let armed: { readonly fault: Fault; skip: number; left: number }[] = [];
  let hit = 0;
  return {
    add(fault) {
      armed.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
    },
    clear() {
      armed = [];
    },
    hits: () => hit,
    next({ operation, container, about }) {
      for (const one of armed) {
        const { fault } = one;
        if (one.left === 0 || (fault.operation ?? operation) !== operation || (fault.container ?? container) !== container) continue;
        if (fault.about !== undefined && !about.includes(fault.about)) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        if (fault.chance !== undefined && chance() >= fault.chance) continue;
        one.left -= 1;
        hit += 1;
        return fault;
      }
      return null;
    },
  };
}
