import type { AcknowledgementReceived } from '#domain/hospital-event.js';
import type { OutboxItem } from '#ports/outbox-store.js';
import { answeredNo, answeredYes } from './deliver.ts';
import { sendingsEnd } from './send.ts';
import type { Parts } from './parts.ts';

type Needs = Pick<Parts, 'outbox' | 'clock' | 'log' | 'cases' | 'workflows' | 'modeOf' | 'wake' | 'destinations'>;

/** As far as it tells who brings an answer; the whole is in intake.ts. */
interface Bringer {
  readonly facility: { readonly id: string } | null;
  readonly destination?: string;
}

/**
 * The message that still awaits this application's answer (MSA-2 is its MSH-10), at a destination that this connection may answer for; null: none.
 * A commit answer (CA) is no application's answer.
 */
export async function whoseAnswer(parts: Needs, { code, controlId }: AcknowledgementReceived, from: Bringer): Promise<OutboxItem | null> {
  if (code === 'CA') return null;
  const destinations = Object.entries(parts.destinations).flatMap(([name, { acknowledgement, answeredBy }]) => {
    if (acknowledgement !== 'enhanced') return [];
    const may = from.destination === undefined ? from.facility === null || from.facility.id === answeredBy : from.destination === name;
    return may ? [name] : [];
  });
  if (destinations.length === 0) return null;
  const found = await parts.outbox.awaiting(destinations, controlId);
  if (found !== null || !(await sendingsEnd(parts.outbox, destinations))) return found;
  return parts.outbox.awaiting(destinations, controlId);
}

/** Ends the wait of a message with the answer that it got. */
export async function creditAnswer(parts: Needs, item: OutboxItem, { code, controlId, detail }: AcknowledgementReceived): Promise<void> {
  if (code === 'AA') await answeredYes(parts, item, { code, controlId, text: `MSA|${code}|${controlId}` });
  else await answeredNo(parts, item, `The receiver answered ${code}${detail === '' ? '' : ` (${detail})`}.`);
  parts.log.info('delivery.answered', { code, attempt: item.attempt });
  parts.wake();
}
