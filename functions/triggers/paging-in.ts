import { app } from '@azure/functions';
import { eventGridHandler } from './event-grid.ts';
import type { GridDoor } from './event-grid.ts';

/** POST /api/paging: what comes back from the SMS and voice gateway; OPTIONS: the validation of CloudEvents. */
export function registerPagingIn(door: GridDoor): void {
  app.http('paging-in', { methods: ['POST', 'OPTIONS'], authLevel: 'anonymous', route: 'paging', handler: eventGridHandler(door) });
}
