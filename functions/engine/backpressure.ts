import { classOf } from '#core/delivery.js';
import type { FailureCode } from '#core/delivery.js';
import { isQuestion, pagesBy, questions } from '#core/effect.js';
import type { Effect, Question } from '#core/effect.js';
import type { Log } from '#ports/log.js';
import type { OutboxStore } from '#ports/outbox-store.js';
import type { RawStore } from '#ports/raw-store.js';

/** How much is acknowledged and not done yet, and what follows from it: at the door, and for the work itself. */
export interface Backpressure {
  /** Is too much waiting, or too little room on the disk? New messages are then answered AE or CE, and not kept. */
  readonly isShut: () => boolean;
  /** Of these two, is it the disk? Then nothing is kept that only shows what was turned away. */
  readonly isDiskShort: () => boolean;
  /** Why it is, for the sender. */
  readonly why: () => string;
  /** Messages, events and effects that wait, as far as is known. */
  readonly waiting: () => number;
  /** An effect was tried at its receiver; null: it was done. Not told of what ended before anything left. */
  readonly tried: (effect: Effect, failed: FailureCode | null) => void;
  /** One more message is being kept. */
  readonly took: () => void;
  /** One was sent away. */
  readonly refused: (endpoint: string) => void;
  /** So many messages were worked out to events. */
  readonly routed: (messages: number) => void;
  /** This came of one of them: effects that leave Radloop, and what is asked before more is known. */
  readonly ledTo: (cause: Cause, effects: readonly Effect[]) => void;
  /** How many messages may be worked out now, as soon as few events and questions wait. Never rejects. */
  readonly room: () => Promise<number>;
  /** What waits for its turn waits no more. */
  readonly stop: () => void;
  readonly hasEnded: () => boolean;
}

/** What will lead to more: a message (or its event), and what is asked before it is known what leaves. */
export type Cause = 'message' | Question;

export interface Marks {
  /** Above it no new message is taken (site.json, `waitingMost`). */
  readonly most: number;
}

/** Below this share of the mark intake goes on: a door that opens and shuts with each message would be no use to a sender. */
const LOW = 0.8;
const LOOK_EVERY_MS = 1000;
/** Seconds after which whoever brings something by itself (the EHR's feed, the PACS) comes again to a door that is shut. */
export const COME_AGAIN_SECONDS = 5;
/** So much of the disk is kept for what was taken already, above all for telling people (INVARIANTS 6): nothing new is taken into it. */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** Counting takes at most this share of the time, however much waits. The disk is looked at each second all the same. */
const LOOK_SHARE = 0.05;
/**
 * Messages wait as messages, not as events: a timer's event and a person's answer come into the same queue, first come, first heard, and would stand behind a flood.
 * Nor as questions to the EHR and to models: the time in which an answer must come is counted while a question stands in our own queue. So many of both together are
 * ahead of the next message at most: half a second of a slow machine's work, some of it leading to twice as many.
 */
const AHEAD = 64;
/** Fewer are not worth a transaction and a look of their own. */
const FEWEST = 8;
/** Questions of which none was answered for so long, well or not, keep no message back: whoever is asked hangs, and cases go on without. Nor any for longer than the other. */
const HANGS_MS = 1000;
const HELD_MOST_MS = 4000;
/** Of what one led to, this much is taken into the mean: some fifty orders later it is known again what comes of one. */
const LEARNT_SHARE = 0.05;
const ROOM_FIRST_MS = 5;
const ROOM_LAST_MS = 320;

interface Needs {
  readonly raw: Pick<RawStore, 'waiting'>;
  readonly outbox: Pick<OutboxStore, 'waiting'>;
  /** Bytes that are free where the store is; null: it has no disk to run full. */
  readonly freeBytes: () => Promise<number | null>;
  readonly log: Log;
}

/**
 * Counts every second what waits, in the store, so that all processes of it come to the same; between two counts, what this process kept. A message counts until
 * all it led to is done: as a message, as its events, as their effects. What waits for a receiver that fails, and what is held for a person, does not count:
 * refusing messages would help neither. What our own limit of sends to Teams holds back does: it is done in its turn, and at that pace the whole is done (ADR 0031).
 * Against the mark, what will lead to more weighs as many effects as left of one lately, and at least one: worked out faster than it is sent, it is that many things
 * that wait.
 */
