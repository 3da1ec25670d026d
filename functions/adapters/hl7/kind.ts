import type { OrderVerb } from '#domain/order.js';
import type { Message, Segment } from './message.ts';
import { orderControls, useOf } from './messages-used.ts';
import type { Use } from './messages-used.ts';

/** What a message is about. `other` is everything that no workflow reads: accepted, kept, not used. */
export type MessageKind = 'order' | 'order-change' | 'cancel' | 'admission' | 'report' | 'appointment' | 'merge' | 'ack' | 'other';

const verbs: Readonly<Record<string, { readonly verb: OrderVerb } | undefined>> = orderControls;

/** What an ORC asks (ORC-1, of a status also ORC-5); null for control codes that are not used: responses and requests between other systems. */
export function verbOf(control: Segment | null): OrderVerb | null {
  const verb = verbs[control?.text(1, 1).toUpperCase() ?? '']?.verb ?? null;
  return verb === 'status' && ['CA', 'DC'].includes(control?.text(5, 1).toUpperCase() ?? '') ? 'cancel' : verb;
}

/** MSH-9.2; of an ADT without one EVN-1, where HL7 2.1 had it. */
export function triggerOf(message: Message): string {
  const trigger = message.text('MSH-9.2');
  return trigger === '' && message.text('MSH-9.1') === 'ADT' ? message.text('EVN-1') : trigger;
}

export function usedAs(message: Message): Use | null {
  return useOf(message.text('MSH-9.1'), triggerOf(message));
}

/** Is it an answer to something that was sent? An answer is never answered by an application. */
export function isAnswer(message: Message): boolean {
  const use = usedAs(message);
  return use === 'acknowledgement' || (use === null && message.first('MSA') !== null);
}

export function kindOf(message: Message): MessageKind {
  const use = usedAs(message);
  if (use === 'order') {
    const verb = verbOf(message.first('ORC'));
    return verb === 'cancel' ? 'cancel' : verb === 'change' ? 'order-change' : 'order';
  }
  if (isAnswer(message)) return 'ack';
  if (use === 'merge' || message.first('MRG') !== null) return 'merge';
  // Also of a trigger that is not used.
  return byType[message.text('MSH-9.1')] ?? 'other';
}

const byType: Readonly<Record<string, MessageKind>> = { ADT: 'admission', ORU: 'report', MDM: 'report', SIU: 'appointment', SRR: 'ack' };
