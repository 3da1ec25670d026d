import { approvalBy } from '#core/approval.js';
import { caseNumber, checkCharacter, eventId, personId } from '#core/ids.js';
import { person } from '#core/people.js';
import { instant } from '#core/time.js';
import type { Context } from '#domain/context.js';
import { order as orderShape } from '#domain/order.js';
import type { Order } from '#domain/order.js';
import { protocol as protocolShape } from '#domain/protocol.js';
import type { Flag, Phrase, Protocol, ProtocolAnswer } from '#domain/protocol.js';
import type { CardMeta } from '#workflows/protocoling/card.js';
import type { EarlyState } from '#workflows/protocoling/card-early.js';
import { evolve } from '#workflows/protocoling/evolve.js';
import type { Appointment, Fact } from '#workflows/protocoling/events.js';
import type { Account, DecidedBy } from '#workflows/protocoling/told.js';
import { isOpened } from '#workflows/protocoling/state.js';
import type { Opened, State } from '#workflows/protocoling/state.js';

/** States of protocoling cases, told as facts, for everything that looks at cards. Invented patients only. */
export interface CardState {
  readonly name: string;
  readonly about: string;
  readonly state: Opened;
  readonly meta: CardMeta;
}

const at = (time: string) => ({ at: instant.parse(`2026-11-25T${time}:00.000Z`), v: 1 }) as const;

const ngozi = person.parse({
  id: 'dr-okafor', name: 'Ngozi Okafor', roles: ['protocoling-radiologist'], aadObjectId: '6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c01',
}); // prettier-ignore
const orderer = personId.parse('dr-lindqvist');
const by = { id: ngozi.id, name: ngozi.name };
const answerer = { id: orderer, name: 'Maja Lindqvist' };
const names = { [ngozi.id]: ngozi.name, [orderer]: answerer.name };

const row = (id: string, name: string, more: Partial<Protocol> = {}): Protocol =>
  protocolShape.parse({
    ...{ id, name, modality: 'CT', region: 'head', contrast: 'none', phases: [], sequences: [], sliceMm: null, terms: [], notTerms: [] },
    ...{ version: '2026-11', source: 'Site protocol book, rev. 14', sourceDate: '2026-11-25', reviewedBy: 'rehearsal', effectiveFrom: '2026-11-25' },
    ...more,
  });

/** A small catalogue of its own, so that a change of the shipped one is no change of the gallery. */
const catalogue: readonly Protocol[] = [
  row('CT-HEAD-WO', 'CT head without contrast', { phases: ['non-contrast'], sliceMm: 5 }),
  row('CT-HEAD-WWO', 'CT head without and with contrast', { contrast: 'iv', phases: ['non-contrast', 'delayed'], sliceMm: 5 }),
  row('CTA-HEAD-NECK', 'CT angiography head and neck', { region: 'head-neck', contrast: 'arterial', phases: ['arterial'], sliceMm: 0.625 }),
  row('CT-AP-W', 'CT abdomen and pelvis with IV contrast', { region: 'abdomen-pelvis', contrast: 'iv', phases: ['portal venous'], sliceMm: 3 }),
  row('CT-AP-WO', 'CT abdomen and pelvis without contrast', { region: 'abdomen-pelvis', phases: ['non-contrast'], sliceMm: 3 }),
  row('CTA-CHEST-PE', 'CT pulmonary angiography', { region: 'chest', contrast: 'arterial', phases: ['pulmonary arterial'], sliceMm: 1 }),
  row('CT-CHEST-WO', 'CT chest without contrast', { region: 'chest', phases: ['non-contrast'], sliceMm: 1.25 }),
  row('MR-BRAIN-WO', 'MRI brain without contrast', {
    modality: 'MR', sequences: ['T1 sagittal', 'T2 axial', 'FLAIR axial', 'DWI', 'SWI'],
  }),
  row('MR-BRAIN-WWO', 'MRI brain without and with contrast', { modality: 'MR', contrast: 'gad', sequences: ['T1', 'T2', 'FLAIR', 'DWI', 'T1 post'] }),
  row('MR-LSPINE-WO', 'MRI lumbar spine without contrast', { modality: 'MR', region: 'lumbar-spine', sequences: ['T1 sag', 'T2 sag', 'STIR sag', 'T2 ax'] }),
  row('US-ABDOMEN', 'Ultrasound abdomen', { modality: 'US', region: 'abdomen' }),
]; // prettier-ignore

