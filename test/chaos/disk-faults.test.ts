import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { rawStore } from '#adapters/embedded/raw-store.js';
import { build } from '../../infra/build.ts';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import { openInstallation } from '../support/installation-for-tests.ts';
import type { TestInstallation } from '../support/installation-for-tests.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { plannedOrders } from '../support/planned-orders.ts';

/** How long the disk is broken. */
const SECONDS = process.env['RADLOOP_FAULTS'] === 'full' ? 30 : 4;
const ANSWERED_WITHIN_MS = 2_000;
const RECOVERED_WITHIN_MS = 5_000;
/** What waits for a sync of 2 s waits for the one before it too. */
const SLOW_SECONDS = 6;
/** The process answers that it is alive within this, whatever its disk does: its timers then run too. */
const ALIVE_WITHIN_MS = 1_000;
/** A second: of each kind of error 20. */
const MOST_LOG_LINES = 200;

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: what a disk that fails does to the service is not tested here.');

interface Answered {
  readonly at: number;
  readonly hash: string;
  readonly code: string;
  readonly tookMs: number;
}

const faults = [
  { name: 'is full (ENOSPC)', inject: ['pwrite64:error=ENOSPC'], answers: 'AE' },
  { name: 'is read-only (EROFS)', inject: ['pwrite64:error=EROFS'], answers: 'AE' },
  { name: 'fails at a write (EIO)', inject: ['pwrite64:error=EIO'], answers: 'AE' },
  { name: 'fails to sync (EIO)', inject: ['fdatasync:error=EIO', 'fsync:error=EIO'], answers: 'AE' },
  { name: 'takes 2 s to sync', inject: ['fdatasync:delay_enter=2000000', 'fsync:delay_enter=2000000'], answers: 'AA' },
] as const;

