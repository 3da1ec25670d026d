import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where `npm start` keeps its state unless told otherwise. */
export const USUAL_DATA = '.data/rehearsal';

/** The folder of the store under a data folder: DIR itself, or DIR/store as `npm start` lays it. Null when there is no store. */
export function storeFolder(data: string): string | null {
  const folders = [join(resolve(data), 'store'), resolve(data)];
  return folders.find((folder) => existsSync(join(folder, 'radloop.sqlite'))) ?? null;
}
