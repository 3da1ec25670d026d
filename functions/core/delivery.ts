import { z } from 'zod/v4';

/**
 * Why something did not reach its receiver. The class decides what happens next:
 * transient: nothing was received, try again; ambiguous: it may have been received, the same bytes again, a bounded number of times;
 * refused: the receiver said no but may say yes later (AE); permanent: a person at once (AR, a fault of ours).
 */
export const failureCode = z.enum([
  'not-connected',
  'throttled',
  'unavailable',
  'own-limit',
  'timed-out-after-send',
  'cut-after-send',
  'answer-unreadable',
  'refused-for-now',
  'refused',
  'gone',
  'not-allowed',
  'cannot-be-written',
  'not-answered',
  'changed-meanwhile',
  'skipped',
]);
export type FailureCode = z.infer<typeof failureCode>;

export type FailureClass = 'transient' | 'ambiguous' | 'refused' | 'permanent';

const classes: Readonly<Record<FailureCode, FailureClass>> = {
  'not-connected': 'transient',
  /** It takes no more for now (HTTP 429): a pace, not a failure. */
  throttled: 'transient',
  /** It is there and can't do it now (HTTP 503 and the like). */
  unavailable: 'transient',
  /** Our own limit of sends was reached: it was not tried, and is in its turn. */
  'own-limit': 'transient',
  'timed-out-after-send': 'ambiguous',
  'cut-after-send': 'ambiguous',
  'answer-unreadable': 'ambiguous',
  'refused-for-now': 'refused',
  refused: 'permanent',
  gone: 'permanent',
  'not-allowed': 'permanent',
  'cannot-be-written': 'permanent',
  /** Accepted (CA), then no word of the application within the site's window. */
  'not-answered': 'permanent',
  /** HTTP 409 or 412: somebody else wrote first. */
  'changed-meanwhile': 'permanent',
  /** An operator decided that it is never sent. */
  skipped: 'permanent',
};

export function classOf(code: FailureCode): FailureClass {
  return classes[code];
}

/** What delivering gave. `receipt` is what the receiver said (an ACK, the connector's ids): opaque to the engine, kept with the outbox row. */
export type Delivery<Receipt = unknown> =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly code: FailureCode; readonly detail: string; readonly retryAfterSeconds?: number };

export type NextStep = { readonly step: 'tryAgain'; readonly inSeconds: number } | { readonly step: 'askPerson' };

/** Attempts of one class that are allowed before a person is asked; a transient failure is tried for as long as it lasts. */
const mostAttempts: Readonly<Record<FailureClass, number>> = { transient: Number.POSITIVE_INFINITY, ambiguous: 5, refused: 3, permanent: 1 };

/** Waits of 1, 2, 4 … 30 seconds. `attemptsOfClass` counts the failures of this class, this one included. */
export function afterFailure(code: FailureCode, attemptsOfClass: number, retryAfterSeconds?: number): NextStep {
  if (attemptsOfClass >= mostAttempts[classOf(code)]) return { step: 'askPerson' };
  return { step: 'tryAgain', inSeconds: retryAfterSeconds ?? Math.min(2 ** Math.min(attemptsOfClass - 1, 10), 30) };
}
