import { randomBytes } from 'node:crypto';
import type { Instant } from '#core/time.js';
import { UnknownWrappingKey } from '#adapters/sealing/key-chain.js';
import type { DataKey } from '#adapters/sealing/key-chain.js';
import type { Keyring, StoredWrappingKey, WrappingKeys } from '#adapters/sealing/keyring.js';
import type { Cosmos } from './cosmos.ts';

/** What came on one day and is no case's, or what outlives every case: patients, unmatched arrivals, cursors. A case's own key stands in its head. */
export type SiteScope = 'site' | `day:${string}`;
export const ofDay = (at: Instant): SiteScope => `day:${at.slice(0, 10)}`;

/** The day's key was dropped: what was sealed under it is gone for good. */
export class DayShredded extends Error {
  override name = 'DayShredded';
}

/** Seals what belongs to no case. `place`: what it is and of which row. */
export interface SiteSealing {
  seal(scope: SiteScope, place: string, plain: Uint8Array | string): Promise<Buffer>;
  /** Throws DayShredded, SealBroken. */
  open(scope: SiteScope, place: string, sealed: Uint8Array): Promise<Buffer>;
  /** @returns false when there was no such key */
  shred(scope: SiteScope): Promise<boolean>;
}

interface WrappingDocument {
  readonly id: string;
  readonly part: 'wrapping-keys';
  readonly order: number;
  readonly name: string;
  readonly version: string;
  readonly wrapped: string;
}

interface DataKeyDocument {
  /** The scope. */
  readonly id: string;
  readonly part: 'data-keys';
  readonly wrapped: string;
}

/** The few wrapping keys of a site, in its container `site`. The order is the document's name: of two instances that add one at once the second is refused. */
export function wrappingKeysIn(cosmos: Cosmos): WrappingKeys {
  const documentOf = ({ id, version, wrapped, order }: StoredWrappingKey): WrappingDocument => {
    return { id: `w${order}`, part: 'wrapping-keys', order, name: id, version, wrapped: Buffer.from(wrapped).toString('base64') };
  };
  return {
    async list() {
      const found = await cosmos.query<WrappingDocument>('site', { query: 'SELECT * FROM c', partition: 'wrapping-keys' });
      return found.map(({ name, version, wrapped, order }) => ({ id: name, version, wrapped: Buffer.from(wrapped, 'base64'), order }));
    },
    async add(key) {
      return (await cosmos.write('site', 'wrapping-keys', [{ do: 'create', document: documentOf(key) }])).ok;
    },
    async replace(key) {
      await cosmos.write('site', 'wrapping-keys', [{ do: 'upsert', document: documentOf(key) }]);
    },
  };
}

/** Milliseconds that a wrapped key is taken as read: a key that another instance shredded is used no longer than this. */
const REMEMBERED_MS = 60_000;

export function siteSealing(cosmos: Cosmos, keyring: Keyring): SiteSealing {
  const known = new Map<SiteScope, { readonly wrapped: Buffer; readonly until: number }>();
  const read = async (scope: SiteScope): Promise<Buffer | null> => {
    const remembered = known.get(scope);
    if (remembered !== undefined && remembered.until > performance.now()) return remembered.wrapped;
    const found = await cosmos.read<DataKeyDocument>('site', 'data-keys', scope);
    if (found === null) return null;
    const wrapped = Buffer.from(found.wrapped, 'base64');
    known.set(scope, { wrapped, until: performance.now() + REMEMBERED_MS });
    return wrapped;
  };
  const made = async (scope: SiteScope): Promise<Buffer> => {
    for (;;) {
      const found = await read(scope);
      if (found !== null) return found;
      const { wrapped } = keyring.make(scope);
      const document: DataKeyDocument = { id: scope, part: 'data-keys', wrapped: wrapped.toString('base64') };
      await cosmos.write('site', 'data-keys', [{ do: 'create', document }]);
    }
  };
  const keyOf = async (scope: SiteScope, wrapped: Buffer): Promise<DataKey> => {
    try {
      return keyring.dataKey(scope, wrapped);
    } catch (error) {
      if (!(error instanceof UnknownWrappingKey)) throw error;
      await keyring.refresh();
      return keyring.dataKey(scope, wrapped);
    }
  };
  return {
    seal: async (scope, place, plain) => (await keyOf(scope, await made(scope))).seal(place, plain),
    async open(scope, place, sealed) {
      const wrapped = await read(scope);
      if (wrapped === null) throw new DayShredded('The key of that day was dropped: what was sealed under it can not be read any more.');
      return (await keyOf(scope, wrapped)).open(place, sealed);
    },
    async shred(scope) {
      known.delete(scope);
      return (await cosmos.write('site', 'data-keys', [{ do: 'delete', id: scope, etag: '*' }])).ok;
    },
  };
}

interface SecretDocument {
  readonly id: 'secret';
  readonly part: 'secret';
  readonly sealed: string;
}

/** The secret of the site's keyed hashes; it stands in the store sealed, and is made with it. */
export async function siteSecret(cosmos: Cosmos, sealing: SiteSealing): Promise<string> {
  for (;;) {
    const found = await cosmos.read<SecretDocument>('site', 'secret', 'secret');
    if (found !== null) return (await sealing.open('site', 'secret', Buffer.from(found.sealed, 'base64'))).toString();
    const sealed = await sealing.seal('site', 'secret', randomBytes(32).toString('hex'));
    const document: SecretDocument = { id: 'secret', part: 'secret', sealed: sealed.toString('base64') };
    await cosmos.write('site', 'secret', [{ do: 'create', document }]);
  }
}
