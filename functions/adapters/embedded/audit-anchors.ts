import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Anchor, Anchors } from '#ports/anchors.js';
import { ANCHOR_FILE, anchorFile, anchorIn, anchorLine } from '#adapters/audit-chain/anchor-lines.js';

/** Beside the store, where the site names no other place: better than in it, and not yet the other disk that it should be. */
export function usualAnchorFolder(store: string): string {
  return `${store.replace(/[/\\]+$/u, '')}-anchors`;
}

/**
 * Anchors in a folder of their own (made with mode 0700), a file a month, one JSON object a line, only ever added to. It belongs on another disk than the store, best
 * where the account of the service may add and not change (`chattr +a` on the files, a share with append only).
 */
export function anchorFolder(folder: string): Anchors {
  const where = resolve(folder);
  return {
    where,
    // Every four minutes or so: what waits for the disk here is a moment of the event loop.
    add: (anchor) =>
      Promise.resolve().then(() => {
        mkdirSync(where, { recursive: true, mode: 0o700 });
        append(join(where, anchorFile(anchor.at)), anchorLine(anchor));
        syncFolder(where);
      }),
    last: () => Promise.resolve().then(() => lastOf(where)),
    async *all() {
      for (const file of filesOf(where)) yield* anchorsOf(join(where, file));
    },
  };
}

function append(file: string, line: string): void {
  const open = openSync(file, 'a+', 0o600);
  try {
    // A crash in the middle of the line before has left it without an end.
    const { size } = fstatSync(open);
    const end = Buffer.alloc(1);
    const isTorn = size > 0 && readSync(open, end, 0, 1, size - 1) === 1 && end.toString() !== '\n';
    writeSync(open, isTorn ? `\n${line}` : line);
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}

/** A file that is new is found again after a power loss only when its folder is on the disk too. */
function syncFolder(folder: string): void {
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}

/** Oldest first: their names hold the month. */
function filesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => ANCHOR_FILE.test(name))
    .sort();
}

/** A month holds some ten thousand lines at most. */
function lastOf(folder: string): Anchor | null {
  for (const file of filesOf(folder).toReversed()) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n').toReversed();
    for (const line of lines) {
      const found = anchorIn(line);
      if (found !== null) return found;
    }
  }
  return null;
}

async function* anchorsOf(file: string): AsyncGenerator<Anchor> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const found = anchorIn(line);
    if (found !== null) yield found;
  }
}
