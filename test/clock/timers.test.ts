import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const shim = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
  .find((file) => existsSync(file));
if (shim === undefined)
  console.error(
    'libfaketime (Debian: faketime) is not installed: that timers keep their time when the time of day is set is not tested on a real process.',
  );

interface Timers {
  readonly lines: { readonly at: number; readonly text: string }[];
  /** Sets the time of day of this process. */
  set(offset: string): void;
  kill(): Promise<void>;
}

function startTimers(folder: string, offset: string, ...args: string[]): Timers {
  const rc = join(folder, 'time-of-day');
  writeFileSync(rc, offset);
  const env = { ...process.env, LD_PRELOAD: shim, DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1', FAKETIME_TIMESTAMP_FILE: rc };
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/clock/timers-process.ts', join(folder, 'store'), ...args];
  const child = spawn(process.execPath, node, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Timers['lines'] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) {
      const [at = '', ...text] = line.split(' ');
      if (at !== '') lines.push({ at: Number(at), text: text.join(' ') });
    }
  });
  return {
    lines,
    set(to) {
      writeFileSync(rc, to);
    },
    async kill() {
      child.kill('SIGKILL');
      await new Promise((done) => child.once('exit', done));
    },
  };
}

async function until(lines: Timers['lines'], text: string, seconds = 20): Promise<number> {
  for (let waited = 0; waited < seconds * 1000; waited += 20) {
    const found = lines.find((line) => line.text.startsWith(text));
    if (found !== undefined) return found.at;
    await pause(20);
  }
  throw new Error(`"${text}" was not said in ${seconds} s: ${lines.map((line) => line.text).join('; ')}`);
}

(shim === undefined ? describe.skip : describe)('timers of a process whose time of day is set', () => {
  let folder = '';
  let running: Timers | null = null;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'radloop-clock-'));
  });
  afterEach(async () => {
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['+86400', '-86400', '+3600', '-3600'])(
    'fire at their time, once, while it runs and is set by %s s (invariant 22)',
    async (by) => {
      running = startTimers(folder, '+0', '6');
      const began = await until(running.lines, 'MARK');
      await until(running.lines, 'FIRED after-2');
      running.set(by);
      await until(running.lines, 'FIRED after-6');
      const late = [1, 2, 3, 4, 5, 6].map((n) => (running?.lines.find(({ text }) => text === `FIRED after-${n}`)?.at ?? 0) - began - n * 1000);
      // They were armed a moment before the mark.
      expect([Math.min(...late) > -1000, Math.max(...late) < 2000]).toEqual([true, true]);
      expect(running.lines.filter(({ text }) => text.startsWith('FIRED'))).toHaveLength(6);
      expect(running.lines.filter(({ text }) => text.startsWith('STEP')).map(({ text }) => text)).toEqual([`STEP ${Number(by)} not followed`]);
    },
    40_000,
  );

  it('are due at once after a start with the time set forward, and that is said; set back they are not late (invariant 22)', async () => {
    running = startTimers(folder, '+0', '8');
    await until(running.lines, 'FIRED after-1');
    const said = running.lines.find(({ text }) => text.startsWith('MARK'))?.text.slice(5) ?? '';
    // A minute older than it is: a young mark is that of a process that may still run.
    const { now, uptime, ...rest } = JSON.parse(said) as { readonly now: number; readonly uptime: number };
    const mark = JSON.stringify({ ...rest, now: now - 60_000, uptime: uptime - 60 });
    await running.kill();
    running = startTimers(folder, '-86400', '0', mark);
    const began = await until(running.lines, 'STEP -86400 not followed');
    expect((await until(running.lines, 'FIRED after-5')) - began).toBeLessThan(5000);
    await running.kill();
    running = startTimers(folder, '+86400', '0', mark);
    const again = await until(running.lines, 'STEP 86400 followed');
    expect((await until(running.lines, 'FIRED after-8')) - again).toBeLessThan(2000);
  }, 60_000);
});
