import { messagesUsed } from '#adapters/hl7/messages-used.js';
import { events, header, judged, only, PID } from './hl7-samples.ts';

const triggers = (use: string): readonly string[] => messagesUsed.filter((row) => row.use === use).map((row) => row.trigger);
const EVN = 'EVN||20261125103000+0000';
const PV1 = 'PV1|1|I|4WEST^402^B^GENERAL|||ED^12^^GENERAL';

describe('ADT about one patient', () => {
  it('is read for every trigger of the table', () => {
    expect(triggers('patient').join(' ')).toBe('A01 A02 A03 A04 A05 A06 A07 A08 A11 A12 A13 A31 A38');
  });

  // Where the patient is, and whether in the house, after each.
  it.each([
    ['A01', '4WEST', 'I', true],
    ['A02', '4WEST', 'I', true],
    ['A03', '4WEST', 'I', false],
    ['A04', '4WEST', 'I', true],
    ['A05', null, null, null],
    ['A06', '4WEST', 'I', true],
    ['A07', '4WEST', 'I', null],
    ['A08', '4WEST', 'I', null],
    ['A11', null, null, false],
    ['A12', '4WEST', 'I', true],
    ['A13', '4WEST', 'I', true],
    ['A31', '4WEST', 'I', null],
    ['A38', null, null, null],
  ])('%s: at %s, class %s, in the house %s', (trigger, place, patientClass, present) => {
    const event = only('patientUpdated', header(`ADT^${trigger}`), EVN, PID, PV1);
    expect(event).toMatchObject({
      trigger,
      patient: { id: 'A1', assigner: 'NORTH-MRN' },
      location: place === null ? null : { pointOfCare: place, room: '402', bed: 'B', facility: 'GENERAL' },
      patientClass,
      present,
      sortTime: '2026-11-25T10:30:00.000Z',
    });
  });

  it('is sorted by MSH-7 where EVN-2 is empty', () => {
    expect(only('patientUpdated', header('ADT^A08', { 7: '20261125104000+0000' }), 'EVN|A08', PID).sortTime).toBe('2026-11-25T10:40:00.000Z');
  });

  it('leaves null what it does not say, and tells an HL7 null from it', () => {
    const location = (visit: string): unknown => only('patientUpdated', header('ADT^A08'), PID, visit).location;
    expect(location('PV1|1')).toBeNull();
    expect(location('PV1|1|I|^^^')).toBeNull();
    expect(location('PV1|1|I|""')).toEqual({ pointOfCare: '', room: '', bed: '', facility: '' });
    expect(only('patientUpdated', header('ADT^A31'), PID, 'PV1|1|N').patientClass).toBeNull();
  });

  it('names who attends the patient, and of a visit that is not yet, or never was, nobody', () => {
    const visit = 'PV1|1|I|W3||||4711^Brandt^Lena';
    expect(only('patientUpdated', header('ADT^A02'), EVN, PID, visit).attending).toEqual({ id: '4711', name: 'Lena Brandt' });
    expect(only('patientUpdated', header('ADT^A05'), EVN, PID, visit)).not.toHaveProperty('attending');
    expect(only('patientUpdated', header('ADT^A02'), EVN, PID, 'PV1|1|I|W3')).not.toHaveProperty('attending');
  });

  it('takes the trigger from EVN-1 where MSH-9 has none, as HL7 2.1 wrote it', () => {
    expect(only('patientUpdated', header('ADT', { 12: '2.1' }), 'EVN|A02|20261125', PID, PV1).trigger).toBe('A02');
  });
});

describe('ADT that joins patients', () => {
  it('is read for every trigger of the table', () => {
    expect(triggers('merge').join(' ')).toBe('A18 A30 A34 A36 A39 A40 A47');
  });

  it.each(triggers('merge'))('%s: who remains, and what is no longer to be used', (trigger) => {
    const event = only('patientMerged', header(`ADT^${trigger}`), EVN, PID, 'MRG|B2^^^NORTH-MRN^MR');
    expect(event).toMatchObject({
      trigger,
      surviving: { id: 'A1', assigner: 'NORTH-MRN' },
      prior: [{ id: 'B2', assigner: 'NORTH-MRN', type: 'MR' }],
      sortTime: '2026-11-25T10:30:00.000Z',
    });
  });

  it('several groups are several events, each with every repetition of its MRG-1', () => {
    const two = events(header('ADT^A40'), PID, 'PD1|', 'MRG|B2^^^NORTH-MRN~X2^^^OTHER', 'PV1|1|I', 'PID|2||C3^^^NORTH-MRN', 'MRG|D4^^^NORTH-MRN');
    expect(two).toMatchObject([
      { surviving: { id: 'A1' }, prior: [{ id: 'B2' }, { id: 'X2', assigner: 'OTHER' }] },
      { surviving: { id: 'C3' }, prior: [{ id: 'D4' }] },
    ]);
  });

  it('takes MRG-4 where MRG-1 is empty, and leaves out what remains in use', () => {
    expect(only('patientMerged', header('ADT^A39'), PID, 'MRG||||E5^^^NORTH-MRN').prior).toMatchObject([{ id: 'E5' }]);
    expect(only('patientMerged', header('ADT^A40'), PID, 'MRG|A1^^^NORTH-MRN~B2^^^NORTH-MRN').prior).toMatchObject([{ id: 'B2' }]);
  });

  it('a swap, a move of an account and a link join nobody: they are kept', () => {
    for (const trigger of ['A17', 'A24', 'A35', 'A37', 'A41', 'A43', 'A44', 'A45', 'A50']) {
      expect(judged(header(`ADT^${trigger}`), PID, 'MRG|B2^^^NORTH-MRN').events).toEqual([]);
    }
  });
});
