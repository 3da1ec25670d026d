import { Worker } from 'node:worker_threads';

/**
 * Checkpoints: what stands in the write-ahead log is copied into the file, by a thread with a connection of its own. On the main thread each held up every answer for
 * as long as the disk took. Its bound is SQLite's own checkpoint (`LOG_MOST_PAGES`), which goes on being made by whoever commits when this thread is not there.
 */
export interface Checkpoints {
  /** So many writes were committed and synced. */
  wrote(writes: number): void;
  /** The log is long, and all but the newest of it copied. When nothing is written for the time of one more checkpoint, it is used anew from its beginning. */
  isRestDue(): boolean;
  /** One checkpoint of all that is there. Never rejects. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** Pages of the log (4 kB) at which a commit makes the checkpoint itself. */
export const LOG_MOST_PAGES = 16_000;
/** Pages at which writing waits for the rest, some milliseconds: seldom enough at ten thousand messages a second. */
const LONG_PAGES = 8_000;
const EVERY_WRITES = 200;
const EVERY_MS = 50;

/** What PRAGMA wal_checkpoint says: pages that were in the log when it began, and those of them that are in the file now. */
interface Done {
  readonly log: number;
  readonly checkpointed: number;
}

/** As text, since the file of a thread has another name once it is compiled. PASSIVE never makes a writer or reader wait. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(workerData);
db.exec('PRAGMA synchronous = NORMAL');
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort.on('message', (word) => {
  if (word === 'close') {
    db.close();
    parentPort.close();
    return;
  }
  let done = null;
  try {
    done = checkpoint.get();
  } catch {
    // A disk that fails is met by the commit that follows, and tried again.
  }
  parentPort.postMessage(done);
});
`;

/** @param file the store; the thread is started with the first checkpoint, so that a store that is little written to has none. */
export function checkpoints(file: string): Checkpoints {
  let thread: Worker | null = null;
  let running: Promise<Done | null> | null = null;
  let tell: (done: Done | null) => void = () => undefined;
  let writes = 0;
  let last = Number.NEGATIVE_INFINITY;
  let isLong = false;
  let isClosed = false;
  const start = (): Worker => {
    const options = { eval: true, workerData: file, env: {}, execArgv: ['--disable-warning=ExperimentalWarning'] };
    const worker = new Worker(THREAD, { ...options, resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 } });
    worker.on('message', (done: Done | null) => {
      tell(done);
    });
    // Its end follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      thread = null;
      tell(null);
    });
    return worker;
  };
  /** Null: the system gives no thread. */
  const started = (): Worker | null => {
    try {
      return start();
    } catch {
      return null;
    }
  };
  const checkpoint = async (): Promise<Done | null> => {
    writes = 0;
    const { promise, resolve } = Promise.withResolvers<Done | null>();
    tell = resolve;
    running = promise;
    const own = (thread ??= started());
    if (own === null) {
      running = null;
      return null;
    }
    // Only a checkpoint that is being made keeps the process.
    own.ref();
    own.postMessage('checkpoint');
    const done = await promise;
    own.unref();
    running = null;
    last = performance.now();
    return done;
  };
  return {
    wrote(count) {
      writes += count;
      if (writes < EVERY_WRITES || running !== null || isClosed || performance.now() - last < EVERY_MS) return;
      checkpoint().then(
        (done) => {
          isLong = done !== null && done.log >= LONG_PAGES && done.checkpointed === done.log;
        },
        () => undefined,
      );
    },
    isRestDue: () => isLong && running === null,
    async rest() {
      isLong = false;
      await checkpoint();
    },
    async close() {
      isClosed = true;
      await running;
      const ended = thread;
      if (ended === null) return;
      ended.ref();
      const gone = new Promise((done) => ended.once('exit', done));
      ended.postMessage('close');
      await gone;
    },
  };
}
