import { readFileSync } from 'node:fs';

/** @param sorted ascending; NaN of nothing */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function last(sorted: readonly number[]): number {
  return sorted.at(-1) ?? Number.NaN;
}

/** Median, p99 and the longest, for a row. */
export function figures(sorted: readonly number[]): readonly string[] {
  return [percentile(sorted, 0.5), percentile(sorted, 0.99), last(sorted)].map((ms) => `${ms.toFixed(0)} ms`);
}

export function row(title: string, ...cells: readonly (string | number)[]): string {
  return `  ${title.padEnd(30)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
}

export function verdict(held: boolean): string {
  return held ? 'held' : 'NOT HELD';
}

/** VmRSS of a process in megabytes (Linux). */
export function residentOf(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb ?? 0) / 1024;
}
