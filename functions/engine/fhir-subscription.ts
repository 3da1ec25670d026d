import { addSeconds, epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { keptSubscription } from '#domain/fhir-feed.js';
import type { KeptSubscription } from '#domain/fhir-feed.js';
import type { FhirSubscriptionRow, FhirSubscriptions } from '#domain/site.js';
import type { Clock } from '#ports/clock.js';
import type { Cursors } from '#ports/cursors.js';
import type { FhirClient, FhirFailure } from '#ports/fhir-client.js';
import type { FhirDoor } from '#ports/fhir-door.js';
import type { Log } from '#ports/log.js';
import type { Secrets } from '#ports/secrets.js';

export interface SubscriptionNeeds {
  readonly fhir: FhirClient;
  readonly fhirDoor: FhirDoor;
  readonly cursors: Cursors;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly subscriptions: FhirSubscriptions;
}

/** A new secret each day; the one before it holds for an hour after the EHR has the new one. */
const ROTATE_SECONDS = 24 * 3600;
const BOTH_HOLD_SECONDS = 3600;
/** Heartbeats that may be missed before the subscription is taken for dead. */
export const SILENT_PERIODS = 2;

/**
 * What became of a subscription: `remade` begins a new count of events, `revived` may have missed some, `restarted` too (the EHR had it in error or off),
 * `kept` is as it was, `idle` nothing was due.
 */
export type Upkeep = 'idle' | 'kept' | 'revived' | 'restarted' | 'remade' | UpkeepFailed;

/** `not-subscribed`: the EHR does not take it. `down`: it does not say how it is. */
interface UpkeepFailed {
  readonly failed: 'not-subscribed' | 'down';
  readonly why: string;
}

export async function readSubscription(cursors: Cursors, name: string): Promise<KeptSubscription | null> {
  const text = await cursors.read(cursorOf(name));
  return text === null ? null : keptSubscription.parse(JSON.parse(text));
}

/** A new secret with the next upkeep, as the daily rotation does it. */
export async function rotateNow(cursors: Cursors, name: string): Promise<void> {
  const kept = await readSubscription(cursors, name);
  if (kept !== null) await write(cursors, name, { ...kept, rotatedAt: addSeconds(kept.rotatedAt, -2 * ROTATE_SECONDS) });
}

/** Is this one of the secrets that hold now? All are compared, whatever the first says. */
export function holds(kept: KeptSubscription, isRight: (secret: string) => boolean, now: Instant): boolean {
  const valid = kept.secrets.filter(({ until }) => until === null || until > now);
  return valid.map(({ secret }) => isRight(secret)).includes(true);
}

/**
 * Sees to one subscription: made when it is not there, put right when the EHR has it in error or off or has lost it, its secret changed each day,
 * subscribed again when two heartbeats were missed (FIELD-REPORTS 11). @param heardAt the last notification, null: none yet. @param stopped the EHR said so.
 */
export async function keepSubscribed(parts: SubscriptionNeeds, row: FhirSubscriptionRow, heardAt: Instant | null, stopped: boolean): Promise<Upkeep> {
  const now = parts.clock.now();
  const kept = rotated(parts, (await readSubscription(parts.cursors, row.name)) ?? fresh(parts, now), now);
  await write(parts.cursors, row.name, kept);
  if (kept.id === null) return subscribe(parts, row, kept);
  const silent = isSilent(parts, kept, heardAt, now);
  if (silent) {
    parts.log.error('fhir.subscription-silent', { subscription: row.name, times: kept.silences + 1 });
    // The first time the same one is asked for again; one that stays silent is replaced.
    const again = { ...kept, silences: kept.silences + 1 };
    if (again.silences > 1) return replace(parts, row, again);
    return renew(parts, row, again, 'revived');
  }
  if (kept.form !== formOf(parts, row)) return renew(parts, row, kept, 'revived');
  if (!kept.written) return renew(parts, row, kept, 'kept');
  if (!stopped && kept.checkedAt !== null && addSeconds(kept.checkedAt, parts.subscriptions.heartbeatSeconds) > now) return 'idle';
  const speaks = heardAt !== null && kept.subscribedAt !== null && heardAt > kept.subscribedAt;
  return inspect(parts, row, speaks ? { ...kept, silences: 0 } : kept);
}

async function inspect(parts: SubscriptionNeeds, row: FhirSubscriptionRow, kept: KeptSubscription): Promise<Upkeep> {
  const found = await parts.fhir.read('Subscription', kept.id ?? '');
  if (!found.ok) return isGone(found) ? subscribe(parts, row, { ...kept, id: null }) : failed(parts, row, found, 'down');
  const { status } = found.value;
  if (status === 'error' || status === 'off') {
    parts.log.error('fhir.subscription-stopped', { subscription: row.name, status });
    return renew(parts, row, kept, 'restarted');
  }
  await write(parts.cursors, row.name, { ...kept, checkedAt: parts.clock.now() });
  return 'kept';
}

/** A Subscription with our endpoint may be there already (our store was lost): then it is ours, and gets our secret. */
async function subscribe(parts: SubscriptionNeeds, row: FhirSubscriptionRow, kept: KeptSubscription): Promise<Upkeep> {
  const resource = parts.fhirDoor.subscription(parts.subscriptions, row, newest(kept));
  const url = `${parts.subscriptions.callbackUrl.replace(/\/+$/u, '')}/${row.name}`;
  const wanted = kept.silences > 1 ? null : await parts.fhir.create(resource, { url });
  // Several with our endpoint (412): none of them is taken over.
  const isFree = wanted === null || (!wanted.ok && wanted.code === 'changed-meanwhile');
  const made = isFree ? await parts.fhir.create(resource, null) : wanted;
  if (!made.ok) return failed(parts, row, made);
  parts.log.info('fhir.subscribed', { subscription: row.name, made: made.value.made });
  const known = { ...kept, id: made.value.id, written: made.value.made !== 'existing' };
  if (known.written) {
    await write(parts.cursors, row.name, settled(parts, row, known));
    return 'remade';
  }
  return renew(parts, row, known, 'remade');
}

async function replace(parts: SubscriptionNeeds, row: FhirSubscriptionRow, kept: KeptSubscription): Promise<Upkeep> {
  const resource = parts.fhirDoor.subscription(parts.subscriptions, row, newest(kept));
  const off = await parts.fhir.update({ ...resource, id: kept.id ?? '', status: 'off' }, null);
  if (!off.ok && !isGone(off)) return failed(parts, row, off);
  return subscribe(parts, row, { ...kept, id: null, written: false });
}

/** The whole resource written again, `requested`, with the newest secret. */
async function renew(parts: SubscriptionNeeds, row: FhirSubscriptionRow, kept: KeptSubscription, as: Upkeep): Promise<Upkeep> {
  const resource = parts.fhirDoor.subscription(parts.subscriptions, row, newest(kept));
  const put = await parts.fhir.update({ ...resource, id: kept.id ?? '' }, null);
  if (!put.ok) return isGone(put) ? subscribe(parts, row, { ...kept, id: null }) : failed(parts, row, put);
  await write(parts.cursors, row.name, settled(parts, row, { ...kept, written: true }));
  return as;
}

function failed(
  parts: SubscriptionNeeds,
  row: FhirSubscriptionRow,
  { code, status }: FhirFailure,
  as: UpkeepFailed['failed'] = 'not-subscribed',
): Upkeep {
  parts.log.error('fhir.subscription-failed', { subscription: row.name, code, status });
  const what = as === 'down' ? 'the EHR does not say how the subscription is' : 'the EHR does not take the subscription';
  return { failed: as, why: `${what}: ${code}${status === null ? '' : ` (HTTP ${status})`}` };
}

function isGone({ status, code }: FhirFailure): boolean {
  return status === 404 || status === 410 || code === 'gone';
}

/** Only topic subscriptions have a heartbeat. */
function isSilent(parts: SubscriptionNeeds, { subscribedAt }: KeptSubscription, heardAt: Instant | null, now: Instant): boolean {
  if (parts.subscriptions.kind !== 'topic' || subscribedAt === null) return false;
  const since = heardAt !== null && heardAt > subscribedAt ? heardAt : subscribedAt;
  return epochOf(now) - epochOf(since) > SILENT_PERIODS * parts.subscriptions.heartbeatSeconds * 1000;
}

function fresh(parts: SubscriptionNeeds, now: Instant): KeptSubscription {
  return keptSubscription.parse({ secrets: [{ secret: parts.secrets.make(), until: null }], rotatedAt: now });
}

/** A day has passed: a new secret before the old one, written with the next renewal. What no longer holds is thrown away. */
function rotated(parts: SubscriptionNeeds, kept: KeptSubscription, now: Instant): KeptSubscription {
  const secrets = kept.secrets.filter(({ until }) => until === null || until > now);
  const due = kept.written && addSeconds(kept.rotatedAt, ROTATE_SECONDS) <= now;
  if (!due) return { ...kept, secrets };
  return { ...kept, secrets: [{ secret: parts.secrets.make(), until: null }, ...secrets].slice(0, 2), rotatedAt: now, written: false };
}

/** The EHR has it with the newest secret: the others end in an hour. */
function settled(parts: SubscriptionNeeds, row: FhirSubscriptionRow, kept: KeptSubscription): KeptSubscription {
  const now = parts.clock.now();
  const end = addSeconds(now, BOTH_HOLD_SECONDS);
  const secrets = kept.secrets.map(({ secret, until }, index) => ({ secret, until: index === 0 ? null : (until ?? end) }));
  return { ...kept, secrets, form: formOf(parts, row), checkedAt: now, subscribedAt: now };
}

function formOf({ fhirDoor, subscriptions }: SubscriptionNeeds, row: FhirSubscriptionRow): string {
  return JSON.stringify(fhirDoor.subscription(subscriptions, row, ''));
}

function newest(kept: KeptSubscription): string {
  return kept.secrets[0]?.secret ?? '';
}

async function write(cursors: Cursors, name: string, kept: KeptSubscription): Promise<void> {
  await cursors.write(cursorOf(name), JSON.stringify(kept));
}

function cursorOf(name: string): string {
  return `fhir-subscription:${name}`;
}
