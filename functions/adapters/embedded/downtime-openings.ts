import { createHash } from 'node:crypto';
import { chownSync, closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { Opening, RecordEnd } from '#ports/downtime.js';

const START: RecordEnd = { n: 0, hash: '0'.repeat(64) };

const line = z.object({
  n: z.number().int().positive(),
  at: z.string(),
  account: z.string(),
  lentBy: z.string().nullable(),
  how: z.enum(['screen', 'html', 'csv', 'json', 'browser']),
  asOf: z.string(),
  prev: z.string(),
  hash: z.string(),
});

/** What is wrong with a record, in closed words, and behind which line. */
export interface RecordFault {
  readonly after: number;
  readonly what: string;
}

/** The record line by line: every line that is whole, though one before it is not, so that whoever opened a list after a power cut is known all the same. */
export function readOpenings(text: string): { readonly openings: readonly Opening[]; readonly faults: readonly RecordFault[] } {
  const openings: Opening[] = [];
  const faults: RecordFault[] = [];
  let isBroken = false;
  for (const written of text.split('\n')) {
    if (written === '') continue;
    const before = endOfRecord(openings);
    const parsed = line.safeParse(jsonOf(written));
    const { hash, ...rest } = parsed.success ? parsed.data : { hash: '' };
    if (!parsed.success || !('n' in rest) || hash !== hashOf(rest)) {
      faults.push({ after: before.n, what: parsed.success ? 'a line was changed' : 'a line can not be read' });
      isBroken = true;
      continue;
    }
    const follows = parsed.data.n === before.n + 1 && parsed.data.prev === before.hash;
    // Behind a line that was changed, what follows was joined to that line: it is said once.
    if (!follows && !isBroken) faults.push({ after: before.n, what: 'lines are missing' });
    isBroken = false;
    openings.push(parsed.data);
  }
  return { openings, faults };
}

export function endOfRecord(openings: readonly Opening[]): RecordEnd {
  const last = openings.at(-1);
  return last === undefined ? START : { n: last.n, hash: last.hash };
}

/**
 * Notes that somebody is about to see a list, on the disk before they see it. The service takes it into its audit at its next round or start.
 * @throws when the disk does not take it
 */
export function recordOpening(folder: string, opening: Omit<Opening, 'n' | 'prev' | 'hash'>): void {
  const release = holdRecord(folder);
  try {
    const file = join(folder, 'openings.jsonl');
    const handle = openSync(file, 'a+', 0o600);
    try {
      const text = readFileSync(handle, 'utf8');
      const { n, hash: prev } = lastWritten(text);
      const rest = { n: n + 1, ...opening, prev };
      // A line that a power cut left unfinished stays as it is: the next one begins anew, and the record shows the fault.
      writeSync(handle, `${text === '' || text.endsWith('\n') ? '' : '\n'}${JSON.stringify({ ...rest, hash: hashOf(rest) })}\n`);
      fsyncSync(handle);
      if (process.getuid?.() === 0) giveToOwner(folder, file);
    } finally {
      closeSync(handle);
    }
  } finally {
    release();
  }
}

/** The last line that can be read, whatever stands before it. */
function lastWritten(text: string): RecordEnd {
  const lines = text.split('\n').flatMap((written) => {
    const parsed = line.safeParse(jsonOf(written));
    return parsed.success ? [parsed.data] : [];
  });
  return endOfRecord(lines);
}

/** Run by root, the service must still be able to read it. */
function giveToOwner(folder: string, file: string): void {
  const { uid, gid } = statSync(folder);
  chownSync(file, uid, gid);
}

const PATIENCE_MS = 2000;

/** One writer at a time; what a dead one left is taken away after two seconds. */
function holdRecord(folder: string): () => void {
  const lock = join(folder, 'openings.lock');
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx', 0o600));
      return () => {
        rmSync(lock, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (Date.now() > until) rmSync(lock, { force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function hashOf({ n, at, account, lentBy, how, asOf, prev }: Omit<Opening, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([prev, n, at, account, lentBy, how, asOf]))
    .digest('hex');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
