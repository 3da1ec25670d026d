import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { DoorAnswer, DoorRequest } from '#engine/fhir-doors.js';
import { answerOf, requestOf } from './fhir-in.ts';

/** What the engine does with a delivery, and with the question whether one may be sent here. */
export interface GridDoor {
  readonly hear: (request: DoorRequest) => Promise<DoorAnswer>;
  readonly allow: (request: DoorRequest) => DoorAnswer;
}

/** POST /api/events: Azure Event Grid, both schemas; OPTIONS: the validation of CloudEvents. */
export function registerEventGrid(door: GridDoor): void {
  app.http('event-grid', { methods: ['POST', 'OPTIONS'], authLevel: 'anonymous', route: 'events', handler: eventGridHandler(door) });
}

export function eventGridHandler({ hear, allow }: GridDoor): (request: HttpRequest) => Promise<HttpResponseInit> {
  return async (request) => answerOf(request.method === 'OPTIONS' ? allow(requestOf(request)) : await hear(requestOf(request)));
}
