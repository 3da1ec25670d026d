import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Clock } from '#ports/clock.js';
import type { Log } from '#ports/log.js';

/** Jobs that fall due, as one of the stores has them. */
export interface Work<Job> {
  readonly name: string;
  /** How many are under way at once, at most. */
  readonly atOnce: number;
  take(now: Instant, most: number): Promise<readonly Job[]>;
  /** Never rejects for what a job may expect; a rejection is a fault, logged, and the job comes again when its lease is over. */
  do(job: Job): Promise<void>;
  nextDue(): Promise<Instant | null>;
}

export interface Worker {
  /** Something new may be due. */
  wake(): void;
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** Milliseconds after which a worker looks again, even when nobody wakes it: a lost wake costs a second, not an order. */
const LOOK_AGAIN_MS = 1000;

/** Takes due jobs and does them, many at once; supervises itself: an error of the store is logged and tried again, for ever. */
export function startWorker<Job>(work: Work<Job>, clock: Clock, log: Log): Worker {
  let running = true;
  let underWay = 0;
  let woken = false;
  let rouse: (() => void) | null = null;

  const wake = (): void => {
    woken = true;
    rouse?.();
  };
  const sleep = async (milliseconds: number): Promise<void> => {
    if (woken || !running) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    rouse = null;
  };
  const start = (job: Job): void => {
    underWay += 1;
    void work
      .do(job)
      .catch((error: unknown) => {
        log.error('worker.job-failed', { worker: work.name, fault: error });
      })
      .finally(() => {
        underWay -= 1;
        wake();
      });
  };
  const loop = async (): Promise<void> => {
    while (running) {
      woken = false;
      try {
        const free = work.atOnce - underWay;
        const jobs = free > 0 ? await work.take(clock.now(), free) : [];
        jobs.forEach(start);
        if (jobs.length === 0) await sleep(await pause(work, clock));
      } catch (error) {
        log.error('worker.failed', { worker: work.name, fault: error });
        await sleep(LOOK_AGAIN_MS);
      }
    }
    while (underWay > 0) {
      woken = false;
      await new Promise<void>((resolve) => {
        rouse = resolve;
      });
    }
  };
  const ended = loop();
  return {
    wake,
    async stop() {
      running = false;
      wake();
      await ended;
    },
  };
}

async function pause<Job>(work: Work<Job>, clock: Clock): Promise<number> {
  const due = await work.nextDue();
  if (due === null) return LOOK_AGAIN_MS;
  return Math.min(LOOK_AGAIN_MS, Math.max(5, epochOf(due) - epochOf(clock.now())));
}
