import type { OrderVerb } from '#domain/order.js';
import type { Message } from './message.ts';

/** What a message is about. `other` is everything that no workflow reads: accepted, kept, not used. */
export type MessageKind = 'order' | 'order-change' | 'cancel' | 'admission' | 'report' | 'appointment' | 'merge' | 'ack' | 'other';

/** ORC-1, HL7 table 0119, as far as an order message of it is used. */
const verbs: Readonly<Record<string, OrderVerb>> = { NW: 'new', XO: 'change', RP: 'change', RO: 'change', CA: 'cancel', DC: 'cancel', OC: 'cancel' };

/** What ORC-1 asks; null for control codes that are not used (status, response and request codes). */
export function verbOf(orderControl: string): OrderVerb | null {
  return verbs[orderControl.toUpperCase()] ?? null;
}

/** Order messages that are read: ORM^O01 (also without trigger, as HL7 2.1 wrote it), OMI^O23, OMG^O19. */
export function isOrderMessage(message: Message): boolean {
  const [type, trigger] = [message.text('MSH-9.1'), message.text('MSH-9.2')];
  return (type === 'ORM' && (trigger === 'O01' || trigger === '')) || (type === 'OMI' && trigger === 'O23') || (type === 'OMG' && trigger === 'O19');
}

/** ADT triggers that join, move or rename patients, visits or identifiers (they carry MRG). HL7 v2.5.1 chapter 3. */
const merges = new Set('A18 A30 A34 A35 A36 A39 A40 A41 A42 A43 A44 A45 A46 A47 A48 A49 A50 A51'.split(' '));

export function kindOf(message: Message): MessageKind {
  const type = message.text('MSH-9.1');
  if (isOrderMessage(message)) {
    const verb = verbOf(message.text('ORC-1.1'));
    return verb === 'cancel' ? 'cancel' : verb === 'change' ? 'order-change' : 'order';
  }
  switch (type) {
    case 'ADT':
      return merges.has(message.text('MSH-9.2')) ? 'merge' : 'admission';
    case 'ORU':
    case 'MDM':
      return 'report';
    case 'SIU':
      return 'appointment';
    case 'ACK':
    case 'MCF':
    case 'ORR':
    case 'ORI':
    case 'ORG':
    case 'SRR':
      return 'ack';
    default:
      return 'other';
  }
}
