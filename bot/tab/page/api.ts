import type { TabAsk, TabReply } from '#ports/tab.js';
import type { Host } from './host.ts';

export type Asked = TabAsk | { readonly ask: 'answer'; readonly data: unknown };

/** What an ask came to: the server's reply, or why there is none. */
export type Came<Found> =
  TabReply<Found> | { readonly ok: false; readonly code: 'signed-out' | 'not-known' | 'refused' | 'offline' | 'failed'; readonly why: string };

export type Ask = <Found>(asked: Asked) => Promise<Came<Found>>;

/** Asks with the person's token. Teams renews one that has run out; where people are picked, whoever it was signs in again. */
export function asking(host: Host): Ask {
  return async <Found>(asked: Asked): Promise<Came<Found>> => {
    const first = await once<Found>(asked, await host.token());
    return !first.ok && first.code === 'signed-out' && host.people === null ? once<Found>(asked, await host.token()) : first;
  };
}

async function once<Found>(asked: Asked, token: string | null): Promise<Came<Found>> {
  if (token === null) return failed('signed-out');
  const sent = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(20_000),
  };
  const answered = await fetch('/api/tab/ask', sent).catch(() => null);
  if (answered === null) return failed('offline');
  // The reply's shape is the server's promise (ports/tab.ts): page and server are built and deployed together.
  const reply = (await answered.json().catch(() => null)) as Came<Found> | null;
  return reply !== null && typeof reply === 'object' && 'ok' in reply ? reply : failed('failed');
}

function failed(code: 'signed-out' | 'offline' | 'failed'): Came<never> {
  return { ok: false, code, why: '' };
}
