import { app } from '@azure/functions';

/** Every minute: the audit chain is sealed, and whoever sleeps is woken. */
export function registerTick(tick: () => Promise<void>): void {
  app.timer('tick', { schedule: '0 * * * * *', handler: tick });
}
