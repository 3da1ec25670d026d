import { randomBytes } from 'node:crypto';
import type { CaseId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { keyChain, newWrappingKey, wrappingIdOf } from '#adapters/sealing/key-chain.js';
import type { DataKey, KeyChain } from '#adapters/sealing/key-chain.js';
import type { FileSiteKey } from './site-key-file.ts';
import type { Tables } from './tables.ts';

/** Whose data key seals something: one case's, all that came on one day and is no case's yet, or the site's own. */
export type Scope = `case:${string}` | `day:${string}` | 'site';
export const ofCase = (caseId: CaseId): Scope => `case:${caseId}`;
export const ofDay = (at: Instant): Scope => `day:${at.slice(0, 10)}`;
/** What outlives every case: patients and where they are, unmatched arrivals, cursors with their secrets. */
export const OF_SITE: Scope = 'site';

/** The key of this was dropped (retention, or because somebody asked for it): what was sealed under it is gone for good. */
export class Shredded extends Error {
  override name = 'Shredded';
}

/** Seals what holds patient data, and opens it again (ADR 0023). `place` names kind and row, such as `fact|CASE|7`. */
export interface Sealing {
  /** Inside `write` only: the first of a scope makes its data key. */
  seal(scope: Scope, place: string, plain: Uint8Array | string): Buffer;
  /** Throws Shredded when the scope has no data key any more, SealBroken when it does not open. */
  open(scope: Scope, place: string, sealed: Uint8Array): Buffer;
  /** The data key itself; null when there is none, or none yet. */
  keyOf(scope: Scope): DataKey | null;
  /** Inside `write`: the data key, made when there is none yet. */
  keyFor(scope: Scope): DataKey;
  /** Inside `write`: drops the data key. @returns false when there was none */
  shred(scope: Scope): boolean;
  /** Inside `write`: what `work` deletes, writes over or moves is overwritten in the file, not only left out of sight. */
  erased<T>(work: () => T): T;
  /** Inside `write`: a new wrapping key from now on, and the older ones under a new version of the site key, which it gives. */
  newWrappingKey(): string;
  /** Of the key that wraps new data keys. */
  wrappingKey(): string;
  /** Inside `write`: wraps the next few data keys anew. `last`: the scope to go on after; null: there are no more */
  rewrap(after: string, most: number): { readonly rewrapped: number; readonly last: string | null };
  /** Inside `write`, once every data key was wrapped anew since this wrapping key came: drops those before it. */
  forgetBefore(wrappingKey: string): void;
}

/** A store, as far as sealing goes. */
export interface Sealed {
  readonly sealing: Sealing;
}

interface WrappingRow {
  readonly ord: number;
  readonly id: string;
  readonly version: string;
  readonly wrapped: Uint8Array;
}

const WRAPPED = 'SELECT wrapped FROM data_keys WHERE scope = ?';

/** Opens the wrapping keys; makes the first of a new store. Throws SiteKeyError when the site key is another one. */
export function openSealing(tables: Tables, siteKey: FileSiteKey): Sealing {
  const chain = keyChain();
  const load = (): void => {
    const rows = tables.all<WrappingRow>('SELECT ord, id, version, wrapped FROM wrapping_keys ORDER BY ord');
    for (const row of rows) if (!chain.has(row.id) || row === rows.at(-1)) chain.add(row.id, siteKey.unwrapNow(row), row === rows.at(-1));
  };
  const addWrappingKey = (): void => {
    const { id, key } = newWrappingKey();
    const { version, wrapped } = siteKey.wrapNow(key);
    key.fill(0);
    erased(tables, () => tables.run('INSERT INTO wrapping_keys (id, version, wrapped) VALUES (?, ?, ?)', id, version, wrapped));
    load();
  };
  /** Another process that has the store open may have rotated. */
  const upToDate = (): KeyChain => {
    const newest = tables.get<{ id: string }>('SELECT id FROM wrapping_keys ORDER BY ord DESC LIMIT 1');
    if (newest === undefined) addWrappingKey();
    else if (newest.id !== chain.current) load();
    return chain;
  };
  const keyOf = (scope: Scope): DataKey | null => {
    const found = tables.get<{ wrapped: Uint8Array }>(WRAPPED, scope);
    if (found === undefined) return null;
    return (chain.has(wrappingIdOf(found.wrapped)) ? chain : upToDate()).dataKey(scope, found.wrapped);
  };
  const make = (scope: Scope): DataKey => {
    const { key, wrapped } = upToDate().make(scope);
    // When a page is divided, what moved to the other one is left where it was, and would outlive the key.
    erased(tables, () => tables.run('INSERT INTO data_keys (scope, wrapped) VALUES (?, ?)', scope, wrapped));
    return key;
  };
  const keyFor = (scope: Scope): DataKey => keyOf(scope) ?? make(scope);
  load();
  return {
    seal: (scope, place, plain) => keyFor(scope).seal(place, plain),
    open(scope, place, sealed) {
      const key = keyOf(scope);
      if (key === null) throw new Shredded('The data key was dropped: what was sealed under it can not be read any more.');
      return key.open(place, sealed);
    },
    ...{ keyOf, keyFor },
    shred: (scope) => erased(tables, () => tables.run('DELETE FROM data_keys WHERE scope = ?', scope).changes > 0),
    erased: (work) => erased(tables, work),
    newWrappingKey() {
      upToDate();
      const newest = siteKey.rotateNow();
      addWrappingKey();
      // Erased: else whoever has the old version of the site key, and this file, finds the keys that were wrapped under it.
      erased(tables, () => {
        for (const row of tables.all<WrappingRow>('SELECT ord, id, version, wrapped FROM wrapping_keys ORDER BY ord')) {
          const { version, wrapped } = siteKey.wrapNow(siteKey.unwrapNow(row));
          tables.run('UPDATE wrapping_keys SET version = ?, wrapped = ? WHERE id = ?', version, wrapped, row.id);
        }
      });
      return newest;
    },
    wrappingKey: () => upToDate().current,
    rewrap(after, most) {
      upToDate();
      const rows = tables.all<{ scope: string; wrapped: Uint8Array }>(
        'SELECT scope, wrapped FROM data_keys WHERE scope > ? ORDER BY scope LIMIT ?',
        after,
        most,
      );
      let rewrapped = 0;
      erased(tables, () => {
        for (const { scope, wrapped } of rows) {
          const anew = chain.rewrap(scope, wrapped);
          if (anew !== null) rewrapped += tables.run('UPDATE data_keys SET wrapped = ? WHERE scope = ?', anew, scope).changes;
        }
      });
      return { rewrapped, last: rows.at(-1)?.scope ?? null };
    },
    forgetBefore(wrappingKey) {
      const before = 'SELECT id FROM wrapping_keys WHERE ord < (SELECT ord FROM wrapping_keys WHERE id = ?)';
      for (const { id } of tables.all<{ id: string }>(before, wrappingKey)) {
        erased(tables, () => tables.run('DELETE FROM wrapping_keys WHERE id = ?', id));
        chain.forget(id);
      }
    },
  };
}

/** A part of an erased work may be one too. */
const erasing = new WeakSet<Tables>();

/** What goes is overwritten in the file, not only left out of sight. */
function erased<T>(tables: Tables, work: () => T): T {
  if (erasing.has(tables)) return work();
  erasing.add(tables);
  tables.exec('PRAGMA secure_delete = ON');
  try {
    return work();
  } finally {
    tables.exec('PRAGMA secure_delete = OFF');
    erasing.delete(tables);
  }
}

const SECRET = 'sealed-secret';

/** The secret of the store's keyed hashes. */
export function readSecret(tables: Tables, sealing: Sealing): string {
  return keptSecret(tables, sealing) ?? missingSecret();
}

/** Made with the store; inside a transaction. */
export function makeSecret(tables: Tables, sealing: Sealing): string {
  return keptSecret(tables, sealing) ?? keepSecret(tables, sealing, randomBytes(32).toString('hex'));
}

export function keepSecret(tables: Tables, sealing: Sealing, secret: string): string {
  tables.run('INSERT INTO meta (name, value) VALUES (?, ?)', SECRET, sealing.seal(OF_SITE, 'secret', secret).toString('base64'));
  return secret;
}

function keptSecret(tables: Tables, sealing: Sealing): string | null {
  const found = tables.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', SECRET);
  return found === undefined ? null : sealing.open(OF_SITE, 'secret', Buffer.from(found.value, 'base64')).toString();
}

function missingSecret(): never {
  throw new Error('The store was never opened by the service: start it once.');
}
