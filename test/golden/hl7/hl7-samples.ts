import { judge } from '#adapters/hl7/door.js';
import type { Judged } from '#adapters/hl7/door.js';
import type { DoorSite } from '#adapters/hl7/reading.js';
import { toInstant } from '#core/time.js';
import { hospitalEvent } from '#domain/hospital-event.js';
import type { HospitalEvent } from '#domain/hospital-event.js';

export const noon = toInstant(Date.UTC(2026, 10, 25, 12));

export const site: DoorSite = {
  settings: { zone: 'America/New_York' },
  fieldMap: { accessionNumber: ['OBR-18', 'IPC-1'], protocol: 'OBR-19', preferredAssigners: ['NORTH-MRN', '1.2.3.4'] },
  procedureMap: {
    imaging: [{ code: 'CTHEAD', modality: 'CT', text: 'CT head' }],
    notImaging: [{ code: 'CBC', text: 'blood count' }],
  },
};

export const MSH = 'MSH|^~\\&|HIS|NORTH|RADLOOP|NORTH|20261125104000||ORM^O01|MSG1|P|2.5.1';
export const PID = 'PID|1||A1^^^NORTH-MRN^MR||DOE^JANE||19800515|F';
export const ORC = 'ORC|NW|P1^HIS|F1^RIS';
export const OBR = 'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L';

/** Lines into one message, judged at noon. */
export function judged(...lines: readonly string[]): Judged {
  return judge(bytesOf(...lines), site, noon);
}

export function bytesOf(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r')}\r`);
}

/** A header like MSH with another type, and other fields by number. */
export function header(type: string, others: Readonly<Record<number, string>> = {}): string {
  const fields = MSH.split('|');
  for (const [field, value] of Object.entries({ 9: type, ...others })) {
    while (fields.length < Number(field)) fields.push('');
    fields[Number(field) - 1] = value;
  }
  return fields.join('|');
}

/** The events of a message, as their schema has them. */
export function events(...lines: readonly string[]): readonly HospitalEvent[] {
  const verdict = judged(...lines);
  if (verdict.ackCode !== 'AA') throw new Error(verdict.reason ?? verdict.ackCode);
  return verdict.events.map((event) => hospitalEvent.parse(event));
}

type EventOf<T extends HospitalEvent['type']> = Extract<HospitalEvent, { readonly type: T }>;

/** The one event of a message, of this type. */
export function only<T extends HospitalEvent['type']>(type: T, ...lines: readonly string[]): EventOf<T> {
  const [first, ...others] = events(...lines);
  const isOfType = (event: HospitalEvent | undefined): event is EventOf<T> => event?.type === type;
  if (!isOfType(first) || others.length > 0) throw new Error(judged(...lines).reason ?? `${String(others.length + 1)} events`);
  return first;
}

/** A segment from its fields by number. */
export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}
