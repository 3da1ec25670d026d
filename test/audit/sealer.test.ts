import { anchorLast } from '#adapters/audit-chain/anchor.js';
import { START } from '#adapters/audit-chain/row.js';
import { startSealer } from '#engine/audit-sealer.js';
import type { Sealer } from '#engine/audit-sealer.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { caseNo, later, t0 } from '../support/store-fixture.ts';
import { silentLog } from '../support/clinic.ts';
import { startAudited } from './fixture.ts';
import type { AuditedStore } from './fixture.ts';

let site: AuditedStore;
let now: Instant;
let sealer: Sealer | null;
beforeEach(() => {
  site = startAudited();
  now = t0;
  sealer = null;
});
afterEach(async () => {
  await sealer?.stop();
  await site.close();
});

const seals = () => site.stores.db.all<{ rows: number }>('SELECT rows FROM seals ORDER BY id').map(({ rows }) => rows);
const denials = (count: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      site.audit.record({ caseId: caseNo(1), at: t0, actor: { kind: 'system', part: 'test' }, action: 'view', outcome: 'denied', detail: {} }),
    ),
  );
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const start = (anchor = (at: Instant) => anchorLast(site, at)) =>
  startSealer({ audit: site.audit, anchor, clock: { now: () => now }, log: silentLog() });

describe('the sealer', () => {
  it('seals a few rows after a minute, a thousand at once, nothing when there is nothing, and at its end with an anchor', async () => {
    await denials(3);
    sealer = start();
    await soon(1200);
    expect(seals()).toEqual([]);
    now = addSeconds(now, 60);
    await soon(1200);
    expect(seals()).toEqual([3]);
    await denials(1000);
    await soon(1200);
    expect(seals()).toEqual([3, 1000]);
    now = addSeconds(now, 120);
    await soon(1200);
    expect(seals()).toEqual([3, 1000]);
    await denials(1);
    await sealer.stop();
    expect(seals()).toEqual([3, 1000, 1]);
    expect(await site.anchors.last()).toMatchObject({ height: 3, upto: 1004 });
    expect(await site.audit.verify()).toMatchObject({ ok: true, anchoredUpto: 1004 });
  }, 20_000);

  it('seals on a clock that was put back a day', async () => {
    sealer = start();
    await denials(2);
    now = addSeconds(now, -86_400);
    await soon(1200);
    expect(seals()).toEqual([2]);
  });

  it('goes on when the key or the place of the anchors fails, and makes up for it', async () => {
    let isDown = true;
    sealer = start((at) => (isDown ? Promise.reject(new Error('the other disk is full')) : anchorLast(site, at)));
    await denials(2);
    now = addSeconds(now, 60);
    await soon(1200);
    expect(seals()).toEqual([2]);
    expect(await site.anchors.last()).toBeNull();
    isDown = false;
    await sealer.stop();
    expect(await site.anchors.last()).toMatchObject({ height: 1 });
  });
});

describe('sealing a store of many rows', () => {
  /** Bulk rows under one checkpoint: what is older need not be true to be passed over. */
  async function grow(rows: number): Promise<void> {
    const { db } = site.stores;
    await db.write(() => {
      db.run(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO audit (case_id, case_seq, at, actor, action, outcome, detail, prev, hash)
         SELECT printf('%032x', i % 50000), i / 50000 + 1, ?, '{}', 'view', 'done', '{}', '${START}', printf('%064x', i) FROM n`,
        ...[rows, t0],
      );
      db.run(
        "INSERT INTO seals (at, upto, rows, prev, hash, key_version, algorithm, signature) VALUES (?, ?, ?, ?, ?, '1', 'Ed25519', '')",
        t0,
        rows,
        rows,
        START,
        START,
      );
    });
  }

  it('costs as much as in a new one', async () => {
    const rows = Number(process.env['RADLOOP_AUDIT_ROWS'] ?? 200_000);
    const times = { small: [] as number[], large: [] as number[] };
    const large = site;
    const small = startAudited();
    await grow(rows);
    for (let round = 0; round < 7; round += 1)
      for (const [name, one] of [
        ['small', small],
        ['large', large],
      ] as const) {
        site = one;
        await denials(500);
        const started = performance.now();
        await one.audit.seal(later(round));
        times[name].push(performance.now() - started);
      }
    site = large;
    await small.close();
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[3]!;
    const [one, other] = [median(times.small), median(times.large)];
    expect(other).toBeLessThan(one * 3 + 5);
  }, 120_000);
});
