import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inBlocks } from '#core/in-blocks.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { DowntimeFolder, RecordEnd } from '#ports/downtime.js';
import { endOfRecord, readOpenings } from './downtime-openings.ts';

/** Lists that are kept: one that a dying disk cut off still leaves the one before. */
const KEPT = 3;
const LIST = /^list-(\d{8}T\d{6}Z)\.(?:html|csv)$/u;

/** A list in the folder: the newest whose two files are there. */
export interface NewestList {
  readonly html: string;
  readonly csv: string;
}

/** Where lists lie unless the site says otherwise: beside the store's folder, and therefore on its disk. */
export function usualDowntimeFolder(store: string): string {
  return `${store.replace(/[/\\]+$/u, '')}-downtime`;
}

export function newestList(folder: string): NewestList | null {
  const [newest] = existsSync(folder) ? wholeLists(readdirSync(folder)) : [];
  return newest === undefined ? null : { html: join(folder, `${newest}.html`), csv: join(folder, `${newest}.csv`) };
}

/** Names without their ending, the newest first. */
function wholeLists(files: readonly string[]): readonly string[] {
  const all = new Set(files);
  return files.filter((name) => name.endsWith('.html') && LIST.test(name) && all.has(name.replace(/html$/u, 'csv'))).map((name) => name.slice(0, -5)).toSorted().toReversed(); // prettier-ignore
}

/** The folder on this machine: 0700, each file 0600. */
export function downtimeFolder(folder: string): DowntimeFolder {
  return {
    async write(asOf, { html, csv }) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Made by hand, or by an unpacked archive: nobody else reads patients' names here.
      chmodSync(folder, 0o700);
      const name = nameOf(asOf);
      await writeSynced(join(folder, `${name}.csv`), csv);
      await writeSynced(join(folder, `${name}.html`), html);
      await syncFolder(folder);
      await thinOut(folder, asOf);
    },
    openingsAfter: (last) => openingsAfter(folder, last),
  };
}

function nameOf(asOf: Instant): string {
  return `list-${asOf.replace(/\.\d+Z$/u, 'Z').replaceAll(/[-:]/gu, '')}`;
}

/** Whole or not at all: a reader never sees half a list. The name before the rename is this process's own. */
async function writeSynced(file: string, pieces: Iterable<string>): Promise<void> {
  const unfinished = `${file}.${process.pid}.part`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    for (const block of inBlocks(pieces)) await handle.writeFile(block);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What another instance is still writing is younger than this; older, it was left by one that died. */
const BEING_WRITTEN_MS = 60_000;

/** Two instances write at their own pace; what is named later than this after the list that was just written was named by a clock that was ahead. */
const AHEAD_MINUTES = 10;

/** Older lists, those that a clock named that was ahead (else none newer than it would ever be the newest), and what a process that died had begun. A file that another instance took away already is no fault. */
async function thinOut(folder: string, asOf: Instant): Promise<void> {
  const files = readdirSync(folder);
  const whole = wholeLists(files);
  const latest = nameOf(addMinutes(asOf, AHEAD_MINUTES));
  const kept = new Set(whole.filter((name) => name <= latest).slice(0, KEPT));
  const listOf = (name: string): string => name.replace(/\.(?:html|csv)$/u, '');
  const old = files.filter((name) => LIST.test(name) && whole.includes(listOf(name)) && !kept.has(listOf(name)));
  const begun = files.filter((name) => /^list-.*\.part$/u.test(name) || (LIST.test(name) && !whole.includes(listOf(name))));
  const left = begun.filter((name) => Date.now() - changedAt(join(folder, name)) > BEING_WRITTEN_MS);
  for (const name of [...old, ...left]) await rm(join(folder, name), { force: true });
}

/** Milliseconds since 1970; a file that is gone is as one that was changed just now. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
}

async function openingsAfter(folder: string, last: RecordEnd): ReturnType<DowntimeFolder['openingsAfter']> {
  const file = join(folder, 'openings.jsonl');
  const { openings, faults } = readOpenings(existsSync(file) ? await readFile(file, 'utf8') : '');
  const told = last.faults ?? 0;
  const first = openings[0]?.hash;
  const end: RecordEnd = {
    ...endOfRecord(openings),
    ...(faults.length === 0 ? {} : { faults: faults.length }),
    ...(first === undefined ? {} : { first }),
  };
  const at = last.n === 0 ? -1 : openings.findIndex(({ n, hash }) => n === last.n && hash === last.hash);
  const missing = 'lines that were taken before are missing';
  // Begun anew: none of its lines was taken, but those up to `last` where it ends in the new record.
  if (last.first !== undefined && first !== last.first) return { openings: openings.slice(at + 1), gap: faults[told]?.what ?? missing, end };
  // Cut, or changed before the line that was taken last: nobody knows which of the others were taken.
  if ((last.n > 0 && at < 0) || faults.length < told)
    return { openings: [], gap: openings.some(({ n }) => n === last.n) ? 'lines that were taken before were changed' : missing, end };
  return { openings: openings.slice(at + 1), gap: faults[told]?.what ?? null, end };
}