const headache = 'Worst headache of life, sudden onset 2 h ago while lifting. No trauma. On apixaban. ?SAH';

export const headOrder: Order = orderShape.parse({
  placerOrderNumber: { id: 'PL-884213', assigner: 'HIS' },
  fillerOrderNumber: { id: 'FL-551902', assigner: 'RIS' },
  accessionNumber: 'ACC7719305',
  patient: {
    id: '0048813', assigner: 'NORTH', identifiers: [{ id: '0048813', assigner: 'NORTH', type: 'MR' }],
    name: { family: 'Vandermolen', given: 'Ottilie' }, birthDate: '19610303', sex: 'F',
  },
  procedure: { code: 'IMG181', text: 'CT HEAD WITHOUT CONTRAST', system: 'LOCAL' },
  procedures: [], kind: 'imaging', modality: 'CT', priority: 'R', indication: headache, patientClass: 'E',
  orderingProvider: { id: '10442', name: 'Lindqvist, Maja' }, orderedAt: '20261125103700+0000',
}); // prettier-ignore

const context: Context = {
  ageYears: 65, sex: 'female', weightKg: { value: 72, unit: 'kg', date: '2026-11-02' }, pregnant: false,
  allergies: ['Penicillin: rash'], medications: ['apixaban 5 mg twice daily', 'metoprolol 50 mg'], problems: ['Atrial fibrillation', 'Hypertension'],
  egfr: { value: 84, unit: 'mL/min/1.73m2', date: '2026-11-20' },
  creatinine: [{ value: 0.8, unit: 'mg/dL', date: '2026-11-20' }, { value: 0.79, unit: 'mg/dL', date: '2026-06-11' }],
  priors: [{ text: 'CT HEAD WITHOUT CONTRAST', modality: 'CT', date: '2024-02-17' }], notes: [], missing: [],
}; // prettier-ignore

const chosen = (protocolId: string | null, more: Partial<ProtocolAnswer> = {}): ProtocolAnswer => ({
  task: 'protocol-choice', model: 'protocol-choice', version: '1.2.0', formatVersion: 1, protocolId,
  alternatives: ['CTA-HEAD-NECK', 'CT-HEAD-WWO'], confidence: 0.86,
  reasons: ['The procedure asks for a head CT without contrast', '“SAH” in the indication: a non-contrast head CT comes first'], ...more,
}); // prettier-ignore

const phrasesIn = (text: string, found: readonly string[]): Phrase[] =>
  found.map((word) => ({ text: word, start: text.indexOf(word), end: text.indexOf(word) + word.length }));

const opened = (order: Order = headOrder): Fact => ({
  type: 'orderOpened',
  ...at('10:37'),
  order,
  rawHash: 'a'.repeat(64),
  orderer,
  messageTime: '20261125103700',
});
const known = (more: Partial<Context> = {}): Fact => ({ type: 'contextKnown', ...at('10:38'), context: { ...context, ...more } });
const unknown: Fact = { type: 'contextMissing', ...at('10:38'), why: 'the EHR did not answer within 5 s' };
const proposed = (answer: ProtocolAnswer = chosen('CT-HEAD-WO')): Fact => ({ type: 'protocolProposed', ...at('10:38'), answer });
const notProposed = (why: string): Fact => ({ type: 'protocolNotProposed', ...at('10:38'), why });
const noPriority: Fact = { type: 'priorityNotProposed', ...at('10:38'), why: 'the model did not answer within 4 s' };

function urgent(priority: 'STAT' | 'URGENT' | 'ROUTINE', phrases: Phrase[] = []): Fact {
  const answer = { task: 'order-priority', model: 'order-priority', version: '1.0.3', formatVersion: 1, priority, phrases } as const;
  return { type: 'priorityProposed', ...at('10:38'), answer };
}

function asked(priority: 'STAT' | 'URGENT' | 'ROUTINE', flags: Flag[] = [], phrases: Phrase[] = [], revision = 1): Fact {
  const source = { priorityPhrases: phrases, prioritySource: 'model' } as const;
  return { type: 'approvalAsked', ...at('10:38'), revision, priority, ...source, flags };
}

const stat = phrasesIn(headache, ['Worst headache of life', 'sudden onset', 'SAH']);
const waiting: readonly Fact[] = [opened(), known(), proposed(), urgent('STAT', stat), asked('STAT', [], stat)];

const number = caseNumber.parse(`7KF3Q${checkCharacter('7KF3Q')}`);

