import type { AuditEntry, AuditStore } from '#ports/audit-store.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { replaced } from './case-partition.ts';
import type { ContainerName } from './cosmos-layout.ts';
import type { Cosmos, Stored } from './cosmos.ts';

/** What was changed outside of its audit's partition says so itself, until the row is written. */
interface Owing {
  readonly owedAudit?: AuditEntry;
  readonly owedAuditAt?: Instant;
}

export interface OwingNeeds {
  readonly cosmos: Cosmos;
  readonly audit: Pick<AuditStore, 'record'>;
}

/** Changes a document with its audit row: one write says both, the row follows. False, and nothing written, when `to` gives null. A crash between may write the row twice, never not at all. */
export async function changeOwing<T extends { readonly id: string }>(
  { cosmos, audit }: OwingNeeds,
  container: ContainerName,
  partition: string,
  id: string,
  to: (document: T) => T | null,
  entry: AuditEntry,
): Promise<boolean> {
  for (;;) {
    const found = await cosmos.read<T>(container, partition, id);
    const after = found === null ? null : to(found);
    if (found === null || after === null) return false;
    const owing: T & Owing = { ...after, owedAudit: entry, owedAuditAt: entry.at };
    if (!(await cosmos.write(container, partition, [replaced(found, owing)])).ok) continue;
    await audit.record(entry);
    await settle(cosmos, container, partition, id);
    return true;
  }
}

/** Seconds after which what is owed was left by a crash. */
const LEFT_BEHIND_SECONDS = 30;
const PARTITION_OF = { raw: 'id', lookups: 'key', site: 'part' } as const;

/** Writes what a process that died still owed. */
export async function writeOwed({ cosmos, audit }: OwingNeeds, now: Instant): Promise<void> {
  for (const [container, path] of Object.entries(PARTITION_OF) as [keyof typeof PARTITION_OF, string][]) {
    const values = { before: addSeconds(now, -LEFT_BEHIND_SECONDS), most: 100 };
    const query = 'SELECT TOP @most * FROM c WHERE c.owedAuditAt < @before';
    for (const found of await cosmos.query<Stored<Owing> & Readonly<Record<string, unknown>>>(container, { query, values })) {
      if (found.owedAudit !== undefined) await audit.record(found.owedAudit);
      await settle(cosmos, container, String(found[path]), found.id);
    }
  }
}

async function settle(cosmos: Cosmos, container: ContainerName, partition: string, id: string): Promise<void> {
  for (;;) {
    const found = await cosmos.read<Owing>(container, partition, id);
    if (found?.owedAudit === undefined) return;
    const { owedAudit: _, owedAuditAt: __, ...paid } = found;
    if ((await cosmos.write(container, partition, [replaced(found, paid as Stored<object>)])).ok) return;
  }
}
