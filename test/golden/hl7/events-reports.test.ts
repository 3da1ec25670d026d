import { events, header, only, PID, segment } from './hl7-samples.ts';

const ORU = header('ORU^R01');
const request = (fields: Readonly<Record<number, string>> = {}): string =>
  segment('OBR', { 1: '1', 2: 'P1^HIS', 3: 'F1^RIS', 4: 'CTHEAD^CT head^L', 18: 'ACC1', 22: '20261125', 25: 'F', ...fields });
const text = (set: number, name: string, value: string, status = 'F'): string =>
  segment('OBX', { 1: String(set), 2: 'TX', 3: name, 5: value, 11: status });

describe('ORU^R01: a report', () => {
  it('has its order, status, time and sections', () => {
    const event = only(
      'reportReceived',
      ORU,
      PID,
      request(),
      text(1, '&GDT', 'No bleeding.'),
      text(2, '&GDT', 'No mass.'),
      text(3, '&IMP', 'Normal.'),
    );
    expect(event).toMatchObject({
      accessionNumber: 'ACC1',
      status: 'final',
      procedure: { code: 'CTHEAD' },
      patient: { id: 'A1', assigner: 'NORTH-MRN' },
      orderNumbers: { placer: { id: 'P1', assigner: 'HIS' }, filler: { id: 'F1', assigner: 'RIS' }, accession: 'ACC1' },
      reportedAt: '20261125',
      sections: [
        { name: 'text', text: 'No bleeding.\nNo mass.' },
        { name: 'impression', text: 'Normal.' },
      ],
      attachments: [],
    });
  });

  it.each([
    ['P', 'preliminary'],
    ['Prelim', 'preliminary'],
    ['F', 'final'],
    ['C', 'corrected'],
    ['Z', null],
  ])('OBR-25 %s: %s', (sent, status) => {
    expect(only('reportReceived', ORU, PID, request({ 25: sent }), text(1, '&GDT', 'x')).status).toBe(status);
  });

  it('an OBX-3 suffix ADT makes it an addendum', () => {
    expect(only('reportReceived', ORU, PID, request(), text(1, '&ADT', 'Also seen by Dr. Lee.')).status).toBe('addendum');
  });

  it('names attachments of type ED and RP, which stay in the message', () => {
    const event = only(
      'reportReceived',
      ORU,
      PID,
      request(),
      'OBX|1|ED|PDF||RIS^application^pdf^Base64^JVBERi0xLjQ=||||||F',
      'OBX|2|RP|IMG||https://pacs.example/1^VIEWER^image^jpeg||||||F',
    );
    expect(event.attachments).toEqual([
      { type: 'application', subtype: 'pdf' },
      { type: 'image', subtype: 'jpeg' },
    ]);
    expect(event.sections).toEqual([]);
  });

  it('says who ordered it, who attends the patient, their class and where they are, as of the message', () => {
    const said = 'PV1|1|I|W3^12^A^NORTH||||4711^Brandt^Lena~4712^Other^Who';
    const ordered = request({ 16: '815^Okafor^Ngozi' });
    const { care } = only('reportReceived', ORU, PID, said, ordered, text(1, '&GDT', 'x'));
    expect(care).toEqual({
      orderingProvider: { id: '815', name: 'Ngozi Okafor' },
      attending: { id: '4711', name: 'Lena Brandt' },
      patientClass: 'I',
      location: { at: { pointOfCare: 'W3', room: '12', bed: 'A', facility: 'NORTH' }, asOf: '2026-11-25T15:40:00.000Z' },
    });
    expect(
      only('reportReceived', ORU, PID, segment('ORC', { 1: 'RE', 2: 'P1', 12: '^Shaw^May' }), ordered, text(1, '&GDT', 'x')).care?.orderingProvider,
    ).toEqual({
      id: '',
      name: 'May Shaw',
    });
  });

  it.each(['PV1|1', 'PV1|1|U|""', 'PV1|1|N|^12^A'])('%s says nothing of the patient’s class, place and doctor', (said) => {
    expect(only('reportReceived', ORU, PID, said, request(), text(1, '&GDT', 'x')).care).toEqual({
      orderingProvider: null,
      attending: null,
      patientClass: null,
      location: null,
    });
  });

  it('says who read it: OBR-32 before who is responsible for a line, by number; nothing where it names nobody', () => {
    const line = segment('OBX', { 1: '1', 2: 'TX', 3: '&GDT', 5: 'x', 11: 'F', 16: 'R2^Lee^Ann' });
    expect(only('reportReceived', ORU, PID, request({ 32: 'R1&Okafor&Ngozi^20261125' }), line).signedBy).toEqual(['R1', 'R2']);
    expect(only('reportReceived', ORU, PID, request({ 32: 'R1^Okafor^Ngozi' }), text(1, '&GDT', 'x')).signedBy).toEqual(['R1']);
    expect(only('reportReceived', ORU, PID, request(), text(1, '&GDT', 'x'))).not.toHaveProperty('signedBy');
    const document = segment('TXA', { 1: '1', 2: 'DI', 9: 'R4^Resident', 10: 'R3^Reader', 12: 'DOC1', 17: 'AU', 22: 'R1^Okafor^Ngozi' });
    const event = only('reportReceived', header('MDM^T02'), 'EVN||20261125', PID, document, text(1, '&GDT', 'x'));
    expect(event.signedBy).toEqual(['R1', 'R3', 'R4']);
  });

  it('leaves measurements out: an ST with a unit or a reference range is no text', () => {
    const lines = ['OBX|1|ST|GLU^Glucose||5.5|mmol/l', 'OBX|2|ST|COV^SARS-CoV-2||not detected||not detected', 'OBX|3|ST|X^Comment||clotted'];
    expect(only('reportReceived', ORU, PID, request(), ...lines).sections).toEqual([{ name: 'Comment', text: 'clotted' }]);
    expect(events(ORU, PID, request(), ...lines.slice(0, 2))).toEqual([]);
  });

  it('of several orders is several events, of several OBR of one order is one', () => {
    const several = events(
      ORU,
      PID,
      'ORC|RE|P1',
      request(),
      text(1, '&GDT', 'Head.'),
      'ORC|RE|P2',
      request({ 2: 'P2', 3: 'F2', 18: 'ACC2' }),
      text(1, '&GDT', 'Chest.'),
      request({ 2: 'P2', 3: 'F2', 18: 'ACC2' }),
      text(1, '&IMP', 'Normal.'),
    );
    expect(several).toMatchObject([
      { accessionNumber: 'ACC1', orderNumbers: { placer: { id: 'P1' } }, sections: [{ text: 'Head.' }] },
      { accessionNumber: 'ACC2', orderNumbers: { placer: { id: 'P2' } }, sections: [{ text: 'Chest.' }, { text: 'Normal.' }] },
    ]);
  });

  it('of several patients goes to each its own', () => {
    const two = events(ORU, PID, request(), text(1, '&GDT', 'First.'), 'PID|2||B2', request({ 18: 'ACC9' }), text(1, '&GDT', 'Second.'));
    expect(two).toMatchObject([
      { patient: { id: 'A1' }, accessionNumber: 'ACC1', sections: [{ text: 'First.' }] },
      { patient: { id: 'B2' }, accessionNumber: 'ACC9', sections: [{ text: 'Second.' }] },
    ]);
  });
});