function approved(protocolId: string, changedFrom: string | null = null, reason: string | null = null): Fact {
  const approval = approvalBy(ngozi, at('10:42').at, number, 1, eventId.parse('answer-1'));
  return { type: 'protocolApproved', ...at('10:42'), revision: 1, approval, protocolId, changedFrom, reason };
}
const question: Fact = {
  type: 'ordererAsked',
  ...at('10:41'),
  revision: 1,
  by,
  of: orderer,
  question: 'Last dose of apixaban, and is a CT angiography wanted too?',
};
const answer: Fact = {
  type: 'ordererAnswered',
  ...at('10:55'),
  by: answerer,
  text: 'Last dose 07:00. Yes please, angiography if the plain scan is negative.',
};

const flag = (code: string, severity: Flag['severity'], rule: string, source: string, text: string, evidence: string[]): Flag => ({
  code, severity, rule, source, text, evidence,
}); // prettier-ignore
const allergyFlag = flag('contrast-allergy', 'stop', 'contrast-allergy-iodinated@2026-11', 'ACR Manual on Contrast Media 2024', 'Earlier reaction to iodinated contrast', [
  'Allergy entry: iohexol, 2019, bronchospasm (severe)',
]); // prettier-ignore
const egfrFlag = flag('egfr-low', 'ask', 'kidney-egfr-low@2026-11', 'ACR/NKF consensus 2020', 'eGFR below 30: weigh the contrast against its need', [
  'eGFR 24 mL/min/1.73m2, 20 Nov 2026',
]); // prettier-ignore
const akiFlag = flag('aki', 'stop', 'kidney-aki@2026-11', 'KDIGO 2012', 'Creatinine is rising: eGFR can’t be relied on', [
  'Creatinine 2.3 mg/dL (20 Nov 2026), 1.4 mg/dL (18 Nov 2026)',
]); // prettier-ignore
const metforminFlag = flag('metformin-hold', 'inform', 'metformin-hold@2026-11', 'ACR Manual on Contrast Media 2024', 'Metformin: hold at contrast, resume after 48 h', [
  'Medication: metformin 1000 mg',
]); // prettier-ignore
const pregnantFlag = flag('pregnant', 'stop', 'pregnancy-known@2026-11', 'ACR-SPR practice parameter 2023', 'The patient is pregnant: ionising radiation', [
  'EHR: pregnant, 14 weeks',
]); // prettier-ignore
const indicationFlag = flag('missing-indication', 'ask', 'missing-indication@2026-11', 'Site rule', 'No indication was given', []);

const abdomen = 'LLQ pain and fever 38.9, WBC 17. R/o diverticulitis vs abscess';
const abdomenOrder: Order = {
  ...headOrder,
  patient: { ...headOrder.patient, id: '0071190', name: { family: 'Achterberg', given: 'Ruprecht' }, birthDate: '19540718', sex: 'M' },
  procedure: { code: 'IMG794', text: 'CT ABDOMEN PELVIS W IV CONTRAST', system: 'LOCAL' },
  indication: abdomen,
  priority: 'A',
};
const feverish = phrasesIn(abdomen, ['fever 38.9', 'abscess']);
const sick: Partial<Context> = {
  ageYears: 72, sex: 'male', pregnant: null, weightKg: { value: 95.5, unit: 'kg', date: '2026-11-19' },
  allergies: ['Iohexol (2019): bronchospasm, severe', 'Shellfish: hives'],
  medications: ['metformin 1000 mg twice daily', 'furosemide 40 mg', 'lisinopril 20 mg'],
  problems: ['Chronic kidney disease stage 4', 'Type 2 diabetes', 'Heart failure, EF 35 %'],
  egfr: { value: 24, unit: 'mL/min/1.73m2', date: '2026-11-20' },
  creatinine: [{ value: 2.3, unit: 'mg/dL', date: '2026-11-20' }, { value: 1.4, unit: 'mg/dL', date: '2026-11-18' }],
  priors: [{ text: 'CT ABDOMEN PELVIS WO CONTRAST', modality: 'CT', date: '2025-03-02' }, { text: 'US RENAL', modality: 'US', date: '2025-01-15' }],
}; // prettier-ignore
const forAbdomen = proposed(
  chosen('CT-AP-WO', {
    alternatives: ['CT-AP-W', 'US-ABDOMEN'],
    confidence: 0.71,
    reasons: ['Severe contrast reaction and eGFR 24: without contrast', '“diverticulitis” in the indication: abdomen and pelvis'],
  }),
);
const flagged: readonly Fact[] = [
  opened(abdomenOrder),
  known(sick),
  forAbdomen,
  urgent('URGENT', feverish),
  asked('URGENT', [metforminFlag, egfrFlag, allergyFlag, akiFlag], feverish),
];

