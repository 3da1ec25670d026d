import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Reading } from '#ports/telemetry.js';

/** What the runtime says of itself: delays since the last reading, memory now. */
export function runtimeReadings(): () => readonly Reading[] {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    // The histogram counts from its own resolution on.
    const p99 = Math.max(0, delay.percentile(99) / 1e9 - 0.01);
    delay.reset();
    const { heapUsed, rss } = process.memoryUsage();
    return [
      { name: 'nodejs.eventloop.delay.p99', value: Number.isFinite(p99) ? p99 : 0 },
      { name: 'nodejs.eventloop.utilization', value: utilization },
      { name: 'v8js.memory.heap.used', value: heapUsed },
      { name: 'process.memory.usage', value: rss },
    ];
  };
}

export interface Steadiness {
  /** How late the event loop is now, or was within the last ten seconds, in seconds. */
  readonly loopDelay: () => number;
  /** The last step of the wall clock, in seconds, forwards positive; 0: none. */
  readonly clockStep: () => number;
  stop(): void;
}

const EVERY_MS = 500;
const REMEMBERED_MS = 10_000;
/** Less is a clock that is being slewed. */
const STEP_MS = 1000;

/** Watches event loop and wall clock against the steady clock. `stepped` is told of each step. */
export function watchSteadiness(stepped: (milliseconds: number) => void): Steadiness {
  let steady = performance.now();
  let wall = Date.now();
  let step = 0;
  let delays: { readonly at: number; readonly delay: number }[] = [];
  const timer = setInterval(() => {
    const [nowSteady, nowWall] = [performance.now(), Date.now()];
    const passed = nowSteady - steady;
    const difference = nowWall - wall - passed;
    if (Math.abs(difference) > STEP_MS) {
      step = difference;
      stepped(difference);
    }
    delays = [...delays.filter(({ at }) => nowSteady - at < REMEMBERED_MS), { at: nowSteady, delay: Math.max(0, passed - EVERY_MS) }];
    [steady, wall] = [nowSteady, nowWall];
  }, EVERY_MS);
  timer.unref();
  return {
    loopDelay: () => Math.max(performance.now() - steady - EVERY_MS, ...delays.map(({ delay }) => delay), 0) / 1000,
    clockStep: () => step / 1000,
    stop() {
      clearInterval(timer);
    },
  };
}
