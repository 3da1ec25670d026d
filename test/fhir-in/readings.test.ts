import fc from 'fast-check';
import { fhirDoor } from '#adapters/fhir-in/door.js';
import { readSite } from '#adapters/embedded/site-folder.js';
import { instant } from '#core/time.js';
import { hospitalEvent } from '#domain/hospital-event.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import type { FhirReading } from '#ports/fhir-door.js';
import type { FhirResource } from '#ports/fhir-client.js';
import { testSite } from '../support/planned-orders.ts';
import { hospitalPatient, practitioner, serviceRequest } from './resources.ts';

const site = readSite(testSite);
const assigners = { 'urn:oid:2.16.840.1.113883.19.1': 'REHEARSAL-EHR' };
const door = fhirDoor({ ...site, endpoints: { ...site.endpoints, ehr: { ...site.endpoints.ehr, assigners } } });
const meta = { versionId: '2', lastUpdated: '2026-11-25T12:00:00.000+01:00' };
const encounter = { resourceType: 'Encounter', id: 'enc1', meta, status: 'in-progress', class: { code: 'EMER' }, subject: { reference: 'Patient/pat1' }, location: [{ status: 'completed', location: { display: 'ED' } }, { status: 'active', location: { reference: 'Location/w3' } }] }; // prettier-ignore
const others: readonly FhirResource[] = [
  hospitalPatient,
  practitioner,
  encounter,
  { ...serviceRequest(), meta },
  { resourceType: 'PractitionerRole', id: 'role1', practitioner: { reference: 'Practitioner/prac1' } },
  { resourceType: 'Condition', id: 'c1', code: { text: 'Known aneurysm' } },
  { resourceType: 'Location', id: 'w3', name: 'Ward 3' },
  {
    resourceType: 'Patient',
    id: 'pat2',
    identifier: [{ system: 'urn:oid:1.2.3', value: 'OLD1', assigner: { display: 'RADLOOP-MRN' } }],
    name: [{ text: 'Doe Jane' }],
  },
];

/** Reads a resource as the feed does: what it lacks is fetched until nothing is lacking. */
function read(resource: FhirResource, known = false, served = others): FhirReading & { readonly asked: readonly string[] } {
  const focus = `${resource.resourceType}/${String(resource['id'])}`;
  const pool = new Map<string, FhirResource | null>([[focus, resource]]);
  const asked: string[] = [];
  for (let lacks = door.lacks(focus, pool); lacks.length > 0; lacks = door.lacks(focus, pool)) {
    for (const one of lacks) {
      asked.push(one);
      pool.set(one, served.find((other) => `${other.resourceType}/${String(other['id'])}` === one) ?? null);
    }
  }
  const about = { known, rawHash: 'a'.repeat(64), receivedAt: instant.parse('2026-11-25T11:00:01.000Z') };
  return { ...door.read(focus, pool, about), asked: asked.sort() };
}
function only<T extends HospitalEvent['type']>(resource: FhirResource, type: T, known = false, served = others): Extract<HospitalEvent, { type: T }> {
  const { events } = read(resource, known, served);
  expect(events).toHaveLength(1);
  const event = hospitalEvent.parse(events[0]);
  expect(event).toEqual(events[0]);
  expect(event.type).toBe(type);
  return event as Extract<HospitalEvent, { type: T }>;
}