const long = (text: string, times: number) => Array.from({ length: times }, (_, n) => `${text} ${n + 1}`);
const longText = `${long('Known metastatic colorectal carcinoma, status post low anterior resection and adjuvant FOLFOX, now with rising CEA and new liver lesions, cycle', 40).join('. ')}.`;
const longFlags = Array.from({ length: 15 }, (_, n) =>
  flag(`site-${n}`, n % 2 === 0 ? 'ask' : 'inform', `site-rule-number-${n}@2026-11`, 'Site rule book, chapter 12, paragraph 4, as amended', `Rule ${n + 1} of this site asks for a second look at an order that says a great deal about very little`, long('Sentence of the notes that the rule rests on, which is not short either', 3)),
); // prettier-ignore

/** Everything that somebody could write into a message to make a card lie. */
export const HOSTILE =
  '[Approve](http://evil.example/x) \u202egnp.exe <at>x</at> **STAT** # Approved\u2028- done\r\n1. safe `code` {{DATE(2020-01-01T00:00:00Z,SHORT)}} http://evil.example/y <b>ok</b> \u0007\u200b ${name}';
const hostileOrder: Order = {
  ...headOrder,
  patient: { ...headOrder.patient, name: { family: HOSTILE, given: HOSTILE } },
  procedure: { code: HOSTILE, text: HOSTILE, system: '' },
  procedures: [{ code: HOSTILE, text: HOSTILE, system: '' }],
  indication: `${HOSTILE} ${'x'.repeat(50_000)} ${'\u{1F480}'.repeat(25_000)}`,
  orderingProvider: { id: HOSTILE, name: HOSTILE },
  patientClass: HOSTILE,
  priority: HOSTILE,
};
const hostileList = Array.from({ length: 60 }, () => HOSTILE);
const hostileContext: Partial<Context> = {
  allergies: hostileList, medications: hostileList, problems: hostileList, notes: hostileList,
  priors: hostileList.map((text) => ({ text, modality: 'CT', date: HOSTILE })), missing: [HOSTILE],
}; // prettier-ignore

const stamp = (time: string, hash: string, arrival = false) => ({ at: at(time).at, hash: hash.repeat(64), arrival });
const finding = (code: string, where: string, kind: 'gap' | 'doubt', text: string) => ({ code, where, kind, text, hash: 'a'.repeat(64) });
const nothingBeside = { orderStatus: null, serviceRequest: null, location: null, present: null, quality: [] };
const ward = { pointOfCare: '4B', room: '12', bed: '2', facility: 'NORTH' };

/** Told again by ADT, with what it knows of the patient. */
const updated = (time: string, trigger: string, order: Order, more: Partial<Account>): Fact => ({
  type: 'patientUpdated', ...at(time), trigger, order, account: { ...nothingBeside, ...more }, decidedBy: [],
}); // prettier-ignore
const again = (time: string, order: Order, more: Partial<Account>, changed: string[]): Fact => ({
  type: 'orderChanged', ...at(time), order, account: { ...nothingBeside, ...more }, decidedBy: [], rawHash: 'e'.repeat(64), orderer, changed,
}); // prettier-ignore
const putAgain = (revision: number): readonly Fact[] => [known(), proposed(), urgent('STAT', stat), asked('STAT', [], stat, revision)];

const survivor = { id: '0070001', assigner: 'NORTH', type: 'MR' };
const mergedOrder: Order = {
  ...headOrder, patient: { ...headOrder.patient, id: survivor.id, identifiers: [survivor, ...headOrder.patient.identifiers] },
}; // prettier-ignore
const merged = (time: string): Fact => ({
  type: 'patientMerged', ...at(time), rawHash: 'e'.repeat(64), surviving: mergedOrder.patient, prior: headOrder.patient.identifiers,
  told: { order: mergedOrder, account: nothingBeside, decidedBy: [] },
}); // prettier-ignore

