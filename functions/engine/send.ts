import type { Delivery } from '#core/delivery.js';
import type { Effect } from '#core/effect.js';
import { addMinutes } from '#core/time.js';
import type { AckReceipt } from '#ports/hl7-sender.js';
import type { OutboxItem, OutboxStore } from '#ports/outbox-store.js';
import type { Parts } from './parts.ts';

/** Sent: taken by the application, or only accepted (CA) so that its answer is still to come. Lost: not ours to send any more, nothing left. */
export type Sent = { readonly what: 'taken'; readonly receipt: AckReceipt } | { readonly what: 'accepted' | 'lost' };

/**
 * Sends one message: its bytes are made once and kept before they are sent. What an enhanced destination has accepted waits in the store for its application's
 * answer from here on.
 */
export function sendHl7(parts: Parts, item: OutboxItem, effect: Effect & { readonly kind: 'sendHl7' }): Promise<Delivery<Sent>> {
  return noted(parts.outbox, effect.destination, () => send(parts, item, effect));
}

async function send(parts: Parts, item: OutboxItem, effect: Effect & { readonly kind: 'sendHl7' }): Promise<Delivery<Sent>> {
  let { bytes } = item;
  if (bytes === null) {
    const rendered = parts.hl7.render(effect, item.writtenAt);
    if (!rendered.ok) return rendered;
    bytes = rendered.receipt;
    if (!(await parts.outbox.keepBytes(item, bytes))) return LOST;
  }
  if (!(await parts.outbox.stillHeld(item, parts.clock.now()))) return LOST;
  const sent = await parts.hl7.send(effect.destination, bytes);
  if (!sent.ok) return sent;
  const { receipt } = sent;
  const destination = parts.destinations[effect.destination];
  if (receipt.code !== 'CA' || destination?.acknowledgement !== 'enhanced') return { ok: true, receipt: { what: 'taken', receipt } };
  const until = addMinutes(parts.clock.now(), destination.answerWithinMinutes);
  await parts.outbox.awaitAnswer(item, receipt.controlId, receipt, until);
  return { ok: true, receipt: { what: 'accepted' } };
}

const LOST = { ok: true, receipt: { what: 'lost' } } as const;

/** Sendings under way, by store and destination. */
const underWay = new WeakMap<OutboxStore, Map<string, Set<Promise<unknown>>>>();

async function noted<T>(outbox: OutboxStore, destination: string, work: () => Promise<T>): Promise<T> {
  const all = underWay.get(outbox) ?? new Map<string, Set<Promise<unknown>>>();
  underWay.set(outbox, all);
  const here = all.get(destination) ?? new Set();
  all.set(destination, here);
  const mine = work();
  here.add(mine);
  try {
    return await mine;
  } finally {
    here.delete(mine);
  }
}

/** The longest that an answer waits for a sending that it may be the answer to. */
const MOST_MILLISECONDS = 1000;

/**
 * Until what is being sent to these destinations is sent and noted: the application's answer may overtake the commit answer (another socket), or come before it
 * was written down here. False: nothing is being sent.
 */
export async function sendingsEnd(outbox: OutboxStore, destinations: readonly string[]): Promise<boolean> {
  const sendings = destinations.flatMap((name) => [...(underWay.get(outbox)?.get(name) ?? [])]);
  if (sendings.length === 0) return false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, MOST_MILLISECONDS);
  });
  await Promise.race([Promise.allSettled(sendings), patience]);
  clearTimeout(timer);
  return true;
}
