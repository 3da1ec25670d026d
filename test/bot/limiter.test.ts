import { createLimiter, perApp, perConversation } from '#bot/outbound/limiter.js';

/** Sends given places by the limiter; the clock stands at `at`. */
function burst(count: number, conversation: (index: number) => string): { readonly at: number; readonly conversation: string }[] {
  const limiter = createLimiter(() => 0);
  return Array.from({ length: count }, (_unused, index) => {
    const to = conversation(index);
    return { at: limiter.reserve(to, Number.POSITIVE_INFINITY).waitMs, conversation: to };
  });
}
const most = (times: readonly number[], perMs: number) =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));

it('keeps all four windows of one conversation, whatever the burst', () => {
  const times = burst(2000, () => 'one').map((sent) => sent.at);
  for (const window of perConversation) expect(most(times, window.perMs)).toBeLessThanOrEqual(window.most);
  expect(times.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
  // The last place stays open to others; and a little later than Teams would take it, for on their way sends come closer together.
  expect(times[6]).toBeGreaterThan(1000);
  expect(times[6]).toBeLessThanOrEqual(1200);
});

it('keeps the app’s window over many conversations', () => {
  const times = burst(200, (index) => `thread ${index}`).map((sent) => sent.at);
  expect(most(times, perApp.perMs)).toBeLessThanOrEqual(perApp.most);
  expect(Math.max(...times)).toBeLessThan(9000);
});

it('lets another conversation go first while one waits for its place', () => {
  const limiter = createLimiter(() => 0);
  for (let index = 0; index < 200; index += 1) limiter.reserve('busy', 10_000);
  expect(limiter.reserve('other', 10_000)).toEqual({ ok: true, waitMs: 0 });
});

it('takes no place that is further away than may be waited', () => {
  const limiter = createLimiter(() => 0);
  for (let index = 0; index < 60; index += 1) limiter.reserve('busy', Number.POSITIVE_INFINITY);
  const first = limiter.reserve('busy', 10_000);
  expect(first.ok).toBe(false);
  expect(limiter.reserve('busy', 10_000)).toEqual(first);
});

it('gives places at once again when the clock has gone on', () => {
  let now = 0;
  const limiter = createLimiter(() => now);
  for (let index = 0; index < 7; index += 1) limiter.reserve('one', 0);
  expect(limiter.reserve('one', 0).ok).toBe(false);
  now = 2_000;
  expect(limiter.reserve('one', 0)).toEqual({ ok: true, waitMs: 0 });
});
