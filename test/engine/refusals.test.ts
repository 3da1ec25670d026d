import { addSeconds } from '#core/time.js';
import { desk } from '#engine/desk.js';
import { refusals } from '#engine/refusals.js';
import type { Refusal, Refusals } from '#engine/refusals.js';
import { startEngineFixture } from '../support/engine-fixture.ts';
import type { EngineFixture } from '../support/engine-fixture.ts';

let engine: EngineFixture;
let record: Refusals;
beforeEach(() => {
  engine = startEngineFixture('assist');
  record = refusals(engine.parts);
});
afterEach(async () => {
  await record.stop();
  await engine.close();
});

const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  ...{ source: 'public', check: 'token-aud', alone: 3, action: 'refused', detail: { check: 'token-aud', who: 'x' }, shared: { check: 'token-aud' } },
  ...{ actor: { kind: 'system', part: 'guard' } },
  ...more,
});
const rows = () =>
  engine.stores.db
    .all<{ detail: string; at: string }>("SELECT detail, at FROM audit WHERE outcome = 'denied' ORDER BY seq")
    .map(({ detail, at }) => ({ at, ...(JSON.parse(detail) as { check: string; count?: number; since?: string }) }));
const counts = () => rows().map(({ count }) => count ?? 1);

describe('who is turned away again and again', () => {
  it('has a row each time while it is seldom', async () => {
    for (let n = 0; n < 3; n += 1) expect(await record.note(refusal())).toBe('recorded');
    expect(counts()).toEqual([1, 1, 1]);
  });

  it('is counted past that, and the count is one row a minute with when it began', async () => {
    const began = engine.now;
    for (let n = 0; n < 10; n += 1) await record.note(refusal());
    expect(counts()).toEqual([1, 1, 1]);
    engine.now = addSeconds(engine.now, 61);
    for (let n = 0; n < 5; n += 1) expect(await record.note(refusal())).toBe('counted');
    expect(counts()).toEqual([1, 1, 1, 7]);
    expect(rows()[3]).toEqual({ since: began, at: engine.now, check: 'token-aud', count: 7 });
    engine.now = addSeconds(engine.now, 61);
    await record.note(refusal());
    expect(counts()).toEqual([1, 1, 1, 7, 5]);
  });

  it('is counted at once when many come together', async () => {
    const noted = await Promise.all(Array.from({ length: 500 }, () => record.note(refusal({ alone: 12 }))));
    expect(noted.filter((one) => one === 'recorded')).toHaveLength(2);
    await record.stop();
    expect(counts()).toEqual([1, 1, 498]);
  });

  it('is nobody new after a minute of quiet', async () => {
    for (let n = 0; n < 10; n += 1) await record.note(refusal());
    engine.now = addSeconds(engine.now, 61);
    await record.note(refusal());
    engine.now = addSeconds(engine.now, 61);
    await record.note(refusal());
    await record.stop();
    engine.now = addSeconds(engine.now, 61);
    expect(await record.note(refusal())).toBe('recorded');
  });

  it('is told apart by source and by check', async () => {
    for (let n = 0; n < 5; n += 1) await record.note(refusal());
    expect(await record.note(refusal({ source: 'loopback' }))).toBe('recorded');
    expect(await record.note(refusal({ check: 'token-iss' }))).toBe('recorded');
  });

  it('loses no count at the end', async () => {
    for (let n = 0; n < 1000; n += 1) await record.note(refusal());
    await record.stop();
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(1000);
    await record.stop();
    expect(rows()).toHaveLength(4);
  });

  it('loses no count where the audit could not be written for a while', async () => {
    for (let n = 0; n < 10; n += 1) await record.note(refusal());
    const { audit } = engine.parts;
    const works = audit.record.bind(audit);
    audit.record = () => Promise.reject(new Error('the disk is full'));
    engine.now = addSeconds(engine.now, 61);
    expect(await record.note(refusal())).toBe('counted');
    await expect(record.note(refusal({ check: 'token-iss' }))).rejects.toThrow('the disk is full');
    audit.record = works;
    await record.stop();
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(12);
  });

  it('takes no memory without end', async () => {
    for (let n = 0; n < 3000; n += 1) await record.note(refusal({ source: `10.0.${n >> 8}.${n & 255}`, alone: 1 }));
    expect(rows().length).toBeLessThanOrEqual(1001);
    await record.stop();
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(3000);
  });
});

it('the desk counts by what is refused, by check and by where it came from', async () => {
  const asked = desk(engine.parts, [], record);
  const deny = (check: string, from: string) => asked.deny('teams-activity-refused', { check, from, status: 401 });
  for (let n = 0; n < 12; n += 1) expect(await deny('token-aud', 'public')).toBe('recorded');
  expect(await deny('token-aud', 'public')).toBe('counted');
  expect(await deny('token-aud', 'private')).toBe('recorded');
  expect(await deny('token-iss', 'public')).toBe('recorded');
});

it('whom a genuine token names is on record although somebody else is turned away again and again at the same door (invariant 32)', async () => {
  const asked = desk(engine.parts, [], record);
  const deny = (aadObjectId: string) => asked.deny('teams-activity-refused', { check: 'person', from: 'public', status: 403, aadObjectId });
  for (let n = 0; n < 20; n += 1) await deny('ad33233d-5a15-40d8-9bf1-b9da83cb26bf');
  expect(await deny('f3267af5-3040-4fc6-9205-761ce2ab09e7')).toBe('recorded');
  expect(rows().at(-1)).toMatchObject({ aadObjectId: 'f3267af5-3040-4fc6-9205-761ce2ab09e7' });
});