describe('a ServiceRequest', () => {
  const request = (more: Readonly<Record<string, unknown>> = {}): FhirResource => ({ ...serviceRequest(more), meta });

  it('is read whole', () => {
    const event = only(request({ encounter: { reference: 'Encounter/enc1' } }), 'orderReceived');
    expect(event).toMatchObject({
      verb: 'new',
      source: 'fhir',
      serviceRequest: 'ServiceRequest/sr1',
      orderStatus: 'active',
      timeSource: 'fhir',
      sortTime: '2026-11-25T11:00:00.000Z',
      messageTime: '2026-11-25T12:00:00.000+01:00',
      quality: [],
    });
    expect(event.order).toMatchObject({
      placerOrderNumber: { id: 'P000001', assigner: 'REHEARSAL-EHR' },
      fillerOrderNumber: { id: 'F000001', assigner: 'REHEARSAL-RIS' },
      accessionNumber: 'RAD000001',
      procedure: { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST' },
      kind: 'imaging',
      modality: 'CT',
      priority: 'S',
      indication: 'Sudden severe headache, vomiting; Headache',
      reasonCodes: ['R51.9'],
      patientClass: 'E',
      orderingProvider: { id: 'NPI4711', name: 'Maja Lindqvist' },
      orderedAt: '2026-11-25T11:00:00+01:00',
      patient: { assigner: 'RADLOOP-MRN' },
    });
    expect(event.order.patient.birthDate).toMatch(/^\d{8}$/u);
  });

  it.each([
    ['draft', false, 'new'], ['active', false, 'new'], ['active', true, 'change'], ['on-hold', true, 'status'], ['completed', true, 'status'],
    ['revoked', true, 'cancel'], ['revoked', false, 'cancel'], ['entered-in-error', true, 'cancel'],
  ])('%s, known before: %s, is %s', (status, known, verb) => {
    expect(only(request({ status }), 'orderReceived', known)).toMatchObject({ verb, orderStatus: status });
  }); // prettier-ignore

  it.each([
    ['a proposal', { intent: 'proposal' }],
    ['a plan', { intent: 'plan' }],
    ['one not to be performed', { doNotPerform: true }],
    ['a status that is none', { status: 'new' }],
  ])('%s orders nothing', (_name, more) => {
    expect(read(request(more)).events).toEqual([]);
  });

  it.each([['routine', 'R'], ['urgent', 'U'], ['asap', 'A'], ['stat', 'S'], [undefined, null], ['soon', null]])('priority %s is %s', (priority, letter) => {
    expect(only(request({ priority }), 'orderReceived').order.priority).toBe(letter);
  }); // prettier-ignore

  const coded = (code: string, category: string | null): Readonly<Record<string, unknown>> => ({ code: { coding: [{ code, display: 'X' }] }, ...(category === null ? { category: [] } : { category: [{ coding: [{ code: category }] }] }) }); // prettier-ignore
  it.each([
    ['CTHEADWO', '108252007', 'imaging', 'CT'], ['CBC', null, 'not-imaging', null], ['OTHER', '363679005', 'imaging', null],
    ['OTHER', 'MR', 'imaging', 'MR'], ['OTHER', '108252007', 'not-imaging', null], ['OTHER', null, 'unknown', null],
  ])('code %s in category %s is %s, modality %s', (code, category, kind, modality) => {
    expect(only(request(coded(code, category)), 'orderReceived').order).toMatchObject({ kind, modality });
  }); // prettier-ignore

  it('an identifier without a type is taken as the placer order number, with a doubt', () => {
    const event = only(request({ identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.1', value: 'P9' }] }), 'orderReceived');
    expect(event.order.placerOrderNumber).toEqual({ id: 'P9', assigner: 'REHEARSAL-EHR' });
    expect(event.quality.map((one) => one.code)).toEqual(['no-patient-class', 'number-without-type']);
  });

  it('what is missing is said, and no patient data with it', () => {
    const bare = { resourceType: 'ServiceRequest', id: 'sr1', status: 'active', intent: 'order', subject: { reference: 'Patient/gone' } };
    const { quality, order, sortTime, timeSource } = only(bare, 'orderReceived');
    expect(quality.map((one) => one.code)).toEqual([
      'no-patient-id',
      'no-birth-date',
      'no-sex',
      'no-procedure',
      'no-indication',
      'no-patient-class',
      'no-ordering-provider',
      'no-time',
    ]);
    expect([order.patient.id, order.kind, sortTime, timeSource]).toEqual([null, 'unknown', null, 'arrival']);
  });

  it.each([
    ['indication-is-placeholder', { reasonCode: [{ text: 'see chart' }] }],
    ['local-code-only', { code: { coding: [{ code: 'CTHEADWO' }] } }],
    ['procedure-not-mapped', { code: { coding: [{ system: 'urn:x', code: 'NEW' }] }, category: [] }],
    ['priority-unknown', { priority: 'soon' }],
    ['not-production', { meta: { ...meta, security: [{ code: 'HTEST' }] } }],
  ])('%s is said', (code, more) => {
    const event = only({ ...request({ encounter: { reference: 'Encounter/enc1' } }), ...more }, 'orderReceived');
    expect(event.quality.map((one) => one.code)).toEqual([code]);
  });

  it('by a PractitionerRole, by a display alone, with the reason as a Condition', () => {
    expect(only(request({ requester: { reference: 'PractitionerRole/role1' } }), 'orderReceived').order.orderingProvider?.id).toBe('NPI4711');
    expect(only(request({ requester: { display: 'Dr. Who' } }), 'orderReceived').order.orderingProvider).toEqual({ id: '', name: 'Dr. Who' });
    const reason = request({ reasonCode: [], reasonReference: [{ reference: 'Condition/c1' }, { display: 'as discussed' }] });
    expect(only(reason, 'orderReceived').order.indication).toBe('Known aneurysm; as discussed');
  });

  it('a patient of another server is not asked for; an identifier in the reference counts', () => {
    const subject = {
      reference: 'https://else.example/Patient/1',
      identifier: { system: 'urn:oid:1.2.3', value: 'M1', assigner: { display: 'RADLOOP-MRN' } },
    };
    const { asked } = read(request({ subject }));
    expect(asked).toEqual(['Practitioner/prac1']);
    expect(only(request({ subject }), 'orderReceived').order.patient).toMatchObject({ id: 'M1', assigner: 'RADLOOP-MRN' });
  });
});

describe('a Task', () => {
  const task = (status: string): FhirResource => ({
    resourceType: 'Task',
    id: 't1',
    meta,
    status,
    intent: 'order',
    focus: { reference: 'ServiceRequest/sr1' },
  });

  it('names the order to be read', () => {
    expect(read(task('requested'))).toMatchObject({ events: [], follow: ['ServiceRequest/sr1'] });
    expect(
      read({ ...task('accepted'), focus: undefined, basedOn: [{ reference: 'ServiceRequest/sr1' }, { reference: 'CarePlan/1' }] }).follow,
    ).toEqual(['ServiceRequest/sr1']);
  });

  it.each(['cancelled', 'rejected', 'failed'])('%s is a status of the order, no cancel', (status) => {
    expect(only(task(status), 'orderReceived')).toMatchObject({ verb: 'status', orderStatus: status, serviceRequest: 'ServiceRequest/sr1' });
  });

  it('for something else tells nothing', () => {
    expect(read({ ...task('rejected'), focus: { reference: 'CommunicationRequest/1' } })).toMatchObject({ events: [], follow: [] });
  });
});

describe('an Appointment', () => {
  const appointment = (more: Readonly<Record<string, unknown>> = {}): FhirResource => ({
    resourceType: 'Appointment', id: 'a1', meta, status: 'booked', start: '2026-11-26T08:30:00+01:00', end: '2026-11-26T09:00:00+01:00',
    basedOn: [{ reference: 'ServiceRequest/sr1' }],
    participant: [{ actor: { reference: 'Patient/pat1' } }, { actor: { reference: 'Device/ct1', display: 'CT 1' } }, { actor: { display: 'Room 4' } }], ...more,
  }); // prettier-ignore

  it('is told with the numbers of its order', () => {
    expect(only(appointment(), 'appointmentReceived')).toMatchObject({
      status: 'booked', appointmentId: 'Appointment/a1', startsAt: '2026-11-26T08:30:00+01:00', startsAtInstant: '2026-11-26T07:30:00.000Z', durationMinutes: 30,
      resources: ['CT 1', 'Room 4'], patient: { assigner: 'RADLOOP-MRN' },
      orderNumbers: { placer: { id: 'P000001' }, filler: { id: 'F000001' }, accession: 'RAD000001', serviceRequest: 'ServiceRequest/sr1' },
    }); // prettier-ignore
  });

  it('by supportingInformation, with the patient of its order', () => {
    const event = only(
      appointment({ basedOn: undefined, supportingInformation: [{ reference: 'ServiceRequest/sr1' }], participant: [] }),
      'appointmentReceived',
    );
    expect(event).toMatchObject({ orderNumbers: { serviceRequest: 'ServiceRequest/sr1' }, patient: { assigner: 'RADLOOP-MRN' } });
  });

  it.each([
    ['booked', true, 'modified'], ['cancelled', true, 'cancelled'], ['noshow', false, 'no-show'], ['arrived', true, 'modified'], ['fulfilled', true, 'modified'], ['entered-in-error', true, 'deleted'],
  ])('%s, known before: %s, is %s', (status, known, expected) => {
    expect(only(appointment({ status }), 'appointmentReceived', known).status).toBe(expected);
  }); // prettier-ignore

  it.each(['proposed', 'pending', 'waitlist'])('%s is none yet', (status) => {
    expect(read(appointment({ status })).events).toEqual([]);
  });
});

describe('an ImagingStudy', () => {
  const study = (more: Readonly<Record<string, unknown>> = {}): FhirResource => ({
    resourceType: 'ImagingStudy', id: 's1', meta, status: 'available', started: '2026-11-25T11:30:00Z', description: 'CT HEAD', subject: { reference: 'Patient/pat1' },
    identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.840.1' }, { type: { coding: [{ code: 'ACSN' }] }, value: 'RAD000001' }],
    modality: [{ code: 'CT' }], series: [{ modality: { code: 'SR' } }, { modality: { code: 'CT' } }], ...more,
  }); // prettier-ignore

  it('that is available has arrived', () => {
    expect(only(study(), 'studyArrived')).toMatchObject({
      studyUid: '1.2.840.1', accessionNumber: 'RAD000001', modalities: ['CT', 'SR'], startedAt: '2026-11-25T11:30:00.000Z', description: 'CT HEAD', patient: { assigner: 'RADLOOP-MRN' },
    }); // prettier-ignore
  });

  it('has the accession number of its order where it says none itself', () => {
    const identifier = [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.840.1' }];
    expect(only(study({ identifier, basedOn: [{ reference: 'ServiceRequest/sr1' }] }), 'studyArrived').accessionNumber).toBe('RAD000001');
    expect(only(study({ identifier }), 'studyArrived').accessionNumber).toBeNull();
  });

  it.each([['registered', { status: 'registered' }], ['without a UID', { identifier: [] }], ['with a UID that is none', { identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:abc' }] }]])('%s has not', (_name, more) => {
    expect(read(study(more)).events).toEqual([]);
  }); // prettier-ignore
});

describe('a DiagnosticReport', () => {
  const text = (words: string): object => ({ contentType: 'text/plain; charset=utf-8', data: Buffer.from(words).toString('base64') });
  const report = (more: Readonly<Record<string, unknown>> = {}): FhirResource => ({
    resourceType: 'DiagnosticReport', id: 'r1', meta, status: 'final', category: [{ coding: [{ code: 'RAD' }] }], code: { coding: [{ code: 'CTHEADWO' }], text: 'CT head' },
    subject: { reference: 'Patient/pat1' }, basedOn: [{ reference: 'ServiceRequest/sr1' }], issued: '2026-11-25T12:00:00+01:00', conclusion: 'Normal.', ...more,
  }); // prettier-ignore

  it('has its text form, else its conclusion; once a version', () => {
    expect(only(report({ presentedForm: [text('FINDINGS\nNone.'), { contentType: 'application/pdf', data: 'JVBE' }] }), 'reportReceived')).toMatchObject({
      status: 'final', accessionNumber: 'RAD000001', sections: [{ name: 'text', text: 'FINDINGS\nNone.' }], attachments: [{ type: 'application', subtype: 'pdf' }],
      version: 'DiagnosticReport/r1/_history/2', reportedAt: '2026-11-25T12:00:00+01:00', procedure: { code: 'CTHEADWO', text: 'CT head' }, quality: [],
    }); // prettier-ignore
    expect(only(report(), 'reportReceived').sections).toEqual([{ name: 'conclusion', text: 'Normal.' }]);
    expect(only(report({ conclusion: undefined }), 'reportReceived').quality.map((one) => one.code)).toEqual(['no-report-text']);
  });

  it('says who ordered it, and by the encounter who attends the patient, their class and where they are', () => {
    const attending = { participant: [{ type: [{ coding: [{ code: 'ATND' }] }], individual: { reference: 'PractitionerRole/role1' } }] };
    const asked = { ...report({ encounter: { reference: 'Encounter/enc2' } }) };
    expect(read(asked).asked).toEqual(['Encounter/enc2', 'Patient/pat1', 'Practitioner/prac1', 'ServiceRequest/sr1']);
    const pool = [...others, { ...encounter, ...attending, id: 'enc2' }];
    expect(only(asked, 'reportReceived', false, pool).care).toEqual({
      orderingProvider: { id: 'NPI4711', name: 'Maja Lindqvist' },
      attending: { id: 'NPI4711', name: 'Maja Lindqvist' },
      patientClass: 'E',
      location: { at: { pointOfCare: 'Ward 3', room: '', bed: '', facility: '' }, asOf: '2026-11-25T11:00:00.000Z' },
    });
    expect(only({ ...encounter, ...attending }, 'patientUpdated').attending).toEqual({ id: 'NPI4711', name: 'Maja Lindqvist' });
    expect(only(report({ basedOn: [] }), 'reportReceived').care).toEqual({
      ...{ orderingProvider: null, attending: null, patientClass: null, location: null },
    });
  });

  it('says who read it: who interpreted it before who performed it, by the number of the Practitioner', () => {
    const role = { reference: 'PractitionerRole/role1' };
    const given = { identifier: { value: 'R2' } };
    const read = report({ resultsInterpreter: [role], performer: [given, { reference: 'Organization/radiology' }] });
    expect(only(read, 'reportReceived').signedBy).toEqual(['NPI4711', 'R2']);
    expect(only(report(), 'reportReceived')).not.toHaveProperty('signedBy');
  });

  it('a status that is not understood is none, and the report is told all the same', () => {
    expect(only(report({ status: 'unknown' }), 'reportReceived').status).toBeNull();
    expect(only(report({ status: 'modified' }), 'reportReceived').status).toBeNull();
  });

  it.each([['partial', 'preliminary'], ['preliminary', 'preliminary'], ['final', 'final'], ['amended', 'corrected'], ['corrected', 'corrected'], ['appended', 'addendum']])('%s is %s', (status, expected) => {
    expect(only(report({ status }), 'reportReceived').status).toBe(expected);
  }); // prettier-ignore

  it.each([['registered', { status: 'registered' }], ['cancelled', { status: 'cancelled' }], ['of the laboratory', { category: [{ coding: [{ code: 'LAB' }] }] }]])('%s tells nothing', (_name, more) => {
    expect(read(report(more)).events).toEqual([]);
  }); // prettier-ignore
});

describe('a Patient and an Encounter', () => {
  it('a Patient that was replaced by another is a merge', () => {
    const retired = { ...others.at(-1)!, meta, active: false, link: [{ type: 'replaced-by', other: { reference: 'Patient/pat1' } }] };
    const event = only(retired, 'patientMerged');
    expect(event.prior).toEqual([{ id: 'OLD1', assigner: 'RADLOOP-MRN', type: '' }]);
    expect(event.surviving).toMatchObject({ assigner: 'RADLOOP-MRN', name: { family: expect.any(String) as string } });
    expect(event.sortTime).toBe('2026-11-25T11:00:00.000Z');
  });

  it('by one of another server, or one that is gone, it is kept and tells nothing', () => {
    for (const reference of ['https://else.example/Patient/1', 'Patient/gone']) {
      expect(read({ ...others.at(-1)!, active: false, link: [{ type: 'replaced-by', other: { reference } }] }).events).toEqual([]);
    }
  });

  it('another change of a Patient is one of details', () => {
    expect(only({ ...hospitalPatient, meta }, 'patientUpdated')).toMatchObject({
      trigger: 'Patient',
      location: null,
      patientClass: null,
      present: null,
    });
  });

  it.each([
    ['in-progress', 'IMP', 'I', true], ['finished', 'EMER', 'E', false], ['planned', 'AMB', 'O', null], ['cancelled', 'IMP', 'I', null], ['arrived', 'XXX', null, true],
  ])('an Encounter %s of class %s: class %s, present %s', (status, code, patientClass, present) => {
    expect(only({ ...encounter, status, class: { code } }, 'patientUpdated')).toMatchObject({ trigger: 'Encounter', patientClass, present, location: { pointOfCare: 'Ward 3' } });
  }); // prettier-ignore

  it('R5 says the class in a list', () => {
    expect(only({ ...encounter, class: [{ coding: [{ code: 'EMER' }] }] }, 'patientUpdated').patientClass).toBe('E');
  });
});

describe('whatever a server sends', () => {
  const kinds = ['ServiceRequest', 'Task', 'Appointment', 'ImagingStudy', 'DiagnosticReport', 'Patient', 'Encounter', 'Observation'];
  const elements = ['status', 'intent', 'identifier', 'subject', 'code', 'category', 'requester', 'encounter', 'reasonCode', 'focus', 'basedOn', 'participant', 'start', 'link', 'class', 'location', 'presentedForm', 'meta', 'series', 'modality', 'name']; // prettier-ignore

  it('is read without a crash, and every event is one', () => {
    const good = fc.constantFrom('active', 'order', 'booked', 'available', 'final', 'rejected');
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      good,
      fc.constant({ reference: 'ServiceRequest/sr1' }),
      fc.constant([{ reference: 'Patient/pat1' }]),
    );
    const resource = fc.tuple(fc.constantFrom(...kinds), fc.dictionary(fc.constantFrom(...elements), value));
    fc.assert(
      fc.property(resource, ([resourceType, body]) => {
        const one = { intent: 'order', ...body, resourceType, id: 'x1' };
        return read(one).events.every((event) => hospitalEvent.safeParse(event).success);
      }),
      { numRuns: 500 },
    );
  });
});
