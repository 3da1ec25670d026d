import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DowntimeFolder } from '#ports/downtime.js';
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
      const name = `list-${asOf.replace(/\.\d+Z$/u, 'Z').replaceAll(/[-:]/gu, '')}`;
      await writeSynced(join(folder, `${name}.csv`), csv);
      await writeSynced(join(folder, `${name}.html`), html);
      await syncFolder(folder);
      await thinOut(folder);
    },
    openingsAfter: (last) => Promise.resolve(openingsAfter(folder, last)),
  };
}

/** Whole or not at all: a reader never sees half a list. The name before the rename is this process's own. */
async function writeSynced(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.part`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    await handle.writeFile(text);
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

/** Older lists, and what a process that died had begun. A file that another instance took away already is no fault. */
async function thinOut(folder: string): Promise<void> {
  const files = readdirSync(folder);
  const kept = new Set(wholeLists(files).slice(0, KEPT));
  const old = files.filter((name) => LIST.test(name) && !kept.has(name.replace(/\.(?:html|csv)$/u, '')));
  const begun = files.filter((name) => /^list-.*\.(\d+)\.part$/u.test(name) && !name.endsWith(`.${process.pid}.part`));
  for (const name of [...old, ...begun]) await rm(join(folder, name), { force: true });
}

function openingsAfter(
  folder: string,
  last: { readonly n: number; readonly hash: string },
): ReturnType<DowntimeFolder['openingsAfter']> extends Promise<infer Found> ? Found : never {
  const file = join(folder, 'openings.jsonl');
  const { openings, fault } = readOpenings(existsSync(file) ? readFileSync(file, 'utf8') : '');
  const end = endOfRecord(openings);
  const taken = openings.find(({ n }) => n === last.n);
  const isWhole = last.n === 0 || taken?.hash === last.hash;
  if (isWhole) return { openings: openings.filter(({ n }) => n > last.n), gap: fault, end };
  return { openings: [], gap: taken === undefined ? 'lines that were taken before are missing' : 'lines that were taken before were changed', end };
}
