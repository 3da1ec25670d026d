import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { FhirTold } from '#ports/fhir-door.js';
import type { DoorAnswer, DoorRequest } from '#engine/fhir-doors.js';

export type HearSubscription = (name: string, path: FhirTold['path'], request: DoorRequest) => Promise<DoorAnswer>;

/** POST and PUT /api/fhir/NAME and /api/fhir/NAME/TYPE/ID: the notifications of FHIR subscriptions, each with its own secret in a header. */
export function registerFhirIn(hear: HearSubscription): void {
  const handler = fhirInHandler(hear);
  app.http('fhir-in', { methods: ['POST', 'PUT'], authLevel: 'anonymous', route: 'fhir/{name}', handler });
  app.http('fhir-in-resource', { methods: ['POST', 'PUT'], authLevel: 'anonymous', route: 'fhir/{name}/{type}/{id}', handler });
}

export function fhirInHandler(hear: HearSubscription): (request: HttpRequest) => Promise<HttpResponseInit> {
  return async (request) => {
    const { name = '', type, id } = request.params;
    return answerOf(await hear(name, type === undefined || id === undefined ? null : { type, id }, requestOf(request)));
  };
}

export function requestOf(request: HttpRequest): DoorRequest {
  return {
    header: (name) => request.headers.get(name),
    async body(most) {
      if (Number(request.headers.get('content-length') ?? 0) > most) return null;
      const bytes = Buffer.from(await request.arrayBuffer());
      return bytes.length > most ? null : bytes;
    },
  };
}

export function answerOf({ status, headers = {}, json, text }: DoorAnswer): HttpResponseInit {
  return { status, headers: { ...headers }, ...(json === undefined ? {} : { jsonBody: json }), ...(text === undefined ? {} : { body: text }) };
}