(hasStrace ? describe : describe.skip)('the service while its disk', () => {
  let installation: TestInstallation | null = null;
  beforeAll(async () => {
    await build();
    installation = await openInstallation();
  }, 120_000);
  afterAll(() => installation?.clear(), 90_000);

  it.each(faults)(
    '$name answers $answers in time, stays up, loses nothing that it acknowledged and recovers by itself (invariants 1, 5, 6)',
    async ({ name, inject, answers }) => {
      if (installation === null) throw new Error('nothing runs');
      const { ports, store } = installation;
      const pid = installation.servicePid();
      const all: Answered[] = [];
      const sending = new AbortController();
      const sent = Promise.all([1, 2, 3].map((line) => send(ports.mllp, `${name}${line}`, all, sending.signal)));
      await pause(500);
      const strace = await broke(installation.servicePid(), store, inject);
      const broken = Date.now();
      const looked = await looking(installation, answers === 'AE' ? SECONDS : SECONDS + SLOW_SECONDS);
      const mended = Date.now();
      await strace.mend();
      await pause(RECOVERED_WITHIN_MS + 1500);
      sending.abort();
      await sent;

      expect(installation.servicePid()).toBe(pid);
      const during = all.filter(({ at, tookMs }) => at > broken && at + tookMs < mended);
      const after = all.filter(({ at }) => at > mended + RECOVERED_WITHIN_MS);
      expect(during.length).toBeGreaterThan(0);
      expect([...new Set(during.map(({ code }) => code))]).toEqual([answers]);
      if (answers === 'AE') expect(Math.max(...during.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWERED_WITHIN_MS);
      expect(looked.deadMs).toBeLessThan(ALIVE_WITHIN_MS);
      expect(looked.logLines).toBeLessThan(MOST_LOG_LINES);
      if (answers === 'AE') {
        expect(looked.ready).toEqual([503]);
        expect(looked.readySays).toContain('"name":"store","ok":false');
        expect(looked.core).toBeLessThan(0.9);
      }
      expect((await ready(installation)).status).toBe(200);
      expect(after.length).toBeGreaterThan(0);
      expect([...new Set(after.map(({ code }) => code))]).toEqual(['AA']);
      expect(await lost(store, all)).toEqual([]);
      const first = all.find(({ at, code }) => at > mended && code === 'AA');
      process.stdout.write(
        `${JSON.stringify({ disk: name, during: during.length, recoveredAfterMs: (first?.at ?? 0) - mended, ...looked, readySays: undefined })}\n`,
      );
    },
    90_000 + SECONDS * 2000,
  );
});

interface Looked {
  readonly ready: readonly number[];
  readonly readySays: string;
  /** The longest that it took to say that it is alive. */
  readonly deadMs: number;
  /** A second. */
  readonly logLines: number;
  /** Share of one core that the service used. */
  readonly core: number;
}

/** What the service shows for so long while its disk fails. */
async function looking(installation: TestInstallation, seconds: number): Promise<Looked> {
  const { ports, data } = installation;
  const pid = installation.servicePid();
  const lines = (): number => readFileSync(join(data, 'logs', 'service.log'), 'latin1').split('\n').length;
  const [linesBefore, cpuBefore, began] = [lines(), cpuSeconds(pid), performance.now()];
  const ready_ = new Set<number>();
  let readySays = '';
  let deadMs = 0;
  while (performance.now() - began < seconds * 1000) {
    const asked = performance.now();
    await fetch(`http://127.0.0.1:${ports.http}/api/livez`);
    deadMs = Math.max(deadMs, performance.now() - asked);
    // It takes as long as a probe of the disk; the first may have begun before the fault.
    const { status, text } = await ready(installation);
    ready_.add(status);
    readySays = text;
    await pause(100);
  }
  const took = (performance.now() - began) / 1000;
  return {
    ready: [...ready_],
    readySays,
    deadMs: Math.round(deadMs),
    logLines: Math.round((lines() - linesBefore) / took),
    core: Number(((cpuSeconds(pid) - cpuBefore) / took).toFixed(2)),
  };
}

async function ready({ ports, store }: TestInstallation): Promise<{ readonly status: number; readonly text: string }> {
  const token = readFileSync(join(store, 'health.token'), 'utf8').trim();
  const answer = await fetch(`http://127.0.0.1:${ports.http}/api/readyz`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, text: await answer.text() };
}

/** As the kernel counts them: fields 14 and 15 of proc(5) stat, in hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []; // prettier-ignore
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Makes the kernel answer so to what the process asks of its store, from now on. */
async function broke(pid: number, store: string, inject: readonly string[]): Promise<{ mend(): Promise<void> }> {
  const where = [`${store}/radloop.sqlite`, `${store}/radloop.sqlite-wal`].flatMap((file) => ['-P', file]);
  const faults = inject.flatMap((what) => ['-e', `inject=${what}`]);
  const strace = spawn('strace', ['-f', '-p', String(pid), ...where, '-e', 'trace=pwrite64,fdatasync,fsync', ...faults, '-o', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // It says that it has attached; under load that takes its time.
  let said = '';
  strace.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (const end = Date.now() + 20_000; !said.includes('attached'); await pause(50)) {
    if (strace.exitCode !== null || Date.now() > end) throw new Error(`strace could not be attached to the service: ${said}`);
  }
  // What was under way then is not failed.
  await pause(500);
  return {
    async mend() {
      strace.kill('SIGINT');
      await new Promise((done) => strace.once('exit', done));
    },
  };
}

/** Sends orders one after the other, each until it has an AA. */
async function send(port: number, line: string, all: Answered[], until: AbortSignal): Promise<void> {
  const orders = plannedOrders(createHash('sha256').update(line).digest().readUInt32BE(), 2000);
  for (const [index, order] of orders.entries()) {
    const bytes = Buffer.from(orderMessage(order, 'new', `${line}-${index}`, new Date()));
    const hash = createHash('sha256').update(bytes).digest('hex');
    for (let code = ''; code !== 'AA';) {
      if (until.aborted) return;
      const began = Date.now();
      const answer = await exchangeBytes(port, frame(bytes), { seconds: 15 });
      code = /MSA\|(?<code>\w\w)/u.exec(String(answer))?.groups?.['code'] ?? 'none';
      all.push({ at: began, hash, code, tookMs: Date.now() - began });
      await pause(20);
    }
  }
}

/** Acknowledged messages that the store does not have; it is looked at while the service runs. */
async function lost(store: string, all: readonly Answered[]): Promise<string[]> {
  const { openDatabase } = await import('#adapters/embedded/database.js');
  const db = openDatabase(store, { readOnly: true });
  const kept = new Set((await rawStore(db).list(100_000)).map(({ hash }) => hash));
  await db.close();
  return all.filter(({ code, hash }) => code === 'AA' && !kept.has(hash)).map(({ hash }) => hash);
}
