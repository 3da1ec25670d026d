/** What nobody has measured, each with its reason. They stand in infra/docs/scale.md as they stand here. */
export const ASSUMED = {
  /** Events (HL7 messages, notifications, answers of people) that come in for one imaging order in its life. */
  eventsPerOrder: 10,
  /** Of them the counted play has two: the order and the approval. */
  eventsPlayed: 2,
  /** Each further event costs so much of the counted way: most are kept, answered and looked up, and change little. */
  furtherEventShare: 0.15,
  /** Imaging orders of an average hospital of the network and day. 1,000 hospitals at 10 events an order make the 100 million events a day of the largest row with 10,000. */
  ordersPerHospitalAndDay: 400,
  /** The busiest hour has so many times the average: hospitals work by day. */
  peakFactor: 3,
  /** Throughput that is bought over what the peak needs: retries, sweeps, the change feed, a partition busier than the rest. */
  headroom: 1.5,
  /** Sessions, duplicate detection and scheduled messages cost the broker more than Microsoft's 4 MB/s benchmark without them: by how much is not published. */
  brokerShare: 0.25,
  /** Days that a case stays in Cosmos DB before it is archived or its data key is dropped. */
  daysKept: 365,
  /** Index and metadata over the documents' JSON. */
  storageFactor: 1.4,
  /** Seconds of one instance (2 GB) that an order needs; from the embedded engine on 2 cores, not from Azure. */
  instanceSecondsPerOrder: 0.5,
  /**
   * Queries over all partitions that each instance makes a second for what nobody told it of: each five seconds fourteen shares of the outbox (a destination, five
   * paging channels), two of events, one of deadlines; each second new messages, and three that count what waits.
   */
  looksPerSecond: 7.4,
  /** RU of a query that finds nothing, in each physical partition: 2.3 at least, twice that at the consistency Strong. */
  unitsPerLook: 4.6,
} as const;
