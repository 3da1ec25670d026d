import { orderReceived } from '#domain/order.js';
import type { OrderReceived } from '#domain/order.js';
import { judged, MSH, noon, OBR, ORC, PID } from './hl7-samples.ts';

function event(...lines: readonly string[]): OrderReceived {
  const verdict = judged(...lines);
  if (verdict.events[0] === undefined) throw new Error(verdict.reason ?? 'no event');
  return orderReceived.parse(verdict.events[0]);
}

it('reads every field of a full order', () => {
  const { order, ...rest } = event(
    MSH,
    'PID|1||X9^^^OTHER^PI~A1^^^NORTH-MRN^MR||O\\T\\NEIL&VAN^PAT^J||19800515101010+0100|F',
    'PV1|1|E',
    'ORC|NW|P1^HIS|F1^RIS||||1^^^^^R||20261125103000|||D7^SMITH&VON^ROBERT',
    'TQ1|1||||||||S^Stat^HL70485',
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|R|||||||||||||ACC1||||||MR|||||||I63.9^Stroke^I10~^fell yesterday',
    'OBR|2|P1^HIS|F1^RIS|CTNECK^CT neck^L',
    'DG1|1||S06.0^Concussion^I10',
  );
  expect(order).toEqual({
    placerOrderNumber: { id: 'P1', assigner: 'HIS' },
    fillerOrderNumber: { id: 'F1', assigner: 'RIS' },
    accessionNumber: 'ACC1',
    patient: {
      id: 'A1',
      assigner: 'NORTH-MRN',
      identifiers: [
        { id: 'X9', assigner: 'OTHER', type: 'PI' },
        { id: 'A1', assigner: 'NORTH-MRN', type: 'MR' },
      ],
      name: { family: 'O&NEIL', given: 'PAT' },
      birthDate: '19800515',
      sex: 'F',
    },
    procedure: { code: 'CTHEAD', text: 'CT head', system: 'L' },
    procedures: [{ code: 'CTNECK', text: 'CT neck', system: 'L' }],
    kind: 'imaging',
    modality: 'CT',
    priority: 'S',
    indication: 'Stroke; fell yesterday',
    reasonCodes: ['I63.9', 'S06.0'],
    patientClass: 'E',
    orderingProvider: { id: 'D7', name: 'ROBERT SMITH' },
    orderedAt: '20261125103000',
  });
  expect(rest).toMatchObject({
    type: 'orderReceived',
    verb: 'new',
    sendingApplication: 'HIS',
    sendingFacility: 'NORTH',
    messageTime: '20261125104000',
    receivedAt: noon,
  });
  expect(rest.rawHash).toMatch(/^[0-9a-f]{64}$/u);
});

it('leaves null what the message does not say', () => {
  const { order } = event(MSH, 'PID|1', 'ORC|NW||F1', 'OBR|1');
  expect(order).toMatchObject({
    placerOrderNumber: null,
    fillerOrderNumber: { id: 'F1', assigner: '' },
    accessionNumber: null,
    patient: { id: null, name: null, birthDate: null, sex: null },
    procedure: null,
    kind: 'unknown',
    modality: null,
    priority: null,
    indication: null,
    patientClass: null,
    orderingProvider: null,
  });
});

it.each([
  ['NW', 'new'],
  ['XO', 'change'],
  ['RP', 'change'],
  ['CA', 'cancel'],
  ['DC', 'cancel'],
  ['OC', 'cancel'],
])('reads ORC-1 %s as %s', (control, verb) => {
  expect(event(MSH, PID, ORC.replace('NW', control), OBR).verb).toBe(verb);
});

it.each(['ORM^O01^ORM_O01', 'OMI^O23', 'OMG^O19', 'ORM'])('takes orders in %s', (type) => {
  expect(event(MSH.replace('ORM^O01', type), PID, ORC, OBR).verb).toBe('new');
});

it('takes numbers from OBR where ORC has none, and the assigner from EI.3 where EI.2 is empty', () => {
  const { order } = event(MSH, PID, 'ORC|NW', 'OBR|1|P1^^1.2.3^ISO|F1|CTHEAD');
  expect(order.placerOrderNumber).toEqual({ id: 'P1', assigner: '1.2.3' });
  expect(order.fillerOrderNumber).toEqual({ id: 'F1', assigner: '' });
});

it.each([
  ['the first of several', 'A^^^S1~B^^^S2', '', 'A', 'S1'],
  ['the preferred one', 'A^^^S1~B^^^NORTH-MRN', '', 'B', 'NORTH-MRN'],
  ['the preferred one by its universal id', 'A^^^S1~B^^^N&1.2.3.4&ISO', '', 'B', 'N'],
  ['the universal id where there is no name', 'A^^^&9.9&ISO', '', 'A', '9.9'],
  ['PID-2 where PID-3 is empty', '', 'OLD^^^S1', 'OLD', 'S1'],
  ['PID-2 where PID-3 names only an assigner', '^^^S1', 'OLD', 'OLD', ''],
])('knows the patient by %s', (_, pid3, pid2, id, assigner) => {
  expect(event(MSH, `PID|1|${pid2}|${pid3}`, ORC, OBR).order.patient).toMatchObject({ id, assigner });
});

it('tells imaging from not imaging and from what the map does not say', () => {
  const kind = (code: string): string => event(MSH, PID, ORC, `OBR|1|||${code}`).order.kind;
  expect([kind('CTHEAD'), kind('CBC'), kind('XYZ'), kind('^CT head')]).toEqual(['imaging', 'not-imaging', 'unknown', 'unknown']);
});

it('takes the modality from OBR-24 or IPC-5 where the map says none', () => {
  const other = 'OBR|1|||XYZ||||||||||||||||||||';
  expect(event(MSH, PID, ORC, `${other}DX`).order.modality).toBe('XR');
  expect(event(MSH, PID, ORC, `${other}LAB`).order.modality).toBeNull();
  const imaging = event(MSH.replace('ORM^O01', 'OMI^O23'), PID, ORC, other, 'IPC|ACC9||||MR');
  expect(imaging.order).toMatchObject({ modality: 'MR', accessionNumber: 'ACC9' });
});

it('joins two ORC of the same order', () => {
  const { order } = event(MSH, PID, ORC, OBR, ORC, 'OBR|2|||CTNECK^CT neck');
  expect(order.procedures).toEqual([{ code: 'CTNECK', text: 'CT neck', system: '' }]);
});
