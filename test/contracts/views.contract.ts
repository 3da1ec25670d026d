import { appendTo, caseNo, effects, later, row, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

/** What any adapter of ports/views promises. */
export function viewsContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port views`, () => {
    let stores: StoresUnderTest;
    beforeEach(async () => {
      stores = await start();
    });
    afterEach(() => stores.close());

    it('shows a case as soon as its facts are written, and as they left it', async () => {
      await appendTo(stores, caseNo(1), { row });
      const { caseNumber } = await stores.cases.read('protocoling', caseNo(1));
      expect(await stores.views.open('protocoling')).toEqual([{ ...row, workflow: 'protocoling', caseId: caseNo(1), caseNumber, updatedAt: t0 }]);
      await appendTo(stores, caseNo(1), { row: { ...row, revision: 2 }, at: later(1) });
      stores = await stores.reopen();
      expect(await stores.views.open('protocoling')).toMatchObject([{ revision: 2, updatedAt: later(1) }]);
    });

    it('shows nothing of what was not written', async () => {
      await appendTo(stores, caseNo(1), { row, expectedVersion: 9, effects: [{ effect: effects.card(), suppressed: false }] });
      expect(await stores.views.all('protocoling')).toEqual([]);
    });

    it('keeps a closed case, but not among the open ones', async () => {
      await appendTo(stores, caseNo(1), { row });
      await appendTo(stores, caseNo(1), { row: { ...row, open: false, status: 'cancelled' } });
      expect(await stores.views.open('protocoling')).toEqual([]);
      expect(await stores.views.all('protocoling')).toMatchObject([{ status: 'cancelled' }]);
    });

    it('drops what is no case any more: a listed change whose order was cancelled before it came', async () => {
      await appendTo(stores, caseNo(1), { row });
      await appendTo(stores, caseNo(1), { row: null });
      expect(await stores.views.all('protocoling')).toEqual([]);
    });

    it('of a period gives what was written in it or later, open and closed, and with the figures that the workflow keeps', async () => {
      const figures = { category: 1, times: ['2026-11-25T10:00:00.000Z', null], drill: false };
      await appendTo(stores, caseNo(1), { row });
      await appendTo(stores, caseNo(2), { row, at: later(10) });
      await appendTo(stores, caseNo(2), { row: { ...row, open: false, figures }, at: later(20) });
      await appendTo(stores, caseNo(3), { row, at: later(30) });
      expect(await stores.views.since('protocoling', later(20))).toMatchObject([{ caseId: caseNo(2), open: false, figures }, { caseId: caseNo(3) }]);
      expect(await stores.views.since('protocoling', later(31))).toEqual([]);
      expect(await stores.views.since('another', t0)).toEqual([]);
    });

    it('keeps workflows apart', async () => {
      await appendTo(stores, caseNo(1), { row });
      expect(await stores.views.open('another')).toEqual([]);
    });
  });
}
