import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseEvent } from '#core/event.js';
import { eventId } from '#core/ids.js';
import type { CaseState, Runnable } from '#core/workflow.js';
import { CaseTooBusy, runCase } from '#engine/run-case.js';
import { silentLog } from '../support/clinic.ts';
import { caseNo, embeddedStores, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

/** Writes one fact for each event, numbered by what it read. */
const counting: Runnable = {
  name: 'counting',
  fold: (before, facts) => ((before as unknown as number) + facts.length) as unknown as CaseState,
  step: (state) => ({
    ...{
      facts: [{ type: 'counted', fact: { type: 'counted', n: state as unknown as number } }],
      effects: [],
      answer: undefined,
      row: null,
      keys: [],
      modality: null,
    },
  }),
  see: () => {
    throw new Error('nothing is shown of it');
  },
};

let folder: string;
let instances: EmbeddedStores[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radloop-hot-'));
  instances = [embeddedStores(folder), embeddedStores(folder)];
});
afterEach(async () => {
  for (const { db } of instances) await db.close();
  rmSync(folder, { recursive: true });
});

const writer = ({ cases }: Pick<EmbeddedStores, 'cases'>) => {
  const parts = { cases, clock: { now: () => t0 }, log: silentLog(), workflows: [counting], modeOf: () => 'assist' as const, wake: () => undefined };
  return (n: number, of = 1) => {
    const event: CaseEvent = {
      ...{ id: eventId.parse(`e${n}`), workflow: 'counting', caseId: caseNo(of), occurredAt: t0 },
      ...{ actor: { kind: 'system', part: 'test' }, input: { type: 'told' } },
    };
    return runCase(parts, event);
  };
};
const numbers = async ({ cases }: EmbeddedStores) => (await cases.read('counting', caseNo(1))).facts.map(({ fact }) => (fact as { n: number }).n);

it('three hundred writers of one case at once all get in, one after the other, each having read what the one before wrote (invariant 11)', async () => {
  const [one] = instances;
  const write = writer(one!);
  await Promise.all(Array.from({ length: 300 }, (_, n) => write(n)));
  expect(await numbers(one!)).toEqual(Array.from({ length: 300 }, (_, n) => n));
});

it('so do those of two instances, and neither keeps the other out', async () => {
  const writers = instances.map(writer);
  await Promise.all(Array.from({ length: 200 }, (_, n) => writers[n % 2]!(n)));
  expect(await numbers(instances[0]!)).toEqual(Array.from({ length: 200 }, (_, n) => n));
}, 30_000);

it('a hot case keeps no other waiting', async () => {
  const write = writer(instances[0]!);
  let hotIsDone = false;
  const hot = Promise.all(Array.from({ length: 300 }, (_, n) => write(n))).then(() => {
    hotIsDone = true;
  });
  await write(999, 2);
  expect(hotIsDone).toBe(false);
  await hot;
});

it('one that is in conflict for ever gives up, and those behind it have their turn', async () => {
  const { cases } = instances[0]!;
  let conflicts = 0;
  const stubborn: typeof cases = {
    ...cases,
    append: (change) => {
      if (change.event.id !== eventId.parse('e1')) return cases.append(change);
      conflicts += 1;
      return Promise.resolve({ ok: false, code: 'conflict' });
    },
  };
  const write = writer({ cases: stubborn });
  const [first, second] = await Promise.allSettled([write(1), write(2)]);
  expect(first).toMatchObject({ status: 'rejected', reason: expect.any(CaseTooBusy) });
  expect(second.status).toBe('fulfilled');
  expect(conflicts).toBe(50);
}, 30_000);
