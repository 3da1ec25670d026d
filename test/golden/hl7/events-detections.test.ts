import { judge } from '#adapters/hl7/door.js';
import type { Judged } from '#adapters/hl7/door.js';
import { hospitalEvent } from '#domain/hospital-event.js';
import type { Detection, DetectionsReceived } from '#domain/hospital-event.js';
import { bytesOf, header, noon, PID, segment, site } from './hl7-samples.ts';

const withModels = { ...site, fieldMap: { ...site.fieldMap, modelApplications: ['CHEST-AI'] } };
const ORU = header('ORU^R01', { 3: 'CHEST-AI' });
const OBR = segment('OBR', { 1: '1', 2: 'P1^HIS', 3: 'F1^RIS', 4: 'CXR^Chest 2 views^L', 16: '815^Okafor^Ngozi', 18: 'ACC1', 24: 'DX' });
const line = (fields: Readonly<Record<number, string>>): string =>
  segment('OBX', { 1: '1', 2: 'CE', 3: '36118008^Pneumothorax^SCT', 5: '52101004^Present^SCT', 11: 'F', ...fields });

const judgedAs = (...lines: readonly string[]): Judged => judge(bytesOf(...lines), withModels, noon);
function eventOf(...lines: readonly string[]): DetectionsReceived {
  const events = judgedAs(...lines).events.map((event) => hospitalEvent.parse(event));
  const [event] = events;
  if (event?.type !== 'detectionsReceived' || events.length > 1) throw new Error(judgedAs(...lines).reason ?? `${events.length} events`);
  return event;
}
const one = (fields: Readonly<Record<number, string>>, ...more: readonly string[]): Detection => {
  const [first, ...others] = eventOf(ORU, ...more, PID, OBR, line(fields)).detections;
  if (first === undefined || others.length > 0) throw new Error('not one finding');
  return first;
};

describe('ORU^R01 of an image model', () => {
  it('has its exam, its patient, and each finding with what is said of it, how sure, and by which model', () => {
    const event = eventOf(
      ORU,
      PID,
      'PV1|1|E|ED^1',
      OBR,
      line({ 9: '0.94', 17: 'chest-triage^Chest triage^L^^^^3.1', 20: '7771000^Left^SCT' }),
      line({ 1: '2', 3: '60046008^Pleural effusion^SCT', 5: '2667000^Absent^SCT' }),
    );
    expect(event).toMatchObject({
      ...{ accessionNumber: 'ACC1', modality: 'XR', patient: { id: 'A1', assigner: 'NORTH-MRN' }, procedure: { text: 'Chest 2 views' } },
      orderNumbers: { placer: { id: 'P1' }, filler: { id: 'F1' }, accession: 'ACC1' },
      care: { orderingProvider: { id: '815' }, patientClass: 'E', location: { at: { pointOfCare: 'ED' } } },
    });
    expect(event.detections).toEqual([
      {
        names: [{ code: '36118008', text: 'Pneumothorax', system: 'SCT' }],
        says: [{ code: '52101004', text: 'Present', system: 'SCT' }],
        ...{ outcome: 'present', confidence: 0.94, side: 'left', model: 'Chest triage', version: '3.1' },
      },
      {
        names: [{ code: '60046008', text: 'Pleural effusion', system: 'SCT' }],
        says: [{ code: '2667000', text: 'Absent', system: 'SCT' }],
        ...{ outcome: 'absent', confidence: null, side: null, model: 'CHEST-AI', version: '' },
      },
    ]);
  });

  it.each([
    ['a RadLex answer', { 5: 'RID28472^present^RADLEX' }, 'present'],
    ['a LOINC answer', { 5: 'LA6577-6^Negative^LN' }, 'absent'],
    ['a word', { 2: 'ST', 5: 'Suspected' }, 'present'],
    ['two words', { 2: 'ST', 5: 'Not detected' }, 'absent'],
    ['yes', { 2: 'ID', 5: 'Y' }, 'present'],
    ['a flag alone', { 2: 'NM', 5: '0.7', 8: 'A' }, 'present'],
    ['a flag of 2.7 alone', { 2: 'NM', 5: '0.1', 8: 'NEG^Negative^HL70078' }, 'absent'],
    ['the value before a flag', { 5: '2667000^Absent^SCT', 8: 'A' }, 'absent'],
    ['indeterminate', { 5: '82334004^Indeterminate^SCT' }, null],
    ['a letter that means one thing there and another here', { 2: 'ST', 5: 'A' }, null],
    ['free text', { 2: 'TX', 5: 'Consider pneumothorax' }, null],
  ])('%s', (_name, fields: Readonly<Record<number, string>>, outcome) => {
    expect(one(fields).outcome).toBe(outcome);
  });

  it.each([
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1', 1],
    ['94', null],
    ['1.2', null],
    ['high', null],
  ])('a confidence of %s is %s', (said, confidence) => {
    expect(one({ 9: said }).confidence).toBe(confidence);
  });

  it.each([
    ['OBX-17', { 17: 'ptx-1^PTX^L' }, [], ['PTX', '']],
    ['OBX-18 says which version', { 17: 'ptx-1', 18: '1.2.3.4^VENDOR' }, [], ['ptx-1', '1.2.3.4']],
    ['SFT says both', {}, ['SFT|Vendor|2.0.1|Chest suite|b7'], ['Chest suite', '2.0.1']],
  ])('which model: %s', (_name, fields: Readonly<Record<number, string>>, more, [model, version]) => {
    expect(one(fields, ...more)).toMatchObject({ model, version });
  });

  it.each(['D', 'W', 'X', 'N', 'O', 'I'])('OBX-11 %s is no result', (status) => {
    expect(judgedAs(ORU, PID, OBR, line({ 11: status }))).toMatchObject({ ackCode: 'AA', events: [] });
  });

  it('what says nothing of a finding, or names no exam, is kept with the reason', () => {
    const measured = line({ 2: 'NM', 3: '81827009^Diameter^SCT', 5: '4' });
    expect(judgedAs(ORU, PID, OBR, measured).reason).toContain('no finding that says whether it is there');
    expect(judgedAs(ORU, PID, 'OBR|1', line({})).reason).toContain('no accession number');
    expect(judgedAs(ORU, OBR, line({})).reason).toContain('names no patient');
    expect(judgedAs(header('MDM^T02', { 3: 'CHEST-AI' }), 'EVN|', PID, 'TXA|1', line({})).reason).toContain('is kept');
    expect(judgedAs(ORU, PID, line({})).ackCode).toBe('AE');
  });

  it('its text is never a report, and a report of another sender stays one', () => {
    const text = segment('OBX', { 1: '1', 2: 'TX', 3: '&IMP', 5: 'Tension pneumothorax.', 11: 'F' });
    expect(judgedAs(ORU, PID, OBR, text).events.map(({ type }) => type)).not.toContain('reportReceived');
    expect(judgedAs(header('ORU^R01'), PID, OBR, text).events.map(({ type }) => type)).toEqual(['reportReceived']);
  });
});
