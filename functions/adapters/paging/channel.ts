import type { LookupFunction } from 'node:net';
import type { Delivery } from '#core/delivery.js';
import type { Clock } from '#ports/clock.js';
import type { Page, PageReceipt } from '#ports/pager.js';

/** Sends one page. @param signal ends the attempt; nothing of it goes on after that */
export type Channel = (page: Page, signal: AbortSignal) => Promise<Delivery<PageReceipt>>;

/** What channels have in common. */
export interface Means {
  readonly lookup: LookupFunction;
  /** The content of a file of the site's folder. Throws when it can't be read. */
  readonly readKey: (file: string) => string;
  readonly clock: Clock;
}

/** Null: there is none. Read at each page, so that a new key counts at once. */
export function keyIn(readKey: Means['readKey'], file: string): string | null {
  try {
    const key = readKey(file).trim();
    return key === '' ? null : key;
  } catch {
    return null;
  }
}
