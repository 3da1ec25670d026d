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

interface PagerParts extends Omit<Means, 'lookup'> {
  readonly log: Log;
  /** @default 10 */
  readonly timeoutSeconds?: number;
}

/** The channels that paging.json sets up, each on connections of its own: one that hangs holds up no other. */
export function pagerOf({ channels }: PagingSettings, { log, timeoutSeconds = TIMEOUT_SECONDS, ...rest }: PagerParts): Pager {
  const means: Means = { ...rest, lookup: guardedLookup() };
  const ways = new Map<PagingChannel, Channel>();
  if (channels.pager !== undefined) ways.set('pager', channels.pager.kind === 'log' ? logged(log) : webhook(channels.pager, means));
  if (channels.sms !== undefined) ways.set('sms', sms(channels.sms, means));
  if (channels.voice !== undefined) ways.set('voice', voice(channels.voice, means));
  if (channels.email !== undefined) ways.set('email', email(channels.email, means));
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

/** For a rehearsal: that there was a page, nothing of whom it was for. */
function logged(log: Log): Channel {
  return ({ key }) => {
    log.info('page.logged', { item: key });
    return Promise.resolve({ ok: true, receipt: { id: null, logged: true } });
  };
}
