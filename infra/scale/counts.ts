import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one play asked of the peers of the Azure services (test/scale/play.ts), after the stores were open. */
export interface Counted {
  readonly hospitals: number;
  readonly orders: number;
  readonly writtenBack: number;
  /** By container and operation, such as `cases batch`. */
  readonly cosmos: Readonly<
    Record<
      string,
      { readonly requests: number; readonly units: number; readonly bytesIn: number; readonly bytesOut: number; readonly documents: number }
    >
  >;
  readonly serviceBus: {
    readonly sends: number;
    readonly sentBytes: number;
    readonly scheduled: number;
    readonly deliveries: number;
    readonly settlements: number;
  };
  readonly blob: { readonly writes: number; readonly writtenBytes: number; readonly reads: number };
  /** The case that holds most. */
  readonly largestPartition: { readonly documents: number; readonly bytes: number };
}

/** counts.json: written by `RADLOOP_SCALE=write npm test -- test/scale`. */
export interface Recorded {
  /** Day of the play. */
  readonly on: string;
  readonly runs: readonly Counted[];
}

export const COUNTS_FILE = join(import.meta.dirname, 'counts.json');

export function readCounts(): Recorded {
  return JSON.parse(readFileSync(COUNTS_FILE, 'utf8')) as Recorded;
}

/** Of one order, everything in Cosmos DB taken together. */
export interface PerOrder {
  readonly reads: number;
  readonly writes: number;
  readonly queries: number;
  readonly units: number;
  /** Bytes that Cosmos DB was given. */
  readonly bytes: number;
  readonly messages: number;
  readonly messageBytes: number;
  /** Sends, deliveries and settlements. */
  readonly busOperations: number;
  readonly blobWrites: number;
  readonly blobBytes: number;
}

const kindOf = (operation: string): 'reads' | 'queries' | 'writes' =>
  /\bread|feed/iu.test(operation) ? 'reads' : /query/iu.test(operation) ? 'queries' : 'writes';

export function perOrder({ orders, cosmos, serviceBus, blob }: Counted): PerOrder {
  const sum = { reads: 0, writes: 0, queries: 0, units: 0, bytes: 0 };
  for (const [operation, count] of Object.entries(cosmos)) {
    sum[kindOf(operation)] += count.requests / orders;
    sum.units += count.units / orders;
    sum.bytes += count.bytesIn / orders;
  }
  return {
    ...sum,
    messages: serviceBus.sends / orders,
    messageBytes: serviceBus.sentBytes / orders,
    busOperations: (serviceBus.sends + serviceBus.deliveries + serviceBus.settlements) / orders,
    blobWrites: blob.writes / orders,
    blobBytes: blob.writtenBytes / orders,
  };
}
