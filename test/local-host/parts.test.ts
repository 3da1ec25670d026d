import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { takePorts } from '../support/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'radloop-parts-'));
const started: number[] = [];
afterAll(() => {
  for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A launcher that starts a part, which starts a process of its own and, if it is stubborn, takes no notice of being asked to end. */
const PART = `
import { spawn } from 'node:child_process';
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
if (process.argv[2] === 'stubborn') process.on('SIGTERM', () => {});
else process.on('SIGTERM', () => { child.kill(); process.exit(0); });
setInterval(() => {}, 1000);
console.log(JSON.stringify({ ready: true, child: child.pid }));
`;
const LAUNCHER = `
import { writeFileSync } from 'node:fs';
import { startPart } from ${JSON.stringify(resolve('infra/local/children.ts'))};
writeFileSync('part.mjs', ${JSON.stringify(PART)});
const part = await startPart({ name: 'part', args: ['part.mjs', process.argv[1]], logFile: 'log' });
console.log(JSON.stringify([part.pid, part.ready.child]));
setInterval(() => {}, 1000);
`;

describe('the parts of an installation', () => {
  it.each([
    ['in order', 'willing', 5],
    ['at once after five seconds when one does not', 'stubborn', 10],
  ])('end when whoever started them is killed, and so does what they started: %s', async (_, how, seconds) => {
    const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', LAUNCHER, how];
    const launcher = spawn(process.execPath, options, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(launcher.pid ?? 0);
    const [line] = (await once(createInterface({ input: launcher.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    started.push(...pids);
    expect(pids.map(isAlive)).toEqual([true, true]);
    launcher.kill('SIGKILL');
    for (const end = Date.now() + seconds * 1000; Date.now() < end && pids.some(isAlive);) await pause(100);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });
});

describe('ports of test installations', () => {
  it('are given to one taker at a time, and not where something listens', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, takePorts));
    expect(new Set(all.map(({ base }) => base)).size).toBe(20);
    const [first] = all;
    const guard = connect((first?.base ?? 0) + 15, '127.0.0.1');
    await once(guard, 'connect');
    guard.destroy();
    await Promise.all(all.map(({ release }) => release()));
    const again = await takePorts();
    expect(again.base).toBe(first?.base);
    await again.release();
  });
});
