import figures from './azure-figures.json' with { type: 'json' };
import { ASSUMED } from './assumptions.ts';
import { perOrder } from './counts.ts';
import type { Counted, PerOrder, Recorded } from './counts.ts';
import { caseShare, network } from './reckon.ts';
import type { Network } from './reckon.ts';

/** Hospitals of each row, and orders a day of the whole network. The last is 100 million events a day. */
const ROWS: readonly (readonly [hospitals: number, ordersPerDay: number])[] = [
  [1, ASSUMED.ordersPerHospitalAndDay],
  [10, 10 * ASSUMED.ordersPerHospitalAndDay],
  [100, 100 * ASSUMED.ordersPerHospitalAndDay],
  [1000, 1000 * ASSUMED.ordersPerHospitalAndDay],
  [1000, 100_000_000 / ASSUMED.eventsPerOrder],
];

/** The made part of infra/docs/scale.md. */
export function report(recorded: Recorded): string {
  const { on, runs } = recorded;
  const last = runs.at(-1);
  if (last === undefined) throw new Error('counts.json has no run: RADLOOP_SCALE=write npm test -- test/scale');
  const order = perOrder(last);
  const rows = ROWS.map(([hospitals, orders]) => network(hospitals, orders, order, last.largestPartition.bytes));
  return [
    counted(on, runs),
    `## The network\n\n${table(rows)}`,
    words(rows, last),
    `## Assumed, and never run\n\n${assumed()}`,
    `## What Microsoft publishes\n\n${published()}`,
  ].join('\n\n');
}

function counted(on: string, runs: readonly Counted[]): string {
  const head = [
    '| Hospitals | Orders | Reads | Writes | Queries | RU | Bytes in | Messages | Bus operations | Blob bytes | Largest case |',
    `| ${'--- | '.repeat(11)}`,
  ];
  const rows = runs.map((run) => {
    const { reads, writes, queries, units, bytes, messages, busOperations, blobBytes }: PerOrder = perOrder(run);
    const cells = [one(reads), one(writes), one(queries), whole(units), whole(bytes), one(messages), one(busOperations), whole(blobBytes)];
    return `| ${String(run.hospitals)} | ${String(run.orders)} | ${cells.join(' | ')} | ${String(run.largestPartition.documents)} documents, ${size(run.largestPartition.bytes)} |`;
  });
  return `## An order, counted\n\nOn ${on}, by the peers of the contract tests (their RU are modelled on Microsoft's rules, not measured at Microsoft). Per order, its whole way: message, case, context, card, approval, write-back.\n\n${[...head, ...rows].join('\n')}`;
}

function table(rows: readonly Network[]): string {
  const head = [
    '| Hospitals | Orders a day | Events a day | Peak orders/s | RU/s | Physical partitions | Stored after a year | Messages/s | Messaging units | Instances | Cosmos DB a month | Functions a month | First to its limit |',
    `| ${'--- | '.repeat(13)}`,
  ];
  return [
    ...head,
    ...rows.map((row) => {
      const { saturates, namespaces, messagingUnits } = row;
      const units = namespaces === 1 ? String(messagingUnits) : `${String(namespaces)} × ${String(messagingUnits)}`;
      const cells = [
        whole(row.hospitals),
        whole(row.ordersPerDay),
        whole(row.eventsPerDay),
        one(row.peakOrders),
        whole(row.units),
        whole(row.physicalPartitions),
        size(row.storedBytes),
      ];
      return `| ${[...cells, one(row.messagesPerSecond), units, whole(row.instances), `USD ${whole(row.cosmosPerMonth)}`, `USD ${whole(row.functionsPerMonth)}`, `${saturates.what} (${percent(saturates.share)})`].join(' | ')} |`;
    }),
  ].join('\n');
}

function words(rows: readonly Network[], last: Counted): string {
  const over = rows.find(({ saturates }) => saturates.share > 1);
  const first =
    over === undefined
      ? 'No row passes a published limit.'
      : `From ${whole(over.ordersPerDay)} orders a day on, ${over.saturates.what} is passed (${percent(over.saturates.share)}): then the network is several installations, a region or a group of hospitals each; cases never span two of them.`;
  const [big, largest] = rows.slice(-2);
  const looks = (row: Network | undefined): string => (row === undefined ? '' : percent(row.looks / row.units));
  const looking = `To look over all cases for what nobody told of takes ${looks(rows[0])} of the RU/s at one hospital, ${looks(big)} at 1,000 and ${looks(largest)} in the last row: it grows with instances times partitions.`;
  return `Messaging units have no price here: none could be read. ${first} ${looking} One case fills ${(caseShare(last.largestPartition.bytes) * 100).toPrecision(2)} % of the 20 GB of its logical partition, so that no case comes near it.`;
}

function assumed(): string {
  const says: Readonly<Record<keyof typeof ASSUMED, string>> = {
    eventsPerOrder: 'events that come in for one order',
    eventsPlayed: 'of them are in the counted play: the order, and its approval',
    furtherEventShare: 'of the counted way is what each further event costs: most are kept, answered and looked up, and change little',
    ordersPerHospitalAndDay: 'orders of a hospital and day (the last row has more: 100 million events a day)',
    peakFactor: 'times the average in the busiest hour',
    headroom: 'times what the peak needs is bought',
    brokerShare: 'of the published 4 MB/s of a messaging unit is left with sessions, scheduling and duplicate detection; not published',
    daysKept: 'days that a case is kept in Cosmos DB',
    storageFactor: 'times the JSON is what is stored, with the index',
    looksPerSecond: 'queries over all partitions that each instance makes a second, also when nothing happens',
    unitsPerLook: 'RU of such a query in each physical partition when it finds nothing, at the consistency Strong',
    instanceSecondsPerOrder: 'seconds of one 2 GB instance an order; reckoned from the embedded engine, not from Azure',
  };
  return Object.entries(says)
    .map(([name, text]) => `- ${String(ASSUMED[name as keyof typeof ASSUMED])} ${text}`)
    .join('\n');
}

function published(): string {
  const rows = Object.entries({ ...figures.limits, ...figures.prices }).map(
    ([name, { value, unit, source, seen }]) =>
      `| ${name} | ${value === null ? 'not found' : `${String(value)} ${unit}`} | ${source} | ${seen ?? '—'} |`,
  );
  return ['| Figure | Value | Source | As of |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function one(value: number): string {
  return value < 100 ? value.toFixed(1) : whole(value);
}

function percent(share: number): string {
  return share < 0.01 ? 'under 1 %' : `${whole(share * 100)} %`;
}

function size(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(names.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${names[power] ?? 'B'}`;
}
