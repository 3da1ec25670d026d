import { instant } from '#core/time.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import { order } from '#domain/order.js';
import { consequencesOf } from '#engine/route.js';

const receivedAt = instant.parse('2026-11-25T10:00:00.000Z');
const source = { id: 'hl7:abc', actor: { kind: 'sender', endpoint: 'mllp' }, receivedAt } as const;
const origin = {
  ...{ rawHash: 'abc', sendingApplication: 'HIS', sendingFacility: 'GENERAL', messageTime: null, receivedAt, quality: [] },
};
const patient = {
  ...{ id: '1', assigner: 'MRN', name: null, birthDate: null, sex: null },
  identifiers: [
    { id: '999', assigner: 'INS', type: 'SS' },
    { id: '7', assigner: 'OLD', type: 'PI' },
    { id: '1', assigner: 'MRN', type: 'MR' },
  ],
};
const insurance = { id: '555', assigner: 'INSURER', type: 'HC' };
const numbers = { placer: { id: 'P1', assigner: 'HIS' }, filler: { id: 'F1', assigner: 'RIS' }, accession: 'A1', serviceRequest: 'ServiceRequest/7' };
const orderReceived = (kind: 'imaging' | 'not-imaging' | 'unknown'): HospitalEvent => ({
  ...origin,
  ...{ type: 'orderReceived', verb: 'new', sortTime: null, timeSource: 'arrival', cleared: [], orderStatus: null, source: 'hl7' },
  serviceRequest: 'ServiceRequest/7',
  order: order.parse({
    ...{
      placerOrderNumber: numbers.placer,
      fillerOrderNumber: numbers.filler,
      accessionNumber: 'A1',
      patient,
      procedure: null,
      procedures: [],
      kind,
    },
    ...{ modality: 'CT', priority: null, indication: null, patientClass: null, orderingProvider: null, orderedAt: null },
  }),
});
const study = (more = {}): HospitalEvent => ({
  ...origin,
  ...{ type: 'studyArrived', studyUid: '1.2.3', accessionNumber: 'A1', patient, modalities: ['DX', 'SR'], startedAt: null, description: null },
  ...more,
});
const only = (...events: HospitalEvent[]) => consequencesOf(events, source);