describe('a version of a report', () => {
  const version = (header_: string, fields: Readonly<Record<number, string>> = {}, said = 'Normal.'): string =>
    only('reportReceived', header_, PID, request(fields), text(1, '&GDT', said)).version;
  const first = version(ORU);

  it('is the same when it is sent again in another message', () => {
    expect(version(header('ORU^R01', { 10: 'MSG2', 7: '20261126' }))).toBe(first);
  });

  it.each([
    ['another status', { 25: 'C' }, 'Normal.'],
    ['another time', { 22: '20261126' }, 'Normal.'],
    ['another accession number', { 18: 'ACC2' }, 'Normal.'],
    ['another text', {}, 'Not normal.'],
  ])('is another one with %s', (_, fields, said) => {
    expect(version(ORU, fields, said)).not.toBe(first);
  });
});

describe('MDM: a document', () => {
  const TXA = segment('TXA', { 1: '1', 2: 'DI', 4: '20261125', 7: '20261126', 12: 'DOC1', 14: 'P1^HIS', 15: 'F1^RIS', 17: 'AU' });

  it.each([
    ['T02', 'final'],
    ['T08', 'final'],
    ['T10', 'corrected'],
  ])('%s: %s', (trigger, status) => {
    const event = only('reportReceived', header(`MDM^${trigger}`), 'EVN||20261125', PID, TXA, text(1, 'IMP^Impression', 'Normal.', ''));
    expect(event).toMatchObject({
      status,
      reportedAt: '20261126',
      orderNumbers: { placer: { id: 'P1', assigner: 'HIS' }, filler: { id: 'F1', assigner: 'RIS' } },
      sections: [{ name: 'Impression', text: 'Normal.' }],
    });
  });

  it('another document number is another version', () => {
    const version = (txa: string): string => only('reportReceived', header('MDM^T02'), PID, txa, text(1, 'X', 'Normal.')).version;
    expect(version(TXA.replace('DOC1', 'DOC2'))).not.toBe(version(TXA));
  });
});
