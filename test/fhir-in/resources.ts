import { chartOf } from '../../infra/rehearsal/chart.ts';
import type { ChartResource } from '../../infra/rehearsal/chart.ts';
import { numbersOf } from '../../infra/rehearsal/order-message.ts';
import { plannedOrders } from '../support/planned-orders.ts';

const [planned] = plannedOrders(4711, 1);
const numbers = numbersOf(planned!.n);

/** The patient of the first order of the rehearsal, as the rehearsal EHR holds it: the very one that its HL7 order names. */
export const hospitalPatient: ChartResource = { ...chartOf(4711, planned!.patient, new Date('2026-11-25T10:00:00Z'))[0]!, id: 'pat1' };

export const practitioner: ChartResource = {
  resourceType: 'Practitioner',
  id: 'prac1',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.7', value: 'NPI4711' }],
  name: [{ family: 'Lindqvist', given: ['Maja'] }],
};

const v2 = (code: string): object => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] });

/** The first order of the rehearsal as a ServiceRequest: the numbers that stand in its HL7 message. */
export function serviceRequest(more: Readonly<Record<string, unknown>> = {}): ChartResource {
  return {
    resourceType: 'ServiceRequest',
    id: 'sr1',
    identifier: [
      { type: v2('PLAC'), system: 'urn:oid:2.16.840.1.113883.19.1', value: numbers.placer },
      { type: v2('FILL'), system: 'urn:oid:2.16.840.1.113883.19.2', value: numbers.filler, assigner: { display: 'REHEARSAL-RIS' } },
      { type: v2('ACSN'), system: 'urn:oid:2.16.840.1.113883.19.3', value: numbers.accession },
    ],
    status: 'active',
    intent: 'order',
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '363679005', display: 'Imaging' }] }],
    priority: 'stat',
    code: { coding: [{ system: 'http://radloop.example/codes', code: 'CTHEADWO', display: 'CT HEAD WO CONTRAST' }] },
    subject: { reference: 'Patient/pat1' },
    requester: { reference: 'Practitioner/prac1' },
    authoredOn: '2026-11-25T11:00:00+01:00',
    reasonCode: [
      { text: 'Sudden severe headache, vomiting' },
      { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R51.9', display: 'Headache' }] },
    ],
    ...more,
  };
}
