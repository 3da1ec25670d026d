import { approvalBy } from '#core/approval.js';
import { caseNumber, effectKey, eventId, personId } from '#core/ids.js';
import type { Effect } from '#core/effect.js';
import { checkCharacter } from '#core/ids.js';
import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Restored } from '#ports/restored.js';
import { render } from '#adapters/hl7/from-effect.js';
import { decode } from '#adapters/hl7/message.js';
import type { Message } from '#adapters/hl7/message.js';
import type { FieldMap } from '#domain/site.js';
import { judged, MSH, noon, OBR, PID, site } from './hl7-samples.ts';

const [event] = judged(MSH, PID, 'PV1|1|E', 'ORC|NW|P1^HIS|F1^RIS|||||||||D7^SMITH^ROBERT', `${OBR}||||||||||||||ACC1`).events;
const order = event?.type === 'orderReceived' ? event.order : null;
const protocol = {
  id: 'CT-HEAD-WO',
  name: 'CT head & neck | without contrast',
  modality: 'CT',
  region: 'head',
  contrast: 'none',
  phases: [],
  sequences: [],
  sliceMm: 5,
};
const destination = {
  host: '127.0.0.1',
  port: 1,
  ackTimeoutSeconds: 1,
  sendingApplication: 'RADLOOP',
  sendingFacility: 'NORTH',
  receivingApplication: 'RIS',
  receivingFacility: 'NORTH',
  version: '2.5.1',
  tls: null,
  acknowledgement: 'original' as const,
  answerWithinMinutes: 10,
  answeredBy: null,
};
const person = {
  id: personId.parse('dr-okafor'),
  name: 'Dr. Amara Okafor',
  roles: ['protocoling-radiologist' as const],
  aadObjectId: '11111111-1111-4111-8111-111111111111',
  contacts: {},
  modalities: [],
  providerIds: [],
};
const caseNo = caseNumber.parse(`7KF3Q${checkCharacter('7KF3Q')}`);

type SendHl7 = Effect & { readonly kind: 'sendHl7' };

function recommendation(data: unknown = { order, protocol, confidence: 0.8734, versions: ['catalogue@1', 'rules@2'] }): SendHl7 {
  return {
    kind: 'sendHl7',
    weight: 'advice',
    key: effectKey.parse('case:1:recommend:ris'),
    destination: 'ris',
    message: 'protocol-recommendation',
    data,
  };
}

function change(): SendHl7 {
  const data = { order, protocol, approvedBy: { id: person.id, name: person.name }, approvedAt: noon };
  const approval = approvalBy(person, noon, caseNo, 1, eventId.parse('e1'));
  return {
    kind: 'sendHl7',
    weight: 'commit',
    key: effectKey.parse('case:1:change:ris'),
    destination: 'ris',
    message: 'order-change',
    data,
    approval,
  };
}

function written(effect: SendHl7, fieldMap: FieldMap = site.fieldMap, charset?: string): Message {
  const result = render(effect, noon, charset === undefined ? destination : { ...destination, charset }, fieldMap);
  if (!result.ok) throw new Error(result.detail);
  const decoded = decode(result.receipt);
  if (!decoded.ok) throw new Error(decoded.problem.text);
  return decoded.message;
}

it('writes the recommendation as a preliminary ORU^R01', () => {
  const result = render(recommendation(), noon, destination, site.fieldMap);
  expect(result.ok && result.receipt.toString().split('\r')).toEqual([
    'MSH|^~\\&|RADLOOP|NORTH|RIS|NORTH|20261125120000+0000||ORU^R01^ORU_R01|51f82ee9839b57784d48|P|2.5.1||||||UNICODE UTF-8',
    'PID|1||A1^^^NORTH-MRN^MR||DOE^JANE||19800515|F',
    'PV1|1|E',
    'ORC|RE|P1^HIS|F1^RIS',
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|||20261125120000+0000|||||||||D7^ROBERT SMITH||ACC1||||20261125120000+0000|||P',
    'OBX|1|CE|PROTOCOL^Proposed protocol^99RADLOOP||CT-HEAD-WO^CT head \\T\\ neck \\F\\ without contrast^L||||||P|||20261125120000+0000',
    'OBX|2|NM|CONFIDENCE^Confidence of the proposal, 0 to 1^99RADLOOP||0.873||||||P|||20261125120000+0000',
    'OBX|3|ST|VERSION^Rule or model version^99RADLOOP|1|catalogue@1||||||P|||20261125120000+0000',
    'OBX|4|ST|VERSION^Rule or model version^99RADLOOP|2|rules@2||||||P|||20261125120000+0000',
    '',
  ]);
});

