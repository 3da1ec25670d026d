import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { exportRecords } from '#adapters/audit-chain/export.js';
import { frameOf, lineOf } from '#adapters/audit-chain/export-lines.js';
import type { ExportFormat } from '#adapters/audit-chain/export-lines.js';
import { anchorFolder, usualAnchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditReader } from '#adapters/embedded/audit-reader.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import type { Anchors } from '#ports/anchors.js';
import type { AuditEntry, AuditFilter, AuditStore } from '#ports/audit-store.js';
import type { FileSiteKey } from '#adapters/embedded/site-key-file.js';
import { haddad, okafor } from '../support/clinic.ts';
import { appendTo, caseNo, embeddedStores, later } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

/** An embedded store whose audit is sealed, signed and anchored, with the key and the anchors in folders of their own. */
export interface AuditedStore {
  readonly stores: EmbeddedStores;
  readonly folder: string;
  readonly key: FileSiteKey;
  readonly anchors: Anchors;
  readonly audit: AuditStore;
  /** A play of `events` on a few cases: facts, stale answers, views, denials. */
  play(events: number): Promise<void>;
  /** Seals, and anchors when told. */
  seal(anchored?: boolean): Promise<void>;
  exported(format: ExportFormat, filter: AuditFilter): Promise<Buffer>;
  close(): Promise<void>;
}

export function startAudited(): AuditedStore {
  const folder = mkdtempSync(join(tmpdir(), 'radloop-audit-'));
  const stores = embeddedStores(join(folder, 'store'));
  const key = stores.db.siteKey;
  const anchors = anchorFolder(usualAnchorFolder(stores.folder));
  const audit = auditStore(stores.db, { key, anchors });
  let moment = 0;
  const fixture: AuditedStore = {
    ...{ stores, folder, key, anchors, audit },
    async play(events) {
      for (let n = 0; n < events; n += 1) await one(stores, audit, (moment += 1));
    },
    async seal(anchored = true) {
      await audit.seal(later((moment += 1)));
      if (anchored) await anchorLast({ audit, anchors, key }, later((moment += 1)));
    },
    async exported(format, filter) {
      const { start, end } = frameOf(format);
      const lines = start === null ? [] : [start];
      for await (const page of exportRecords(auditReader(stores.db), key, { filter, at: later(moment), by: 'p-auditor' }))
        for (const record of page) lines.push(lineOf(record, format));
      if (end !== null) lines.push(end);
      return Buffer.from(`${lines.join('\n')}\n`);
    },
    async close() {
      await stores.db.close();
      rmSync(folder, { recursive: true });
    },
  };
  return fixture;
}

async function one(stores: EmbeddedStores, audit: AuditStore, n: number): Promise<void> {
  const id = caseNo(n % 5);
  const at = later(n);
  const person = { kind: 'person', person: n % 2 === 0 ? okafor.id : haddad.id } as const;
  const view: AuditEntry = { caseId: id, at, actor: person, action: 'view', outcome: 'done', detail: { number: '7KF3QN', revision: n } };
  if (n % 7 === 3) return audit.record(view);
  if (n % 7 === 5) return audit.record({ ...view, outcome: 'denied', detail: { action: 'view' } });
  if (n % 11 === 6)
    return audit.record({
      caseId: null,
      at,
      actor: { kind: 'system', part: 'guard' },
      action: 'token-expired',
      outcome: 'denied',
      detail: { status: 401 },
    });
  if (n % 13 === 8) await appendTo(stores, id, { at, answer: { outcome: 'stale', text: 'Stale.' } });
  else
    await appendTo(stores, id, {
      at,
      facts: [{ type: 'noted', fact: { type: 'noted', n } }, ...(n % 4 === 0 ? [{ type: 'more', fact: { n } }] : [])],
    });
}

/** What a file says, as one chunk. */
export async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
