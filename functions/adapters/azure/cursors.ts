import type { Cursors } from '#ports/cursors.js';
import { idOf } from './cosmos-documents.ts';
import type { Cosmos } from './cosmos.ts';
import type { SiteSealing } from './site-keys.ts';

interface CursorDocument {
  readonly id: string;
  readonly part: 'cursors';
  readonly name: string;
  /** Sealed: a feed's may hold a secret, or a record number. */
  readonly value: string;
}

export function cursors(cosmos: Cosmos, sealing: SiteSealing): Cursors {
  const find = (name: string) => cosmos.read<CursorDocument>('site', 'cursors', idOf(name));
  const opened = async (name: string, { value }: CursorDocument): Promise<string> =>
    (await sealing.open('site', `cursor|${name}`, Buffer.from(value, 'base64'))).toString();
  const sealed = async (name: string, value: string): Promise<CursorDocument> => {
    const bytes = await sealing.seal('site', `cursor|${name}`, value);
    return { id: idOf(name), part: 'cursors', name, value: bytes.toString('base64') };
  };
  return {
    async read(name) {
      const found = await find(name);
      return found === null ? null : opened(name, found);
    },
    async write(name, value) {
      await cosmos.write('site', 'cursors', [{ do: 'upsert', document: await sealed(name, value) }]);
    },
    async swap(name, before, value) {
      const found = await find(name);
      if ((found === null ? null : await opened(name, found)) !== before) return false;
      const document = await sealed(name, value);
      const change = found === null ? ({ do: 'create', document } as const) : ({ do: 'replace', document, etag: found._etag } as const);
      return (await cosmos.write('site', 'cursors', [change])).ok;
    },
  };
}
