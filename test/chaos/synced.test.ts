import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { orderBytes } from '../support/engine-fixture.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.error('strace is not installed: that a message is synced before its ACK is not tested here.');

/** Seen from outside, by the kernel: what the process really asked of it, and in which order. */
(hasStrace ? it : it.skip)(
  'the log is synced after the message was written to it and before its ACK leaves (invariant 1)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'radloop-strace-'));
    const trace = join(folder, 'trace');
    const strace = ['-f', '-y', '-s', '400', '-e', 'trace=pwrite64,fdatasync,write,writev,sendto', '-o', trace];
    const node = [process.execPath, '--conditions=source', '--disable-warning=ExperimentalWarning', 'infra/bench/receive-servers.ts', 'radloop'];
    const child = spawn('strace', [...strace, ...node], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    const ended = new Promise((done) => child.once('exit', done));
    const port = await new Promise<number>((done) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        done((JSON.parse(line) as { port: number }).port);
      });
    });
    const before = readFileSync(trace, 'utf8').split('\n').length;
    expect(String(await exchangeBytes(port, frame(orderBytes('new', 'SYNC1'))))).toContain('MSA|AA|SYNC1');
    // strace and what it traces.
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .slice(before - 1);
    rmSync(folder, { recursive: true, force: true });
    const indexOf = (pattern: RegExp): number => calls.findIndex((call) => pattern.test(call));
    const written = indexOf(/pwrite64\(\d+<[^>]*radloop\.sqlite-wal>/u);
    // A call that another thread interrupts in the trace ends on a line of its own.
    const synced = indexOf(/fdatasync\(\d+<[^>]*radloop\.sqlite-wal>\) += 0|<\.\.\. fdatasync resumed>\) += 0/u);
    const answered = indexOf(/MSA\|AA\|SYNC1/u);
    expect([written >= 0, synced > written, answered > synced]).toEqual([true, true, true]);
  },
  60_000,
);
