import type { PlannedOrder } from './orders.ts';

/** ORC-1 by what the message wants. */
const controls = { new: 'NW', change: 'XO', cancel: 'CA' } as const;
export type Verb = keyof typeof controls;

/** Numbers of order `n`, as they stand in ORC-2, ORC-3 and OBR-18. */
export function numbersOf(n: number): { readonly placer: string; readonly filler: string; readonly accession: string } {
  const digits = String(n).padStart(6, '0');
  return { placer: `P${digits}`, filler: `F${digits}`, accession: `RAD${digits}` };
}

/** The HL7 message that says this of an order. `at`: when it is written (MSH-7). A repeat is not written anew: its bytes are kept. */
export function orderMessage(order: PlannedOrder, verb: Verb, controlId: string, at: Date): string {
  const followUp = verb === 'change' ? order.then : null;
  const priority = followUp?.priority ?? order.priority;
  const indication = escaped(followUp?.indication ?? order.indication);
  const numbers = numbersOf(order.n);
  const placer = `${numbers.placer}^REHEARSAL-EHR`;
  const filler = `${numbers.filler}^REHEARSAL-RIS`;
  const stamp = hl7Time(at);
  const { patient, orderer } = order;
  const provider = orderer === null ? '' : `${orderer.id}^${escaped(orderer.family)}^${escaped(orderer.given)}`;
  const isOmi = order.messageType === 'OMI^O23';
  return [
    segment('MSH', { 1: '^~\\&', 2: 'REHEARSAL-RIS', 3: 'RADLOOP-GENERAL', 4: 'RADLOOP', 5: 'RADLOOP-GENERAL', 6: stamp,
      8: isOmi ? 'OMI^O23^OMI_O23' : 'ORM^O01^ORM_O01', 9: controlId, 10: 'P', 11: '2.5.1', 17: 'UNICODE UTF-8' }),
    segment('PID', { 1: '1', 3: `${patient.mrn}^^^RADLOOP-MRN^MR`, 5: `${escaped(patient.family)}^${escaped(patient.given)}`,
      7: order.sendsBirthDate ? patient.birthDate.replaceAll('-', '') : '', 8: patient.sex }),
    segment('PV1', { 1: '1', 2: order.patientClass }),
    segment('ORC', { 1: controls[verb], 2: placer, 3: filler, 5: verb === 'cancel' ? 'CA' : 'SC',
      7: order.priorityIn === 'ORC' && priority !== '' ? `^^^^^${priority}` : '', 9: stamp, 12: provider }),
    ...(order.priorityIn === 'TQ1' && priority !== '' ? [segment('TQ1', { 1: '1', 9: priority })] : []),
    segment('OBR', { 1: '1', 2: placer, 3: filler, 4: `${order.code}^${escaped(order.text)}^LOCAL`, 6: stamp,
      13: order.indicationIn === 'OBR-13' ? indication : '', 16: provider, 18: isOmi ? '' : numbers.accession, 24: order.modality,
      31: order.indicationIn === 'OBR-31' && indication !== '' ? `^${indication}` : '' }),
    ...(isOmi ? [segment('IPC', { 1: numbers.accession, 2: numbers.filler, 3: '', 4: numbers.filler, 5: order.modality })] : []),
  ].join('\r') + '\r'; // prettier-ignore
}

/** YYYYMMDDHHMMSS in UTC with its offset. */
export function hl7Time(at: Date): string {
  return `${at.toISOString().replace(/[-:T]/gu, '').slice(0, 14)}+0000`;
}

/** Text for one field: the delimiters of HL7 written as escape sequences, line ends as `\.br\`. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\E\\')
    .replaceAll('|', '\\F\\')
    .replaceAll('^', '\\S\\')
    .replaceAll('&', '\\T\\')
    .replaceAll('~', '\\R\\')
    .replaceAll(/\r\n|\r|\n/gu, '\\.br\\');
}

/** A segment from its fields by number (for MSH the number of the separator-split part); the empty ones at the end are left out. */
function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const filled = Object.entries(fields).filter(([, value]) => value !== '');
  const last = Math.max(0, ...filled.map(([index]) => Number(index)));
  const parts = Array.from({ length: last }, (_, index) => fields[index + 1] ?? '');
  return [name, ...parts].join('|');
}