const appointment = (time: string, status: Appointment['status'], more: Partial<Appointment> = {}): Fact => ({
  type: 'appointmentKnown', ...at(time),
  appointment: {
    status, appointmentId: 'AP1', startsAt: '202611261030', startsAtInstant: instant.parse('2026-11-26T10:30:00.000Z'), resources: ['CT 2', 'Room B'],
    stamp: stamp(time, 'f'), ...more,
  },
}); // prettier-ignore
const images: Fact = {
  type: 'imagesArrived', ...at('10:50'),
  images: { studyUid: '1.2.826.0.1.3680043.9.7', startedAt: at('10:31').at, modalities: ['CT'], description: 'CT HEAD WITHOUT CONTRAST' },
}; // prettier-ignore
const noted = (time: string, more: Partial<Account>, decidedBy: DecidedBy = []): Fact => ({
  type: 'orderNoted', ...at(time), order: headOrder, account: { ...nothingBeside, ...more }, decidedBy, rawHash: 'e'.repeat(64), orderer,
}); // prettier-ignore

interface Told {
  readonly name: string;
  readonly about: string;
  readonly facts: readonly Fact[];
  readonly now?: string;
}

const other: Order = {
  ...headOrder,
  patient: {
    ...headOrder.patient, id: '0099999', identifiers: [{ id: '0099999', assigner: 'NORTH', type: 'MR' }], name: { family: 'Achterberg', given: 'Ruprecht' },
  },
}; // prettier-ignore
const parked = (order: Order, time: string, hash: string): Fact => ({
  type: 'changedBeforeOrder', ...at(time), order, rawHash: hash.repeat(64), messageTime: null,
  message: { verb: 'change', stamp: stamp(time, hash), cleared: [], orderStatus: null, serviceRequest: null, quality: [] },
}); // prettier-ignore

/** What came without its order. */
const early: readonly Told[] = [
  { name: 'never-came', about: 'two changes whose order never came', facts: [parked(headOrder, '10:30', '1'), parked(headOrder, '10:34', '2'), { type: 'orderNeverCame', ...at('10:40') }] },
  { name: 'never-came-two-patients', about: 'changes of two patients under one number', facts: [parked(headOrder, '10:30', '1'), parked(other, '10:34', '2'), { type: 'orderNeverCame', ...at('10:40') }] },
  {
    name: 'tombstone-held',
    about: 'a cancel, then the order of another patient under its number',
    facts: [
      { type: 'cancelledBeforeOrder', ...at('10:30'), rawHash: '1'.repeat(64), order: headOrder },
      { type: 'messageHeld', ...at('10:31'), rawHash: '2'.repeat(64), reason: 'another-patient' },
    ],
  },
]; // prettier-ignore

