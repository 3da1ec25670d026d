import { startFhirSide } from './fhir-side.ts';
import type { FhirSide } from './fhir-side.ts';
import { hospitalPatient, serviceRequest } from './resources.ts';

const types = ['ServiceRequest', 'Appointment', 'ImagingStudy', 'DiagnosticReport', 'Patient', 'Encounter'];
const rows = types.map((type) => ({ name: type.toLowerCase(), criteria: type, payload: 'id-only' as const }));
const acsn = { type: { coding: [{ code: 'ACSN' }] }, value: 'RAD000001' };
const subject = { reference: 'Patient/pat1' };
const order = { basedOn: [{ reference: 'ServiceRequest/sr1' }] };

const study = { resourceType: 'ImagingStudy', id: 's1', status: 'available', subject, identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.840.1' }, acsn], modality: [{ code: 'CT' }] }; // prettier-ignore
const report = {
  resourceType: 'DiagnosticReport',
  id: 'r1',
  status: 'preliminary',
  subject,
  ...order,
  conclusion: 'Normal.',
  code: { text: 'CT head' },
};
const appointment = { resourceType: 'Appointment', id: 'a1', status: 'booked', ...order, start: '2026-11-26T08:30:00Z', end: '2026-11-26T09:00:00Z', participant: [{ actor: subject, status: 'accepted' }] }; // prettier-ignore

describe('what belongs to an order finds its case', () => {
  let side: FhirSide;
  beforeEach(async () => {
    side = await startFhirSide({ shape: 'r4b', content: 'id-only', rows });
    await side.settle();
  });
  afterEach(() => side.stop());
  const arrivals = async (): Promise<string[]> =>
    (await side.engine.stores.raw.arrivals(20)).map((one) => `${one.what} ${one.state} ${one.matchedBy ?? ''}`).sort();

  it('an appointment and a report by the order, a study by its accession number; each version once', async () => {
    await side.put(serviceRequest());
    await side.settle();
    for (const one of [appointment, study, report, { ...report, status: 'final' }]) {
      side.ehr.notifier.fate.push('twice');
      await side.put(one);
      await side.settle();
    }
    expect(await arrivals()).toEqual([
      'appointment matched order',
      'report matched accession',
      'study matched accession',
      'unsigned-report matched accession',
    ]);
    expect(await side.cases()).toBe(1);
  });

  it('a study without an order goes to a person', async () => {
    await side.put({ ...study, identifier: [study.identifier[0]], subject: { reference: 'Patient/nobody' } });
    await side.settle();
    expect(await arrivals()).toEqual(['study unmatched ']);
  });

  it('a patient that was moved and one that was merged are known to the cases of their orders', async () => {
    await side.put({ ...hospitalPatient, id: 'pat2', identifier: [{ value: 'SURVIVOR', assigner: { display: 'RADLOOP-MRN' } }] });
    await side.put(serviceRequest());
    await side.put({
      resourceType: 'Encounter',
      id: 'e1',
      status: 'in-progress',
      class: { code: 'IMP' },
      subject,
      location: [{ status: 'active', location: { display: 'ICU' } }],
    });
    await side.put({ ...hospitalPatient, active: false, link: [{ type: 'replaced-by', other: { reference: 'Patient/pat2' } }] });
    await side.settle();
    const now = await side.engine.stores.raw.patientNow([{ id: 'SURVIVOR', assigner: 'RADLOOP-MRN', type: '' }]);
    expect([now.location?.pointOfCare, now.patientClass, now.identifiers.length]).toEqual(['ICU', 'I', 2]);
  });
});
