import { addMinutes } from '#core/time.js';
import { desk } from '#engine/desk.js';
import { registry } from '#workflows/registry.js';
import { person } from '#core/people.js';
import { directoryOf, haddad, okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { shippedPolicy } from '../support/shipped.ts';

const lima = person.parse({ id: 'dr-lima', name: 'Rui Lima', roles: ['referrer'], aadObjectId: 'ad33233d-5a15-40d8-9bf1-b9da83cb26c0' });

let engine: EngineFixture;
/** What reached whom in private. */
let told: { to: string; card: string }[];
let down: boolean;
beforeEach(async () => {
  engine = startEngineFixture('assist');
  [told, down] = [[], false];
  const policy = { ...shippedPolicy, providers: { D4711: haddad.id, D2: lima.id } };
  Object.assign(engine.parts, { directory: directoryOf([okafor, haddad, lima]), workflows: registry({ protocoling: policy }) });
  engine.parts.people.tell = async (to, card) => {
    if (down) return { ok: false, code: 'unavailable', detail: 'down' };
    told.push({ to, card: JSON.stringify(card) });
    return { ok: true, receipt: { place: to, conversationId: to, activityId: String(told.length) } };
  };
  await engine.bring(orderBytes());
  await engine.settle();
});
afterEach(() => engine.close());

async function ask(text: string): Promise<void> {
  const [row] = await engine.stores.views.open('protocoling');
  const { caseNumber, revision } = row!;
  await desk(engine.parts, []).answer({ person: okafor, caseNumber, revision, verb: 'ask-orderer', text });
}
const denials = () => engine.stores.db.all<{ action: string; detail: string }>("SELECT action, detail FROM audit WHERE outcome = 'denied'");
const orderedBy = (provider: string) =>
  Buffer.from(
    orderBytes('change', 'M2').toString().replaceAll('D4711^Haddad^Samir', `${provider}^X^Y`).replaceAll('20261125100000', '20261125100500'),
  );

it('a question that waited for Teams reaches nobody but whom it was put to: not the orderer of before, with another question (invariant 18)', async () => {
  down = true;
  await ask('Pacemaker?');
  await engine.settle();
  // It lapses; the order is somebody else's by then, who is asked something else.
  engine.now = addMinutes(engine.now, 24 * 60);
  await engine.settle();
  await engine.bring(orderedBy('D2'));
  await engine.settle();
  await ask('Allergy to contrast?');
  await engine.settle();
  down = false;
  engine.now = addMinutes(engine.now, 20);
  await engine.settle();
  expect(told.filter(({ card }) => card.includes('Allergy to contrast')).map(({ to }) => to)).toEqual([lima.id]);
  expect(told.filter(({ card }) => card.includes('MRN')).map(({ to }) => to)).toEqual([lima.id]);
});

it('a question goes to nobody who may not answer it any more: a denial on record, no patient, and whoever asked is told (invariants 18 and 32)', async () => {
  await ask('Pacemaker?');
  Object.assign(engine.parts, { directory: directoryOf([okafor, { ...haddad, roles: ['admin'] }]) });
  await engine.settle();
  expect(told.filter(({ card }) => card.includes('MRN'))).toEqual([]);
  expect(told.filter(({ card }) => card.includes('could not be delivered')).map(({ to }) => to)).toContain(okafor.id);
  expect(told.map(({ to }) => to)).not.toContain(haddad.id);
  expect(denials()).toEqual([{ action: 'answer-question', detail: expect.stringContaining(haddad.id) }]);
});
