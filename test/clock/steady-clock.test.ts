import fc from 'fast-check';
import { steadyClock } from '#adapters/embedded/steady-clock.js';
import type { ClockMark, ClockStep, MachineClocks } from '#adapters/embedded/steady-clock.js';
import { epochOf } from '#core/time.js';

const t0 = Date.UTC(2026, 10, 25, 10);
const HOUR = 3_600_000;

/** A machine whose time of day somebody sets. */
function machine(boot: string | null = 'boot-1') {
  let [wall, steady, uptime] = [t0, 0, 1000];
  const clocks: MachineClocks = { wall: () => wall, steady: () => steady, uptime: () => uptime, boot };
  return {
    clocks,
    pass: (milliseconds: number): void => {
      wall += milliseconds;
      steady += milliseconds;
      uptime += milliseconds / 1000;
    },
    /** The machine stands still and its time of day is put right afterwards. */
    pause: (milliseconds: number): void => {
      wall += milliseconds;
      uptime += milliseconds / 1000;
    },
    set: (milliseconds: number): void => {
      wall += milliseconds;
    },
  };
}

function start(clocks: MachineClocks, mark: ClockMark | null = null) {
  const steps: ClockStep[] = [];
  const clock = steadyClock(clocks, mark, (step) => steps.push(step));
  return { clock, steps, hour: () => (epochOf(clock.now()) - t0) / HOUR };
}

describe('the clock that timers are measured by', () => {
  it.each([24, -24, 1, -1])('is not moved by a time of day that is set by %i h while Radloop runs, and says that it was (invariant 22)', (hours) => {
    const { clocks, pass, set } = machine();
    const { hour, steps } = start(clocks);
    pass(HOUR);
    set(hours * HOUR);
    expect(hour()).toBe(1);
    pass(HOUR);
    expect(hour()).toBe(2);
    expect(steps).toEqual([{ seconds: hours * 3600, followed: false, whileDown: false }]);
    set(-hours * HOUR);
    expect(hour()).toBe(2);
    expect(steps).toHaveLength(2);
  });

  it('goes on with the time of day after a pause of the machine, for the time has really gone', () => {
    const { clocks, pass, pause } = machine();
    const { hour, steps } = start(clocks);
    pass(HOUR);
    pause(HOUR / 6);
    expect(hour()).toBeCloseTo(1 + 1 / 6, 6);
    expect(steps).toEqual([{ seconds: 600, followed: true, whileDown: false }]);
  });

  it('goes on with the time of day after the machine slept, however long, for its uptime says so (invariant 22)', () => {
    const { clocks, pass, pause } = machine();
    const { hour, steps } = start(clocks);
    pass(HOUR);
    pause(9 * HOUR);
    expect(hour()).toBe(10);
    expect(steps).toEqual([{ seconds: 9 * 3600, followed: true, whileDown: false }]);
  });

  it.each([2, 600])('does not get further ahead each time that the time of day is set forward and back by %i s (invariant 22)', (seconds) => {
    const { clocks, pass, set } = machine();
    const { hour } = start(clocks);
    pass(HOUR);
    for (let n = 0; n < 6; n += 1) {
      set(seconds * 1000);
      expect(hour()).toBeCloseTo(1 + seconds / 3600, 6);
      set(-seconds * 1000);
      expect(hour()).toBeCloseTo(1 + seconds / 3600, 6);
    }
  });

  it('follows a slow drift without a word', () => {
    const { clocks, pass, set } = machine();
    const { clock, steps, hour } = start(clocks);
    for (let n = 0; n < 36; n += 1) {
      pass(100_000);
      set(n % 2 === 0 ? 50 : -20);
      clock.now();
    }
    expect(hour()).toBeCloseTo(1 + (18 * 30) / HOUR, 9);
    expect(steps).toEqual([]);
  });

  it('takes the time of day at a start after an ordinary stop', () => {
    const { clocks, pass } = machine();
    const before = start(clocks);
    const mark = before.clock.mark();
    pass(5 * HOUR);
    const { hour, steps } = start(clocks, mark);
    expect([hour(), steps]).toEqual([5, []]);
  });

  it('is early, and says so, when the time of day was set forward while Radloop was down', () => {
    const { clocks, pass, set } = machine();
    const mark = start(clocks).clock.mark();
    pass(HOUR);
    set(24 * HOUR);
    const { hour, steps } = start(clocks, mark);
    expect([hour(), steps]).toEqual([25, [{ seconds: 86_400, followed: true, whileDown: true }]]);
  });

  it('is not late when it was set back while Radloop was down: it goes on from where it stood, by the time that the machine has run', () => {
    const { clocks, pass, set } = machine();
    const mark = start(clocks).clock.mark();
    pass(HOUR);
    set(-24 * HOUR);
    const { hour, steps } = start(clocks, mark);
    expect([hour(), steps]).toEqual([1, [{ seconds: -86_400, followed: false, whileDown: true }]]);
  });

  it('takes the time of day after the machine was started anew, and says so when that is before the mark', () => {
    const mark = start(machine('boot-1').clocks).clock.mark();
    const other = machine('boot-2');
    other.set(-2 * HOUR);
    const { hour, steps } = start(other.clocks, mark);
    expect([hour(), steps]).toEqual([-2, [{ seconds: -7200, followed: true, whileDown: true }]]);
  });

  it('is put right at a start after the time of day was set wrong, followed, and set right again', () => {
    const { clocks, pass, set } = machine();
    const first = start(clocks).clock.mark();
    pass(HOUR);
    set(24 * HOUR);
    const wrong = start(clocks, first);
    expect(wrong.hour()).toBe(25);
    pass(HOUR);
    set(-24 * HOUR);
    const mark = wrong.clock.mark();
    pass(HOUR);
    const { hour, steps } = start(clocks, mark);
    expect([hour(), steps]).toEqual([3, [{ seconds: -86_400, followed: true, whileDown: true }]]);
  });

  it.each([24, -24])('is that of the process that runs already, for one that starts beside it after the time of day was set by %i h', (hours) => {
    const { clocks, pass, set } = machine();
    const running = start(clocks);
    pass(HOUR);
    set(hours * HOUR);
    const mark = running.clock.mark();
    pass(10_000);
    const beside = start(clocks, mark);
    expect(beside.hour()).toBe(running.hour());
  });

  it('never goes back, whatever is done to the time of day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('pass' as const, 'set' as const, 'pause' as const), fc.integer({ min: -2e8, max: 2e8 }))),
        (acts) => {
          const here = machine();
          const { clock } = start(here.clocks);
          let last = clock.now();
          for (const [act, by] of acts) {
            here[act](act === 'set' ? by : Math.abs(by));
            const now = clock.now();
            if (now < last) return false;
            last = now;
          }
          return true;
        },
      ),
    );
  });
});
