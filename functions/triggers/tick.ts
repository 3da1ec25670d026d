import { app } from '@azure/functions';

/** Every minute whoever sleeps is woken. */
export function registerTick(tick: () => Promise<void>): void {
  app.timer('tick', { schedule: '0 * * * * *', handler: tick });
}
