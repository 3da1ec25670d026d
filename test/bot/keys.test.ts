import { createChannelKeys } from '#bot/keys.js';
import { toInstant } from '#core/time.js';
import { startTeamsSide } from '../support/teams-provider.ts';
import type { TeamsSide } from '../support/teams-provider.ts';

let side: TeamsSide;
let at: number;
const hour = 3_600_000;
beforeEach(async () => {
  side = await startTeamsSide();
  at = 1_000 * hour;
});
afterEach(() => side.close());
const keys = () => createChannelKeys(`${side.origin}/.well-known/openidconfiguration`, { now: () => toInstant(at) });

it('uses what it knows for 24 hours without the key service, and no longer', async () => {
  const known = keys();
  expect((await known.find('good')).ok).toBe(true);
  side.keyService.down = true;
  at += 23 * hour;
  expect((await known.find('good')).ok).toBe(true);
  at += 2 * hour;
  expect(await known.find('good')).toEqual({ ok: false, code: 'keys-unavailable' });
});

it('finds a key that was published since, at most once a minute', async () => {
  const known = keys();
  await known.find('good');
  side.keyService.published.push('unpublished');
  expect(await known.find('hidden')).toEqual({ ok: false, code: 'unknown-key' });
  at += 61_000;
  expect((await known.find('hidden')).ok).toBe(true);
  expect(side.keyService.fetched).toBe(2);
});

it('drops a key that was taken back, within the hour', async () => {
  const known = keys();
  expect((await known.find('good')).ok).toBe(true);
  side.keyService.published.splice(0, 1);
  at += 61 * 60_000;
  expect((await known.find('good')).ok).toBe(false);
});

it('asks a key service that is down at most every five seconds, and comes back with it', async () => {
  side.keyService.down = true;
  const known = keys();
  for (let again = 0; again < 5; again += 1) expect(await known.find('good')).toEqual({ ok: false, code: 'keys-unavailable' });
  expect(side.keyService.fetched).toBe(1);
  side.keyService.down = false;
  at += 6_000;
  expect((await known.find('good')).ok).toBe(true);
});

it('keeps nobody waiting for a key service that says nothing, as long as it knows keys that may be used (invariant 17)', async () => {
  const known = keys();
  await known.find('good');
  side.keyService.silent = true;
  at += 2 * hour;
  const from = performance.now();
  expect((await known.find('good')).ok).toBe(true);
  expect((await known.find('good')).ok).toBe(true);
  expect(performance.now() - from).toBeLessThan(800);
  expect(side.keyService.fetched).toBe(2);
});
