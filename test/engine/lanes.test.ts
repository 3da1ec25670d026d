import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '#engine/engine.js';
import type { Engine } from '#engine/engine.js';
import type { RenderedCard } from '#ports/people.js';
import { wallClock } from '../support/clinic.ts';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';

const orders = plannedOrders(4711, 60);

function bytesOf(n: number, priority: 'S' | 'R', verb: 'new' | 'change' = 'new'): Buffer {
  const indication = verb === 'change' ? 'Headache, worse' : 'Headache for some weeks';
  const exam = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', indication, priority, then: null } as const;
  return Buffer.from(orderMessage({ ...orders[n]!, ...exam }, verb, `L${verb}${n}`, new Date()));
}

interface Post {
  readonly what: 'post' | 'edit';
  readonly number: string;
}

/** The engine with a Teams that takes its time; every card that came there, in its order. */
interface Running {
  readonly fixture: EngineFixture;
  readonly engine: Engine;
}

const posts: Post[] = [];
let running: Running[] = [];
let folder: string;
/** Posts of these never come back. */
const ends: (() => void)[] = [];
let hangs: (number: string) => boolean = () => false;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-lanes-'));
  posts.length = 0;
  running = [];
  hangs = () => false;
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await Promise.all(running.map(({ engine }) => engine.stop()));
  for (const { fixture } of running) await fixture.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

const numberIn = (card: RenderedCard) => /"caseNumber":"([^"]+)"/u.exec(JSON.stringify(card))?.[1] ?? '';

function start(leaseSeconds = 60): EngineFixture {
  const fixture = startEngineFixture('assist', undefined, folder);
  const came = async (what: Post['what'], card: RenderedCard): Promise<void> => {
    posts.push({ what, number: numberIn(card) });
    if (what === 'post' && hangs(numberIn(card))) await new Promise<void>((end) => ends.push(end));
    await sleep(15);
  };
  let engine: Engine | null = null;
  Object.assign(fixture.parts, {
    clock: wallClock,
    wake: () => engine?.wake(),
    people: {
      async post(place: string, card: RenderedCard) {
        await came('post', card);
        return { ok: true, receipt: { place, conversationId: numberIn(card), activityId: numberIn(card) } };
      },
      async edit(posting: object, card: RenderedCard) {
        await came('edit', card);
        return { ok: true, receipt: posting };
      },
      tell: () => Promise.resolve({ ok: true, receipt: { place: 'x', conversationId: 'x', activityId: 'x' } }),
    },
  });
  engine = startEngine(fixture.parts, leaseSeconds);
  running.push({ fixture, engine });
  return fixture;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  for (const begun = Date.now(); !(await isSo()); await sleep(20))
    if (Date.now() - begun > seconds * 1000) throw new Error(`not within ${seconds} s: ${what}`);
}
const posted = () => posts.filter(({ what }) => what === 'post').length;

it('posts a STAT card next, and edits go on, while routine cards wait (invariant 23)', async () => {
  const fixture = start();
  // There before all others: of a card that still waits nothing is edited.
  await fixture.receive(bytesOf(0, 'R'));
  await until('the card that will be changed is posted', () => posted() === 1);
  for (let n = 1; n < 50; n += 1) await fixture.receive(bytesOf(n, 'R'));
  await until('some are posted', () => posted() >= 3);
  await fixture.receive(bytesOf(0, 'R', 'change'));
  await fixture.receive(bytesOf(50, 'S'));
  const asked = async () =>
    (await fixture.stores.views.open('protocoling')).find(({ urgency, revision }) => urgency === 'STAT' && revision > 0)?.caseNumber;
  await until('the STAT case asks for its card', async () => (await asked()) !== undefined);
  const [number, before] = [await asked(), posted()];
  await until('it is posted', () => posts.some((post) => post.number === number));
  const ahead = posts.findIndex((post) => post.number === number) + 1 - before;
  // Of those that were under way when it came, and what was posted while we looked.
  expect(ahead).toBeLessThan(6);
  await until('the card that was changed is edited', () => posts.some(({ what }) => what === 'edit'));
  expect(posted()).toBeLessThan(51);
  await until('all are posted', () => new Set(posts.filter(({ what }) => what === 'post').map((post) => post.number)).size === 51);
  expect(posted()).toBe(51);
});

it('posts each card once when two instances work on one store', async () => {
  const [one] = [start(), start()];
  for (let n = 0; n < 30; n += 1) await one.receive(bytesOf(n, n % 5 === 0 ? 'S' : 'R'));
  for (const { engine } of running) engine.wake();
  await until('all are posted', () => posted() >= 30);
  await sleep(300);
  expect(new Set(posts.filter(({ what }) => what === 'post').map(({ number }) => number)).size).toBe(30);
  expect(posted()).toBe(30);
});

it('posts again, once, what a process was at when it stopped for good (invariant 21)', async () => {
  const stuck: string[] = [];
  hangs = (number) => {
    if (posted() === 4) stuck.push(number);
    return stuck.includes(number) && posts.filter((post) => post.number === number).length === 1;
  };
  const first = start(1.5);
  for (let n = 0; n < 10; n += 1) await first.receive(bytesOf(n, 'R'));
  await until('it hangs at one', () => stuck.length > 0);
  // Nothing comes of the first one any more; the second takes up what its claims were.
  const count = posted();
  start(1.5);
  await until('the second has posted the rest', () => new Set(posts.map(({ number }) => number)).size === 10, 40);
  await until('the one that hung is there again', () => posts.filter(({ what, number }) => what === 'post' && number === stuck[0]).length === 2, 40);
  await sleep(300);
  expect(count).toBeGreaterThanOrEqual(4);
  expect(posted()).toBe(11);
}, 60_000);
