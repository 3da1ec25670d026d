import { readFileSync, readdirSync } from 'node:fs';

/**
 * Runs once after the last test: names the processes that tests have left behind and ends them. One that holds the standard output of a Jest worker would
 * keep the whole run from ending. Where there is no /proc nothing is looked for.
 */
export default function endWhatIsLeft(): void {
  const run = process.env['RADLOOP_BEGAN'];
  if (process.platform !== 'linux' || run === undefined) return;
  const ours = lineage();
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)) {
    if (ours.has(pid) || ours.has(parentOf(pid)) || !read(pid, 'environ').split('\0').includes(`RADLOOP_BEGAN=${run}`)) continue;
    process.stdout.write(`A test left a process behind: ${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ')}\n`);
    end(pid);
  }
}

/** It may have ended by itself meanwhile. */
export function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** This process and all above it. */
function lineage(): ReadonlySet<number> {
  const pids = new Set<number>();
  for (let pid = process.pid; pid > 1 && !pids.has(pid); pid = parentOf(pid)) pids.add(pid);
  return pids;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(?<pid>\d+)$/mu.exec(read(pid, 'status'))?.groups?.['pid'] ?? 0);
}

/** Empty for a process that has gone meanwhile, or that is another account's. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
