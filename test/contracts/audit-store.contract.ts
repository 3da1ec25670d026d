import type { AuditEntry } from '#ports/audit-store.js';
import { okafor } from '../support/clinic.ts';
import { appendTo, caseNo, later, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const view = (revision: number): AuditEntry => ({
  ...{ caseId: caseNo(1), at: t0, actor: { kind: 'person', person: okafor.id }, action: 'view', outcome: 'done', detail: { revision } },
});
const denial: AuditEntry = { ...view(9), caseId: null, outcome: 'denied', detail: { why: 'role' } };

/** What any adapter of ports/audit-store promises. */
export function auditStoreContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port audit-store`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('has a row for each fact, and one for an answer that changed nothing', async () => {
      const fact = (type: string) => ({ type, fact: { type } });
      await appendTo(stores, caseNo(1), { facts: [fact('a'), fact('b')], answer: { outcome: 'won', text: 'Done.' } });
      await appendTo(stores, caseNo(2), { answer: { outcome: 'stale', text: 'Stale.' } });
      await appendTo(stores, caseNo(2));
      expect(await stores.audit.verify()).toMatchObject({ ok: true, cases: 2, rows: 3, firstBad: null });
    });

    it('is whole over seals and an end', async () => {
      for (let n = 1; n <= 3; n += 1) {
        await stores.audit.record(view(n));
        await stores.audit.record(denial);
        await stores.audit.seal(later(n));
      }
      await stores.audit.seal(later(4));
      await stores.audit.record(denial);
      stores = await stores.reopen();
      expect(await stores.audit.verify()).toMatchObject({ ok: true, cases: 1, rows: 7, firstBad: null });
    });

    it('is whole when it is empty', async () => {
      await stores.audit.seal(t0);
      expect(await stores.audit.verify()).toMatchObject({ ok: true, cases: 0, rows: 0, firstBad: null });
    });

    it('counts what waits for a checkpoint, and gives each by its height, joined to the one before, over an end', async () => {
      expect(await stores.audit.checkpoint('last')).toBeNull();
      expect(await stores.audit.unsealed()).toBe(0);
      for (let n = 1; n <= 3; n += 1) await stores.audit.record(view(n));
      expect(await stores.audit.unsealed()).toBe(3);
      await stores.audit.seal(later(1));
      await stores.audit.record(denial);
      await stores.audit.seal(later(2));
      await stores.audit.seal(later(3));
      stores = await stores.reopen();
      expect(await stores.audit.unsealed()).toBe(0);
      const [first, last] = [await stores.audit.checkpoint(1), await stores.audit.checkpoint('last')];
      expect(first).toMatchObject({ height: 1, at: later(1), upto: 3, rows: 3, signed: { signature: expect.any(String) } });
      expect(last).toMatchObject({ height: 2, at: later(2), upto: 4, rows: 1, prev: first?.hash });
      expect(await stores.audit.checkpoint(3)).toBeNull();
      expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 4, signedUpto: 4 });
    });

    it('seals once when two seal at once, and nothing is left out that is written meanwhile', async () => {
      for (let n = 1; n <= 3; n += 1) await stores.audit.record(view(n));
      await Promise.all([stores.audit.seal(later(1)), stores.audit.record(denial), stores.audit.seal(later(2)), stores.audit.record(view(4))]);
      await stores.audit.seal(later(3));
      expect(await stores.audit.unsealed()).toBe(0);
      expect(await stores.audit.checkpoint('last')).toMatchObject({ upto: 5 });
      expect(await stores.audit.verify()).toMatchObject({ ok: true, rows: 5, signedUpto: 5 });
    });

    it('knows the highest revision that a person was shown, and counts no denial', async () => {
      expect(await stores.audit.shownRevision(caseNo(1), okafor.id)).toBe(0);
      for (const entry of [view(2), view(1), { ...view(8), outcome: 'denied' as const }]) await stores.audit.record(entry);
      stores = await stores.reopen();
      expect(await stores.audit.shownRevision(caseNo(1), okafor.id)).toBe(2);
      expect(await stores.audit.shownRevision(caseNo(2), okafor.id)).toBe(0);
    });
  });
}
