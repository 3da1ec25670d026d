import { approvalBy } from '#core/approval.js';
import { effectKey, eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import { deliver } from '#engine/deliver.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import { okafor } from '../support/clinic.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { appendTo, effects, t0 } from '../support/store-fixture.ts';

let engine: EngineFixture;
let caseId: CaseId;
beforeEach(async () => {
  engine = startEngineFixture('assist');
  await engine.bring(orderBytes());
  await engine.settle();
  caseId = (await engine.stores.views.open('protocoling'))[0]!.caseId;
  const approval = approvalBy(okafor, t0, '7KF3QN' as never, 1, eventId.parse('answer'));
  const task = { key: effectKey.parse('task-1'), kind: 'writeFhir', weight: 'commit', resource: 'Task', data: { n: 1 }, approval } as const;
  const wanted = [effects.commit(), task, effects.card(2), effects.tell()];
  await appendTo(engine.stores, caseId, { effects: wanted.map((effect) => ({ effect, suppressed: false })) });
  engine.left.length = 0;
});
afterEach(() => engine.close());

const claim = () => engine.stores.outbox.claim(engine.now, 60, 99);
const later = (seconds: number) => {
  engine.now = addSeconds(engine.now, seconds);
};
/** What there is to be done, of each kind that leaves Radloop. */
async function claimAll(): Promise<readonly OutboxItem[]> {
  const items = await claim();
  expect(items.map(({ effect }) => effect.kind).sort()).toEqual(['sendHl7', 'showCard', 'tellPerson', 'writeFhir']);
  return items;
}
const sentBytes = (items: readonly OutboxItem[]) => items.find(({ effect }) => effect.kind === 'sendHl7');

it('nothing leaves for a claim that another has been given since, of whatever kind it is; all of it leaves for the one that has it (invariant 30)', async () => {
  await claimAll();
  later(61);
  const stale = await claimAll();
  // As after an end between keeping the bytes and sending them: there is nothing to keep any more.
  expect(await engine.stores.outbox.keepBytes(sentBytes(stale)!, Buffer.from('order-change, as first rendered'))).toBe(true);
  later(61);
  const owned = await claimAll();
  for (const item of stale) await deliver(engine.parts, { ...item, bytes: sentBytes(owned)?.bytes ?? null });
  expect(engine.left).toEqual([]);
  // The card first: what the case is told of the others edits it anew.
  for (const item of owned.toSorted((a, b) => Number(b.effect.kind === 'showCard') - Number(a.effect.kind === 'showCard')))
    await deliver(engine.parts, item);
  expect(engine.left.map(({ to }) => to).sort()).toEqual(['channel', 'ehr', 'person', 'ris']);
});

it('nothing leaves for a claim whose lease is over, though nobody else has it yet', async () => {
  const late = await claimAll();
  later(60);
  for (const item of late) await deliver(engine.parts, item);
  expect(engine.left).toEqual([]);
  later(1);
  await engine.settle();
  expect(engine.left.map(({ to }) => to).sort()).toEqual(['channel', 'ehr', 'person', 'ris']);
});

it('what was withdrawn after it was claimed does not leave', async () => {
  const items = await claimAll();
  await appendTo(engine.stores, caseId, { effects: [{ effect: effects.withdraw(), suppressed: false }] });
  for (const item of items) await deliver(engine.parts, item);
  expect(engine.left.map(({ to }) => to).sort()).toEqual(['channel', 'ehr', 'person']);
});

it('a failure of somebody who lost their claim makes no case think that it failed', async () => {
  const stale = sentBytes(await claimAll())!;
  engine.parts.hl7.send = async () => {
    later(61);
    await claimAll();
    return { ok: false, code: 'refused', detail: 'AR' };
  };
  await deliver(engine.parts, stale);
  expect(await engine.stores.views.held()).toEqual([]);
  const { facts } = await engine.stores.cases.read('protocoling', caseId);
  expect(facts.map(({ fact }) => (fact as { type: string }).type)).not.toContain('deliveryFailed');
});

it('a fault of ours in a delivery is tried five times, then a person is asked (invariant 9)', async () => {
  engine.parts.ehr.write = () => Promise.reject(new TypeError('a fault'));
  for (let n = 0; n < 12; n += 1) {
    await engine.settle();
    later(30);
  }
  expect(await engine.stores.views.held()).toMatchObject([{ kind: 'outbox', reason: 'cut-after-send: a fault of Radloop (TypeError)' }]);
  expect(engine.left.filter(({ to }) => to === 'ehr')).toEqual([]);
});
