import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from './failures.ts';
import type { Limiter } from './limiter.ts';

/** Longest that a reply waits for a place under the limits of Teams. Whoever asked is still there then. */
const mostReplyWaitMs = 8_000;

/** Sends a reply in its turn; one that Teams asks to slow down for is sent once more when it may be. Rejects as `send` does. */
export async function replyInTurn(limiter: Limiter, conversation: string, send: () => Promise<unknown>): Promise<void> {
  const { waitMs } = limiter.reserve(conversation, mostReplyWaitMs);
  if (waitMs > 0) await sleep(Math.min(waitMs, mostReplyWaitMs));
  try {
    await send();
  } catch (error) {
    const { code, retryAfterSeconds = 1 } = failureOf(error);
    const pauseMs = retryAfterSeconds * 1000;
    if (code !== 'throttled') throw error;
    limiter.holdOff(conversation, pauseMs);
    if (pauseMs > mostReplyWaitMs) throw error;
    await sleep(pauseMs);
    await send();
  }
}
