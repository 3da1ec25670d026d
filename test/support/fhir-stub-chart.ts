import type { Order } from '#domain/order.js';
import type { StubResource } from './fhir-stub.ts';

/** An invented patient, Ada Stone, number 4711, and everything the EHR could say of her on 25 November 2026. */
export const patientOf = (id: string, more: Readonly<Record<string, unknown>> = {}): StubResource => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'urn:oid:1.2.3', value: '4711', assigner: { display: 'NORTH' } }],
  name: [{ family: 'Stone', given: ['Ada'] }],
  gender: 'female',
  birthDate: '1980-11-26',
  ...more,
});

let made = 0;
const subject = { reference: 'Patient/ada' };

export function observation(code: string, effectiveDateTime: string, value: Readonly<Record<string, unknown>>): StubResource {
  made += 1;
  const coding = [{ system: 'http://loinc.org', code }];
  return { resourceType: 'Observation', id: `o${String(made)}`, status: 'final', code: { coding }, subject, effectiveDateTime, ...value };
}

export function quantity(value: number, unit: string, comparator?: string): Readonly<Record<string, unknown>> {
  return { valueQuantity: { value, unit, ...(comparator === undefined ? {} : { comparator }) } };
}

export function resource(resourceType: string, elements: Readonly<Record<string, unknown>>): StubResource {
  made += 1;
  return { resourceType, id: `r${String(made)}`, ...(resourceType === 'AllergyIntolerance' ? { patient: subject } : { subject }), ...elements };
}

export function note(text: string, date: string, contentType = 'text/plain; charset=utf-8'): StubResource {
  const attachment = { contentType, data: Buffer.from(text).toString('base64') };
  return resource('DocumentReference', { status: 'current', date, content: [{ attachment }] });
}

export const adaChart = (): readonly StubResource[] => [
  patientOf('ada'),
  observation('29463-7', '2026-11-01', quantity(154, '[lb_av]')),
  observation('98979-8', '2026-06-01', quantity(71, 'mL/min/{1.73_m2}')),
  observation('62238-1', '2026-11-20T08:00:00Z', quantity(44, 'mL/min/{1.73_m2}')),
  ...['2026-11-20', '2026-11-18', '2026-10-01', '2026-07-01', '2026-03-01', '2025-01-01'].map((date, index) =>
    observation('2160-0', date, quantity((16 - index) / 10, 'mg/dL')),
  ),
  observation('82810-3', '2026-11-10', { valueCodeableConcept: { coding: [{ code: '60001007' }] } }),
  resource('AllergyIntolerance', {
    code: { text: 'Iodinated contrast media' },
    criticality: 'high',
    reaction: [{ manifestation: [{ text: 'Urticaria' }], severity: 'moderate' }],
  }),
  resource('MedicationRequest', { status: 'active', intent: 'order', medicationCodeableConcept: { text: 'Metformin 500 mg' } }),
  resource('MedicationStatement', { status: 'active', medicationCodeableConcept: { text: 'Aspirin 100 mg' } }),
  resource('Condition', { clinicalStatus: { coding: [{ code: 'active' }] }, code: { text: 'Type 2 diabetes' } }),
  resource('ImagingStudy', {
    status: 'available',
    started: '2025-05-05',
    description: 'CT CHEST W CONTRAST',
    modality: [{ code: 'CT' }, { code: 'SR' }],
  }),
  note('No implants. Walks unaided.', '2026-09-09T10:00:00Z'),
];

export const adaOrder = (more: Partial<Order['patient']> = {}): Order => ({
  placerOrderNumber: { id: 'P1', assigner: 'RIS' },
  fillerOrderNumber: null,
  accessionNumber: 'ACC1',
  patient: {
    id: '4711',
    assigner: 'NORTH',
    identifiers: [{ id: '4711', assigner: 'NORTH', type: 'MR' }],
    name: { family: 'STONE', given: 'ADA' },
    birthDate: '19801126',
    sex: 'F',
    ...more,
  },
  procedure: { code: 'CTCH', text: 'CT CHEST', system: 'L' },
  procedures: [],
  kind: 'imaging',
  modality: 'CT',
  priority: 'R',
  indication: 'cough',
  patientClass: 'O',
  orderingProvider: null,
  orderedAt: null,
});
