import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orderOf } from '../../infra/rehearsal/orders.ts';
import type { PlannedOrder } from '../../infra/rehearsal/orders.ts';

export const testSite = 'infra/rehearsal/site';

/** The first `count` orders that a rehearsal hospital with this seed sends. */
export function plannedOrders(seed: number, count: number): PlannedOrder[] {
  const map = JSON.parse(readFileSync(join(testSite, 'hl7', 'procedure-map.json'), 'utf8')) as {
    readonly imaging: readonly { readonly code: string; readonly modality: string; readonly text: string }[];
  };
  const catalogue = new Map(map.imaging.map((row) => [row.code, row]));
  return Array.from({ length: count }, (_, index) => orderOf(seed, index + 1, catalogue));
}
