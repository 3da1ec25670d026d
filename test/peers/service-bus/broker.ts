import { randomUUID } from 'node:crypto';
import { Faults, noCounts } from './faults.ts';
import type { QueueStore, StoredMessage } from './queue-store.ts';
import { Refusal } from './refusal.ts';
import { Sessions } from './sessions.ts';
import type { Consumer } from './sessions.ts';

/** As a queue is set up in Azure; the defaults are Azure's, but for sessions. */
export interface QueueRules {
  readonly sessions?: boolean;
  /** @default 30 s */
  readonly lockMs?: number;
  /** @default 10 */
  readonly maxDeliveries?: number;
  /** 0: no duplicate detection. @default 0 */
  readonly duplicateWindowMs?: number;
  /** For messages that bring none. @default for ever */
  readonly ttlMs?: number;
  /** @default false: what expires is gone */
  readonly deadLetterExpired?: boolean;
}

export const DEAD = '/$deadletterqueue';

interface Lock {
  readonly token: string;
  readonly seq: number;
  readonly queue: string;
  /** Of a queue with sessions: it holds as long as the session's lock. */
  readonly session: string | null;
  until: number;
}

export type Settlement =
  | { readonly how: 'complete' | 'abandon' | 'defer' }
  | { readonly how: 'dead-letter'; readonly reason: string | null; readonly detail: string | null };

export interface Incoming {
  readonly messageId: string | null;
  readonly session: string | null;
  readonly bytes: Buffer;
  readonly ttlMs: number | null;
  /** When it enters the queue; null: now. */
  readonly scheduledFor: number | null;
}

