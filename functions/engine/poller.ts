import type { Log } from '#ports/log.js';
import type { Worker } from './worker.ts';

/** Something outside that is asked again and again. */
export interface Poll {
  readonly name: string;
  readonly everySeconds: number;
  /** Asks once. `more`: again at once. `failed`: later, the longer it lasts; it has said why. A rejection is a fault, logged, and counts as failed. */
  readonly ask: () => Promise<'more' | 'done' | 'failed'>;
}

const LONGEST_WAIT_SECONDS = 60;

/** Asks for ever: nothing that happens outside, and no error of the store, ends it. */
export function startPoller({ name, everySeconds, ask }: Poll, log: Log): Worker {
  let running = true;
  let woken = false;
  let rouse: (() => void) | null = null;
  let failures = 0;

  const wake = (): void => {
    woken = true;
    rouse?.();
  };
  const sleep = async (seconds: number): Promise<void> => {
    if (woken || !running) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    rouse = null;
  };
  const once = async (): ReturnType<Poll['ask']> => {
    try {
      return await ask();
    } catch (error) {
      log.error('poll.failed', { poll: name, fault: error });
      return 'failed';
    }
  };
  const loop = async (): Promise<void> => {
    while (running) {
      woken = false;
      const outcome = await once();
      failures = outcome === 'failed' ? failures + 1 : 0;
      if (outcome === 'more') continue;
      await sleep(Math.min(everySeconds * 2 ** Math.min(failures, 10), Math.max(LONGEST_WAIT_SECONDS, everySeconds)));
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
