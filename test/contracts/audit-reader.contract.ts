import type { AuditEntry, AuditFilter, AuditRow, Checkpoint } from '#ports/audit-store.js';
import { haddad, okafor } from '../support/clinic.ts';
import { appendTo, caseNo, later, t0 } from '../support/store-fixture.ts';
import type { StartStores, StoresUnderTest } from '../support/store-fixture.ts';

const EVERYTHING: AuditFilter = { caseNumber: null, person: null, action: null, outcome: null, since: null, until: null };
const view = (more: Partial<AuditEntry>): AuditEntry => ({
  ...{ caseId: caseNo(1), at: t0, actor: { kind: 'person', person: okafor.id }, action: 'view', outcome: 'done', detail: { revision: 1 } },
  ...more,
});

/** What any adapter of the port AuditReader (ports/audit-store) promises. */
export function auditReaderContract(name: string, start: StartStores): void {
  describe(`${name} keeps the promise of the port audit-reader`, () => {
    let stores: StoresUnderTest;
    let number: string;
    beforeEach(async () => {
      stores = await start();
      await appendTo(stores, caseNo(1), { facts: [{ type: 'opened', fact: { type: 'opened' } }] });
      await stores.audit.record(view({ at: later(1) }));
      await stores.audit.record(view({ at: later(2), caseId: null, outcome: 'denied', action: 'denied' }));
      await stores.audit.seal(later(3));
      await stores.audit.record(view({ at: later(4), actor: { kind: 'person', person: haddad.id } }));
      await appendTo(stores, caseNo(2), { facts: [{ type: 'opened', fact: { type: 'opened' } }], at: later(5) });
      await stores.audit.seal(later(6));
      number = (await stores.cases.read('protocoling', caseNo(1))).caseNumber;
    });
    afterEach(() => stores.close());

    const chain = async (upto: number) => {
      const rows: AuditRow[] = [];
      const checkpoints: Checkpoint[] = [];
      for await (const page of stores.trail.chain(upto))
        for (const link of page) {
          if ('row' in link) rows.push(link.row);
          else {
            // It comes after the last row that it joins.
            expect(rows.at(-1)?.seq).toBe(link.checkpoint.upto);
            checkpoints.push(link.checkpoint);
          }
        }
      return { rows, checkpoints };
    };
    const rows = async (filter: Partial<AuditFilter>, upto = 99): Promise<string[]> => {
      const found: string[] = [];
      for await (const page of stores.trail.rows({ ...EVERYTHING, ...filter }, upto)) found.push(...page.map(({ at, action }) => `${at} ${action}`));
      return found.sort();
    };

    it('says how much there is, what waits for a checkpoint too', async () => {
      expect(await stores.trail.extent()).toEqual({ rows: 5, checkpoints: 2 });
      await stores.audit.record(view({ at: later(7) }));
      stores = await stores.reopen();
      expect(await stores.trail.extent()).toEqual({ rows: 6, checkpoints: 2 });
    });

    it('gives the whole chain in its order, each row joined to the one before it in its case, and each checkpoint behind what it joins', async () => {
      const { rows: all, checkpoints } = await chain(5);
      expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(checkpoints.map(({ height, upto }) => [height, upto])).toEqual([
        [1, 3],
        [2, 5],
      ]);
      for (const own of Map.groupBy(all, ({ caseId }) => caseId).values()) {
        expect(own.map(({ caseSeq }) => caseSeq)).toEqual(own.map((_, n) => n + 1));
        for (const [n, row] of own.entries()) expect(row.prev).toBe(own[n - 1]?.hash ?? '0'.repeat(64));
      }
      expect(checkpoints[1]?.prev).toBe(checkpoints[0]?.hash);
    });

    it('goes no further than it is asked, and has what waits for a checkpoint behind the rest', async () => {
      expect((await chain(3)).rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      await stores.audit.record(view({ at: later(7) }));
      const { rows: all, checkpoints } = await chain(6);
      expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(all[5]).toMatchObject({ at: later(7), purged: null });
      expect(checkpoints).toHaveLength(2);
      expect(await stores.trail.purges()).toEqual([]);
    });

    it('finds rows of a case, a person, an action, an outcome and a time, and all of these at once', async () => {
      expect(await rows({})).toHaveLength(5);
      expect(await rows({}, 2)).toHaveLength(2);
      expect(await rows({ caseNumber: number })).toEqual([`${t0} opened`, `${later(1)} view`, `${later(4)} view`]);
      expect(await rows({ caseNumber: 'ZZZZZZ' })).toEqual([]);
      expect(await rows({ person: okafor.id })).toEqual([`${later(1)} view`, `${later(2)} denied`]);
      expect(await rows({ action: 'opened' })).toEqual([`${t0} opened`, `${later(5)} opened`]);
      expect(await rows({ outcome: 'denied' })).toEqual([`${later(2)} denied`]);
      expect(await rows({ since: later(2), until: later(5) })).toEqual([`${later(2)} denied`, `${later(4)} view`]);
      expect(await rows({ caseNumber: number, person: haddad.id, action: 'view', outcome: 'done', since: later(4), until: later(5) })).toHaveLength(
        1,
      );
    });
  });
}
