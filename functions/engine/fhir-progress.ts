import { feedProgress } from '#domain/fhir-feed.js';
import type { FeedProgress } from '#domain/fhir-feed.js';
import type { Instant } from '#core/time.js';
import type { Cursors } from '#ports/cursors.js';
import type { FhirNotification } from '#ports/fhir-door.js';

/** More than this is not kept by name: the whole type is looked through instead. */
export const MOST_WANTED = 1000;

/** Each feed's progress, on disk. Changes of one feed come one after the other, whoever makes them: the doors and the reader, in every process of the store. */
export interface Progresses {
  read(name: string): Promise<FeedProgress>;
  /** Resolves when it is on disk. */
  change(name: string, how: (before: FeedProgress) => FeedProgress): Promise<FeedProgress>;
}

export function progresses(cursors: Cursors): Progresses {
  const last = new Map<string, Promise<unknown>>();
  const read = async (name: string): Promise<FeedProgress> => parsed(await cursors.read(`fhir-feed:${name}`));
  const make = async (name: string, how: (before: FeedProgress) => FeedProgress): Promise<FeedProgress> => {
    for (;;) {
      const text = await cursors.read(`fhir-feed:${name}`);
      const before = parsed(text);
      const after = how(before);
      if (after === before || (await cursors.swap(`fhir-feed:${name}`, text, JSON.stringify(after)))) return after;
    }
  };
  return {
    read,
    change(name, how) {
      const next = (last.get(name) ?? Promise.resolve()).then(
        () => make(name, how),
        () => make(name, how),
      );
      last.set(name, next);
      return next;
    },
  };
}

/** A row that can't be read is as none: the feed then looks through everything once. */
function parsed(text: string | null): FeedProgress {
  try {
    const read = feedProgress.safeParse(text === null ? {} : JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // Below.
  }
  return feedProgress.parse({ told: 1, sweep: 1 });
}

/** Something was told: what it names is wanted, what its numbers leave out is a gap, what it does not name is swept for. Nothing is taken by this. */
export function heard(before: FeedProgress, said: FhirNotification, now: Instant): FeedProgress {
  const told = before.told + 1;
  const after = wanting({ ...before, told, heardAt: now, stopped: before.stopped || said.stopped }, said.references);
  return counted(said.unnamed ? { ...after, sweep: told } : after, said);
}

/** These are to be read; too many of them, and everything is looked through. `told` must have gone up before. */
export function wanting(before: FeedProgress, references: readonly string[]): FeedProgress {
  const after = named(before, references);
  return Object.keys(after.wanted).length > MOST_WANTED ? { ...before, sweep: before.told } : after;
}

/** The same where nothing could be looked through instead. */
export function named(before: FeedProgress, references: readonly string[]): FeedProgress {
  if (references.length === 0) return before;
  return { ...before, wanted: { ...before.wanted, ...Object.fromEntries(references.map((reference) => [reference, before.told])) } };
}

/**
 * Event numbers count up by one from 1 (Subscriptions R5 Backport 1.1.0 components.html#event-notifications; R5 subscriptionstatus.html). One that is
 * skipped is a gap; a count that fell in a handshake, heartbeat or status is a server that began anew.
 */
function counted(before: FeedProgress, said: FhirNotification): FeedProgress {
  const highest = Math.max(said.count ?? -1, said.numbers.at(-1) ?? -1);
  if (highest < 0) return before;
  if (before.number === null) return { ...before, number: highest, sweep: highest === 0 ? before.sweep : before.told };
  if (highest < before.number) {
    const isLate = said.type === 'event-notification' || said.type === 'query-event';
    return isLate ? before : { ...before, number: highest, gap: null, sweep: before.told };
  }
  const missing = (number: number): boolean => !said.numbers.includes(number);
  let [from, to] = [before.number + 1, highest];
  while (from <= to && !missing(from)) from += 1;
  while (to >= from && !missing(to)) to -= 1;
  if (from > to) return { ...before, number: highest };
  const gap = { from: Math.min(from, before.gap?.from ?? from), to: Math.max(to, before.gap?.to ?? to), told: before.told };
  return { ...before, number: highest, gap };
}

/** Read: no longer wanted, unless it was named again meanwhile. */
export function taken(before: FeedProgress, read: ReadonlyMap<string, number>): FeedProgress {
  const left = Object.entries(before.wanted).filter(([reference, told]) => read.get(reference) !== told);
  return { ...before, wanted: Object.fromEntries(left) };
}
