import { createHmac } from 'node:crypto';
import { z } from 'zod/v4';
import { epochOf } from '#core/time.js';
import type { PagingSettings } from '#domain/paging.js';
import type { Channel, Means } from './channel.ts';
import { keyIn } from './channel.ts';
import { failed } from './failed.ts';
import { post } from './post.ts';
import { idIn, lines, oneLine, outsideKey } from './text.ts';

const WHO = 'The pager';
const answer = z.object({ id: z.unknown().optional() }).nullable();

type Webhook = Extract<NonNullable<PagingSettings['channels']['pager']>, { readonly kind: 'webhook' }>;

/** The site's paging system behind HTTPS; infra/docs/paging.md has the contract. */
export function webhook({ url, secretFile, previousSecretFile }: Webhook, { lookup, readKey, clock }: Means): Channel {
  return async ({ key, subject, text, callBack, address }, signal) => {
    const secrets = [secretFile, ...(previousSecretFile === undefined ? [] : [previousSecretFile])].map((file) => keyIn(readKey, file));
    const [newest, previous] = secrets;
    if (newest === null || newest === undefined) return failed('not-allowed', `${WHO}: its secret can’t be read, see paging.json`);
    const to = oneLine(address, 100);
    const page = { key: outsideKey(key), subject: oneLine(subject, 200), text: lines(text, 2000), callBack: oneLine(callBack, 40), to };
    const body = JSON.stringify(page);
    const at = String(Math.floor(epochOf(clock.now()) / 1000));
    const signed = (secret: string): string => `v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
    const signature = [`t=${at}`, signed(newest), ...(previous === null || previous === undefined ? [] : [signed(previous)])].join(',');
    const headers = { 'x-radloop-signature': signature, 'idempotency-key': page.key };
    const posted = await post({ who: WHO, url: new URL(url), headers, body }, lookup, signal);
    if (!posted.ok) return posted;
    const said = answer.safeParse(posted.json);
    return said.success
      ? { ok: true, receipt: { id: idIn(said.data?.id) } }
      : failed('answer-unreadable', `${WHO} answered something that is not agreed`);
  };
}
