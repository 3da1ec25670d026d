/** What is read out of a message. */
export type Use = 'order' | 'patient' | 'merge' | 'appointment' | 'report' | 'acknowledgement';

export interface MessageUsed {
  /** MSH-9.1 */
  readonly type: string;
  /** MSH-9.2; `*`: any. */
  readonly trigger: string;
  /** The trigger's name in HL7 v2.5.1. */
  readonly name: string;
  readonly use: Use;
}

const used = (use: Use, type: string, triggers: Readonly<Record<string, string>>): readonly MessageUsed[] =>
  Object.entries(triggers).map(([trigger, name]) => ({ type, trigger, name, use }));

/** Every message that is read. All others are kept and acknowledged. The reader, `radloop hl7 read` and infra/docs/interfaces.md go by this table. */
export const messagesUsed: readonly MessageUsed[] = [
  ...used('order', 'ORM', { O01: 'general order' }),
  ...used('order', 'OMG', { O19: 'general clinical order' }),
  ...used('order', 'OMI', { O23: 'imaging order' }),
  ...used('patient', 'ADT', {
    A01: 'admit/visit notification',
    A02: 'transfer a patient',
    A03: 'discharge/end visit',
    A04: 'register a patient',
    A05: 'pre-admit a patient',
    A06: 'change an outpatient to an inpatient',
    A07: 'change an inpatient to an outpatient',
    A08: 'update patient information',
    A11: 'cancel admit',
    A12: 'cancel transfer',
    A13: 'cancel discharge',
    A31: 'update person information',
    A38: 'cancel pre-admit',
  }),
  ...used('merge', 'ADT', {
    A18: 'merge patient information',
    A30: 'merge person information',
    A34: 'merge patient information, patient ID only',
    A36: 'merge patient information, patient ID and account number',
    A39: 'merge person, patient ID',
    A40: 'merge patient, patient identifier list',
    A47: 'change patient identifier list',
  }),
  ...used('appointment', 'SIU', {
    S12: 'new appointment booking',
    S13: 'appointment rescheduling',
    S14: 'appointment modification',
    S15: 'appointment cancellation',
    S17: 'appointment deletion',
    S26: 'patient did not show up',
  }),
  ...used('report', 'ORU', { R01: 'unsolicited observation' }),
  ...used('report', 'MDM', {
    T02: 'original document and content',
    T08: 'document edit and content',
    T10: 'document replacement and content',
  }),
  ...used('acknowledgement', 'ACK', { '*': 'general acknowledgement' }),
  ...used('acknowledgement', 'MCF', { '*': 'delayed acknowledgement' }),
  ...used('acknowledgement', 'ORR', { O02: 'order response' }),
  ...used('acknowledgement', 'ORG', { O20: 'general clinical order response' }),
  ...used('acknowledgement', 'ORI', { O24: 'imaging order response' }),
];

const byName = new Map(messagesUsed.map((row) => [`${row.type}^${row.trigger}`, row.use]));

/** What HL7 2.1 wrote without a trigger. */
const alone: Readonly<Record<string, Use>> = { ORM: 'order', ORU: 'report', ORR: 'acknowledgement' };

/** What is read out of a message of this type; null: nothing, it is kept. */
export function useOf(type: string, trigger: string): Use | null {
  return byName.get(`${type}^${trigger}`) ?? byName.get(`${type}^*`) ?? (trigger === '' ? (alone[type] ?? null) : null);
}

/** ORC-1 (HL7 table 0119) as far as it is read, with what it means here. */
export const orderControls = {
  NW: { verb: 'new', name: 'new order' },
  XO: { verb: 'change', name: 'change request' },
  XX: { verb: 'change', name: 'changed, unsolicited: the filler changed it' },
  RP: { verb: 'change', name: 'replacement request' },
  RO: { verb: 'change', name: 'replacement order' },
  CA: { verb: 'cancel', name: 'cancel request' },
  DC: { verb: 'cancel', name: 'discontinue request' },
  OC: { verb: 'cancel', name: 'cancelled: the filler cancelled it' },
  OD: { verb: 'cancel', name: 'discontinued: the filler discontinued it' },
  SC: { verb: 'status', name: 'status changed; with ORC-5 CA or DC a cancel' },
  NA: { verb: 'numbers', name: 'number assigned' },
} as const;
