import { afterFailure } from '#core/delivery.js';
import { addSeconds, toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { FeedProgress } from '#domain/fhir-feed.js';
import type { FhirSubscriptionRow, FhirSubscriptions } from '#domain/site.js';
import type { FhirParams, FhirResource } from '#ports/fhir-client.js';
import { COME_AGAIN_SECONDS } from './backpressure.ts';
import type { Pace } from './fhir-pace.ts';
import { named, taken, wanting } from './fhir-progress.ts';
import type { Progresses } from './fhir-progress.ts';
import { readSubscription } from './fhir-subscription.ts';
import { takeReference, takeResource } from './fhir-take.ts';
import type { Attempts, TakeNeeds, Taken } from './fhir-take.ts';

export interface Feed {
  readonly parts: TakeNeeds;
  readonly progress: Progresses;
  readonly attempts: Attempts;
  readonly pace: Pace;
}

/** Changes that were written while a later one was already seen. */
const OVERLAP_SECONDS = 5;
/** Before the first look: as much as two clocks may differ. */
const FIRST_LOOK_BACK_SECONDS = 600;
/** Seconds after which it is looked again, even when nobody tells. */
export const IDLE_SECONDS = 5;
/** Then the search by time is tried: a gap must be caught up within a minute. */
const MOST_ASKED_FOR_EVENTS = 3;
const AT_ONCE = 8;

/** Too much waits here: nothing is read meanwhile, and whoever serves the feed goes on with the rest of it. */
export function isShut({ parts }: Pick<Feed, 'parts'>): boolean {
  return parts.pressure?.isShut() === true;
}

/** References that are wanted, a few at a time. @returns seconds until it is worth coming again; 0: there is more */
export async function takeWanted(feed: Feed, name: string): Promise<number> {
  const { parts, progress, attempts, pace } = feed;
  if (isShut(feed)) return COME_AGAIN_SECONDS;
  const { wanted } = await progress.read(name);
  const wait = (reference: string): number => Math.max(pace.wait(ALL_READS), pace.wait(reference));
  const due = Object.entries(wanted).filter(([reference]) => wait(reference) === 0);
  const batch = due.slice(0, AT_ONCE * 4);
  if (batch.length === 0) return Math.min(IDLE_SECONDS, ...Object.keys(wanted).map(wait));
  const { read, follow, later } = await inTurn(feed, batch, ([reference]) => takeReference(parts, reference, attempts));
  for (const reference of read) pace.worked(reference);
  for (const [reference, { inSeconds, all }] of later) pace.failed(all ? ALL_READS : reference, inSeconds);
  await progress.change(name, (before) => {
    const left = taken(before, new Map(batch.filter(([reference]) => read.has(reference))));
    const fresh = follow.filter((reference) => !read.has(reference));
    return fresh.length === 0 ? left : wanting({ ...left, told: left.told + 1 }, fresh);
  });
  return 0;
}

/** Name of the wait that the EHR asks for (429). */
const ALL_READS = 'every read';

/** Event numbers that never came: asked for, or looked for by time where the server does not keep events. */
export async function catchUp({ parts, progress, pace }: Feed, name: string): Promise<number> {
  const { gap } = await progress.read(name);
  const [what, wait] = [`$events ${name}`, pace.wait(`$events ${name}`)];
  if (gap === null || wait > 0) return wait === 0 ? IDLE_SECONDS : wait;
  const id = (await readSubscription(parts.cursors, name))?.id ?? '';
  const numbers = { eventsSinceNumber: gap.from, eventsUntilNumber: gap.to, content: 'id-only' };
  const answer = await parts.fhir.get(`Subscription/${id}/$events`, numbers);
  if (!answer.ok) {
    const count = pace.failed(what, answer.retryAfterSeconds);
    // Not offered, or not now: the search by time is another way.
    if (afterFailure(answer.code, count).step === 'tryAgain' && count < MOST_ASKED_FOR_EVENTS) return pace.wait(what);
  }
  pace.worked(what);
  const had = answer.ok ? parts.fhirDoor.eventsIn(answer.value) : { references: [], numbers: [] };
  const whole = had.references.length > 0 && range(gap.from, gap.to).every((number) => had.numbers.includes(number));
  parts.log.info('fhir.gap', { subscription: name, events: gap.to - gap.from + 1, by: whole ? 'number' : 'time' });
  await progress.change(name, (before) => {
    const told = before.told + 1;
    const after = wanting({ ...before, told }, had.references);
    const swept = whole ? after : { ...after, sweep: told };
    return before.gap?.told === gap.told ? { ...swept, gap: null } : swept;
  });
  return 0;
}

/** Looks through what changed since last time. What has left the criteria (a revoked order) must be seen too, so `status` is left out. */
export async function sweep(feed: Feed, row: FhirSubscriptionRow): Promise<number> {
  const { parts, progress, attempts, pace } = feed;
  const what = `sweep ${row.name}`;
  if (isShut(feed)) return COME_AGAIN_SECONDS;
  if (pace.wait(what) > 0) return pace.wait(what);
  const before = await progress.read(row.name);
  const { clock, log } = parts;
  const since = before.since ?? addSeconds(clock.now(), OVERLAP_SECONDS - FIRST_LOOK_BACK_SECONDS);
  const { type, params } = criteriaOf(row.criteria);
  const found = await changedSince(parts, type, { ...params, _lastUpdated: `ge${addSeconds(since, -OVERLAP_SECONDS)}`, _count: 100 });
  if (!found.ok) {
    const times = pace.failed(what, found.retryAfterSeconds);
    log.error('fhir.sweep-failed', { subscription: row.name, code: found.code, status: found.status, times });
    return pace.wait(what);
  }
  pace.worked(what);
  const resources = found.value.resources.filter((one) => one.resourceType === type && typeof one['id'] === 'string');
  const byReference = new Map(resources.map((one) => [`${type}/${String(one['id'])}`, one]));
  const { follow, later, isCut } = await inTurn(feed, [...byReference], ([reference, resource]) => takeResource(parts, reference, resource, attempts)); // prettier-ignore
  // It is looked through once more from where it began: what was taken is known then.
  if (isCut) return COME_AGAIN_SECONDS;
  const reached = reachedBy(resources, found.value.complete, since);
  const isStuck = !found.value.complete && reached === since;
  if (isStuck) log.error('fhir.sweep-incomplete', { subscription: row.name });
  await progress.change(row.name, (now) => {
    const told = now.told + 1;
    const isOver = found.value.complete || isStuck;
    const ended = isOver ? { sweptAt: clock.now(), ...(now.sweep === before.sweep ? { sweep: null } : {}) } : { sweep: told };
    // What has been waiting already waits since then: otherwise each look would make it new, and the feed never behind.
    const left = later.map(([reference]) => reference).filter((reference) => !Object.hasOwn(now.wanted, reference));
    return named({ ...now, told, since: reached, ...ended }, [...follow, ...left]);
  });
  return 0;
}

/** Oldest first, so that a search that is cut short can go on from there; without an order where the server refuses one. */
async function changedSince({ fhir }: TakeNeeds, type: string, params: FhirParams): ReturnType<TakeNeeds['fhir']['search']> {
  const limits = { mostPages: 50, seconds: 30 };
  const sorted = await fhir.search(type, { ...params, _sort: '_lastUpdated' }, limits);
  return !sorted.ok && sorted.code === 'refused' ? fhir.search(type, params, limits) : sorted;
}

interface Round {
  readonly read: ReadonlySet<string>;
  readonly follow: readonly string[];
  readonly later: readonly (readonly [string, Extract<Taken, { done: false }>])[];
  /** Intake was shut before all of them were tried. */
  readonly isCut: boolean;
}

/** A few at a time. One that fails holds none of the others. */
async function inTurn<T>(feed: Feed, items: readonly (readonly [string, T])[], take: (item: readonly [string, T]) => Promise<Taken>): Promise<Round> {
  const results: (readonly [string, Taken])[] = [];
  for (let start = 0; start < items.length && !isShut(feed); start += AT_ONCE) {
    const batch = items.slice(start, start + AT_ONCE);
    results.push(...(await Promise.all(batch.map(async (item) => [item[0], await take(item)] as const))));
  }
  return {
    isCut: results.length < items.length,
    read: new Set(results.flatMap(([reference, taken]) => (taken.done ? [reference] : []))),
    follow: results.flatMap(([, taken]) => (taken.done ? taken.follow : [])),
    later: results.flatMap(([reference, taken]) => (taken.done ? [] : [[reference, taken] as const])),
  };
}

/** Told to, or: a classic subscription has neither numbers nor heartbeat, so that a lost notification is found only by looking. */
export function sweepDue({ sweep, sweptAt }: FeedProgress, { kind, heartbeatSeconds }: FhirSubscriptions, now: Instant): boolean {
  return sweep !== null || (kind === 'classic' && (sweptAt === null || addSeconds(sweptAt, heartbeatSeconds) <= now));
}

/** `ServiceRequest?status=active&category=RAD` without its status. */
function criteriaOf(criteria: string): { readonly type: string; readonly params: FhirParams } {
  const [type = '', query = ''] = criteria.split('?', 2);
  const params = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'status' && !name.startsWith('status:')) params.set(name, [...(params.get(name) ?? []), value]);
  }
  return { type, params: Object.fromEntries(params) };
}

/** meta.lastUpdated up to which everything was seen; of a search that was cut short, as far as it came sorted. */
function reachedBy(resources: readonly FhirResource[], complete: boolean, since: Instant): Instant {
  const times = resources.map((one) => updatedOf(one)).filter((time) => time !== null);
  const isSorted = times.length === resources.length && times.every((time, index) => index === 0 || (times[index - 1] ?? time) <= time);
  const last = complete || isSorted ? ([...times].sort().at(-1) ?? since) : since;
  return last > since ? last : since;
}

function updatedOf(resource: FhirResource): Instant | null {
  const meta = resource['meta'];
  const updated: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, 'lastUpdated') : null;
  const moment = typeof updated === 'string' ? Date.parse(updated) : Number.NaN;
  return Number.isNaN(moment) ? null : toInstant(moment);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.min(to - from + 1, 10_000) }, (_, index) => from + index);
}
