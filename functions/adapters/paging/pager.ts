import type { PagingChannel } from '#core/effect.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Log } from '#ports/log.js';
import type { Pager } from '#ports/pager.js';
import type { Channel, Means } from './channel.ts';
import { email } from './email.ts';
import { failed } from './failed.ts';
import { sms, voice } from './gateway.ts';
import { guardedLookup } from './guard.ts';
import { printer } from './printer.ts';
import { webhook } from './webhook.ts';

/** After that an attempt is over, whatever it waits for. */
const TIMEOUT_SECONDS = 10;
const MINUTE_MS = 60_000;

interface PagerParts extends Omit<Means, 'lookup'> {
  readonly log: Log;
  /** @default 10 */
  readonly timeoutSeconds?: number;
}

/** The channels that paging.json sets up, each on connections of its own: one that hangs holds up no other. */
export function pagerOf({ channels }: PagingSettings, { log, timeoutSeconds = TIMEOUT_SECONDS, ...rest }: PagerParts): Pager {
  const means: Means = { ...rest, lookup: guardedLookup() };
  const ways = new Map<PagingChannel, Channel>();
  if (channels.pager !== undefined)
    ways.set('pager', channels.pager.kind === 'log' ? logged(log) : paced(webhook(channels.pager, means), channels.pager));
  if (channels.sms !== undefined) ways.set('sms', paced(sms(channels.sms, means), channels.sms));
  if (channels.voice !== undefined) ways.set('voice', paced(voice(channels.voice, means), channels.voice));
  if (channels.email !== undefined) ways.set('email', paced(email(channels.email, means), channels.email));
  if (channels.print !== undefined) ways.set('print', printer(channels.print, means));
  return {
    channels: new Set(ways.keys()),
    async send(page) {
      const way = ways.get(page.channel);
      if (way === undefined) return failed('not-allowed', `paging.json sets up no ${page.channel}`);
      return way(page, AbortSignal.timeout(Math.round(timeoutSeconds * 1000)));
    },
  };
}

/** What is more than the other end takes in a minute does not leave: it would be refused, and count against us there. */
function paced(way: Channel, { perMinute }: { readonly perMinute?: number | undefined }): Channel {
  if (perMinute === undefined) return way;
  const begun: number[] = [];
  return (page, signal) => {
    const now = performance.now();
    while (begun[0] !== undefined && now - begun[0] >= MINUTE_MS) begun.shift();
    const [oldest] = begun;
    if (oldest !== undefined && begun.length >= perMinute) {
      const detail = `paging.json allows ${String(perMinute)} a minute by ${page.channel}`;
      return Promise.resolve(failed('own-limit', detail, Math.ceil((oldest + MINUTE_MS - now) / 1000)));
    }
    begun.push(now);
    return way(page, signal);
  };
}

/** For a rehearsal: that there was a page, nothing of whom it was for. */
function logged(log: Log): Channel {
  return ({ key }) => {
    log.info('page.logged', { item: key });
    return Promise.resolve({ ok: true, receipt: { id: null, logged: true } });
  };
}
