import { z } from 'zod/v4';
import type { Delivery, FailureCode } from '#core/delivery.js';

/** What the connector client throws: a status when an answer came, a code of the network when none did. */
const thrown = z.object({
  name: z.string().optional(),
  code: z.string().optional(),
  statusCode: z.number().optional(),
  message: z.string().optional(),
  response: z
    .object({
      headers: z
        .custom<{ get(name: string): string | undefined }>((value) => typeof value === 'object' && value !== null && 'get' in value)
        .optional(),
      bodyAsText: z.string().nullish(),
    })
    .optional(),
});

export type Failure = Extract<Delivery, { ok: false }>;

/** Nothing left this machine, or nobody heard it. */
const neverSent: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED', 'CERT_HAS_EXPIRED'];
/** The conversation, or the message in it, is no longer there; sent with 400, 403, 404 and (the local client) 500. */
const goneWords = /ActivityNotFoundInConversation|MessageNotFound|ConversationNotFound|UserNotFound|MemberNotFound/u;

/**
 * Names what went wrong with one call to the connector. The classes are core/delivery's:
 * - refused connection, no token, 401: not-connected (nothing was done; tried for as long as it lasts);
 * - 429: throttled. 412, 500, 502, 503, 504: unavailable. A 412 is another operation on the same thread, 503 says "later". After 500, 502 or 504 the card may have
 *   been posted all the same; it is tried again without end nevertheless, because a second card shows the same server state, and none leaves an order unseen;
 * - time-out: timed-out-after-send; a cut line: cut-after-send (both tried at most five times);
 * - 404, and the codes that say that message or chat is not there: gone; 403: not-allowed; any other 4xx: refused (a fault of ours: a person looks).
 * The detail holds status and code, never what was sent.
 */
export function failureOf(error: unknown): Failure {
  const read = thrown.safeParse(error);
  const { name, code, statusCode, message, response } = read.success ? read.data : {};
  if (statusCode !== undefined) return ofStatus(statusCode, `${response?.bodyAsText ?? ''} ${code ?? ''}`, response?.headers?.get('retry-after'));
  if (code !== undefined && neverSent.includes(code)) return fail('not-connected', `the connector can't be reached (${code})`);
  if (name === 'AbortError' || name === 'TimeoutError') return fail('timed-out-after-send', 'the connector did not answer in time');
  // A connection that is refused on every address of a name has no code of its own.
  if (message?.includes('ECONNREFUSED') === true) return fail('not-connected', "the connector can't be reached (ECONNREFUSED)");
  return fail('cut-after-send', `the connection broke (${code ?? name ?? 'no code'})`);
}

function ofStatus(status: number, said: string, retryAfter: string | undefined): Failure {
  const detail = `the connector answered ${status}`;
  if (goneWords.test(said)) return fail('gone', `${detail}: it is not there`);
  if (status === 401) return fail('not-connected', `${detail}: our token was not accepted`);
  if (status === 403) return fail('not-allowed', `${detail}: is the app installed there?`);
  if (status === 404) return fail('gone', detail);
  if (status === 412 || status === 429 || status >= 500) {
    const seconds = secondsOf(retryAfter);
    const failure = fail(status === 429 ? 'throttled' : 'unavailable', detail);
    return seconds === null ? failure : { ...failure, retryAfterSeconds: seconds };
  }
  return fail('refused', detail);
}

/** Retry-After in seconds; null for a date or nonsense (then our own back-off counts). */
function secondsOf(retryAfter: string | undefined): number | null {
  return retryAfter !== undefined && /^\d{1,5}$/u.test(retryAfter.trim()) ? Number(retryAfter) : null;
}

function fail(code: FailureCode, detail: string): Failure {
  return { ok: false, code, detail };
}
