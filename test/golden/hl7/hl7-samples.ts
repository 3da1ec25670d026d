import { judge } from '#adapters/hl7/door.js';
import type { Verdict } from '#adapters/hl7/door.js';
import type { OrderSite } from '#adapters/hl7/to-event.js';
import { toInstant } from '#core/time.js';

export const noon = toInstant(Date.UTC(2026, 10, 25, 12));

export const site: OrderSite = {
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
export function judged(...lines: readonly string[]): Verdict {
  return judge(bytesOf(...lines), site, noon);
}

export function bytesOf(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r')}\r`);
}
