import fc from 'fast-check';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { pagesBy } from '#core/effect.js';
import type { Effect, PagingChannel, Precedence } from '#core/effect.js';
import { effectKey } from '#core/ids.js';
import type { OutboxShare } from '#ports/outbox-store.js';
import { caseNo, effects, embeddedStores, later, queue, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

let stores: EmbeddedStores;
beforeEach(() => {
  stores = embeddedStores();
});
afterEach(() => stores.close());

/** What can be claimed, worked out from the deliveries themselves. */
const FREE = `SELECT o.id FROM outbox AS o WHERE o.state IN ('waiting', 'leased')
  AND (o.lane IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.case_id = o.case_id AND earlier.lane = o.lane AND earlier.id < o.id
    AND earlier.state IN ('waiting', 'leased', 'held') AND (earlier.weight = 'commit' OR (earlier.state <> 'held' AND earlier.awaits IS NULL))))
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = o.case_id) ORDER BY o.id`;

const precedences = ['critical', 'stat', 'new', 'edit'] as const satisfies readonly Precedence[];

it('what stands ready is what is free, whatever is done to deliveries, by whoever', async () => {
  const act = fc.record({ what: fc.nat({ max: 9 }), which: fc.nat({ max: 5 }), of: fc.constantFrom(...precedences) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (acts) => {
      let now = 1;
      for (const { what, which, of } of acts) {
        const id = caseNo(which + 1);
        now += 1;
        const [item] = what < 4 ? [] : await stores.outbox.claim(later(now), 30, 1);
        if (what === 0) await queue(stores, id, effects.card(1, of), effects.commit(), effects.advise());
        else if (what === 1) await queue(stores, id, effects.tell('overdue', of), effects.withdraw());
        else if (what === 2)
          await stores.db.write(() => stores.db.run('INSERT OR IGNORE INTO parked (case_id, by, reason, at) VALUES (?, ?, ?, ?)', id, 'x', 'x', t0));
        else if (what === 3) await stores.db.write(() => stores.db.run('DELETE FROM parked WHERE case_id = ?', id));
        else if (item !== undefined && what === 4) await stores.outbox.tryAgain(item, 'throttled', {}, later(now + which));
        else if (item !== undefined && what === 5) await stores.outbox.hold(item, 'refused', 'x', later(now));
        else if (item !== undefined && what === 6) await stores.outbox.awaitAnswer(item, 'M', null, later(now + 3));
        else if (item !== undefined && what === 7) await stores.outbox.delivered(item, null, later(now));
        else if (item !== undefined && what === 8) await stores.db.write(() => stores.db.run('DELETE FROM outbox WHERE id = ?', item.id));
        else now += 40;
        expect(stores.db.all('SELECT id FROM outbox_ready ORDER BY id')).toEqual(stores.db.all(FREE));
      }
      const odd = stores.db.all(
        'SELECT r.id FROM outbox_ready AS r JOIN outbox AS o ON o.id = r.id WHERE r.ready <> coalesce(o.lease_until, o.due) OR r.rank <> o.rank OR r.fresh <> (o.attempt = 0)',
      );
      expect(odd).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

const waiting = Number(process.env['WAITING'] ?? 20_000);

it(`chooses the next by one look, however many wait (field report 23): ${waiting} cards`, async () => {
  await queue(stores, caseNo(1), effects.card());
  const fill = `WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < ?)
    INSERT INTO outbox (case_id, workflow, number, key, lane, kind, destination, weight, effect, rank, state, attempt, failures, crashes, retries, due, written_at)
    SELECT lower(hex(randomblob(16))), workflow, number, key || n, lane, kind, destination, weight, randomblob(300), rank, state, attempt, failures, crashes, retries, due, written_at FROM outbox, n`;
  await stores.db.write(() => stores.db.run(fill, waiting));
  await queue(stores, caseNo(2), effects.card(1, 'stat'));
  const stat: OutboxShare = { kinds: ['showCard', 'tellPerson'], precedence: ['stat'] };
  const fresh: OutboxShare = { kinds: ['showCard'], precedence: ['new'] };
  const rest: OutboxShare = { notDestinations: ['ris'], notKinds: ['showCard', 'tellPerson'] };
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const times = [
    await took(() => stores.outbox.nextDue(fresh)),
    await took(() => stores.outbox.nextDue(rest)),
    await took(() => stores.outbox.nextDue({ kinds: ['tellPerson'] })),
    await took(() => stores.outbox.nextDue()),
  ];
  const claimed = await stores.outbox.claim(later(1), 60, 4, stat);
  expect(claimed.map(({ caseId }) => caseId)).toEqual([caseNo(2)]);
  expect(Math.max(...times)).toBeLessThan(20);
  // A claim writes, and waits for the disk.
  expect(await took(() => stores.outbox.claim(later(1), 60, 4, { kinds: ['tellPerson'] }))).toBeLessThan(100);
  expect(await stores.outbox.waiting(1e6, fresh)).toBe(waiting + 1);
});

describe('pages that wait in a store of version 6', () => {
  const keyed = (channel: PagingChannel, what: string): Effect => ({
    ...effects.page(channel),
    key: effectKey.parse(`${caseNo(1)}/deadline:window:3/${what}`),
  });
  const take = async (share: OutboxShare) =>
    (await stores.outbox.claim(later(9), 60, 9, share)).map(({ effect }) => (effect.kind === 'page' ? effect.channel : effect.kind));
  const takeBy = (channel: PagingChannel) => take({ destination: pagesBy(channel) });
  const triggers = () => stores.db.all<{ name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name");

  /** Pages of no channel, all in one queue, and what placed them there. */
  async function asVersion6(): Promise<void> {
    const made = triggers();
    await stores.db.close();
    const old = new DatabaseSync(join(stores.folder, 'radloop.sqlite'));
    const byChannel = " WHEN 'page' THEN coalesce(o.destination, o.kind)";
    for (const { name, sql } of made) old.exec(`DROP TRIGGER ${name}; ${sql.replaceAll(byChannel, '')}`);
    old.exec("UPDATE outbox SET destination = NULL WHERE kind = 'page'; UPDATE outbox_ready SET queue = 'page' WHERE queue GLOB 'page:*'");
    old.exec('PRAGMA user_version = 6');
    old.close();
    stores = embeddedStores(stores.folder);
    expect(made.filter(({ sql }) => sql.includes(byChannel)).length).toBeGreaterThan(3);
    expect(triggers()).toEqual(made);
  }

  it('wait by their channel once it was opened, also one that a person sets going again', async () => {
    const wanted = [keyed('email', 'alert-email-dr-okafor'), keyed('pager', 'was-read-back-pager-dr-okafor'), keyed('print', 'failsafe-print')];
    await queue(stores, caseNo(1), ...wanted, effects.card());
    const [mail] = await stores.outbox.claim(later(1), 60, 1, { kinds: ['page'] });
    await stores.outbox.hold(mail!, 'refused', 'x', later(2));
    await asVersion6();
    expect([await takeBy('pager'), await takeBy('print'), await takeBy('email')]).toEqual([['pager'], ['print'], []]);
    await stores.db.write(() => stores.db.run("UPDATE outbox SET state = 'waiting' WHERE state = 'held'"));
    expect(await takeBy('email')).toEqual(['email']);
    await queue(stores, caseNo(2), effects.page('sms'));
    expect(await takeBy('sms')).toEqual(['sms']);
    expect(await take({ kinds: ['showCard'] })).toEqual(['showCard']);
  });

  it('and do not name their channel in their key, being too long, go with the rest', async () => {
    await queue(stores, caseNo(1), keyed('sms', `alert-sm~${'0'.repeat(16)}`));
    await asVersion6();
    expect(await takeBy('sms')).toEqual([]);
    expect(await take({ notDestinations: [pagesBy('sms')], notKinds: ['showCard'] })).toEqual(['sms']);
  });
});
