import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The page as Vite built it, read once at the start: nothing is looked up in a folder by what somebody asks for. */
export interface PageFiles {
  /** With one place for the nonce of its style sheets. */
  readonly index: string;
  readonly assets: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly type: string }>;
}

/** Stands in index.html where the nonce goes. */
export const NONCE = '__CSP_NONCE__';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** @param folder dist/tab */
export function readPage(folder: string): PageFiles {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const assets = names.flatMap((name) => {
    const type = types[extname(name)];
    return type === undefined ? [] : [[name, { bytes: readFileSync(join(folder, name)), type }] as const];
  });
  return { index: readFileSync(join(folder, 'index.html'), 'utf8'), assets: new Map(assets) };
}