const told: readonly Told[] = [
  { name: 'normal-stat', about: 'CT head, everything known, raised to STAT', facts: waiting },
  {
    name: 'routine-mr',
    about: 'routine MR, as ordered',
    facts: [
      opened({ ...headOrder, modality: 'MR', procedure: { code: 'IMG270', text: 'MRI LUMBAR SPINE WO CONTRAST', system: 'LOCAL' }, indication: 'Chronic low back pain, left L5 radiculopathy for 4 months, failed physiotherapy', patientClass: 'O' }),
      known(),
      proposed(chosen('MR-LSPINE-WO', { alternatives: [], confidence: 0.93, reasons: ['The procedure names the protocol'] })),
      urgent('ROUTINE'),
      asked('ROUTINE'),
    ],
  },
  { name: 'ehr-down', about: 'the EHR did not answer', facts: [opened(), unknown, proposed(), urgent('STAT', stat), asked('STAT', [], stat)] },
  {
    name: 'ehr-partly',
    about: 'the EHR knew half of it',
    facts: [
      opened(),
      known({ weightKg: null, pregnant: null, allergies: [], medications: [], egfr: null, creatinine: [], missing: ['weight', 'pregnancy', 'allergies', 'egfr', 'creatinine'] }),
      proposed(),
      urgent('STAT', stat),
      asked('STAT', [], stat),
    ],
  },
  {
    name: 'model-silent',
    about: 'the model did not answer, the ordered priority stands',
    facts: [opened(), known(), notProposed('the model did not answer within 4 s'), noPriority, { ...asked('ROUTINE'), prioritySource: 'ordered' } as Fact],
  },
  {
    name: 'abstained',
    about: 'the model abstains and names its guesses',
    facts: [
      opened({ ...headOrder, procedure: { code: 'IMG190', text: 'CT HEAD', system: 'LOCAL' }, indication: 'Mass?' }),
      known(),
      proposed(chosen(null, { alternatives: ['CT-HEAD-WO', 'CT-HEAD-WWO', 'MR-BRAIN-WWO'], confidence: 0.38, reasons: ['Contrast is not said and “mass” could mean either'] })),
      urgent('ROUTINE'),
      asked('ROUTINE'),
    ],
  },
  {
    name: 'not-in-map',
    about: 'a procedure of which the site says nothing, without a modality or an indication',
    facts: [
      opened({ ...headOrder, kind: 'unknown', modality: null, procedure: { code: 'ZZ9', text: 'IMAGING PER RADIOLOGY', system: '' }, indication: null, priority: null, patientClass: null, orderingProvider: null }),
      known(),
      notProposed('procedure not in the map'),
      urgent('ROUTINE'),
      asked('ROUTINE', [indicationFlag]),
    ],
  },
  { name: 'flagged', about: 'contrast reaction, eGFR 24 and falling', facts: flagged },
  {
    name: 'pregnant',
    about: 'pregnant, ordered STAT',
    facts: [
      opened({ ...headOrder, priority: 'S', procedure: { code: 'IMG201', text: 'CT CHEST PULMONARY EMBOLISM', system: 'LOCAL' }, indication: 'Pleuritic chest pain, SpO2 91 %, 14 weeks pregnant. PE?', patient: { ...headOrder.patient, birthDate: '19970509' } }),
      known({ ageYears: 29, pregnant: true, notes: ['Seen in antenatal clinic at 12 weeks, singleton.'] }),
      proposed(chosen('CTA-CHEST-PE', { alternatives: ['CT-CHEST-WO'], confidence: 0.64, reasons: ['“PE?” in the indication'] })),
      urgent('STAT'),
      asked('STAT', [pregnantFlag]),
    ],
  },
  { name: 'question-open', about: 'the orderer was asked', facts: [...waiting, question] },
  { name: 'question-answered', about: 'the orderer answered, a new revision waits', facts: [...waiting, question, answer, asked('STAT', [], stat, 2)], now: '10:56' },
  { name: 'question-lapsed', about: 'no answer in time', facts: [...flagged, question, { type: 'questionLapsed', ...at('11:41') }, asked('URGENT', [allergyFlag], feverish, 2)], now: '11:42' },
  { name: 'approved', about: 'approved, not yet in the RIS', facts: [...waiting, approved('CT-HEAD-WO')] },
  { name: 'written', about: 'approved and in the RIS', facts: [...waiting, approved('CT-HEAD-WO'), { type: 'protocolWrittenBack', ...at('10:43'), controlId: 'RL1', ack: 'AA' }] },
  {
    name: 'write-failed',
    about: 'the RIS refused',
    facts: [
      ...waiting,
      approved('CT-HEAD-WO'),
      { type: 'deliveryFailed', ...at('10:43'), kind: 'sendHl7', message: 'order-change', code: 'refused', detail: 'AR from RIS: ERR-3 204, unknown key identifier at OBR-3' },
    ],
  },
  { name: 'chosen-other', about: 'another protocol with a reason', facts: [...waiting, approved('CTA-HEAD-NECK', 'CT-HEAD-WO', 'Plain scan was done outside an hour ago; angiography is the question.'), { type: 'protocolWrittenBack', ...at('10:43'), controlId: 'RL1', ack: 'AA' }] },
  { name: 'rejected', about: 'rejected with a reason', facts: [...waiting, { type: 'orderRejected', ...at('10:45'), revision: 1, by, reason: 'Ottilie Vandermolen had this scan at 09:10 today, see ACC7719001.' }] },
  { name: 'cancelled', about: 'cancelled by the RIS while it waited', facts: [...waiting, { type: 'orderCancelled', ...at('10:50'), rawHash: 'b'.repeat(64) }] },
  { name: 'cancelled-approved', about: 'cancelled by the RIS after approval', facts: [...waiting, approved('CT-HEAD-WO'), { type: 'orderCancelled', ...at('10:50'), rawHash: 'b'.repeat(64) }] },
  { name: 'overdue', about: 'nobody answered in time', facts: [...waiting, { type: 'answerOverdue', ...at('10:48'), revision: 1, to: null }], now: '10:52' },
  { name: 'held', about: 'a message under the number named another patient', facts: [...waiting, { type: 'messageHeld', ...at('10:40'), rawHash: 'c'.repeat(64), reason: 'another-patient' }] },
  { name: 'changed', about: 'the order changed, it is checked again', facts: [...waiting, { type: 'orderChanged', ...at('10:40'), order: headOrder, rawHash: 'd'.repeat(64), orderer, changed: ['indication'] }] },
  {
    name: 'merged-checking',
    about: 'records of the patient were merged: the EHR is asked again',
    facts: [...waiting, merged('10:43'), again('10:43', mergedOrder, {}, ['patient'])],
  },
  {
    name: 'merged',
    about: 'records of the patient were merged, the question is put again',
    facts: [...waiting, merged('10:43'), again('10:43', mergedOrder, {}, ['patient']), ...putAgain(2)],
  },
  {
    name: 'moved',
    about: 'the patient was moved to another bed: nobody is asked again',
    facts: [...waiting, updated('10:43', 'A02', headOrder, { location: ward, present: true })],
  },
  {
    name: 'admitted',
    about: 'the patient became an inpatient: the question is put again',
    facts: [
      ...waiting,
      updated('10:43', 'A06', { ...headOrder, patientClass: 'I' }, { location: ward, present: true }),
      again('10:43', { ...headOrder, patientClass: 'I' }, { location: ward, present: true }, ['patientClass']),
      ...putAgain(2),
    ],
  },
  {
    name: 'discharged',
    about: 'the patient has left the house: the question is put again',
    facts: [
      ...waiting,
      updated('10:43', 'A03', headOrder, { location: ward, present: false }),
      again('10:43', headOrder, { location: ward, present: false }, ['present']),
      ...putAgain(2),
    ],
  },
  { name: 'booked', about: 'an appointment is known', facts: [...waiting, appointment('10:41', 'booked')] },
  { name: 'booked-written', about: 'approved, in the RIS and booked', facts: [...waiting, approved('CT-HEAD-WO'), { type: 'protocolWrittenBack', ...at('10:43'), controlId: 'RL1', ack: 'AA' }, appointment('10:44', 'rescheduled')] },
  { name: 'no-show', about: 'the patient did not come', facts: [...waiting, appointment('10:41', 'no-show')] },
  { name: 'unbooked', about: 'the appointment was cancelled, its time has no time of day', facts: [...waiting, appointment('10:41', 'cancelled', { startsAt: '20261126', startsAtInstant: null, resources: [] })] },
  { name: 'images-arrived', about: 'images came before the answer', facts: [...waiting, images], now: '10:51' },
  { name: 'exam-done', about: 'the RIS says that the exam is done', facts: [...waiting, noted('10:43', { orderStatus: 'CM' })] },
  {
    name: 'gaps',
    about: 'what the message leaves out and says doubtfully',
    facts: [
      {
        ...opened({ ...headOrder, patient: { ...headOrder.patient, birthDate: null, sex: null }, accessionNumber: null, patientClass: null }),
        account: {
          ...nothingBeside,
          quality: [
            finding('no-birth-date', 'PID-7', 'gap', 'The birth date is not said.'),
            finding('no-sex', 'PID-8', 'gap', 'The sex is not said.'),
            finding('no-patient-class', 'PV1-2', 'gap', 'Inpatient, outpatient or emergency is not said.'),
            finding('no-accession', 'OBR-18', 'gap', 'There is no accession number where the site puts it.'),
            finding('local-code-only', 'OBR-4', 'doubt', 'The procedure code names no coding system.'),
            finding('time-without-zone', 'ORC-9', 'gap', 'The time does not say its offset: it is read in the site’s zone.'),
          ],
        },
        decidedBy: [{ ...stamp('10:37', 'a'), fields: ['procedure', 'indication', 'identity', 'name'] }],
      } as Fact,
      ...waiting.slice(1),
    ],
  },
  {
    name: 'by-arrival',
    about: 'a message without a time: what came last counts',
    facts: [
      { ...opened(), account: nothingBeside, decidedBy: [{ ...stamp('10:37', 'a', true), fields: ['identity', 'procedure', 'indication'] }] } as Fact,
      noted('10:38', {}, [{ ...stamp('10:38', 'e', true), fields: ['orderingProvider'] }]),
      ...waiting.slice(1),
    ],
  },
  {
    name: 'ehr-refused',
    about: 'approved and in the RIS; the EHR did not take the record of it',
    facts: [
      ...waiting,
      approved('CT-HEAD-WO'),
      { type: 'protocolWrittenBack', ...at('10:43'), controlId: 'RL1', ack: 'AA' },
      { type: 'deliveryFailed', ...at('10:43'), kind: 'writeFhir', message: 'Task', code: 'changed-meanwhile', detail: 'HTTP 412' },
    ],
  },
  {
    name: 'very-long',
    about: 'long texts and many of everything',
    facts: [
      opened({ ...headOrder, indication: longText, procedure: { code: 'IMG1', text: long('CT CHEST ABDOMEN PELVIS WITH AND WITHOUT INTRAVENOUS AND ORAL CONTRAST', 4).join(' '), system: '' }, procedures: Array.from({ length: 9 }, (_, n) => ({ code: `P${n}`, text: `CT ADDITIONAL RECONSTRUCTION ${n}`, system: '' })) }),
      known({ allergies: long('Allergy with a description that goes on for longer than one line of a phone', 14), medications: long('medication 500 mg three times a day after meals', 30), problems: long('Problem of long standing with complications', 25), notes: long('A sentence of the notes', 12), priors: Array.from({ length: 40 }, (_, n) => ({ text: `CT CHEST ABDOMEN PELVIS ${n}`, modality: 'CT', date: '2025-01-01' })) }),
      proposed(chosen('CT-HEAD-WO', { reasons: long('A reason that takes a while to be read', 12) })),
      urgent('URGENT'),
      asked('URGENT', longFlags),
    ],
  },
  {
    name: 'names-of-the-world',
    about: 'diacritics, Chinese characters, a hyphen, right to left',
    facts: [
      opened({ ...headOrder, patient: { ...headOrder.patient, name: { family: 'Nguyễn-Østergård 阮', given: 'Thị Zoë 詩涵' } }, orderingProvider: { id: '1', name: 'عبد الرحمن السعيد' }, indication: 'Céphalée brutale; 突发剧烈头痛。 ?HSA' }),
      known({ allergies: ['ペニシリン: 発疹'] }),
      proposed(),
      urgent('ROUTINE'),
      asked('ROUTINE'),
    ],
  },
  {
    name: 'no-patient-data',
    about: 'a message that says almost nothing of the patient',
    facts: [
      opened({ ...headOrder, patient: { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: null }, procedure: null, indication: ' ' }),
      unknown,
      proposed(chosen('CT-NOT-THERE', { reasons: [], alternatives: [] })),
      urgent('ROUTINE'),
      asked('ROUTINE'),
    ],
  },
  {
    name: 'hostile',
    about: 'text that tries to be markup, a link, a mention, a macro, or endless',
    facts: [
      opened(hostileOrder),
      known(hostileContext),
      proposed(chosen('CT-HEAD-WO', { reasons: hostileList, model: HOSTILE, version: HOSTILE })),
      urgent('ROUTINE'),
      asked('ROUTINE', hostileList.map((text) => flag('x', 'ask', text, text, text, [text, text]))),
      appointment('10:40', 'booked', { startsAt: HOSTILE, startsAtInstant: null, appointmentId: HOSTILE, resources: hostileList }),
      { type: 'imagesArrived', ...at('10:40'), images: { studyUid: HOSTILE, startedAt: null, modalities: [HOSTILE], description: HOSTILE } },
      updated('10:40', HOSTILE, hostileOrder, {
        orderStatus: HOSTILE,
        location: { pointOfCare: HOSTILE, room: HOSTILE, bed: HOSTILE, facility: HOSTILE },
        quality: hostileList.map((text, n) => ({ ...finding(`x${n}`, n % 2 === 0 ? 'PID-7' : text, 'doubt', text), hash: 'e'.repeat(64) })),
      }),
      { ...question, question: HOSTILE.repeat(20), by: { id: ngozi.id, name: HOSTILE } },
    ],
  },
]; // prettier-ignore

/** States before an order has come that a person must look at. */
export const earlyStates: readonly { readonly name: string; readonly state: EarlyState; readonly meta: CardMeta }[] = early.map(({ name, facts }) => {
  const state = facts.reduce<State>(evolve, { status: 'none' });
  if (isOpened(state) || state.status === 'none') throw new Error('this example state is not one before its order');
  return { name, state, meta: { caseNumber: number, zone: 'Europe/London', now: at('10:44').at, catalogue, names } };
});

function stateOf(facts: readonly Fact[]): Opened {
  const state = facts.reduce<State>(evolve, { status: 'none' });
  if (!isOpened(state)) throw new Error('an example state has no order');
  return state;
}

export const cardStates: readonly CardState[] = told.map(({ name, about, facts, now }) => {
  const meta: CardMeta = { caseNumber: number, zone: 'Europe/London', now: at(now ?? '10:44').at, catalogue, names };
  return { name, about, state: stateOf(facts), meta };
});
