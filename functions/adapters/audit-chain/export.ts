import { createHash } from 'node:crypto';
import type { AuditFilter, AuditReader } from '#ports/audit-store.js';
import type { ExportEnd, ExportRecord } from '#ports/auditor.js';
import { signed } from './signature.ts';
import type { Signs } from './signature.ts';

export const EVERYTHING: AuditFilter = { caseNumber: null, person: null, action: null, outcome: null, since: null, until: null };

/** The whole chain? Of a part there is no chain to walk, only rows under the export's own signature. */
export function isWhole(filter: AuditFilter): boolean {
  return Object.values(filter).every((value) => value === null);
}

export function endBytes({ at, by, filter, upto, rows, digest, checkpoints, purges }: Omit<ExportEnd, 'signed'>): Uint8Array {
  const { caseNumber, person, action, outcome, since, until } = filter;
  const fields = ['radloop audit export', at, by, caseNumber, person, action, outcome, since, until, upto, rows, digest, checkpoints, purges];
  return new TextEncoder().encode(JSON.stringify(fields));
}

interface Asked {
  readonly filter: AuditFilter;
  readonly at: string;
  readonly by: string;
}

/** The records of an export, in pages, up to what has been written by now; its end is signed. */
export async function* exportRecords(reader: AuditReader, key: Signs, { filter, at, by }: Asked): AsyncGenerator<readonly ExportRecord[]> {
  const upto = (await reader.extent()).rows;
  const digest = createHash('sha256');
  const count = { row: 0, checkpoint: 0, purge: 0 };
  for await (const page of pagesOf(reader, filter, upto)) {
    for (const record of page) {
      count[record.kind] += 1;
      if (record.kind === 'row') digest.update(record.row.hash);
    }
    yield page;
  }
  const end = { at, by, filter, upto, rows: count.row, digest: digest.digest('hex'), checkpoints: count.checkpoint, purges: count.purge };
  yield [{ kind: 'end', end: { ...end, signed: await signed(key, endBytes(end)) } }];
}

type Inner = Exclude<ExportRecord, { kind: 'end' }>;

async function* pagesOf(reader: AuditReader, filter: AuditFilter, upto: number): AsyncGenerator<readonly Inner[]> {
  if (!isWhole(filter)) {
    for await (const rows of reader.rows(filter, upto)) yield rows.map((row) => ({ kind: 'row', row }));
    return;
  }
  yield (await reader.purges()).map((purge) => ({ kind: 'purge', purge }));
  for await (const links of reader.chain(upto))
    yield links.map((link) => ('row' in link ? { kind: 'row', row: link.row } : { kind: 'checkpoint', checkpoint: link.checkpoint }));
}
