import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod/v4';
import { epochOf } from '#core/time.js';
import type { PagingSettings } from '#domain/paging.js';
import { keyIn } from './channel.ts';
import type { Channel, Means } from './channel.ts';
import { failed, failedBy } from './failed.ts';
import { post } from './post.ts';
import type { Posted } from './post.ts';
import { idIn, oneLine, outsideKey, outsideUuid, smallScreen } from './text.ts';

type Gateway = NonNullable<PagingSettings['channels']['sms']>;

/** Three parts of an SMS in the GSM alphabet; what does not fit is cut (smallScreen). */
const MOST_CHARACTERS = 459;
const E164 = /^\+[1-9]\d{6,14}$/u;
const SMS = 'The SMS gateway';
const VOICE = 'The voice gateway';

/** Keys whose first sending is remembered. */
const MOST_REMEMBERED = 1000;

/** SMS as Azure Communication Services takes it (REST, 2021-03-07). */
export function sms({ endpoint, keyFile, from }: Gateway, means: Means): Channel {
  const firstSent = new Map<string, string>();
  return async (page, signal) => {
    if (!E164.test(page.address)) return failed('cannot-be-written', 'people.json has a number for SMS that is none');
    const id = outsideUuid(page.key);
    const sentAt = firstSent.get(id) ?? httpDate(means);
    firstSent.set(id, sentAt);
    if (firstSent.size > MOST_REMEMBERED) firstSent.delete([...firstSent.keys()][0] ?? '');
    const recipient = { to: page.address, repeatabilityRequestId: id, repeatabilityFirstSent: sentAt };
    const text = { from, smsRecipients: [recipient], message: smallScreen(page, MOST_CHARACTERS) };
    const body = JSON.stringify({ ...text, smsSendOptions: { enableDeliveryReport: true } });
    const posted = await signedPost(SMS, { endpoint, keyFile, path: 'sms?api-version=2021-03-07', body }, means, signal);
    if (!posted.ok) return posted;
    const said = smsAnswer.safeParse(posted.json);
    const [one] = said.success ? said.data.value : [];
    if (one === undefined) return failed('answer-unreadable', `${SMS} answered something that is not agreed`);
    return one.successful ? { ok: true, receipt: { id: idIn(one.messageId) } } : failedBy(SMS, one.httpStatusCode);
  };
}

const smsAnswer = z.object({
  value: z
    .array(z.object({ messageId: z.string().nullish(), httpStatusCode: z.number().int(), successful: z.boolean() }))
    .length(1),
}); // prettier-ignore

/** A call that says the page; the contract is ours (infra/docs/paging.md), its signature that of the SMS. */
export function voice({ endpoint, keyFile, from }: Gateway, means: Means): Channel {
  return async (page, signal) => {
    if (!E164.test(page.address)) return failed('cannot-be-written', 'people.json has a number for calls that is none');
    // Gateways read mark-up for speech (SSML) out of what looks like it.
    const say = oneLine(smallScreen(page, 600).replaceAll(/[<>&]/gu, ' '), 600);
    const body = JSON.stringify({ to: page.address, from, say, key: outsideKey(page.key) });
    const posted = await signedPost(VOICE, { endpoint, keyFile, path: 'calls', body }, means, signal);
    if (!posted.ok) return posted;
    const said = voiceAnswer.safeParse(posted.json);
    return said.success
      ? { ok: true, receipt: { id: idIn(said.data.id) } }
      : failed('answer-unreadable', `${VOICE} answered something that is not agreed`);
  };
}

const voiceAnswer = z.object({ id: z.string() });

interface Signed {
  readonly endpoint: string;
  readonly keyFile: string;
  /** Under the endpoint, with its query. */
  readonly path: string;
  readonly body: string;
}

/** Signed as Azure Communication Services asks: HMAC-SHA256 of method, path, date, host and the body's hash, under the access key. */
async function signedPost(who: string, { endpoint, keyFile, path, body }: Signed, means: Means, signal: AbortSignal): Promise<Posted> {
  const key = keyIn(means.readKey, keyFile);
  if (key === null) return failed('not-allowed', `${who}: its key can’t be read, see paging.json`);
  const url = new URL(path, endpoint.endsWith('/') ? endpoint : `${endpoint}/`);
  const date = httpDate(means);
  const hash = createHash('sha256').update(body).digest('base64');
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`POST\n${url.pathname}${url.search}\n${date};${url.host};${hash}`)
    .digest('base64');
  const authorization = `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`;
  return post({ who, url, headers: { 'x-ms-date': date, 'x-ms-content-sha256': hash, authorization }, body }, means.lookup, signal);
}

function httpDate({ clock }: Means): string {
  return new Date(epochOf(clock.now())).toUTCString();
}
