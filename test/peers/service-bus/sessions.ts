import { Refusal } from './refusal.ts';
import type { QueueStore } from './queue-store.ts';

/** A receiving link. */
export interface Consumer {
  readonly queue: string;
  readonly session: string | null;
  /** Receive and delete: nothing is locked, nothing comes back. */
  readonly keepsNothing: boolean;
  /** Something may wait for it. */
  wake(): void;
  /** The broker ends it. */
  end(refusal: Refusal): void;
}

/** Somebody who asks for a session: the one named, or the next that has something to do. */
export interface Seeker {
  readonly queue: string;
  readonly session: string | null;
  /** Epoch milliseconds until it waits. */
  readonly until: number;
  granted(session: string, lockedUntil: number): Consumer;
  refused(refusal: Refusal): void;
}

interface Held {
  readonly queue: string;
  readonly session: string;
  readonly consumer: Consumer;
  until: number;
}

/** What the sessions need of the broker that has them. */
interface Owner {
  readonly store: QueueStore;
  readonly counts: { sessionsAccepted: number };
  now(): number;
  lockMsOf(queue: string): number;
  forget(of: { readonly queue: string; readonly session: string }): void;
}

/** Who holds which session, who waits for one, and who consumes. */
export class Sessions {
  readonly #broker: Owner;
  readonly #held = new Map<string, Held>();
  readonly #consumers = new Set<Consumer>();
  readonly #seekers = new Set<Seeker>();

  constructor(broker: Owner) {
    this.#broker = broker;
  }

  join(consumer: Consumer): void {
    this.#consumers.add(consumer);
    consumer.wake();
  }

  /** Its link is gone: the session is free at once, messages that it held wait again. */
  leave(consumer: Consumer): void {
    this.#consumers.delete(consumer);
    if (consumer.session === null) return;
    const key = keyOf(consumer.queue, consumer.session);
    if (this.#held.get(key)?.consumer !== consumer) return;
    this.#held.delete(key);
    this.#broker.forget({ queue: consumer.queue, session: consumer.session });
    this.wake(consumer.queue);
  }

  seek(seeker: Seeker): void {
    if (this.#grant(seeker)) return;
    if (seeker.session !== null)
      seeker.refused(
        new Refusal('com.microsoft:session-cannot-be-locked', `The requested session cannot be accepted: it is locked by another receiver.`),
      );
    else this.#seekers.add(seeker);
  }

  stopSeeking(seeker: Seeker): void {
    this.#seekers.delete(seeker);
  }

  lockedUntil(queue: string, session: string): number | null {
    return this.#held.get(keyOf(queue, session))?.until ?? null;
  }

  /** @throws Refusal when nobody holds it */
  renew(queue: string, session: string): number {
    const held = this.#held.get(keyOf(queue, session));
    if (held === undefined) throw lost();
    held.until = this.#broker.now() + this.#broker.lockMsOf(queue);
    return held.until;
  }

  /** The lock is gone, and its holder is told. */
  lose(queue: string, session: string): void {
    const held = this.#held.get(keyOf(queue, session));
    if (held === undefined) return;
    this.#held.delete(keyOf(queue, session));
    this.#consumers.delete(held.consumer);
    this.#broker.forget({ queue, session });
    held.consumer.end(lost());
    this.wake(queue);
  }

  /** Something came in, or came free. */
  wake(queue: string): void {
    for (const consumer of this.#consumers) if (consumer.queue === queue) consumer.wake();
    for (const seeker of [...this.#seekers]) if (seeker.queue === queue && this.#grant(seeker)) this.#seekers.delete(seeker);
  }

  tick(now: number): void {
    for (const { queue, session, until } of [...this.#held.values()]) if (until <= now) this.lose(queue, session);
    for (const seeker of [...this.#seekers]) {
      if (seeker.until > now) continue;
      this.#seekers.delete(seeker);
      seeker.refused(new Refusal('com.microsoft:timeout', 'The operation did not complete within the allotted timeout: no session has a message.'));
    }
  }

  #grant(seeker: Seeker): boolean {
    const { queue } = seeker;
    const free = (session: string) => !this.#held.has(keyOf(queue, session));
    const session = seeker.session ?? this.#broker.store.waitingSessions(queue).find(free);
    if (session === undefined || !free(session)) return false;
    const until = this.#broker.now() + this.#broker.lockMsOf(queue);
    this.#broker.counts.sessionsAccepted += 1;
    this.#held.set(keyOf(queue, session), { queue, session, until, consumer: seeker.granted(session, until) });
    return true;
  }
}

const keyOf = (queue: string, session: string): string => `${queue}\n${session}`;
const lost = (): Refusal => new Refusal('com.microsoft:session-lock-lost', 'The session lock was lost. Request a new session receiver.');
