/** What one kind of request came to. */
export interface Count {
  requests: number;
  /** Request units. */
  units: number;
  bytesIn: number;
  bytesOut: number;
  /** Documents written or given. */
  documents: number;
}

/** What was asked of the peer, by container and operation, such as `cases batch`; read by the calculation of infra/docs/scale.md. */
export interface Counts {
  add(container: string, operation: string, more: Partial<Count>): void;
  all(): Readonly<Record<string, Count>>;
  clear(): void;
}

export function openCounts(): Counts {
  let counts: Record<string, Count> = {};
  return {
    add(container, operation, { requests = 0, units = 0, bytesIn = 0, bytesOut = 0, documents = 0 }) {
      const count = (counts[`${container} ${operation}`] ??= { requests: 0, units: 0, bytesIn: 0, bytesOut: 0, documents: 0 });
      count.requests += requests;
      count.units += units;
      count.bytesIn += bytesIn;
      count.bytesOut += bytesOut;
      count.documents += documents;
    },
    all: () => structuredClone(counts),
    clear() {
      counts = {};
    },
  };
}
