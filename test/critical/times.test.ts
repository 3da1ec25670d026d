import { personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import { evolve } from '#workflows/critical-results/evolve.js';
import { examples } from '#workflows/critical-results/examples.js';
import type { Fact } from '#workflows/critical-results/events.js';
import type { State } from '#workflows/critical-results/state.js';
import { timesWith } from '#workflows/critical-results/times.js';

const none: State = { status: 'none' };
const stateOf = (name: string): State => (examples.find((one) => one.name === name)?.given ?? []).reduce<State>(evolve, none);
const sent = stateOf('at the attending’s level whoever attends the patient is called, not whoever ordered the exam');
const common = { at: instant.parse('2026-11-02T10:05:20.000Z'), v: 1, because: 'time', until: instant.parse('2026-11-02T10:10:20.000Z') } as const;
const skipped = (level: number) => [{ level, as: 'attending', why: 'nobody' }] as const;
const step = (level: number): Fact => ({
  ...{ type: 'stepTaken', ...common, level: 2, reached: [{ person: personId.parse('dr-brandt'), as: 'on-call-2', service: null }] },
  ...{ skipped: [...skipped(level)], placeUnsure: false },
});

describe('why a critical result was missed', () => {
  it.each<[string, Fact, boolean]>([
    ['one of a level has nobody, another was called', step(2), false],
    ['a level has nobody and the next one was called', step(1), true],
    ['the last levels have nobody', { type: 'failsafeReached', ...common, skipped: [...skipped(3)] }, true],
    ['the last level was called and did not answer', { type: 'failsafeReached', ...common, skipped: [] }, false],
  ])('"nobody on call at a level": %s', (_what, fact, is) => {
    expect(sent.status).not.toBe('none');
    expect(timesWith(undefined, fact, evolve(sent, fact))?.troubles.includes('nobody-on-call')).toBe(is);
  });
});
