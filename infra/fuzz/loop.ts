import { parentPort, workerData } from 'node:worker_threads';
import { counters, coveredCounters, instrument, isNew } from './counters.ts';
import { Chance, mutated, seeds } from './mutate.ts';

/** What the loop is told, and where it leaves its input for the watch: [runs, length of the input] and the input. */
export interface Orders {
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly progress: Uint32Array;
  readonly current: Uint8Array;
}

export type Said =
  | { readonly kind: 'failure'; readonly why: string; readonly input: Uint8Array }
  | { readonly kind: 'end'; readonly runs: number; readonly corpus: number; readonly covered: number; readonly counters: number };

/** The door reads far more than the codec does: it sees one input in 16, and each that is new. */
const DOOR_EVERY = 16;
/** A run that takes longer is a hang. */
const LONGEST_MS = 1000;
const MOST_FAILURES = 10;

const { runs, seconds, seed, progress, current } = workerData as Orders;
instrument();
const { codec, framer, judging } = await import('./checks.ts');
const chance = new Chance(seed);
const corpus: Buffer[] = [...seeds];
const failures = new Set<string>();
const until = performance.now() + seconds * 1000;

let run = 0;
for (; run < runs && failures.size < MOST_FAILURES; run += 1) {
  const input = run < seeds.length ? (seeds[run] ?? Buffer.alloc(0)) : mutated(corpus[chance.upTo(corpus.length)] ?? Buffer.alloc(0), corpus, chance);
  current.set(input);
  progress[1] = input.length;
  progress[0] = run + 1;
  const started = performance.now();
  if (started > until) break;
  attempt(input, run % DOOR_EVERY === 0);
  if (performance.now() - started > LONGEST_MS) slow(input);
  if (!isNew()) continue;
  attempt(input, true);
  isNew();
  corpus.push(Buffer.from(input));
}
say({ kind: 'end', runs: run, corpus: corpus.length, covered: coveredCounters(), counters: counters() });

function attempt(input: Buffer, atDoor: boolean): void {
  try {
    codec(input, chance);
    framer(input, chance);
    if (atDoor) judging(input);
  } catch (error) {
    fail(error instanceof Error ? `${error.message} (${(error.stack ?? '').split('\n')[1]?.trim() ?? ''})` : String(error), input);
  }
}

/** Again, because a busy machine may have been the reason. */
function slow(input: Buffer): void {
  const started = performance.now();
  attempt(input, true);
  if (performance.now() - started > LONGEST_MS) fail(`takes longer than ${LONGEST_MS} ms`, input);
}

/** The first input of each kind. */
function fail(why: string, input: Buffer): void {
  if (failures.has(why)) return;
  failures.add(why);
  say({ kind: 'failure', why, input: Uint8Array.from(input) });
}

function say(said: Said): void {
  parentPort?.postMessage(said);
}
