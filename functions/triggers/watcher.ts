import { app } from '@azure/functions';

interface Watching {
  readonly look: () => Promise<void>;
  readonly prove: () => Promise<void>;
}

/** Looks from one ping to the next. */
const LOOKS = 6;

/**
 * In the auditor's app alone: a look over the store every ten seconds, with each sixth the ping to whoever is outside (engine/watcher.ts). One function, because Azure may run
 * each in a process of its own, and the ping rests on the look.
 */
export function registerWatcher({ look, prove }: Watching): void {
  let looks = 0;
  app.timer('watcher', {
    schedule: '*/10 * * * * *',
    async handler() {
      await look();
      if (looks % LOOKS === 0) await prove();
      looks += 1;
    },
  });
}
