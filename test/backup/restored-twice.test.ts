import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { auditStore } from '#adapters/embedded/audit-store.js';
import { backUp } from '#adapters/embedded/backup.js';
import { restoreStore } from '#adapters/embedded/restore.js';
import { siteKeyFile } from '#adapters/embedded/site-key-file.js';
import type { AuditVerdict } from '#ports/audit-store.js';
import { caseNo, effects, embeddedStores, later, queue } from '../support/store-fixture.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radloop-twice-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('the audit holds after a second restore too, to a later moment than the first, and goes on (invariant 33)', async () => {
  const store = join(root, 'store');
  const anchors = anchorFolder(join(root, 'anchors'));
  const key = () => siteKeyFile(`${store}.key`);
  let minutes = 0;
  const now = () => later(60 * (minutes += 1));
  let cases = 0;
  /** Each round a case, a checkpoint and its anchor. */
  const work = async (rounds: number): Promise<AuditVerdict> => {
    const stores = embeddedStores(store);
    const audit = auditStore(stores.db, { key: key(), anchors });
    for (let n = 0; n < rounds; n += 1) {
      await queue(stores, caseNo((cases += 1)), effects.card());
      await audit.seal(now());
      expect(await anchorLast({ audit, anchors, key: key() }, now())).toBe('anchored');
    }
    const verdict = await audit.verify();
    await stores.db.close();
    return verdict;
  };
  const back = (name: string) => backUp(store, join(root, name), { now });
  const put = (folder: string) => restoreStore(folder, { store, anchors, account: 'radloop', now });

  await work(3);
  const monday = await back('monday');
  await work(3);
  const tuesday = await back('tuesday');
  await work(2);
  await put(monday.folder);
  expect(await work(2)).toMatchObject({ ok: true, restored: [{ upto: expect.any(Number) }] });
  // Monday's was taken by mistake.
  await put(tuesday.folder);
  expect(await work(0)).toMatchObject({ ok: true });
  const { ok, rows, anchoredUpto, restored } = await work(2);
  expect({ ok, anchoredUpto, restores: restored.length }).toEqual({ ok: true, anchoredUpto: rows, restores: 2 });
  await put(monday.folder);
  expect(await work(1)).toMatchObject({ ok: true });
});
