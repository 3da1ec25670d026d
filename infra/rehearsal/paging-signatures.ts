import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const TOLERANCE_SECONDS = 300;

/** `x-radloop-signature` as infra/docs/paging.md says it. @returns what is wrong; null: nothing */
export function wrongWithSignature(headers: IncomingHttpHeaders, body: string, secrets: readonly string[], now: number): string | null {
  const fields = String(headers['x-radloop-signature'] ?? '').split(',');
  const t = fields.find((one) => one.startsWith('t='))?.slice(2) ?? '';
  if (!/^\d+$/u.test(t) || Math.abs(now / 1000 - Number(t)) > TOLERANCE_SECONDS)
    return 'the time of the signature is missing, or more than 5 minutes off';
  const given = fields.filter((one) => one.startsWith('v1=')).map((one) => one.slice(3));
  const fits = secrets.some((secret) => {
    const wanted = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    return given.some((one) => isSame(one, wanted));
  });
  return fits ? null : 'the signature does not fit the body';
}

/** As Azure Communication Services checks a request. @returns what is wrong; null: nothing */
export function wrongWithAccessKey(
  { url, headers }: { readonly url: string; readonly headers: IncomingHttpHeaders },
  body: string,
  accessKey: string,
  now: number,
): string | null {
  const date = String(headers['x-ms-date'] ?? '');
  if (!(Math.abs(now - Date.parse(date)) <= TOLERANCE_SECONDS * 1000)) return 'x-ms-date is missing, or more than 5 minutes off';
  const hash = createHash('sha256').update(body).digest('base64');
  if (headers['x-ms-content-sha256'] !== hash) return 'x-ms-content-sha256 does not fit the body';
  const wanted = createHmac('sha256', Buffer.from(accessKey, 'base64'))
    .update(`POST\n${url}\n${date};${headers.host ?? ''};${hash}`)
    .digest('base64');
  const authorization = `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${wanted}`;
  return isSame(headers.authorization ?? '', authorization) ? null : 'the signature does not fit the request';
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