export function backpressure({ raw, outbox, freeBytes, log }: Needs, { most }: Marks): Backpressure {
  /** Messages with their events; what is asked; the rest of the effects. */
  const counted = { message: 0, gatherContext: 0, askModel: 0, others: 0 };
  /** Effects that leave of one, as a mean. */
  const leaves = { message: 1, gatherContext: 1, askModel: 1 };
  let kept = 0;
  let shut = false;
  let isDiskShort = false;
  let turnedAway = 0;
  let told = Number.NEGATIVE_INFINITY;
  /** So many messages may be worked out before it is looked again. */
  let credit = AHEAD;
  let answered = Number.NEGATIVE_INFINITY;
  let running = true;
  const failing = failingReceivers();
  const inAll = (): number => counted.message + counted.gatherContext + counted.askModel + counted.others + kept;
  const weighed = (cause: Cause, count: number): number => count * Math.max(1, leaves[cause]);

  const tell = (): void => {
    if (turnedAway === 0 || performance.now() - told < LOOK_EVERY_MS) return;
    if (isDiskShort) log.error('hl7.disk-nearly-full', { messages: turnedAway });
    else log.error('hl7.too-much-waits', { waiting: inAll(), messages: turnedAway });
    told = performance.now();
    turnedAway = 0;
  };
  const weigh = (): void => {
    const asked = weighed('gatherContext', counted.gatherContext) + weighed('askModel', counted.askModel);
    const weight = weighed('message', counted.message + kept) + asked + counted.others;
    if (!shut && weight >= most) shut = true;
    if (shut && weight < most * LOW) {
      shut = false;
      log.info('hl7.taken-again', { waiting: inAll() });
    }
  };
  const lookAtDisk = async (): Promise<void> => {
    const free = await freeBytes();
    const wasShort = isDiskShort;
    isDiskShort = free !== null && free < RESERVE_BYTES;
    if (wasShort && !isDiskShort) log.info('hl7.taken-again', { waiting: inAll() });
    tell();
  };
  const look = async (): Promise<void> => {
    const before = kept;
    const share = failing.allOthers();
    const ofKind = (kind: Question): Promise<number> =>
      share.notKinds.includes(kind) ? Promise.resolve(0) : outbox.waiting(most, { kinds: [kind] });
    const [{ messages, events }, gatherContext, askModel, effects] = await Promise.all([
      raw.waiting(most),
      ofKind('gatherContext'),
      ofKind('askModel'),
      outbox.waiting(most, share),
    ]);
    Object.assign(counted, { message: messages + events, gatherContext, askModel, others: Math.max(0, effects - gatherContext - askModel) });
    // What was kept while it was being counted may be in it or not: counted twice it only shuts a second early.
    kept -= before;
    weigh();
  };
  /** Events and questions that may come before the next message, less those that do. */
  const roomNow = async (began: number): Promise<number> => {
    const { events } = await raw.waiting(AHEAD).catch(() => ({ events: 0 }));
    const now = performance.now();
    if (now - Math.max(began, answered) > HANGS_MS || now - began > HELD_MOST_MS) return AHEAD - events;
    const { notKinds } = failing.allOthers();
    const kinds = questions.filter((kind) => !notKinds.includes(kind));
    return AHEAD - events - (await outbox.waiting(AHEAD, { kinds }).catch(() => 0));
  };
  const endings = [again(look, LOOK_SHARE), again(lookAtDisk, 1)];

  return {
    isShut: () => shut || isDiskShort,
    isDiskShort: () => isDiskShort,
    why: () => (isDiskShort ? 'The disk is nearly full: send it again later' : 'Too much is waiting to be worked out: send it again later'),
    waiting: inAll,
    took() {
      kept += 1;
      weigh();
    },
    refused() {
      turnedAway += 1;
      tell();
    },
    tried(effect, failed) {
      if (isQuestion(effect.kind)) answered = performance.now();
      failing.tried(effect, failed);
    },
    routed(messages) {
      credit -= messages;
    },
    ledTo(cause, effects) {
      const came = effects.reduce((sum, { kind }) => sum + (isQuestion(kind) ? leaves[kind] : 1), 0);
      leaves[cause] += (came - leaves[cause]) * LEARNT_SHARE;
    },
    async room() {
      const began = performance.now();
      for (let wait = ROOM_FIRST_MS; running && credit < FEWEST; wait = Math.min(ROOM_LAST_MS, wait * 2)) {
        credit = await roomNow(began);
        if (credit < FEWEST) await new Promise((done) => setTimeout(done, wait));
      }
      return Math.max(credit, FEWEST);
    },
    stop() {
      running = false;
      for (const end of endings) end();
    },
    hasEnded: () => !running,
  };
}

/** Does it now and then each second, less often where it takes more than this share of the time. @returns what ends it */
function again(look: () => Promise<void>, share: number): () => void {
  let running = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = (): void => {
    const began = performance.now();
    look()
      // A store that fails takes nothing anyway.
      .catch(() => undefined)
      .then(
        () => {
          if (!running) return;
          timer = setTimeout(round, Math.max(LOOK_EVERY_MS, (performance.now() - began) / share));
          timer.unref();
        },
        () => undefined,
      );
  };
  round();
  return () => {
    running = false;
    clearTimeout(timer);
  };
}

/** These say nothing of the receiver: it was not asked. */
const NOT_ASKED: readonly FailureCode[] = ['own-limit', 'cannot-be-written'];

/** Receivers that the last effect for them did not reach. A new process thinks that all can be reached, and knows better after its first try. */
function failingReceivers() {
  const destinations = new Set<string>();
  const kinds = new Set<Effect['kind']>();
  const change = <Name>(all: Set<Name>, name: Name, fails: boolean): void => {
    if (fails) all.add(name);
    else all.delete(name);
  };
  return {
    tried: (effect: Effect, failed: FailureCode | null): void => {
      if (failed !== null && NOT_ASKED.includes(failed)) return;
      // One that says no can be reached, and one that says "slower" takes the rest in its time.
      const fails = failed !== null && failed !== 'throttled' && ['transient', 'ambiguous'].includes(classOf(failed));
      if (effect.kind === 'sendHl7') change(destinations, effect.destination, fails);
      else if (effect.kind === 'page') change(destinations, pagesBy(effect.channel), fails);
      else change(kinds, effect.kind, fails);
    },
    allOthers: () => ({ notDestinations: [...destinations], notKinds: [...kinds] }),
  };
}
