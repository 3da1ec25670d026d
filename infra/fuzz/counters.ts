import { readFileSync } from 'node:fs';
import { createRequire, registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One counter for each statement, function and branch of the instrumented files, since the last look. */
const hits = new Uint8Array(1 << 16);

/** What is fuzzed: the codec, the framer and what reads their messages; nothing that opens a socket. */
const FUZZED = /\/functions\/adapters\/hl7\/(?!mllp-|sender|tls)[a-z-]+\.ts$/u;

interface Instrumenter {
  instrumentSync(code: string, filename: string): string;
}
const istanbul = createRequire(import.meta.url)('istanbul-lib-instrument') as {
  createInstrumenter(options: { esModules: boolean; compact: boolean }): Instrumenter;
};

let used = 0;

/** Number of counters given out so far. */
export function counters(): number {
  return used;
}

/** From now on the fuzzed files are loaded with counters. Istanbul's are found by name in objects; here each becomes a place in `hits`. */
export function instrument(): void {
  const instrumenter = istanbul.createInstrumenter({ esModules: true, compact: true });
  Object.assign(globalThis, { radloopHits: hits });
  registerHooks({
    load(url, context, nextLoad) {
      if (!FUZZED.test(url)) return nextLoad(url, context);
      const file = fileURLToPath(url);
      const counted = instrumenter.instrumentSync(stripTypeScriptTypes(readFileSync(file, 'utf8')), file);
      const source = counted.replace(/cov_\w+\(\)\.[sfb]\[\d+\](?:\[\d+\])?\+\+/gu, () => `radloopHits[${used++}]++`);
      if (used > hits.length) throw new RangeError('More counters than places: make `hits` larger (infra/fuzz/counters.ts).');
      return { format: 'module', source: `const radloopHits=globalThis.radloopHits;${source}`, shortCircuit: true };
    },
  });
}

/** How often a counter ran, in eight steps, as a bit: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more. */
const step = Uint8Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 << [2, 3, 4, 8, 16, 32, 128, 256].findIndex((end) => count < end)));
const words = new Uint32Array(hits.buffer);
const seen = new Uint8Array(hits.length);
let covered = 0;

/** Did the run since the last look do what none before it did? Sets the counters back. */
export function isNew(): boolean {
  let found = false;
  const last = (used + 3) >> 2;
  for (let word = 0; word < last; word += 1) {
    if (words[word] === 0) continue;
    for (let at = word * 4; at < word * 4 + 4; at += 1) {
      const bit = step[hits[at] ?? 0] ?? 0;
      const before = seen[at] ?? 0;
      if ((bit & ~before) === 0) continue;
      found = true;
      if (before === 0) covered += 1;
      seen[at] = before | bit;
    }
    words[word] = 0;
  }
  return found;
}

/** Counters that have run at least once. */
export function coveredCounters(): number {
  return covered;
}
