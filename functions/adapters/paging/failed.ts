import type { Delivery, FailureCode } from '#core/delivery.js';

export type Failed = Extract<Delivery<never>, { readonly ok: false }>;

/** @param detail for an operator; no address, no number, nothing that the other end said: each could name a person */
export function failed(code: FailureCode, detail: string, retryAfterSeconds?: number): Failed {
  return { ok: false, code, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/**
 * What an HTTP status, or the status that a gateway gives one recipient, means for a page. Any 5xx may pass: the page has its key, so that a repeat of one that
 * got through behind a gateway's 504 is shown once.
 */
export function failedBy(who: string, status: number, retryAfterSeconds?: number): Failed {
  const said = `${who} refused (HTTP ${String(status)})`;
  if (status === 429) return failed('throttled', `${who} takes no more for now (HTTP 429)`, retryAfterSeconds);
  if (status >= 500 || status === 408 || status === 425)
    return failed('unavailable', `${who} is not able to now (HTTP ${String(status)})`, retryAfterSeconds);
  if (status === 401 || status === 403 || status === 407) return failed('not-allowed', `${said}: look at its key in paging.json`);
  if (status >= 300 && status < 400) return failed('refused', `${who} points to another address (HTTP ${String(status)}), which is not followed`);
  return failed(status === 410 ? 'gone' : 'refused', said);
}
