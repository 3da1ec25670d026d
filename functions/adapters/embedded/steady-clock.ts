import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { toInstant } from '#core/time.js';
import type { Clock } from '#ports/clock.js';

/** The machine's clocks. */
export interface MachineClocks {
  /** Time of day, in epoch milliseconds; somebody may set it. */
  wall(): number;
  /** Milliseconds since the process began; nobody sets it. */
  steady(): number;
  /** Seconds since the machine was started, its sleep counted. */
  uptime(): number;
  /** Another one after each start of the machine; null: it does not say. */
  readonly boot: string | null;
}

/** Where the clock stood when it was last written down. */
export interface ClockMark {
  readonly now: number;
  readonly uptime: number;
  readonly boot: string | null;
  /** Milliseconds by which it has followed somebody who set the time of day, on this run of the machine. */
  readonly followed: number;
}

/** The time of day jumped by so many seconds. `followed`: Radloop's time jumped with it. */
export interface ClockStep {
  readonly seconds: number;
  readonly followed: boolean;
  readonly whileDown: boolean;
}

export interface SteadyClock extends Clock {
  mark(): ClockMark;
}

/** A jump of less is drift, or the scheduler. */
const DRIFT_MS = 1000;
/** A jump forward of up to so much is taken for a machine that was stopped from outside (INVARIANTS F4: a pause of up to 10 minutes): the time has really gone. */
const PAUSE_MS = 11 * 60_000;
/** The machine says its uptime in whole seconds. */
const SLEEP_MS = 3000;
/** A younger mark is that of a process that still runs, or that ran a moment ago: all of one store go by one clock. */
const FRESH_MS = 30_000;
/** So close to what was followed before, a jump back is somebody who puts right what was set wrong. */
const PUT_RIGHT_MS = 60_000;

/**
 * A clock that timers can trust (invariant 22): it never goes back, and somebody who sets the time of day while Radloop runs moves no timer. It follows the time of day
 * as that drifts, and after a pause or a sleep of the machine; any other jump is told and not followed until the next start. At a start it takes the time of day, unless that has
 * been set back since the mark on the same run of the machine: then it goes on from the mark, so that no timer is late. Where the mark is that of another process
 * that runs, it goes on from the mark in any case.
 */
export function steadyClock(clocks: MachineClocks, mark: ClockMark | null, onStep: (step: ClockStep) => void): SteadyClock {
  let wall = clocks.wall();
  let steady = clocks.steady();
  /** How far the time of day is ahead of ours. */
  let offset = 0;
  const passed = mark === null || mark.boot === null || mark.boot !== clocks.boot ? null : (clocks.uptime() - mark.uptime) * 1000;
  const expected = mark === null ? null : mark.now + (passed ?? 0);
  let followed = passed === null ? 0 : (mark?.followed ?? 0);
  if (expected !== null) {
    const jump = wall - expected;
    if (jump < -DRIFT_MS || (passed !== null && jump > DRIFT_MS)) {
      const isPutRight = jump < 0 && followed > 0 && Math.abs(jump + followed) <= PUT_RIGHT_MS;
      const stays = passed !== null && (passed < FRESH_MS || (jump < 0 && !isPutRight));
      if (stays) offset = jump;
      else if (passed !== null) followed += jump;
      onStep({ seconds: Math.round(jump / 1000), followed: !stays, whileDown: true });
    }
  }
  let last = wall - offset;
  /** Milliseconds that the machine has slept, and the clock of the process with it; counted from whatever it was. */
  const asleep = (): number => clocks.uptime() * 1000 - clocks.steady();
  let slept = asleep();
  const isTrue = (jump: number): boolean => {
    const before = slept;
    slept = asleep();
    if (slept - before > SLEEP_MS && Math.abs(jump - (slept - before)) <= SLEEP_MS) return true;
    // Forward again by what it was set back: that only brings it where ours is.
    return jump <= PAUSE_MS && Math.abs(offset + jump) > DRIFT_MS;
  };
  const now = (): number => {
    const [wallNow, steadyNow] = [clocks.wall(), clocks.steady()];
    const jump = wallNow - wall - (steadyNow - steady);
    wall = wallNow;
    steady = steadyNow;
    if (Math.abs(jump) > DRIFT_MS) {
      const isFollowed = jump > 0 && isTrue(jump);
      if (!isFollowed) offset += jump;
      onStep({ seconds: Math.round(jump / 1000), followed: isFollowed, whileDown: false });
    }
    last = Math.max(last, wall - offset);
    return last;
  };
  return {
    now: () => toInstant(now()),
    mark: () => ({ now: now(), uptime: clocks.uptime(), boot: clocks.boot, followed }),
  };
}

export function machineClocks(): MachineClocks {
  return { wall: () => Date.now(), steady: () => performance.now(), uptime, boot: bootId() };
}

/** Linux says which of its starts this is; elsewhere the time of day is taken at each start as it is. */
function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
