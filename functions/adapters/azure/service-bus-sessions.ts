import { isServiceBusError } from '@azure/service-bus';
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusSessionReceiver } from '@azure/service-bus';
import { faultWord } from './service-bus.ts';
import type { BusTrouble } from './service-bus.ts';

export interface SessionSettings {
  /** A connection of its own: ended when this stops, so that nobody waits for a case that does not come. */
  readonly client: ServiceBusClient;
  readonly queue: string;
  /** Cases that are served at once; as `maxConcurrentSessions` of the Functions host. @default 16 */
  readonly atOnce?: number;
  /** Seconds that a case which has said all is held for its next message; as `sessionIdleTimeout`. Others wait meanwhile. @default 1 */
  readonly idleSeconds?: number;
  /** One message, as it was sent. While it works nobody else is given the case. */
  readonly tell: (body: unknown) => Promise<void>;
  readonly trouble: BusTrouble;
}

export interface Serving {
  stop(): Promise<void>;
}

/** Milliseconds until the next try after a fault of the bus. */
const PAUSE_MS = 1000;
/** The library renews a session's lock no longer than this: what hangs gives its case up. */
const RENEWED_MS = 300_000;

/** What the Functions host does with a session trigger, for a host without one: takes cases as they are announced and tells their messages. */
export function serveSessions(settings: SessionSettings): Serving {
  const stopping = new AbortController();
  const places = Array.from({ length: settings.atOnce ?? 16 }, () => new Place(settings, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(places.map((place) => place.told()));
      // The library lets nobody go who asks for the next session, and who is gone with the connection is not told: there is nothing to wait for.
      await settings.client.close();
    },
  };
}

/** Serves one case after the other. */
class Place {
  readonly #settings: SessionSettings;
  readonly #signal: AbortSignal;
  #telling: Promise<void> = Promise.resolve();

  constructor(settings: SessionSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    this.#serve().catch(() => undefined);
  }

  /** Resolves when no message is being told. */
  told(): Promise<void> {
    return this.#telling;
  }

  /** What is under way then is given back, which is no trouble. */
  #isEnding(): boolean {
    return this.#signal.aborted;
  }

  async #serve(): Promise<void> {
    const { client, queue, trouble } = this.#settings;
    while (!this.#signal.aborted) {
      let session: ServiceBusSessionReceiver | null = null;
      try {
        session = await client.acceptNextSession(queue, { maxAutoLockRenewalDurationInMs: RENEWED_MS });
        await this.#tellAll(session);
      } catch (error) {
        const isEmpty = isServiceBusError(error) && ['ServiceTimeout', 'SessionCannotBeLocked'].includes(error.code);
        if (isEmpty || this.#isEnding()) continue;
        trouble(isServiceBusError(error) && error.code === 'SessionLockLost' ? 'session-lost' : 'receive-failed', faultWord(error));
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      } finally {
        await session?.close().catch(() => undefined);
      }
    }
  }

  /** Until the case has been silent for a while. One message at a time: more would be waited for. */
  async #tellAll(session: ServiceBusSessionReceiver): Promise<void> {
    const { idleSeconds = 1 } = this.#settings;
    while (!this.#signal.aborted) {
      const [message] = await session.receiveMessages(1, { maxWaitTimeInMs: idleSeconds * 1000, abortSignal: this.#signal });
      if (message === undefined) return;
      const told = this.#tellOne(session, message);
      this.#telling = told.catch(() => undefined);
      await told;
    }
  }

  /** One that fails has failed at its row, which says so and comes again; the message comes again too, until the bus puts it aside. */
  async #tellOne(session: ServiceBusSessionReceiver, message: ServiceBusReceivedMessage): Promise<void> {
    try {
      await this.#settings.tell(message.body);
    } catch {
      await session.abandonMessage(message);
      return;
    }
    await session.completeMessage(message);
  }
}
