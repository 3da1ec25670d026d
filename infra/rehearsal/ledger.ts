import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file of one JSON object a line that only grows; a line that was written is on the disk. */
export interface Ledger<Line extends object> {
  /** Adds a line and waits for the disk. @returns `at`, which is filled in */
  write(line: Line): string;
  close(): void;
}

/** Opens the ledger and gives what it holds already. A last line that was cut off by a kill is dropped. */
export function openLedger<Line extends object>(
  path: string,
  parse: (json: unknown) => Line,
): { readonly ledger: Ledger<Line>; readonly past: Line[] } {
  mkdirSync(dirname(path), { recursive: true });
  const past: Line[] = [];
  if (existsSync(path)) {
    const text = readFileSync(path);
    const whole = text.lastIndexOf(10) + 1;
    if (whole < text.length) truncateSync(path, whole);
    for (const [index, line] of text.subarray(0, whole).toString('utf8').split('\n').entries()) {
      if (line === '') continue;
      try {
        past.push(parse(JSON.parse(line)));
      } catch (cause) {
        throw new Error(`${path}:${String(index + 1)} is not a line of this ledger; move the file away to start anew`, { cause });
      }
    }
  }
  const file = openSync(path, 'a');
  return {
    past,
    ledger: {
      write: (line) => {
        const at = new Date().toISOString();
        writeSync(file, `${JSON.stringify({ at, ...line })}\n`);
        fsyncSync(file);
        return at;
      },
      close: () => {
        closeSync(file);
      },
    },
  };
}
