import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Orders, Said } from './loop.ts';

/** A run that makes no progress for so long will not end. */
const HANG_MS = 20_000;
const FOLDER = '.data/fuzz';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } } });
const runs = numberOf('runs', 10_000_000);
const seconds = numberOf('seconds', 86_400);
const seed = numberOf('seed', 1 + (Date.now() % 1_000_000_000));

function numberOf(name: keyof typeof values, otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  if (!/^[1-9]\d{0,9}$/u.test(given)) throw new RangeError(`--${name} takes a whole number above 0, not "${given}".`);
  return Number(given);
}

const progress = new Uint32Array(new SharedArrayBuffer(8));
const current = new Uint8Array(new SharedArrayBuffer(1 << 16));
const orders: Orders = { runs, seconds, seed, progress, current };
console.log(`Fuzzing the HL7 codec, framer and door: ${runs.toLocaleString('en')} runs at most, ${seconds} s at most, --seed ${seed}`);

const started = performance.now();
let failures = 0;
let before = { runs: 0, at: started };
const worker = new Worker(new URL('./loop.ts', import.meta.url), { workerData: orders });
worker.on('message', (said: Said) => {
  if (said.kind === 'failure') report(said.why, Buffer.from(said.input));
  else {
    const took = (performance.now() - started) / 1000;
    console.log(
      `${said.runs.toLocaleString('en')} runs in ${took.toFixed(0)} s, ${Math.round(said.runs / took).toLocaleString('en')} a second, ` +
        `corpus ${said.corpus}, counters ${said.covered} of ${said.counters}, failures ${failures}`,
    );
  }
});
worker.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
const watch = setInterval(() => {
  const now = performance.now();
  if (progress[0] !== before.runs) before = { runs: progress[0] ?? 0, at: now };
  if (before.runs === 0 || now - before.at < HANG_MS) return;
  report(`does not end within ${HANG_MS / 1000} s`, Buffer.from(current.slice(0, progress[1])));
  worker.terminate().catch(console.error);
}, 1000);
worker.on('exit', () => {
  clearInterval(watch);
  if (failures > 0) process.exitCode = 1;
});

function report(why: string, input: Buffer): void {
  failures += 1;
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`);
  writeFileSync(file, input);
  console.log(`FAILURE: ${why}\n  ${file}\n  ${input.toString('hex')}`);
}