it('writes the order change with the protocol at the site field, and who approved it when', () => {
  const result = render(change(), noon, destination, site.fieldMap);
  expect(result.ok && result.receipt.toString().split('\r').slice(3)).toEqual([
    'ORC|XO|P1^HIS|F1^RIS||||||20261125120000+0000|||D7^ROBERT SMITH|||||||dr-okafor^Dr. Amara Okafor',
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L||||||||||||D7^ROBERT SMITH||ACC1|CT-HEAD-WO',
    '',
  ]);
});

it.each([
  ['OBR-13', 'ORM^O01', 'OBR-13.1'],
  ['OBR-46.2', 'ORM^O01', 'OBR-46.2'],
  ['ZDS-3', 'ORM^O01', 'ZDS-3.1'],
  ['ORC-16', 'ORM^O01', 'ORC-16.1'],
  ['IPC-6', 'OMI^O23', 'IPC-6.1'],
])('puts the protocol at %s', (protocolField, type, path) => {
  const message = written(change(), { ...site.fieldMap, protocol: protocolField });
  expect([message.text('MSH-9.1'), message.text('MSH-9.2')].join('^')).toBe(type);
  expect(message.text(path)).toBe('CT-HEAD-WO');
  expect(message.text('ORC-1')).toBe('XO');
});

it('names the protocol and the accession number in IPC where the site uses OMI^O23', () => {
  const message = written(change(), { accessionNumber: ['IPC-1'], protocol: 'IPC-6', preferredAssigners: [] });
  expect([message.text('IPC-1'), message.text('IPC-5'), message.text('IPC-6.2')]).toEqual(['ACC1', 'CT', protocol.name]);
});

it('is the same bytes for the same key and time, and another control id for another key', () => {
  const other = { ...change(), key: effectKey.parse('case:2:change:ris') };
  expect(render(change(), noon, destination, site.fieldMap)).toEqual(render(change(), noon, destination, site.fieldMap));
  expect(written(change()).text('MSH-10')).toMatch(/^[0-9a-f]{20}$/u);
  expect(written(other).text('MSH-10')).not.toBe(written(change()).text('MSH-10'));
});

it('written after a restore has another control id than what may have left under the same key; what was written before keeps its bytes (invariant 26)', () => {
  const restored = { epoch: 1, at: addSeconds(noon, 1), from: noon, until: null };
  const at = (writtenAt: Instant, known: Restored | null): unknown => {
    const result = render(change(), writtenAt, destination, site.fieldMap, known);
    return result.ok && result.receipt.toString().split('|')[9];
  };
  const later = addSeconds(noon, 2);
  expect(at(noon, restored)).toBe(at(noon, null));
  expect(at(later, restored)).not.toBe(at(later, null));
  expect(at(later, { ...restored, epoch: 2 })).not.toBe(at(later, restored));
});

it('is read by our own door as a change of the same order', () => {
  const message = written(change());
  const verdict = judged(...message.encode().toString().trimEnd().split('\r'));
  expect(verdict).toMatchObject({
    ackCode: 'AA',
    kind: 'order-change',
    events: [{ verb: 'change', order: { placerOrderNumber: { id: 'P1', assigner: 'HIS' } } }],
  });
});

it('asks for both answers where the destination acknowledges in enhanced mode, for none of them else', () => {
  const asked = (acknowledgement: 'original' | 'enhanced'): unknown => {
    const result = render(change(), noon, { ...destination, acknowledgement }, site.fieldMap);
    const message = result.ok ? decode(result.receipt).message : null;
    return [message?.text('MSH-15'), message?.text('MSH-16'), message?.text('MSH-18')];
  };
  expect(asked('original')).toEqual(['', '', 'UNICODE UTF-8']);
  expect(asked('enhanced')).toEqual(['AL', 'AL', 'UNICODE UTF-8']);
});

it('can not be written: unknown message, data of another shape, characters that the link does not have', () => {
  const fail = (effect: SendHl7, charset = 'UNICODE UTF-8'): unknown => render(effect, noon, { ...destination, charset }, site.fieldMap);
  expect(fail({ ...recommendation(), message: 'invoice' })).toMatchObject({ ok: false, code: 'cannot-be-written' });
  expect(fail(recommendation({ order }))).toMatchObject({ ok: false, code: 'cannot-be-written' });
  expect(fail(recommendation({ order, protocol, confidence: 0.5, versions: ['山'] }), '8859/1')).toMatchObject({
    ok: false,
    code: 'cannot-be-written',
  });
  expect(fail(recommendation(), 'UTF-16')).toMatchObject({ ok: false, code: 'cannot-be-written' });
});

