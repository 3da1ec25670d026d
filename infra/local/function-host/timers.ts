import { traceOf } from './invoke.ts';
import type { TimerSchedule } from './timer-schedule.ts';
import { nextRun, timerSchedule } from './timer-schedule.ts';
import type { HostLog, RegisteredFunction } from './worker.ts';

export interface TimerFunction {
  readonly target: RegisteredFunction;
  readonly schedule: TimerSchedule;
  readonly runOnStartup: boolean;
}

/** Null when the function has no timer trigger. @throws FunctionHostError when its schedule is none */
export function timerFunction(target: RegisteredFunction): TimerFunction | null {
  const binding = Object.values(target.bindings).find((one) => one.type === 'timerTrigger');
  if (binding === undefined) return null;
  const schedule = timerSchedule(typeof binding['schedule'] === 'string' ? binding['schedule'] : '');
  return { target, schedule, runOnStartup: binding['runOnStartup'] === true };
}

// setTimeout counts in 32 bits; a wait is taken in steps of at most a day.
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Runs one timer function on its schedule (UTC), never two runs at once: the next moment is reckoned when a run has ended, as on Azure.
 * A run that fails is logged and the schedule goes on.
 * @returns stop(): no further run; resolves when the one under way has ended
 */
export function startTimer(
  { target, schedule, runOnStartup }: TimerFunction,
  call: (target: RegisteredFunction, data: Readonly<Record<string, unknown>>) => Promise<unknown>,
  log: HostLog,
): { stop(): Promise<void> } {
  let stopped = false;
  let waiting: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let last = new Date(0);

  const run = async (): Promise<void> => {
    const started = new Date();
    const status = { Last: last.toISOString(), Next: nextRun(schedule, started)?.toISOString() ?? '', LastUpdated: last.toISOString() };
    try {
      await call(target, { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: false }) });
    } catch (error) {
      log('error', 'system', `${target.name}: the timer's run failed. ${traceOf(error)}`);
    }
    last = started;
  };
  const wait = (due: Date | null): void => {
    if (stopped || due === null) return;
    const left = due.getTime() - Date.now();
    waiting = setTimeout(
      () => {
        if (left > LONGEST_WAIT_MS) wait(due);
        else begin(due);
      },
      Math.max(0, Math.min(left, LONGEST_WAIT_MS)),
    );
  };
  const begin = (due: Date): void => {
    running = run().then(() => {
      // setTimeout may fire a moment early: reckoned on from then, the same second would come twice.
      wait(nextRun(schedule, new Date(Math.max(due.getTime(), Date.now()))));
    });
  };

  if (runOnStartup) begin(new Date());
  else wait(nextRun(schedule, new Date()));
  return {
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(waiting);
      await running;
    },
  };
}
