import figures from './azure-figures.json' with { type: 'json' };
import { ASSUMED } from './assumptions.ts';
import type { PerOrder } from './counts.ts';

/** One row of the table: a network of so many hospitals. */
export interface Network {
  readonly hospitals: number;
  readonly ordersPerDay: number;
  readonly eventsPerDay: number;
  /** Orders a second in the busiest hour. */
  readonly peakOrders: number;
  /** RU/s to buy. */
  readonly units: number;
  /** Of them: to look over all cases. */
  readonly looks: number;
  readonly physicalPartitions: number;
  /** Bytes in Cosmos DB when it is full (`daysKept`). */
  readonly storedBytes: number;
  readonly messagesPerSecond: number;
  readonly messagingUnits: number;
  readonly namespaces: number;
  readonly instances: number;
  /** USD a month of what has a published price. */
  readonly cosmosPerMonth: number;
  readonly functionsPerMonth: number;
  /** What is nearest to its limit, and how near. */
  readonly saturates: { readonly what: string; readonly share: number };
}

const { limits, prices } = figures;
const HOURS = 730;
/** Where instances and partitions drive each other up, it is no installation any more. */
const MOST_PARTITIONS = 100_000;
const GIGABYTE = 1e9;
const SIZES = [1, 2, 4, 8, 16];

/** @param stored bytes of one case as it lies in Cosmos DB */
export function network(hospitals: number, ordersPerDay: number, order: PerOrder, stored: number): Network {
  const { peakFactor, headroom, eventsPerOrder, eventsPlayed, furtherEventShare, daysKept, storageFactor, brokerShare, instanceSecondsPerOrder } =
    ASSUMED;
  const ways = 1 + (eventsPerOrder - eventsPlayed) * furtherEventShare;
  const peakOrders = (ordersPerDay / 86_400) * peakFactor;
  const storedBytes = ordersPerDay * daysKept * stored * ways * storageFactor;
  const floor = (storedBytes / GIGABYTE) * limits.cosmosMinimumUnitsPerGigabyte.value;
  const instances = Math.max(2, Math.ceil(peakOrders * instanceSecondsPerOrder * headroom));
  const { units, looks, physicalPartitions } = bought(Math.max(1000, floor), peakOrders * order.units * ways * headroom, instances, storedBytes);
  // In and out again.
  const busBytes = peakOrders * order.messageBytes * ways * 2 * headroom;
  const wanted = Math.max(1, busBytes / (limits.serviceBusBytesPerMessagingUnit.value * brokerShare));
  const namespaces = Math.ceil(wanted / limits.serviceBusMessagingUnitsPerNamespace.value);
  const messagingUnits = SIZES.find((size) => size >= wanted / namespaces) ?? limits.serviceBusMessagingUnitsPerNamespace.value;
  const shares = [
    { what: 'RU/s of one container', share: units / limits.cosmosUnitsPerContainer.value },
    { what: 'messaging units of one namespace', share: wanted / limits.serviceBusMessagingUnitsPerNamespace.value },
    { what: 'instances of one Flex app', share: instances / limits.flexInstances.value },
    { what: 'memory of one region (Flex)', share: (instances * 2048) / limits.flexMemoryPerRegion.value },
  ];
  return {
    ...{ hospitals, ordersPerDay, eventsPerDay: ordersPerDay * eventsPerOrder, peakOrders, units, looks, physicalPartitions, storedBytes },
    ...{ messagesPerSecond: peakOrders * order.messages * ways, messagingUnits, namespaces, instances },
    cosmosPerMonth: (units / 100) * prices.cosmosPer100UnitsHour.value * HOURS + (storedBytes / GIGABYTE) * prices.cosmosPerGigabyteMonth.value,
    functionsPerMonth: ordersPerDay * 30 * instanceSecondsPerOrder * 2 * prices.flexPerGigabyteSecond.value,
    saturates: shares.sort((a, b) => b.share - a.share)[0] ?? { what: 'nothing', share: 0 },
  };
}

/** Each look costs in each physical partition, and more RU/s are more partitions: reckoned until it stays. */
function bought(least: number, wanted: number, instances: number, storedBytes: number): Pick<Network, 'units' | 'looks' | 'physicalPartitions'> {
  let physicalPartitions = Math.max(1, Math.ceil(storedBytes / limits.cosmosBytesPerPhysicalPartition.value));
  for (;;) {
    const looks = instances * physicalPartitions * ASSUMED.looksPerSecond * ASSUMED.unitsPerLook;
    const units = Math.ceil(Math.max(least, wanted + looks) / 1000) * 1000;
    const partitions = Math.ceil(units / limits.cosmosUnitsPerPhysicalPartition.value);
    if (partitions <= physicalPartitions || partitions > MOST_PARTITIONS) return { units, looks, physicalPartitions };
    physicalPartitions = partitions;
  }
}

/** How full the largest case makes its logical partition. */
export function caseShare(bytes: number): number {
  return bytes / limits.cosmosBytesPerLogicalPartition.value;
}
