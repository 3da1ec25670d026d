import type { Log } from '#ports/log.js';
import type { RawStore } from '#ports/raw-store.js';

/** How much is acknowledged and not worked out yet, and what follows from it: at the door, and for the work itself. */
export interface Backpressure {
  /** Is too much waiting? New messages are then answered AE or CE, and not kept. */
  readonly isShut: () => boolean;
  /** Messages and events that wait, as far as is known. */
  readonly waiting: () => number;
  /** One more message is being kept. */
  readonly took: () => void;
  /** One was sent away. */
  readonly refused: (endpoint: string) => void;
  /** So many messages were worked out to events. */
  readonly routed: (messages: number) => void;
  /** Resolves when few events wait. Never rejects. */
  readonly room: () => Promise<void>;
  readonly stop: () => void;
}

export interface Marks {
  /** Above it no new message is taken (site.json, `waitingMost`). */
  readonly most: number;
}

/** Below this share of the mark intake goes on: a door that opens and shuts with each message would be no use to a sender. */
const LOW = 0.8;
const LOOK_EVERY_MS = 1000;
/** Counting takes at most this share of the time, however much waits. */
const LOOK_SHARE = 0.05;
/**
 * Messages wait as messages, not as events: a timer's event and a person's answer come into the same queue, first come, first heard, and would stand behind a flood.
 * So many events ahead of them are heard within a second.
 */
const EVENTS_AHEAD = 64;
const ROOM_FIRST_MS = 5;
const ROOM_LAST_MS = 320;

/**
 * Counts every second what waits, in the store, so that all processes of it come to the same; between two counts, what this process kept. What waits for a
 * receiver that is down, and what is held for a person, does not count: refusing messages would help neither.
 */
export function backpressure({ raw, log }: { readonly raw: Pick<RawStore, 'waiting'>; readonly log: Log }, { most }: Marks): Backpressure {
  let counted = 0;
  let kept = 0;
  let shut = false;
  let turnedAway = 0;
  let told = Number.NEGATIVE_INFINITY;
  let routedSinceLook = 0;
  let running = true;

  const tell = (): void => {
    if (turnedAway === 0 || performance.now() - told < LOOK_EVERY_MS) return;
    log.error('hl7.too-much-waits', { waiting: counted + kept, messages: turnedAway });
    told = performance.now();
    turnedAway = 0;
  };
  const weigh = (): void => {
    const waiting = counted + kept;
    if (!shut && waiting >= most) shut = true;
    if (shut && waiting < most * LOW) {
      shut = false;
      log.info('hl7.taken-again', { waiting });
    }
  };
  const look = async (): Promise<void> => {
    const before = kept;
    const { messages, events } = await raw.waiting(most);
    counted = messages + events;
    // What was kept while it was being counted may be in it or not: counted twice it only shuts a second early.
    kept -= before;
    weigh();
    tell();
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = (): void => {
    const began = performance.now();
    look()
      // A store that fails takes nothing anyway.
      .catch(() => undefined)
      .then(
        () => {
          if (!running) return;
          timer = setTimeout(round, Math.max(LOOK_EVERY_MS, (performance.now() - began) / LOOK_SHARE));
          timer.unref();
        },
        () => undefined,
      );
  };
  round();

  return {
    isShut: () => shut,
    waiting: () => counted + kept,
    took() {
      kept += 1;
      weigh();
    },
    refused() {
      turnedAway += 1;
      tell();
    },
    routed(messages) {
      routedSinceLook += messages;
    },
    async room() {
      if (routedSinceLook < EVENTS_AHEAD) return;
      for (let wait = ROOM_FIRST_MS; running; wait = Math.min(ROOM_LAST_MS, wait * 2)) {
        const { events } = await raw.waiting(EVENTS_AHEAD).catch(() => ({ events: 0 }));
        if (events < EVENTS_AHEAD) break;
        await new Promise((done) => setTimeout(done, wait));
      }
      routedSinceLook = 0;
    },
    stop() {
      running = false;
      clearTimeout(timer);
    },
  };
}