const declaredBy = { id: person.id, name: person.name };
/** As a release before case numbers and versions were told wrote it. */
const readBack = {
  ...{ order, category: 1, finding: 'tension pneumothorax', declaredBy, releasedAt: noon },
  ...{ receivedBy: 'Leo Brandt', acknowledgedAt: noon, addendum: 'Communicated.' },
  readBack: { at: noon, finding: 'collapsed lung, left', action: 'chest tube | now' },
};
const withdrawn = {
  ...{ order, caseNumber: caseNo, version: 2, category: 1, declaredBy, releasedAt: noon, addendum: 'WITHDRAWN.' },
  withdrawn: { at: noon, by: declaredBy, why: 'wrong-patient' },
};

function critical(message: 'critical-result' | 'critical-document', data: unknown): SendHl7 {
  const approval = approvalBy(person, noon, caseNo, 1, eventId.parse('e1'));
  return { kind: 'sendHl7', weight: 'commit', key: effectKey.parse(`case:1:${message}`), destination: 'ris', message, data, approval };
}

function linesOf(effect: SendHl7, from: number): unknown {
  const result = render(effect, noon, destination, site.fieldMap);
  return result.ok && result.receipt.toString().split('\r').slice(from, -1);
}

it('writes a critical result as a final ORU^R01: category, who, when, the read-back, the addendum', () => {
  expect(linesOf(critical('critical-result', readBack), 4)).toEqual([
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|||20261125120000+0000|||||||||D7^ROBERT SMITH||ACC1||||20261125120000+0000|||F',
    'OBX|1|NM|CRIT-CATEGORY^ACR category of the critical result^99RADLOOP||1||||||F|||20261125120000+0000',
    'OBX|2|TX|CRIT-FINDING^Critical finding^99RADLOOP||tension pneumothorax||||||F|||20261125120000+0000',
    'OBX|3|ST|CRIT-DECLARED-BY^Declared by^99RADLOOP||Dr. Amara Okafor||||||F|||20261125120000+0000',
    'OBX|4|TS|CRIT-SENT^Sent^99RADLOOP||20261125120000+0000||||||F|||20261125120000+0000',
    'OBX|5|ST|CRIT-RECEIVED-BY^Received by^99RADLOOP||Leo Brandt||||||F|||20261125120000+0000',
    'OBX|6|TS|CRIT-ACKNOWLEDGED^Acknowledged^99RADLOOP||20261125120000+0000||||||F|||20261125120000+0000',
    'OBX|7|TX|CRIT-READ-BACK^Read back, in the words of the receiver^99RADLOOP||collapsed lung, left||||||F|||20261125120000+0000',
    'OBX|8|TX|CRIT-ACTION^What the receiver will do^99RADLOOP||chest tube \\F\\ now||||||F|||20261125120000+0000',
    'OBX|9|TX|CRIT-ADDENDUM^Addendum for signature^99RADLOOP||Communicated.||||||F|||20261125120000+0000',
  ]);
  expect(linesOf(critical('critical-result', { ...readBack, caseNumber: caseNo }), 14)).toEqual([
    `OBX|10|ST|CRIT-CASE^Case number^99RADLOOP||${caseNo}||||||F|||20261125120000+0000`,
    'OBX|11|NM|CRIT-VERSION^Version^99RADLOOP||1||||||F|||20261125120000+0000',
  ]);
});

it('writes what was read back anew as a correction, and takes away what was withdrawn without saying it again', () => {
  const again = written(critical('critical-result', { ...readBack, caseNumber: caseNo, version: 2 }));
  expect([again.text('OBR-25'), again.text('OBX-11')]).toEqual(['C', 'C']);
  expect(linesOf(critical('critical-result', withdrawn), 4)).toEqual([
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|||20261125120000+0000|||||||||D7^ROBERT SMITH||ACC1||||20261125120000+0000|||C',
    'OBX|1|NM|CRIT-CATEGORY^ACR category of the critical result^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|2|TX|CRIT-FINDING^Critical finding^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|3|ST|CRIT-DECLARED-BY^Declared by^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|4|TS|CRIT-SENT^Sent^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|5|ST|CRIT-RECEIVED-BY^Received by^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|6|TS|CRIT-ACKNOWLEDGED^Acknowledged^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|7|TX|CRIT-READ-BACK^Read back, in the words of the receiver^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|8|TX|CRIT-ACTION^What the receiver will do^99RADLOOP||||||||W|||20261125120000+0000',
    'OBX|9|TX|CRIT-ADDENDUM^Addendum for signature^99RADLOOP||WITHDRAWN.||||||C|||20261125120000+0000',
    'OBX|10|TS|CRIT-WITHDRAWN^Withdrawn^99RADLOOP||20261125120000+0000||||||C|||20261125120000+0000',
    'OBX|11|ST|CRIT-WITHDRAWN-BY^Withdrawn by^99RADLOOP||Dr. Amara Okafor||||||C|||20261125120000+0000',
    'OBX|12|ST|CRIT-WITHDRAWN-WHY^Why it was withdrawn^99RADLOOP||wrong-patient||||||C|||20261125120000+0000',
    `OBX|13|ST|CRIT-CASE^Case number^99RADLOOP||${caseNo}||||||C|||20261125120000+0000`,
    'OBX|14|NM|CRIT-VERSION^Version^99RADLOOP||2||||||C|||20261125120000+0000',
  ]);
  const corrected = { ...withdrawn, withdrawn: { ...withdrawn.withdrawn, why: 'corrected' } };
  expect(written(critical('critical-result', corrected)).text('OBX-11')).toBe('D');
});