describe('what a message causes', () => {
  it('goes for an order to its case by placer, filler and the EHR’s id; the accession number is no identity', () => {
    expect(only(orderReceived('imaging'))).toMatchObject([
      { kind: 'to-order', workflow: 'protocoling', id: 'hl7:abc', numbers: ['placer|HIS|P1', 'filler|RIS|F1', 'fhir||ServiceRequest/7'] },
    ]);
    expect(only(orderReceived('unknown'))).toHaveLength(1);
  });

  it.each(['new', 'change', 'cancel', 'status'] as const)('goes for an order that is no imaging (%s) only to a case that knows it', (verb) => {
    const event = { ...orderReceived('not-imaging'), verb } as HospitalEvent;
    expect(only(event)).toMatchObject([
      { kind: 'to-order', onlyIfKnown: true, numbers: ['placer|HIS|P1', 'filler|RIS|F1', 'fhir||ServiceRequest/7'] },
    ]);
    expect(only(orderReceived('imaging'))).not.toMatchObject([{ onlyIfKnown: true }]);
  });

  it('has an id of its own for each event of a message, by its place, also behind one that causes nothing', () => {
    const nobody: HospitalEvent = { ...origin, ...{ type: 'patientMerged', trigger: 'A40', sortTime: null }, surviving: patient, prior: [insurance] };
    expect(only(orderReceived('imaging'), nobody, orderReceived('imaging'))).toMatchObject([{ id: 'hl7:abc' }, { id: 'hl7:abc:2' }]);
  });

  it('moves a patient and tells the cases that have one of their record numbers, the preferred one first, no insurance number', () => {
    const location = { pointOfCare: 'ICU', room: '1', bed: 'A', facility: 'GENERAL' };
    const event: HospitalEvent = {
      ...origin,
      type: 'patientUpdated',
      trigger: 'A02',
      patient,
      location,
      patientClass: 'I',
      present: true,
      sortTime: null,
    };
    const records = [
      { id: '1', assigner: 'MRN', type: 'MR' },
      { id: '7', assigner: 'OLD', type: 'PI' },
    ];
    expect(only(event)).toEqual([
      { kind: 'patient-moved', patient: records, location, patientClass: 'I', sortTime: receivedAt },
      { kind: 'to-cases-with', keys: ['patient|MRN|1', 'patient|OLD|7'], id: 'hl7:abc', actor: source.actor, input: event },
    ]);
    expect(only({ ...event, patient: { ...patient, id: null, identifiers: [] } })).toEqual([]);
  });

  it('joins a prior number with who remains, and tells the cases of both', () => {
    const prior = [{ id: '5', assigner: 'MRN', type: 'MR' }];
    const event: HospitalEvent = { ...origin, type: 'patientMerged', trigger: 'A40', surviving: patient, prior, sortTime: null };
    expect(only(event)).toMatchObject([
      { kind: 'patients-merged', prior, surviving: [{ id: '1' }, { id: '7' }] },
      { kind: 'to-cases-with', keys: ['patient|MRN|5', 'patient|MRN|1', 'patient|OLD|7'] },
    ]);
  });

  it('joins nobody by an insurance number, on either side, and tells nobody by the prior one', () => {
    const prior = [{ id: '5', assigner: 'MRN', type: 'MR' }, insurance];
    // Where a site names no preferred assigner, the first number of a record may be the insurer's.
    const surviving = { ...patient, id: '555', assigner: 'INSURER', identifiers: [insurance, { id: '1', assigner: 'MRN2', type: 'MR' }] };
    const event: HospitalEvent = { ...origin, type: 'patientMerged', trigger: 'A40', surviving, prior, sortTime: null };
    const [merged, told] = only(event);
    expect(merged).toMatchObject({ prior: [{ id: '5' }], surviving: [{ id: '1' }] });
    expect(only({ ...event, surviving: patient })[1]).toMatchObject({ keys: ['patient|MRN|5', 'patient|MRN|1', 'patient|OLD|7'] });
    expect(told).toMatchObject({ kind: 'to-cases-with' });
    expect(only({ ...event, prior: [insurance] })).toEqual([]);
  });

  it('looks for a study’s order by accession, then study UID, then patient, modality and seven days', () => {
    const startedAt = instant.parse('2026-11-24T09:00:00.000Z');
    expect(only(study({ startedAt }))).toMatchObject([
      {
        arrival: {
          ...{ what: 'study', workflow: 'protocoling', version: '1.2.3|A1', tell: true, patient: ['patient|MRN|1', 'patient|OLD|7'] },
          by: [
            { name: 'accession', keys: ['accession||A1'] },
            { name: 'study', keys: ['study||1.2.3'] },
            {
              ...{ name: 'patient-and-time', near: { at: startedAt, days: 7 } },
              // Orders say XR where a detector says DX.
              keys: ['patient-modality|MRN|1|XR', 'patient-modality|OLD|7|XR'],
            },
          ],
        },
      },
    ]);
    expect(only(study({ accessionNumber: null }))).toMatchObject([{ arrival: { by: [{ name: 'study' }, { near: { at: receivedAt } }] } }]);
  });

  it('looks for an appointment’s order by its numbers and tells it, each change of it once', () => {
    const event: HospitalEvent = {
      ...origin,
      ...{ type: 'appointmentReceived', status: 'booked', appointmentId: '55', orderNumbers: numbers, patient, startsAt: '202611261000' },
      ...{ startsAtInstant: null, durationMinutes: null, resources: [], sortTime: null },
    };
    const [booked] = only(event);
    expect(booked).toMatchObject({
      arrival: {
        ...{ what: 'appointment', workflow: 'protocoling', tell: true },
        by: [
          { name: 'order', keys: ['placer|HIS|P1'] },
          { name: 'order', keys: ['filler|RIS|F1', 'fhir||ServiceRequest/7'] },
          { name: 'accession', keys: ['accession||A1'] },
        ],
      },
    });
    const versions = [event, { ...event, status: 'cancelled' }, { ...event, startsAt: '202611261100' }].map((one) => only(one as HospitalEvent)[0]);
    expect(new Set(versions.map((one) => (one?.kind === 'arrival' ? one.arrival.version : ''))).size).toBe(3);
  });

  it('looks for a report’s order by accession and numbers, once a version, and tells nobody yet', () => {
    const event: HospitalEvent = {
      ...origin,
      ...{ type: 'reportReceived', accessionNumber: null, status: 'final', procedure: null, patient, orderNumbers: numbers, reportedAt: null },
      ...{ sections: [], attachments: [], version: 'v-1' },
    };
    expect(only(event)).toMatchObject([
      {
        arrival: {
          what: 'report',
          workflow: 'protocoling',
          version: 'v-1',
          tell: false,
          by: [{ name: 'accession', keys: ['accession||A1'] }, { name: 'order' }, { name: 'order' }],
        },
      },
    ]);
  });
});
