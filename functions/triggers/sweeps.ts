import { app } from '@azure/functions';

/** Every ten seconds: what the bus lost is found by a look over the store, and what it put aside is taken over. */
export function registerSweeps(sweep: () => Promise<void>): void {
  app.timer('sweeps', { schedule: '*/10 * * * * *', handler: sweep });
}
