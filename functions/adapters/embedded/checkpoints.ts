import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { copyAllAnew } from './log-index.ts';

/**
 * Checkpoints: what stands in the write-ahead log is copied into the file, by a thread with a connection of its own. On the main thread each held up every answer for
 * as long as the disk took; there they are made only when the system gives no thread. SQLite's own are switched off: they would keep a sync that failed to themselves.
 */
export interface Checkpoints {
  /** So many writes were committed and synced. */
  wrote(writes: number): void;
  /**
   * The log is long, and all but the newest of it copied; or it is at its bound. When nothing is written for the time of one more checkpoint, it is used anew from
   * its beginning.
   */
  isRestDue(): boolean;
  /** One checkpoint of all that is there. Never rejects. */
  rest(): Promise<void>;
  /** After a disk that failed: the thread's open files would each tell of it once more. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Pages of the log (4 kB) at which writing waits for a checkpoint, each time. */
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

/** What was made; null: nothing, for others were at work, or there was no room, which the commit that follows meets too. */
type Said = Done | null | { readonly fault: string };

/** SQLITE_IOERR, in the lowest byte of the code: a sync that failed is one. */
const IO_ERROR = 10;

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
  let said = null;
  try {
    said = checkpoint.get();
  } catch (error) {
    if ((error.errcode & 255) === ${IO_ERROR}) said = { fault: error.message };
  }
  parentPort.postMessage(said);
});
parentPort.postMessage('open');
`;

/**
 * @param file the store; the thread is started with the first checkpoint, so that a store that is little written to has none
 * @param fail told when the disk did not take a checkpoint: until it has taken all of it anew, none may be made
 */
export function checkpoints(db: DatabaseSync, file: string, fail: (error: Error) => void): Checkpoints {
  db.exec('PRAGMA wal_autocheckpoint = 0');
  const looked = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  const made = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let thread: Worker | null = null;
  let running: Promise<unknown> | null = null;
  let tell: (said: Said | 'no thread') => void = () => undefined;
  let writes = 0;
  let last = Number.NEGATIVE_INFINITY;
  let isLong = false;
  let isClosed = false;
  const start = (): Worker => {
    const options = { eval: true, workerData: file, env: {}, execArgv: ['--disable-warning=ExperimentalWarning'] };
    const worker = new Worker(THREAD, { ...options, resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 } });
    worker.on('message', (said: Said | 'open') => {
      if (said === 'open') opened(worker);
      else tell(said);
    });
    // Its end follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      thread = null;
      tell('no thread');
    });
    return worker;
  };
  /** Its file does not tell it of a sync that failed before it was opened, in this process or another. */
  const opened = (worker: Worker): void => {
    try {
      copyAllAnew(db, file);
      worker.postMessage('checkpoint');
    } catch {
      tell(null);
      worker.postMessage('close');
    }
  };
  const asked = async (): Promise<Said | 'no thread'> => {
    const { promise, resolve } = Promise.withResolvers<Said | 'no thread'>();
    tell = resolve;
    const known = thread;
    try {
      thread ??= start();
    } catch {
      return 'no thread';
    }
    const own = thread;
    // Only a checkpoint that is being made keeps the process.
    own.ref();
    if (known !== null) own.postMessage('checkpoint');
    const said = await promise;
    own.unref();
    return said;
  };
  const checkpoint = async (): Promise<Done | null> => {
    writes = 0;
    const asking = asked();
    running = asking;
    let said = await asking;
    if (said === 'no thread') said = isClosed ? null : madeHere(made);
    running = null;
    last = performance.now();
    if (said === null || !('fault' in said)) return said;
    fail(new Error(`A checkpoint failed: ${said.fault}`));
    return null;
  };
  const ended = async (): Promise<void> => {
    await running;
    const worker = thread;
    if (worker === null) return;
    worker.ref();
    const gone = new Promise((done) => worker.once('exit', done));
    worker.postMessage('close');
    await gone;
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
    isRestDue: () => running === null && (isLong || (writes > 0 && pagesIn(looked) >= LOG_MOST_PAGES)),
    async rest() {
      isLong = false;
      await checkpoint();
    },
    renew: ended,
    async close() {
      isClosed = true;
      await ended();
    },
  };
}

function madeHere(checkpoint: StatementSync): Said {
  try {
    const { log, checkpointed } = checkpoint.get() ?? {};
    return { log: Number(log), checkpointed: Number(checkpointed) };
  } catch (error) {
    const { errcode = 0, message } = error as Error & { readonly errcode?: number };
    return (errcode & 255) === IO_ERROR ? { fault: message } : null;
  }
}

/** Of the log. What fails here is met by the commit that follows. */
function pagesIn(looked: StatementSync): number {
  try {
    return Number(looked.get()?.['log']);
  } catch {
    return 0;
  }
}
