import { desk } from '#engine/desk.js';
import { registry } from '#workflows/registry.js';
import { okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { shippedPolicy } from '../support/shipped.ts';

let engine: EngineFixture;
beforeEach(async () => {
  engine = startEngineFixture('assist');
  Object.assign(engine.parts, { workflows: registry({ protocoling: { ...shippedPolicy, providers: { OKAFOR: okafor.id } } }) });
  await engine.bring(orderBytes());
  await engine.settle();
});
afterEach(() => engine.close());
const facts = () => engine.stores.db.all<{ type: string }>('SELECT type FROM facts ORDER BY seq').map(({ type }) => type);
const denials = () => engine.stores.db.get<{ n: number }>("SELECT count(*) AS n FROM audit WHERE outcome = 'denied'")?.n;

it('an answer counts by the rights of the moment in which it is written: the RIS has just named its giver as the orderer (invariants 16 and 32)', async () => {
  const [row] = await engine.stores.views.open('protocoling');
  const { cases } = engine.parts;
  let isFirst = true;
  // The RIS's message comes between the look at the rights and the writing.
  const read: typeof cases.read = async (...of) => {
    const found = await cases.read(...of);
    if (isFirst) {
      isFirst = false;
      const change = orderBytes('change', 'M2')
        .toString()
        .replaceAll('D4711^Haddad^Samir', 'OKAFOR^Okafor^Ngozi')
        .replaceAll('20261125100000', '20261125100500');
      await engine.bring(Buffer.from(change));
      await engine.settle();
    }
    return found;
  };
  const overtaken = { ...engine.parts, cases: { ...cases, read } };
  const answer = await desk(overtaken, []).answer({
    ...{ person: okafor, caseNumber: row!.caseNumber, revision: 1 },
    ...{ verb: 'choose-other', protocolId: 'CT-HEAD-WO' },
  });
  expect(facts()).toContain('orderNoted');
  expect(answer).toEqual({ outcome: 'denied', text: 'Nobody decides on an order of their own.' });
  expect(facts()).not.toContain('protocolApproved');
  expect(denials()).toBe(1);
});
