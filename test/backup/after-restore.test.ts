import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorFolder } from '#adapters/embedded/audit-anchors.js';
import { backUp } from '#adapters/embedded/backup.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { restoreStore } from '#adapters/embedded/restore.js';
import { restoredOf } from '#adapters/embedded/restored.js';
import { addMinutes } from '#core/time.js';
import { backlog } from '#adapters/embedded/downtime-backlog.js';
import { afterRestore } from '#engine/after-restore.js';
import { downtimeList } from '#engine/downtime-list.js';
import { runCase } from '#engine/run-case.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { orderBytes, startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

const [, other] = plannedOrders(4711, 2);
let root: string;
let engine: EngineFixture;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radloop-after-'));
});
afterEach(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

const changes = () => engine.left.flatMap((one) => (one.to === 'ris' && one.bytes.startsWith('order-change') ? [one.bytes] : []));
const told = () => afterRestore(engine.parts, { queue: queueStore(engine.stores.db), cursors: engine.stores.cursors }, restoredOf(engine.stores.db)!);

/** An order whose approval was recorded and had not left when the backup was made; it left after. */
async function restoredAfterApproval(): Promise<string[]> {
  const store = join(root, 'store');
  engine = startEngineFixture('assist', (same) => same, store);
  await engine.bring(orderBytes());
  await engine.settle();
  expect(await engine.approve()).toBe('won');
  const now = () => engine.now;
  await backUp(store, join(root, 'backups'), { now });
  await engine.settle();
  const sent = changes();
  expect(sent).toHaveLength(1);
  await engine.stores.db.close();
  const later = addMinutes(engine.now, 30);
  const done = await restoreStore(join(root, 'backups'), {
    store,
    anchors: anchorFolder(join(root, 'anchors')),
    account: 'radloop',
    now: () => later,
  });
  expect(done.held).toHaveLength(1);
  engine = startEngineFixture('assist', (same) => same, store);
  engine.now = later;
  return sent;
}

it('a change that had left after the backup is not sent again; its case says that nobody knows, and its card is posted anew, once', async () => {
  await restoredAfterApproval();
  await engine.settle();
  expect(changes()).toEqual([]);
  await told();
  await engine.settle();
  const cards = engine.left.filter(({ to }) => to === 'channel');
  expect(cards.at(-1)).toMatchObject({ card: expect.stringContaining('it could not be written') });
  // Before anybody decides a second time what was decided then.
  expect(cards.at(-1)).toMatchObject({ card: expect.stringMatching(/restored from a backup: what happened between .* and .* is not known here/u) });
  expect(changes()).toEqual([]);
  await told();
  await engine.settle();
  expect(engine.left.filter(({ to }) => to === 'channel')).toHaveLength(cards.length);
  expect((await engine.stores.audit.verify()).ok).toBe(true);
});

describe('a case that can not be read after a restore', () => {
  const damaged = (sql: string) => engine.stores.db.write(() => engine.stores.db.run(sql));
  const listed = async (kind: 'event' | 'case' | 'delivery') => queueStore(engine.stores.db).list({ kind }, 10, engine.now);

  it('does not keep the service from starting: it is set aside with its reason, and the others are told', async () => {
    await restoredAfterApproval();
    await engine.bring(Buffer.from(orderMessage(other!, 'new', 'M2', new Date(engine.now))));
    await engine.settle();
    await damaged("UPDATE data_keys SET wrapped = x'00' WHERE scope = (SELECT 'case:' || case_id FROM outbox WHERE state = 'held')");
    await damaged("UPDATE outbox SET effect = x'00' WHERE state = 'held'");
    await told();
    expect(await listed('case')).toMatchObject([{ state: 'parked', reason: expect.stringMatching(/set aside by radloop: .*can't be read/u) }]);
    expect(await listed('delivery')).toMatchObject([{ state: 'held', what: 'sendHl7' }]);
    await engine.settle();
    const saying = engine.left.filter((one) => one.to === 'channel' && one.card.includes('restored from a backup'));
    expect(saying).toHaveLength(1);
    expect((await engine.stores.audit.verify()).ok).toBe(true);
  });

  it('or whose change alone can not be read is set aside, and told nothing that may not be so', async () => {
    await restoredAfterApproval();
    await damaged("UPDATE outbox SET effect = x'00' WHERE state = 'held'");
    await told();
    expect(await listed('case')).toMatchObject([
      {
        state: 'parked',
        reason: expect.stringMatching(/set aside by radloop: .*the change that is held with it \(o\d+\) can't be read.*Look in the RIS/u),
      },
    ]);
    // Its case is readable: what waits for it is that the history is missing, and no failure of a change that has no name.
    const waits = engine.stores.db.all<{ event_id: string }>('SELECT event_id FROM events');
    expect(waits).toEqual([{ event_id: 'restored:1' }]);
    const [held] = await listed('delivery');
    expect(await queueStore(engine.stores.db).find(held!.id)).toMatchObject({ failing: null });
  });

  it('whose history is damaged has its event held for a person, and waits alone', async () => {
    await restoredAfterApproval();
    await damaged("UPDATE facts SET fact = x'00' WHERE seq = 1");
    await told();
    const events = await engine.stores.bus.claim(engine.now, 60, 9);
    expect(events.map(({ event }) => event.input)).toMatchObject([{ type: 'effectFailed' }]);
    await expect(runCase(engine.parts, events[0]!.event, events[0])).rejects.toThrow();
    const list = await downtimeList({ ...engine.parts, backlog: backlog(engine.stores.db), site: { name: 'Test', zone: 'UTC' } });
    expect(list.cases).toMatchObject([{ state: expect.stringContaining('can not read this case'), mayDecide: false }]);
  });
});

it('a person who looked and retries it sends it under the control id that it had', async () => {
  const [sent = ''] = await restoredAfterApproval();
  await told();
  const queue = queueStore(engine.stores.db);
  const [held] = await queue.list({ kind: 'delivery', state: 'held' }, 10, engine.now);
  expect(held).toMatchObject({ code: 'cut-after-send', reason: expect.stringContaining('Look at the receiver, then retry or skip') });
  const id = held!.id.slice(1);
  expect(await queue.apply({ change: 'retry-delivery', id, at: engine.now }, null)).toMatchObject({ done: true });
  const audit = {
    caseId: held!.caseId,
    at: engine.now,
    actor: { kind: 'system', part: 'test' },
    action: 'q-retry',
    outcome: 'done',
    detail: {},
  } as const;
  await queue.apply({ change: 'retry-delivery', id, at: engine.now }, audit);
  await engine.settle();
  // The fixture renders the moment of rendering too; what names the message is the same.
  const named = (bytes: string) => bytes.split(', rendered')[0];
  expect(changes().map(named)).toEqual([named(sent)]);
});