it('writes the addendum as an MDM^T02 that waits for its signature, and its next version as the replacement', () => {
  expect(linesOf(critical('critical-document', { ...readBack, caseNumber: caseNo }), 1)).toEqual([
    'EVN||20261125120000+0000',
    'PID|1||A1^^^NORTH-MRN^MR||DOE^JANE||19800515|F',
    'PV1|1|E',
    'ORC|RE|P1^HIS|F1^RIS',
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|||20261125120000+0000|||||||||D7^ROBERT SMITH||ACC1',
    `TXA|1|DI|TX|20261125120000+0000|dr-okafor^Dr. Amara Okafor|20261125120000+0000|||dr-okafor^Dr. Amara Okafor|||${caseNo}-1^RADLOOP||P1^HIS|F1^RIS||DO||AV`,
    'OBX|1|TX|CRIT-ADDENDUM^Addendum for signature^99RADLOOP||Communicated.||||||P|||20261125120000+0000',
  ]);
  const next = written(critical('critical-document', withdrawn));
  expect(['MSH-9.1', 'MSH-9.2', 'MSH-9.3', 'TXA-12.1', 'TXA-13.1', 'OBX-5'].map((path) => next.text(path))).toEqual([
    ...['MDM', 'T10', 'MDM_T02', `${caseNo}-2`, `${caseNo}-1`, 'WITHDRAWN.'],
  ]);
  const unclassed = { ...readBack, caseNumber: caseNo, order: { ...order, patientClass: null } };
  expect(written(critical('critical-document', unclassed)).text('PV1-2')).toBe('U');
});

it('what our own door reads of that document is a preliminary report: nobody is asked whether it is critical', () => {
  const message = written(critical('critical-document', { ...readBack, caseNumber: caseNo }));
  expect(judged(...message.encode().toString().trimEnd().split('\r'))).toMatchObject({
    ackCode: 'AA',
    events: [{ type: 'reportReceived', status: 'preliminary', accessionNumber: 'ACC1' }],
  });
});

it('a document without a case number can’t be written: nobody could replace it', () => {
  expect(render(critical('critical-document', readBack), noon, destination, site.fieldMap)).toMatchObject({ ok: false, code: 'cannot-be-written' });
});

it('writes a raised reading priority as a preliminary ORU^R01: how soon, what is suspected, by which model, how sure', () => {
  const data = {
    ...{ order, priority: 'S', finding: { classId: 'pneumothorax', text: 'pneumothorax' } },
    model: { name: 'Chest | triage', version: '3.1', confidence: 0.94 },
  };
  const told = (more: object) =>
    render(
      {
        ...{ kind: 'sendHl7', weight: 'advice', key: effectKey.parse('case:1:reading'), destination: 'ris', message: 'reading-priority' },
        data: { ...data, ...more },
      },
      ...([noon, destination, site.fieldMap] as const),
    );
  const linesOf = (result: ReturnType<typeof told>) => (result.ok ? result.receipt.toString().split('\r').slice(4) : []);
  expect(linesOf(told({}))).toEqual([
    'OBR|1|P1^HIS|F1^RIS|CTHEAD^CT head^L|||20261125120000+0000|||||||||D7^ROBERT SMITH||ACC1||||20261125120000+0000|||P',
    'OBX|1|CE|READ-PRIORITY^Proposed reading priority; it may only be raised^99RADLOOP||S^Stat^HL70485||||||P|||20261125120000+0000',
    'OBX|2|CE|AI-SUSPECTS^Suspected by an image model; nobody has judged it^99RADLOOP||pneumothorax^pneumothorax^99RADLOOP||||||P|||20261125120000+0000',
    'OBX|3|ST|AI-MODEL^Model and version^99RADLOOP||Chest \\F\\ triage 3.1||||||P|||20261125120000+0000',
    'OBX|4|NM|AI-CONFIDENCE^Confidence of the model, 0 to 1^99RADLOOP||0.94||||||P|||20261125120000+0000',
    '',
  ]);
  const less = linesOf(told({ model: { ...data.model, version: '', confidence: null } }));
  expect(less.filter((line) => line.startsWith('OBX'))).toHaveLength(3);
  expect(told({ priority: 'R' })).toMatchObject({ ok: false, code: 'cannot-be-written' });
});
