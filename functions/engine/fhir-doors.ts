import { epochOf } from '#core/time.js';
import type { Endpoints } from '#domain/site.js';
import type { FhirTold } from '#ports/fhir-door.js';
import type { Secrets } from '#ports/secrets.js';
import { takeIn } from './take-in.ts';
import type { FhirFeed } from './fhir-feed.ts';
import type { TakeNeeds } from './fhir-take.ts';

/** A request as these doors see it. */
export interface DoorRequest {
  header(name: string): string | null;
  /** Read only when the secret is right; null: longer than `most` bytes. */
  body(most: number): Promise<Buffer | null>;
}

/** `json` or `text` as the body; neither: none. */
export interface DoorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

type Needs = TakeNeeds & { readonly secrets: Secrets };

/** A notification names or holds a handful of resources; more than this is none. */
const MOST_BYTES = 5 * 1024 * 1024;
/** What a validation of Event Grid may have, the one thing that is read without a secret. */
export const MOST_HANDSHAKE_BYTES = 16 * 1024;

/** A signature holds so long before and after its time. */
export const SIGNATURE_SECONDS = 300;

/** Event Grid's own name in the validation of CloudEvents (learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema). */
const GRID_ORIGIN = 'eventgrid.azure.net';

/**
 * One notification of the subscription `name`. 401 without its secret: nothing of it is read (of a signed one its body, where there is such a subscription), and
 * the denial is audited. 200 only when what it says is on disk; the resources are read later, so that the sender never waits for the EHR.
 */
export async function hearSubscription(
  parts: Needs,
  feed: FhirFeed,
  name: string,
  path: FhirTold['path'],
  request: DoorRequest,
): Promise<DoorAnswer> {
  if (!feed.knows(name)) return turnAway(feed, 'fhir:unknown', 'no-such-subscription');
  const door = `fhir:${name}`;
  const signature = signatureOf(request);
  const presented = presentedSecret(request);
  if (signature === null && presented === null) return turnAway(feed, door, 'no-secret');
  if (signature === null && !(await feed.admits(name, (secret) => parts.secrets.same(presented ?? '', secret))))
    return turnAway(feed, door, 'wrong-secret');
  if (signature !== null && Math.abs(epochOf(parts.clock.now()) / 1000 - signature.at) > SIGNATURE_SECONDS)
    return turnAway(feed, door, 'old-signature');
  const body = await request.body(MOST_BYTES);
  if (body === null) return { status: 413, text: `A notification may have ${MOST_BYTES} bytes.` };
  if (signature !== null) {
    const signed = Buffer.concat([Buffer.from(`${signature.at}.`), body]);
    if (!(await feed.admits(name, (secret) => parts.secrets.signs(signature.hmac, signed, secret)))) return turnAway(feed, door, 'wrong-signature');
  }
  const told = parts.fhirDoor.notification({ path, contentType: request.header('content-type'), body });
  if (!told.ok) {
    parts.log.error('fhir.notification-unread', { subscription: name, status: told.status });
    return { status: told.status, text: told.why };
  }
  await feed.heard(name, told.value);
  const { shape, type, references, foreign } = told.value;
  parts.log.info('fhir.told', { subscription: name, shape, type, named: references.length, foreign });
  return { status: 200 };
}

/**
 * One delivery of Event Grid. Its validation handshake is echoed without a secret (Event Grid promises the delivery properties for delivered events), and
 * says nothing to anybody; every event needs the secret. `validationUrl` is never called.
 */
export async function hearGrid(parts: Needs, feed: FhirFeed, grid: Endpoints['ehr']['eventGrid'], request: DoorRequest): Promise<DoorAnswer> {
  if (grid === null) return { status: 404, text: 'This site takes no events of Event Grid: endpoints.json has no ehr.eventGrid.' };
  const presented = presentedSecret(request);
  const isValidation = request.header('aeg-event-type') === 'SubscriptionValidation';
  const isRight = presented !== null && grid.secretSha256.map((hash) => parts.secrets.hashesTo(presented, hash)).includes(true);
  const why = presented === null ? 'no-secret' : 'wrong-secret';
  if (!isRight && !(isValidation && presented === null)) return turnAway(feed, 'event-grid', why);
  const most = isRight ? MOST_BYTES : MOST_HANDSHAKE_BYTES;
  const body = await request.body(most);
  if (body === null) return { status: 413, text: `A delivery may have ${most} bytes.` };
  const told = parts.fhirDoor.grid({ path: null, contentType: request.header('content-type'), body });
  if (!told.ok) return { status: told.status, text: told.why };
  const { validationCode, references, studies, ignored } = told.value;
  if (validationCode !== null) return { status: 200, json: { validationResponse: validationCode } };
  if (!isRight) return turnAway(feed, 'event-grid', why);
  if (!(await feed.wants(references))) return { status: 503, text: 'Too much is waiting to be read from the EHR: send it again.' };
  if (studies.length > 0 && parts.pressure?.isShut() === true) return { status: 503, text: 'Too much is waiting to be worked out: send it again.' };
  for (const study of studies) {
    const bytes = Buffer.from(JSON.stringify(study));
    await takeIn(
      parts,
      { endpoint: 'event-grid', bytes, messageType: `DICOM study ${study.kind}`, controlId: study.studyUid, sender: 'event-grid' },
      [],
    );
  }
  parts.log.info('fhir.told', { subscription: 'event-grid', named: references.length, studies: studies.length, ignored });
  return { status: 200 };
}

/** The validation of CloudEvents (HTTP 1.1 Web Hooks for Event Delivery 1.0, section 4.1): who may send here, and how much a minute. */
export function allowGrid(request: Pick<DoorRequest, 'header'>): DoorAnswer {
  if (request.header('webhook-request-origin') !== GRID_ORIGIN) return { status: 403, text: 'Only Event Grid may ask to send here.' };
  return { status: 200, headers: { Allow: 'POST, OPTIONS', 'WebHook-Allowed-Origin': GRID_ORIGIN, 'WebHook-Allowed-Rate': '*' } };
}

/** `X-Radloop-Secret`, or a bearer token. Never from the address: addresses stand in logs. */
export function presentedSecret(request: DoorRequest): string | null {
  const own = request.header('x-radloop-secret');
  return own ?? /^Bearer (\S+)$/u.exec(request.header('authorization') ?? '')?.[1] ?? null;
}

/** `X-Radloop-Signature: t=SECONDS,v1=HEX`: HMAC-SHA256 under the secret over the seconds since 1970, a full stop and the body, where a sender can do that. */
export function signatureOf(request: DoorRequest): { readonly at: number; readonly hmac: string } | null {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/u.exec(request.header('x-radloop-signature') ?? '');
  return match === null ? null : { at: Number(match[1]), hmac: match[2] ?? '' };
}

function turnAway(feed: FhirFeed, door: string, why: string): DoorAnswer {
  feed.refused(door, why);
  return {
    status: 401,
    headers: { 'WWW-Authenticate': 'Bearer' },
    text: 'The secret of this subscription is needed, in X-Radloop-Secret or as a bearer token.',
  };
}
