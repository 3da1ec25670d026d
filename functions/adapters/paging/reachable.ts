import type { PagingPlace } from '#domain/paging.js';
import { guardedLookup } from './guard.ts';
import { open } from './open.ts';

/** Does something take connections there? Nothing is sent. For `radloop doctor`. @returns `why`: null when it does */
export async function reachable({ host, port, tls }: PagingPlace, seconds: number): Promise<{ readonly why: string | null }> {
  const opened = await open({ who: 'it', host, port, tls }, guardedLookup(), AbortSignal.timeout(seconds * 1000));
  if (!opened.ok) return { why: opened.detail };
  opened.socket.destroy();
  return { why: null };
}