/** The queues: what waits, who holds what until when. Says nothing of AMQP. */
export class Broker {
  readonly faults = new Faults();
  readonly counts = noCounts();
  readonly sessions: Sessions;
  readonly store: QueueStore;
  readonly now: () => number;
  readonly #queues: Readonly<Record<string, QueueRules>>;
  readonly #locks = new Map<string, Lock>();
  readonly #lockedSeqs = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: QueueStore, queues: Readonly<Record<string, QueueRules>>, now: () => number) {
    this.store = store;
    this.now = now;
    this.#queues = queues;
    this.sessions = new Sessions(this);
    this.#timer = setInterval(() => {
      this.tick();
    }, 20);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** @throws Refusal for a queue that there is none of */
  rulesOf(queue: string): QueueRules {
    const name = queue.endsWith(DEAD) ? queue.slice(0, -DEAD.length) : queue;
    const found = this.#queues[name] ?? this.#queues['*'];
    const rules = found !== undefined && name !== queue ? deadRules(found) : found;
    if (rules === undefined) throw new Refusal('amqp:not-found', `The messaging entity '${queue}' could not be found.`);
    return rules;
  }

  lockMsOf(queue: string): number {
    return this.rulesOf(queue).lockMs ?? 30_000;
  }

  /** Null: dropped as a duplicate, which its sender is not told. */
  publish(queue: string, messages: readonly Incoming[]): (number | null)[] {
    const rules = this.rulesOf(queue);
    const now = this.now();
    return this.store.atOnce(() =>
      messages.map((message) => {
        if (rules.sessions === true && message.session === null) {
          throw new Refusal(
            'amqp:not-allowed',
            `The SessionId was not set on a message, and it cannot be sent to '${queue}', which has session support enabled.`,
          );
        }
        this.counts.sends += 1;
        this.counts.sentBytes += message.bytes.length;
        if (message.scheduledFor !== null) this.counts.scheduled += 1;
        const window = rules.duplicateWindowMs ?? 0;
        if (window > 0 && message.messageId !== null && this.store.seenSince(queue, message.messageId, now - window, now)) return null;
        const { messageId, session, bytes } = message;
        const ttl = message.ttlMs ?? rules.ttlMs ?? null;
        const enters = message.scheduledFor !== null && message.scheduledFor > now ? message.scheduledFor : now;
        const state = enters > now ? 'scheduled' : 'active';
        const add = () =>
          this.store.add({ queue, messageId, session, bytes, state, enqueuedAt: now, due: enters, expiresAt: ttl === null ? null : enters + ttl });
        if (state === 'active' && this.faults.happens('duplicate')) add();
        const seq = add();
        if (state === 'scheduled' && this.faults.happens('lose-scheduled')) this.store.remove(seq);
        return seq;
      }),
    );
  }

  cancelScheduled(queue: string, seqs: readonly number[]): void {
    for (const seq of seqs) {
      const found = this.store.get(seq);
      if (found?.queue !== queue || found.state !== 'scheduled')
        throw new Refusal('com.microsoft:message-not-found', `No scheduled message with sequence number ${seq}.`);
      this.store.remove(seq);
      this.counts.cancelled += 1;
    }
  }

  /** The next message for this consumer, locked for it; null: none waits. */
  next(consumer: Consumer): { readonly message: StoredMessage; readonly token: string; readonly until: number } | null {
    const free = this.store.active(consumer.queue, consumer.session).filter(({ seq }) => !this.#lockedSeqs.has(seq));
    const message = free.length > 1 && this.faults.happens('reorder') ? free[1] : free[0];
    if (message === undefined) return null;
    this.counts.deliveries += 1;
    this.counts.deliveredBytes += message.bytes.length;
    if (consumer.keepsNothing) {
      this.store.remove(message.seq);
      return { message, token: randomUUID(), until: this.now() };
    }
    return { message, ...this.lock(message) };
  }

  lock(message: StoredMessage): { readonly token: string; readonly until: number } {
    const { seq, queue } = message;
    const token = randomUUID();
    const session = this.rulesOf(queue).sessions === true ? message.session : null;
    const until = (session === null ? null : this.sessions.lockedUntil(queue, session)) ?? this.now() + this.lockMsOf(queue);
    this.#locks.set(token, { token, seq, queue, session, until });
    this.#lockedSeqs.add(seq);
    return { token, until };
  }

  /** @throws Refusal when the lock is lost */
  settle(token: string, settlement: Settlement): void {
    const { seq, queue } = this.#held(token);
    this.#unlock(token);
    this.counts.settlements += 1;
    this.store.atOnce(() => {
      switch (settlement.how) {
        case 'complete':
          this.store.remove(seq);
          return;
        case 'abandon':
          this.#undelivered(seq);
          return;
        case 'defer':
          this.store.setState(seq, 'deferred');
          return;
        case 'dead-letter':
          this.#deadLetter(seq, settlement.reason, settlement.detail);
          return;
        default:
          settlement satisfies never;
      }
    });
    this.sessions.wake(queue);
  }

  /** Its new end. @throws Refusal when the lock is lost */
  renew(token: string): number {
    const lock = this.#held(token);
    lock.until = this.now() + this.lockMsOf(lock.queue);
    return lock.until;
  }

  /** Gives up every lock of a session, or this one: the messages wait again, one delivery more. */
  forget(of: { readonly token: string } | { readonly queue: string; readonly session: string }): void {
    const lost = [...this.#locks.values()].filter((lock) =>
      'token' in of ? lock.token === of.token : lock.queue === of.queue && lock.session === of.session,
    );
    for (const { token, seq } of lost) {
      this.#unlock(token);
      this.store.atOnce(() => {
        this.#undelivered(seq);
      });
    }
  }

  /** What time does: scheduled messages enter, messages and locks run out. */
  tick(): void {
    const now = this.now();
    for (const message of this.store.due(now)) {
      this.store.atOnce(() => {
        this.store.remove(message.seq);
        this.store.add({ ...message, state: 'active', enqueuedAt: now });
      });
      this.sessions.wake(message.queue);
    }
    for (const { seq, queue } of this.store.expired(now)) {
      if (this.#lockedSeqs.has(seq)) continue;
      this.store.atOnce(() => {
        if (this.rulesOf(queue).deadLetterExpired === true)
          this.#deadLetter(seq, 'TTLExpiredException', 'The message expired and was dead lettered.');
        else this.store.remove(seq);
      });
    }
    this.sessions.tick(now);
    for (const lock of [...this.#locks.values()]) {
      if (lock.until > now || lock.session !== null) continue;
      this.forget(lock);
      this.sessions.wake(lock.queue);
    }
  }

  #held(token: string): Lock {
    const lock = this.#locks.get(token);
    if (lock === undefined || (lock.until <= this.now() && lock.session === null))
      throw new Refusal(
        'com.microsoft:message-lock-lost',
        'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
      );
    return lock;
  }

  #unlock(token: string): void {
    const lock = this.#locks.get(token);
    this.#locks.delete(token);
    if (lock !== undefined) this.#lockedSeqs.delete(lock.seq);
  }

  #undelivered(seq: number): void {
    const message = this.store.get(seq);
    if (message === null) return;
    this.store.countDelivery(seq);
    const most = this.rulesOf(message.queue).maxDeliveries ?? 10;
    if (message.deliveries + 1 >= most)
      this.#deadLetter(seq, 'MaxDeliveryCountExceeded', `Message could not be consumed after ${most} delivery attempts.`);
  }

  #deadLetter(seq: number, deadReason: string | null, deadDetail: string | null): void {
    const message = this.store.get(seq);
    if (message === null || message.queue.endsWith(DEAD)) return;
    this.store.remove(seq);
    this.store.add({ ...message, queue: message.queue + DEAD, state: 'active', expiresAt: null, deadReason, deadDetail });
    this.sessions.wake(message.queue + DEAD);
  }
}

/** A dead-letter queue has no sessions of its own and gives nothing up. */
function deadRules({ lockMs }: QueueRules): QueueRules {
  return { ...(lockMs === undefined ? {} : { lockMs }), maxDeliveries: Number.MAX_SAFE_INTEGER };
}
