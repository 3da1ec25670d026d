import { approvalBy } from '#core/approval.js';
import { caseNumber, eventId, personId } from '#core/ids.js';
import { person } from '#core/people.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { Example } from '#core/workflow.js';
import { appointmentReceived, patientMerged, patientUpdated, studyArrived } from '#domain/hospital-event.js';
import type { AppointmentReceived, PatientUpdated, StudyArrived } from '#domain/hospital-event.js';
import type { Context } from '#domain/context.js';
import { order as orderShape, orderReceived } from '#domain/order.js';
import type { Order, OrderReceived } from '#domain/order.js';
import type { PriorityAnswer, ProtocolAnswer } from '#domain/protocol.js';
import type { Fact, Input } from './events.ts';
import type { Policy } from './policy.ts';

/** 25 November 2026, UTC. */
const time = (text: string): Instant => instant.parse(`2026-11-25T${text}.000Z`);
const at = (text: string) => ({ at: time(text), v: 1 }) as const;

const okafor = person.parse({
  id: 'dr-okafor', name: 'Ngozi Okafor', roles: ['protocoling-radiologist'], aadObjectId: '6f1c1f0e-0c3b-4f0e-9d0a-6a2f5b8d1c01',
}); // prettier-ignore
const kowalski = { id: personId.parse('dr-kowalski'), name: 'Jan Kowalski' };
const lindqvist = { id: personId.parse('dr-lindqvist'), name: 'Maja Lindqvist' };
const coordinator = personId.parse('coordinator-reyes');

/** What the site of these examples says; the content is the one that ships. */
export const examplePolicy: Omit<Policy, 'content'> = {
  destination: 'ris',
  place: 'protocoling',
  answerWithinMinutes: { STAT: 5, URGENT: 30, ROUTINE: 240 },
  questionWithinMinutes: 60,
  orderWithinMinutes: 10,
  contextBudgetSeconds: 5,
  modelBudgetSeconds: 4,
  coordinators: [coordinator],
  providers: { '10442': lindqvist.id },
  fhirWrites: [],
  zone: 'Europe/London',
};

const headCt: Order = orderShape.parse({
  placerOrderNumber: { id: 'PL-884213', assigner: 'HIS' }, fillerOrderNumber: { id: 'FL-551902', assigner: 'RIS' }, accessionNumber: 'ACC7719305',
  patient: {
    id: '0048813', assigner: 'NORTH', identifiers: [{ id: '0048813', assigner: 'NORTH', type: 'MR' }],
    name: { family: 'Vandermolen', given: 'Ottilie' }, birthDate: '19610303', sex: 'F',
  },
  procedure: { code: 'IMG181', text: 'CT HEAD WITHOUT CONTRAST', system: 'LOCAL' }, procedures: [], kind: 'imaging', modality: 'CT',
  priority: 'R', indication: 'Worst headache of life, sudden onset 2 h ago. ?SAH', patientClass: 'E',
  orderingProvider: { id: '10442', name: 'Lindqvist, Maja' }, orderedAt: '20261125103700+0000',
}); // prettier-ignore
const otherPatient: Order = {
  ...headCt,
  patient: { ...headCt.patient, id: '0099999', identifiers: [{ id: '0099999', assigner: 'NORTH', type: 'MR' }] },
};
const followUp: Order = { ...headCt, indication: 'Headache since yesterday, fell from a ladder' };

const context: Context = {
  ageYears: 65, sex: 'female', weightKg: { value: 72, unit: 'kg', date: '2026-11-02' }, pregnant: false, allergies: [], medications: ['apixaban 5 mg'],
  problems: ['Hypertension'], egfr: { value: 84, unit: 'mL/min/1.73m2', date: '2026-11-20' }, creatinine: [], priors: [], notes: [], missing: [],
}; // prettier-ignore

const sent = { sendingApplication: 'RIS', sendingFacility: 'NORTH', messageTime: null } as const;

/** A message of the RIS, by default written at 10:37. @param sortTime null: it carries no time. */
function told(
  verb: OrderReceived['verb'],
  order: Order = headCt,
  sortTime: Instant | null = time('10:37:00'),
  more: Partial<OrderReceived> = {},
): OrderReceived {
  const message = { type: 'orderReceived', verb, order, rawHash: `hash of ${verb}`, ...sent, receivedAt: time('10:37:00'), sortTime, ...more };
  return orderReceived.parse(message);
}

/** A message that says nothing of the order but whose it is. */
const silent: Order = {
  ...headCt, fillerOrderNumber: null, accessionNumber: null, procedure: null, modality: null, priority: null, indication: null, patientClass: null,
  orderingProvider: null, orderedAt: null, patient: { ...headCt.patient, name: null, birthDate: null, sex: null },
}; // prettier-ignore

/** ADT of 10:40. */
function adt(more: Partial<PatientUpdated>): PatientUpdated {
  const nothingSaid = { location: null, patientClass: null, present: null, patient: silent.patient };
  const from = { ...sent, rawHash: 'hash of ADT', receivedAt: time('10:40:00'), sortTime: time('10:40:00') };
  return patientUpdated.parse({ type: 'patientUpdated', trigger: 'A02', ...from, ...nothingSaid, ...more });
}

const ward = { pointOfCare: '4B', room: '12', bed: '2', facility: '' };
const survivingId = { id: '0070001', assigner: 'NORTH', type: 'MR' };
const merge = patientMerged.parse({
  type: 'patientMerged', trigger: 'A40', ...sent, rawHash: 'hash of A40', receivedAt: time('10:41:00'), sortTime: time('10:41:00'),
  surviving: { ...headCt.patient, id: survivingId.id, identifiers: [survivingId] }, prior: headCt.patient.identifiers,
}); // prettier-ignore
const appointment = appointmentReceived.parse({
  type: 'appointmentReceived', ...sent, rawHash: 'hash of S12', receivedAt: time('10:41:00'), sortTime: time('10:41:00'), status: 'booked', appointmentId: 'AP1',
  orderNumbers: { placer: headCt.placerOrderNumber, filler: null, accession: null }, patient: headCt.patient, startsAt: '202611261030',
  startsAtInstant: '2026-11-26T10:30:00.000Z', durationMinutes: 20, resources: ['CT 2'],
}); // prettier-ignore
const study = studyArrived.parse({
  type: 'studyArrived', ...sent, rawHash: 'hash of study', receivedAt: time('10:42:00'), studyUid: '1.2.3', accessionNumber: 'ACC7719305',
  patient: headCt.patient, modalities: ['CT'], startedAt: time('10:20:00'), description: 'CT head',
}); // prettier-ignore

/** Two hospitals whose numbers name no assigner, the same ones for two people. */
const unassigned: Order = {
  ...headCt, placerOrderNumber: { id: '884213', assigner: '' },
  patient: { ...headCt.patient, assigner: '', identifiers: [{ id: '0048813', assigner: '', type: 'MR' }] },
}; // prettier-ignore
const namesake: Order = {
  ...unassigned,
  patient: { ...unassigned.patient, name: { family: 'Achterberg', given: 'Ruprecht' }, birthDate: '19540718', sex: 'M' },
};
const married: Order = { ...unassigned, patient: { ...unassigned.patient, name: { family: 'Lindgren', given: 'Ottilie' } } };

const chosen: ProtocolAnswer = {
  task: 'protocol-choice', model: 'protocol-choice', version: '1.0.0', formatVersion: 1, protocolId: 'CT-HEAD-WO', alternatives: [], confidence: 0.9,
  reasons: ['The procedure names the protocol'],
}; // prettier-ignore
const urgent: PriorityAnswer = { task: 'order-priority', model: 'order-priority', version: '1.0.0', formatVersion: 1, priority: 'STAT', phrases: [] };

const opened: Fact = {
  type: 'orderOpened', ...at('10:37:00'), order: headCt, rawHash: 'hash of new', orderer: lindqvist.id, messageTime: '20261125103700',
}; // prettier-ignore
const gathered: readonly Fact[] = [opened, { type: 'contextKnown', ...at('10:37:02'), context }];
const halfProposed: readonly Fact[] = [...gathered, { type: 'priorityProposed', ...at('10:37:03'), answer: urgent }];
const asked: Fact = {
  type: 'approvalAsked', ...at('10:38:00'), revision: 1, priority: 'STAT', priorityPhrases: [], prioritySource: 'model', flags: [],
}; // prettier-ignore
const posting = { place: 'protocoling', conversationId: 'conversation-1', activityId: 'activity-1' };
const waiting: readonly Fact[] = [
  ...halfProposed,
  { type: 'protocolProposed', ...at('10:38:00'), answer: chosen },
  asked,
  { type: 'cardPosted', ...at('10:38:01'), revision: 1, posting },
];
const waitingUnassigned: readonly Fact[] = [{ ...opened, order: unassigned }, ...waiting.slice(1)];
const approval = approvalBy(okafor, time('10:42:00'), caseNumber.parse('7KF3QN'), 1, eventId.parse('answer-1'));
const approved: Fact = {
  type: 'protocolApproved',
  ...at('10:42:00'),
  revision: 1,
  approval,
  protocolId: 'CT-HEAD-WO',
  changedFrom: null,
  reason: null,
};
const parkedChange: Fact = {
  type: 'changedBeforeOrder', ...at('10:36:00'), order: followUp, rawHash: 'hash of change', messageTime: null,
  message: {
    verb: 'change', stamp: { at: time('10:38:00'), hash: 'hash of change', arrival: false }, cleared: [], orderStatus: null, serviceRequest: null, quality: [],
  },
}; // prettier-ignore
const waitsForOrder = (arrival: AppointmentReceived | StudyArrived): Fact => ({
  type: 'arrivedBeforeOrder', ...at('10:36:30'), rawHash: arrival.rawHash, arrival,
}); // prettier-ignore
const tombstone: Fact = { type: 'cancelledBeforeOrder', ...at('10:36:00'), rawHash: 'hash of cancel', order: headCt };
const changedAt1040: Fact = {
  type: 'orderChanged', ...at('10:40:30'), order: followUp, rawHash: 'hash of change', orderer: lindqvist.id, changed: ['indication'],
  decidedBy: [{ at: time('10:40:00'), hash: 'hash of change', arrival: false, fields: ['indication'] }],
}; // prettier-ignore
const mergedFact: Fact = {
  type: 'patientMerged', ...at('10:43:00'), rawHash: 'hash of A40', surviving: merge.surviving, prior: merge.prior,
  told: {
    order: { ...headCt, patient: { ...headCt.patient, id: survivingId.id, identifiers: [survivingId, ...headCt.patient.identifiers] } },
    account: { orderStatus: null, serviceRequest: null, location: null, present: null, quality: [] },
    decidedBy: [{ at: time('10:41:00'), hash: 'hash of A40', arrival: false, fields: ['survivor'] }],
  },
}; // prettier-ignore
const cancelled: Fact = { type: 'orderCancelled', ...at('10:45:00'), rawHash: 'hash of cancel' };
const question: Fact = {
  type: 'ordererAsked', ...at('10:41:00'), revision: 1, by: { id: okafor.id, name: okafor.name }, of: lindqvist.id, question: 'Last dose of apixaban?',
}; // prettier-ignore
const chat = { place: 'person:dr-lindqvist', conversationId: 'a:chat', activityId: 'activity-2' };
/** The question stands in the orderer's private chat. */
const inChat: Fact = { type: 'personTold', ...at('10:41:01'), person: lindqvist.id, note: 'question', revision: 1, posting: chat };

/** An answer of Dr Okafor on revision 1, unless it says otherwise. */
function says(more: Partial<Extract<Input, { type: 'personAnswered' }>>): Input {
  const plain = { person: okafor.id, name: okafor.name, revision: 1, protocolId: null, text: null, approval: null } as const;
  return { type: 'personAnswered', verb: 'approve', ...plain, ...more };
}

const reminded: Fact = { type: 'reminderSet', ...at('10:41:30'), person: okafor.id, due: time('11:01:00') };
const handed: Fact = { type: 'handedOver', ...at('10:41:40'), by: { id: okafor.id, name: okafor.name }, to: kowalski };
const written: Fact = { type: 'protocolWrittenBack', ...at('10:42:30'), behind: approval.answer, controlId: 'RL1', ack: 'MSA|AA|RL1' };
const tookBack: Fact = {
  ...{ type: 'takenBack', ...at('10:43:00'), by: { id: okafor.id, name: okafor.name } },
  ...{ what: 'approval', sent: false, behind: approval.answer },
};
const imagesThere: Fact = {
  ...{ type: 'imagesArrived', ...at('10:44:30') },
  images: { studyUid: '1.2.3', startedAt: null, modalities: ['CT'], description: null },
};
/** The question is put again, and what has not left for the RIS stays. */
const takenBackAt = (wake: string): readonly string[] => [
  ...['showCard', `wake answer ${wake}`, 'withdraw', 'sendHl7 protocol-recommendation advice', 'tellPerson coordinator-reyes taken-back'],
];

const failedWrite = { type: 'effectFailed', kind: 'sendHl7', message: 'order-change', code: 'refused', detail: 'The receiver answered AR.' } as const;

/** What protocoling does, case by case. */
export const examples: readonly Example<Fact, Input>[] = [
  {
    name: 'a new order asks the EHR and goes on without it after its budget and a second',
    given: [], now: time('10:37:00'), when: told('new'),
    then: [{ type: 'orderOpened', orderer: lindqvist.id }],
    effects: ['gatherContext', 'wake context 10:37:06'],
  },
  {
    name: 'the same order under another message id changes nothing',
    given: waiting, now: time('10:39:00'), when: told('new'), then: [], effects: [],
  },
  {
    name: 'what the EHR knows goes to both models',
    given: [opened], now: time('10:37:02'), when: { type: 'contextGathered', epoch: 1, context, tookMs: 900 },
    then: [{ type: 'contextKnown', context }],
    effects: ['askModel order-priority', 'askModel protocol-choice', 'forget context', 'wake models 10:37:07'],
  },
  {
    name: 'an EHR that is down is recorded, and the models are asked without it',
    given: [opened], now: time('10:37:05'), when: { type: 'contextUnavailable', epoch: 1, why: 'The EHR did not answer' },
    then: [{ type: 'contextMissing', why: 'The EHR did not answer' }],
    effects: ['askModel order-priority', 'askModel protocol-choice', 'forget context', 'wake models 10:37:10'],
  },
  {
    name: 'with one model in, the other one is waited for',
    given: gathered, now: time('10:37:03'), when: { type: 'modelAnswered', epoch: 2, answer: urgent, tookMs: 3 },
    then: [{ type: 'priorityProposed', answer: urgent }], effects: [],
  },
  {
    name: 'with both models in the question is put: card, deadline of its priority, recommendation to the RIS',
    given: halfProposed, now: time('10:38:00'), when: { type: 'modelAnswered', epoch: 2, answer: chosen, tookMs: 3 },
    then: [{ type: 'protocolProposed', answer: chosen }, { type: 'approvalAsked', revision: 1, priority: 'STAT', prioritySource: 'model' }],
    effects: ['showCard', 'wake answer 10:43:00', 'sendHl7 protocol-recommendation advice', 'forget models'],
  },
  {
    name: 'models that stay silent cost the order their advice, never its card',
    given: gathered, now: time('10:37:07'), when: { type: 'deadlinePassed', name: 'models', epoch: 2 },
    then: [{ type: 'protocolNotProposed' }, { type: 'priorityNotProposed' }, { type: 'approvalAsked', priority: 'ROUTINE', prioritySource: 'ordered' }],
    effects: ['showCard', 'wake answer 14:37:07', 'forget models'],
  },
  {
    name: 'a procedure that the site’s map does not know gets no proposal',
    given: [{ ...opened, order: { ...headCt, kind: 'unknown', modality: null } }], now: time('10:37:02'),
    when: { type: 'contextGathered', epoch: 1, context, tookMs: 900 },
    then: [{ type: 'contextKnown' }, { type: 'protocolNotProposed', why: 'procedure not in the map' }],
    effects: ['askModel order-priority', 'forget context', 'wake models 10:37:07'],
  },
  {
    name: 'a yes is written to the RIS with the name behind it, and nothing waits any more',
    given: waiting, now: time('10:42:00'), when: says({ approval }),
    then: [{ type: 'protocolApproved', protocolId: 'CT-HEAD-WO', approval, changedFrom: null }],
    effects: ['sendHl7 order-change commit', 'showCard', 'forget answer', 'forget question'], answer: 'won',
  },
  {
    name: 'a yes to an earlier revision changes nothing',
    given: [...waiting, { ...asked, ...at('10:41:00'), revision: 2 }], now: time('10:42:00'), when: says({ approval }),
    then: [], effects: [], answer: 'stale',
  },
  {
    name: 'the second approver learns who was first',
    given: [...waiting, approved], now: time('10:42:01'), when: says({ person: kowalski.id, name: kowalski.name }),
    then: [], effects: [], answer: 'already', says: 'Ngozi Okafor',
  },
  {
    name: 'another protocol than the proposed one is kept with what it replaced and why',
    given: waiting, now: time('10:42:00'), when: says({ verb: 'choose-other', protocolId: 'CT-HEAD-W', text: 'Known metastases', approval }),
    then: [{ type: 'protocolApproved', protocolId: 'CT-HEAD-W', changedFrom: 'CT-HEAD-WO', reason: 'Known metastases' }],
    effects: ['sendHl7 order-change commit', 'showCard', 'forget answer', 'forget question'], answer: 'won',
  },
  {
    name: 'a protocol that is not in the catalogue can’t be chosen',
    given: waiting, now: time('10:42:00'), when: says({ verb: 'choose-other', protocolId: 'CT-MOON', approval }),
    then: [], effects: [], answer: 'invalid',
  },
  {
    name: 'a rejection without a reason changes nothing',
    given: waiting, now: time('10:42:00'), when: says({ verb: 'reject', text: ' ' }), then: [], effects: [], answer: 'invalid',
  },
  {
    name: 'a rejection goes to the coordinator and not to the RIS',
    given: waiting, now: time('10:42:00'), when: says({ verb: 'reject', text: 'Scanned an hour ago' }),
    then: [{ type: 'orderRejected', reason: 'Scanned an hour ago' }],
    effects: ['tellPerson coordinator-reyes rejected', 'showCard', 'forget answer', 'forget question'], answer: 'won',
  },
  {
    name: 'a question goes to the orderer in private, and the case waits for the answer',
    given: waiting, now: time('10:41:00'), when: says({ verb: 'ask-orderer', text: 'Last dose of apixaban?' }),
    then: [{ type: 'ordererAsked', of: lindqvist.id, question: 'Last dose of apixaban?' }],
    effects: ['tellPerson dr-lindqvist question', 'wake question 11:41:00', 'forget answer', 'showCard'], answer: 'noted',
  },
  {
    name: 'the orderer’s answer puts a new revision before the radiologist',
    given: [...waiting, question], now: time('10:55:00'),
    when: says({ verb: 'answer-question', person: lindqvist.id, name: lindqvist.name, text: '07:00' }),
    then: [{ type: 'ordererAnswered', text: '07:00' }, { type: 'approvalAsked', revision: 2 }],
    effects: ['showCard', 'wake answer 11:00:00', 'sendHl7 protocol-recommendation advice', 'forget question', 'tellPerson dr-okafor orderer-answered'],
    answer: 'noted',
  },
  {
    name: 'an answered question is taken off its card in the orderer’s private chat, with the patient',
    given: [...waiting, question, inChat], now: time('10:55:00'),
    when: says({ verb: 'answer-question', person: lindqvist.id, name: lindqvist.name, text: '07:00' }),
    then: [{ type: 'ordererAnswered', text: '07:00' }, { type: 'approvalAsked', revision: 2 }, { type: 'privateCardOver', person: lindqvist.id, posting: chat }],
    effects: [
      'showCard', 'wake answer 11:00:00', 'sendHl7 protocol-recommendation advice', 'forget question', 'tellPerson dr-okafor orderer-answered',
      'tellPerson dr-lindqvist question-answered',
    ],
    answer: 'noted',
  },
  {
    name: 'a view that reached its private chat after the order was cancelled does not stand there',
    given: [...waiting, { type: 'orderCancelled', ...at('10:50:00'), rawHash: 'hash of M9' }], now: time('10:50:01'),
    when: { type: 'viewShown', person: okafor.id, revision: 1, posting: chat },
    then: [{ type: 'viewShown', person: okafor.id }, { type: 'privateCardOver', person: okafor.id, posting: chat }],
    effects: ['tellPerson dr-okafor view-over'],
  },
  {
    name: 'an answer to an earlier question, which lapsed, is none to the one that is open now',
    given: [
      ...waiting, question, { type: 'questionLapsed', ...at('10:42:00') }, { ...asked, ...at('10:42:00'), revision: 2 },
      { ...question, ...at('10:43:00'), revision: 2, question: 'Allergic to contrast?' },
    ], now: time('10:55:00'), // prettier-ignore
    when: says({ verb: 'answer-question', person: lindqvist.id, name: lindqvist.name, text: 'No.' }),
    then: [], effects: [], answer: 'stale',
  },
  {
    name: 'what nobody answers in time goes to the coordinator and keeps waiting',
    given: waiting, now: time('10:43:00'), when: { type: 'deadlinePassed', name: 'answer', epoch: 3 },
    then: [{ type: 'answerOverdue', to: coordinator }], effects: ['showCard', 'tellPerson coordinator-reyes overdue'],
  },
  {
    name: 'a deadline of an earlier wait does nothing',
    given: waiting, now: time('10:43:00'), when: { type: 'deadlinePassed', name: 'answer', epoch: 2 }, then: [], effects: [],
  },
  {
    name: 'a cancel takes back what has not left, and the card says so',
    given: waiting, now: time('10:45:00'), when: told('cancel'), then: [{ type: 'orderCancelled' }],
    effects: ['withdraw', 'forget context', 'forget models', 'forget answer', 'forget question', 'showCard'],
  },
  {
    name: 'a yes to a cancelled order is told so',
    given: [...waiting, cancelled], now: time('10:46:00'), when: says({ approval }), then: [], effects: [], answer: 'closed',
  },
  {
    name: 'a cancel before its order is remembered',
    given: [], now: time('10:36:00'), when: told('cancel'), then: [{ type: 'cancelledBeforeOrder', order: headCt }], effects: [],
  },
  {
    name: 'the order that comes after its cancel is cancelled at once and never gets a card',
    given: [tombstone], now: time('10:37:00'), when: told('new'), then: [{ type: 'orderOpened' }, { type: 'orderCancelled' }], effects: [],
  },
  {
    name: 'an order of another patient under the number of a cancel is held, and not opened',
    given: [tombstone], now: time('10:37:00'), when: told('new', otherPatient), then: [{ type: 'messageHeld', reason: 'another-patient' }],
    effects: ['tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'a change after the cancel of an order that never came is kept, and asks nobody',
    given: [tombstone], now: time('10:37:00'), when: told('change', followUp), then: [{ type: 'changedBeforeOrder' }], effects: [],
  },
  {
    name: 'a change before its order waits for the order',
    given: [], now: time('10:36:00'), when: told('change', followUp), then: [{ type: 'changedBeforeOrder', order: followUp }],
    effects: ['wake order 10:46:00'],
  },
  {
    name: 'a second change waits with the first one, and no longer',
    given: [parkedChange], now: time('10:40:00'), when: told('change', headCt, time('10:39:00'), { rawHash: 'hash of second' }),
    then: [{ type: 'changedBeforeOrder', rawHash: 'hash of second' }], effects: [],
  },
  {
    name: 'an order that has not come ten minutes after its change is looked for by the coordinators',
    given: [parkedChange], now: time('10:46:00'), when: { type: 'deadlinePassed', name: 'order', epoch: 0 }, then: [{ type: 'orderNeverCame' }],
    effects: ['tellPerson coordinator-reyes order-never-came'],
  },
  {
    name: 'the order that comes after its change is opened as it was changed',
    given: [parkedChange], now: time('10:37:00'), when: told('new'), then: [{ type: 'orderOpened', order: followUp }],
    effects: ['gatherContext', 'wake context 10:37:06', 'forget order'],
  },
  {
    name: 'the order that comes after a change for another patient is opened as it is, and the change is held',
    given: [{ ...parkedChange, order: otherPatient }],
    now: time('10:37:00'), when: told('new'),
    then: [{ type: 'orderOpened', order: headCt }, { type: 'messageHeld', rawHash: 'hash of change', reason: 'another-patient' }],
    effects: ['gatherContext', 'wake context 10:37:06', 'forget order', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'a message that names another patient is held, and nothing of it is used',
    given: waiting, now: time('10:40:00'), when: told('change', otherPatient), then: [{ type: 'messageHeld', reason: 'another-patient' }],
    effects: ['showCard', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'a change of the order after approval opens it again and tells who approved',
    given: [...waiting, approved], now: time('10:44:00'), when: told('change', followUp, time('10:43:00')),
    then: [{ type: 'orderChanged', order: followUp, changed: ['indication'] }],
    effects: ['withdraw', 'tellPerson dr-okafor changed-after-approval', 'gatherContext', 'wake context 10:44:06', 'forget answer'],
  },
  {
    name: 'an older change that comes late adds what no newer one says, and overrides nothing',
    given: [...waiting, changedAt1040], now: time('10:44:00'),
    when: told('change', { ...silent, indication: 'Vomiting', orderingProvider: { id: '20881', name: 'Adeyemi, Tunde' } }, time('10:38:00')),
    then: [{ type: 'orderNoted', order: { ...followUp, orderingProvider: { id: '20881', name: 'Adeyemi, Tunde' } }, orderer: null }], effects: [],
  },
  {
    name: 'what the RIS deletes is deleted, what it leaves out stays',
    given: waiting, now: time('10:44:00'), when: told('change', silent, time('10:43:00'), { cleared: ['indication'] }),
    then: [{ type: 'orderChanged', order: { ...headCt, indication: null }, changed: ['indication'] }],
    effects: ['gatherContext', 'wake context 10:44:06', 'forget answer'],
  },
  {
    name: 'without a time in a message what came last counts',
    given: waiting, now: time('10:44:00'), when: told('change', followUp, null, { receivedAt: time('10:44:00') }),
    then: [{ type: 'orderChanged', order: followUp, changed: ['indication'] }],
    effects: ['gatherContext', 'wake context 10:44:06', 'forget answer'],
  },
  {
    name: 'a number that the RIS gives later is kept with the order, and asks nobody',
    given: waiting, now: time('10:44:00'), when: told('numbers', { ...silent, accessionNumber: 'ACC9' }, time('10:43:00')),
    then: [{ type: 'orderNoted', order: { ...headCt, accessionNumber: 'ACC9' } }], effects: [],
  },
  {
    name: 'an exam that is done before anybody has answered is said on the card, and the question stays',
    given: waiting, now: time('10:44:00'), when: told('status', silent, time('10:43:00'), { orderStatus: 'CM' }),
    then: [{ type: 'orderNoted', order: headCt }], effects: ['showCard'],
  },
  {
    name: 'records that were merged while the order waits: the EHR is asked again, and the question is put again',
    given: waiting, now: time('10:41:00'), when: merge,
    then: [{ type: 'patientMerged' }, { type: 'orderChanged', changed: ['patient'] }],
    effects: ['gatherContext', 'wake context 10:41:06', 'forget answer'],
  },
  {
    name: 'records that were merged after the decision are kept with it, and nobody is asked again',
    given: [...waiting, approved], now: time('10:43:00'), when: merge, then: [{ type: 'patientMerged' }], effects: [],
  },
  {
    name: 'after a merge a message under either number is about this patient',
    given: [...waiting, { ...approved }, mergedFact], now: time('10:44:00'), when: told('cancel', { ...headCt, patient: merge.surviving }),
    then: [{ type: 'orderCancelled' }], effects: ['withdraw', 'forget context', 'forget models', 'forget answer', 'forget question', 'showCard'],
  },
  {
    name: 'a patient who is moved is shown where they are, and nobody is asked again',
    given: waiting, now: time('10:40:00'), when: adt({ location: ward }), then: [{ type: 'patientUpdated', trigger: 'A02' }], effects: [],
  },
  {
    name: 'a patient who is admitted is another question: it is put again',
    given: waiting, now: time('10:40:00'), when: adt({ trigger: 'A06', patientClass: 'I', location: ward, present: true }),
    then: [{ type: 'patientUpdated', order: { ...headCt, patientClass: 'I' } }, { type: 'orderChanged', changed: ['patientClass'] }],
    effects: ['gatherContext', 'wake context 10:40:06', 'forget answer'],
  },
  {
    name: 'an emergency patient who is sent home before anybody has answered: the question is put again',
    given: waiting, now: time('10:40:00'), when: adt({ trigger: 'A03', present: false }),
    then: [{ type: 'patientUpdated' }, { type: 'orderChanged', changed: ['present'] }], effects: ['gatherContext', 'wake context 10:40:06', 'forget answer'],
  },
  {
    name: 'where a patient was before the order was written is not where they are now',
    given: waiting, now: time('10:40:00'), when: adt({ patientClass: 'O', sortTime: time('10:30:00') }), then: [], effects: [],
  },
  {
    name: 'a corrected birth date is a new question, since age decides on contrast',
    given: waiting, now: time('10:40:00'), when: adt({ trigger: 'A08', patient: { ...headCt.patient, birthDate: '19160303' } }),
    then: [{ type: 'patientUpdated' }, { type: 'orderChanged', changed: ['birthDate'] }], effects: ['gatherContext', 'wake context 10:40:06', 'forget answer'],
  },
  {
    name: 'an ADT message of another patient changes nothing',
    given: waiting, now: time('10:40:00'), when: adt({ patient: otherPatient.patient, location: ward }), then: [], effects: [],
  },
  {
    name: 'what ADT said before the order came is known when the EHR has answered',
    given: [opened], now: time('10:37:02'),
    when: {
      type: 'contextGathered', epoch: 1, context, tookMs: 900,
      patientNow: { identifiers: [...headCt.patient.identifiers, survivingId], location: ward, patientClass: 'I', asOf: time('10:37:01'), surviving: null },
    },
    then: [{ type: 'patientUpdated', order: { ...headCt, patientClass: 'I', patient: { ...headCt.patient, identifiers: [...headCt.patient.identifiers, survivingId] } } }, { type: 'contextKnown' }],
    effects: ['askModel order-priority', 'askModel protocol-choice', 'forget context', 'wake models 10:37:07'],
  },
  {
    name: 'an appointment stands on the card',
    given: waiting, now: time('10:41:00'), when: appointment, then: [{ type: 'appointmentKnown' }], effects: ['showCard'],
  },
  {
    name: 'an appointment and images that come before their order wait for it',
    given: [parkedChange, waitsForOrder(appointment)], now: time('10:36:40'), when: study, then: [{ type: 'arrivedBeforeOrder', arrival: study }], effects: [],
  },
  {
    name: 'what arrived before its order is known when the order comes, and images are told to the coordinators',
    given: [parkedChange, waitsForOrder(appointment), waitsForOrder(study)], now: time('10:37:00'), when: told('new'),
    then: [{ type: 'orderOpened', order: followUp }, { type: 'appointmentKnown' }, { type: 'imagesArrived' }],
    effects: ['gatherContext', 'wake context 10:37:06', 'forget order', 'tellPerson coordinator-reyes images-arrived'],
  },
  {
    name: 'what arrived before its order and names another patient is held when the order comes, and told once',
    given: [
      { ...parkedChange, order: otherPatient }, waitsForOrder({ ...appointment, patient: otherPatient.patient }),
      waitsForOrder({ ...study, patient: otherPatient.patient }),
    ],
    now: time('10:37:00'), when: told('new'),
    then: [{ type: 'orderOpened' }, { type: 'messageHeld', rawHash: 'hash of change' }, { type: 'messageHeld', rawHash: 'hash of S12' }, { type: 'messageHeld', rawHash: 'hash of study' }],
    effects: ['gatherContext', 'wake context 10:37:06', 'forget order', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'an appointment under the number of a cancelled order that never came is none of anybody',
    given: [tombstone], now: time('10:41:00'), when: appointment, then: [], effects: [],
  },
  {
    name: 'an appointment that names another patient is held, and the coordinators are told',
    given: waiting, now: time('10:41:00'), when: { ...appointment, patient: otherPatient.patient },
    then: [{ type: 'messageHeld', rawHash: 'hash of S12', reason: 'another-patient' }], effects: ['showCard', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'an order of another hospital under the same numbers without an assigner, for somebody else, is held',
    given: waitingUnassigned, now: time('10:41:00'), when: told('new', namesake, time('10:40:00'), { rawHash: 'hash of namesake' }),
    then: [{ type: 'messageHeld', rawHash: 'hash of namesake', reason: 'another-patient' }], effects: ['showCard', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'a new surname under the same number and birth date is the same patient',
    given: waitingUnassigned, now: time('10:41:00'),
    when: told('change', married, time('10:40:00')),
    then: [{ type: 'orderNoted', order: married }], effects: [],
  },
  {
    name: 'an ADT message of somebody else who has the same number elsewhere is held, and changes nothing',
    given: waitingUnassigned, now: time('10:40:00'), when: adt({ patient: namesake.patient, location: ward, patientClass: 'I' }),
    then: [{ type: 'messageHeld', rawHash: 'hash of ADT', reason: 'another-patient' }], effects: ['showCard', 'tellPerson coordinator-reyes held-message'],
  },
  {
    name: 'images that arrive before anybody has answered are told to the coordinators, and the case stays open',
    given: waiting, now: time('10:42:00'), when: study, then: [{ type: 'imagesArrived' }],
    effects: ['showCard', 'tellPerson coordinator-reyes images-arrived'],
  },
  {
    name: 'images that arrive after the decision are only noted',
    given: [...waiting, approved], now: time('10:43:00'), when: study, then: [{ type: 'imagesArrived' }], effects: [],
  },
  {
    name: 'the EHR that does not take the record of an approval is the coordinators’ to know; the protocol is in the RIS all the same',
    given: [...waiting, approved], now: time('10:43:00'),
    when: { type: 'effectFailed', kind: 'writeFhir', message: 'Task', code: 'changed-meanwhile', detail: 'HTTP 412' },
    then: [{ type: 'deliveryFailed', kind: 'writeFhir' }], effects: ['tellPerson coordinator-reyes ehr-write-failed'],
  },
  {
    name: 'a question that can’t be delivered is the coordinators’ and the asker’s to know at once',
    given: [...waiting, question], now: time('10:43:00'),
    when: { type: 'effectFailed', kind: 'tellPerson', message: 'question', code: 'not-allowed', detail: 'the connector answered 403' },
    then: [{ type: 'deliveryFailed', kind: 'tellPerson' }],
    effects: ['tellPerson coordinator-reyes question-not-told', 'tellPerson dr-okafor question-not-told'],
  },
  {
    name: 'the card says when the RIS has the protocol',
    given: [...waiting, approved], now: time('10:43:00'),
    when: { type: 'effectDelivered', kind: 'sendHl7', message: 'order-change', controlId: 'RL1', ack: 'MSA|AA|RL1' },
    then: [{ type: 'protocolWrittenBack', controlId: 'RL1' }], effects: ['showCard'],
  },
  {
    name: 'a refusal by the RIS is told to the coordinators and stands on the card',
    given: [...waiting, approved], now: time('10:43:00'), when: failedWrite, then: [{ type: 'deliveryFailed', code: 'refused' }],
    effects: ['showCard', 'tellPerson coordinator-reyes write-failed'],
  },
  {
    name: 'a card that Teams lost is posted anew',
    given: waiting, now: time('10:50:00'), when: { type: 'cardsLost' }, then: [{ type: 'cardSuperseded', posting }], effects: ['showCard'],
  },
  {
    name: 'a reminder is a deadline of its own, and nothing else changes',
    given: waiting, now: time('10:41:00'), when: says({ verb: 'remind', due: time('11:01:00') }),
    then: [{ type: 'reminderSet', person: okafor.id, due: time('11:01:00') }], effects: ['wake remind-dr-okafor 11:01:00'], answer: 'noted', says: 'I will remind you of 7KF3QN',
  },
  {
    name: 'a reminder that is due is told once, to whoever wanted it',
    given: [...waiting, reminded], now: time('11:01:00'), when: { type: 'deadlinePassed', name: 'remind-dr-okafor', epoch: 1 },
    then: [{ type: 'reminderDue', person: okafor.id }], effects: ['tellPerson dr-okafor reminder'],
  },
  {
    name: 'nobody is reminded of a case that was decided and written meanwhile',
    given: [...waiting, reminded, approved], now: time('10:43:00'),
    when: { type: 'effectDelivered', kind: 'sendHl7', message: 'order-change', controlId: 'RL1', ack: 'MSA|AA|RL1' },
    then: [{ type: 'protocolWrittenBack' }], effects: ['showCard', 'forget remind-dr-okafor'],
  },
  {
    name: 'a case that is handed over stands under the receiver’s name, who is told; whoever may decide it still may',
    given: waiting, now: time('10:41:00'), when: says({ verb: 'hand-over', to: kowalski }),
    then: [{ type: 'handedOver', to: kowalski }], effects: ['showCard', 'tellPerson dr-kowalski handed-over'], answer: 'noted', says: 'is with Jan Kowalski now',
  },
  {
    name: 'a hand-over that rests on an older one changes nothing',
    given: [...waiting, handed], now: time('10:43:00'), when: says({ verb: 'hand-over', to: lindqvist, round: 0 }), then: [], effects: [], answer: 'stale',
  },
  {
    name: 'an approval that nobody has sent yet is taken back: it is withdrawn, and the question is put again',
    given: [...waiting, approved], now: time('10:43:00'), when: says({ verb: 'take-back' }),
    then: [{ type: 'takenBack', what: 'approval', sent: false }, { type: 'approvalAsked', revision: 2 }],
    effects: takenBackAt('10:48:00'), answer: 'noted', says: 'waits for a decision again',
  },
  {
    name: 'an approval that the RIS has is taken back only by somebody who has read that it has it',
    given: [...waiting, approved, written], now: time('10:44:00'), when: says({ verb: 'take-back' }), then: [], effects: [], answer: 'stale', says: 'The RIS has it already',
  },
  {
    name: 'taken back all the same, the case waits, and the next decision replaces in the RIS what it has',
    given: [...waiting, approved, written], now: time('10:44:00'), when: says({ verb: 'take-back', confirmed: true }),
    then: [{ type: 'takenBack', what: 'approval', sent: true }, { type: 'approvalAsked', revision: 2 }],
    effects: takenBackAt('10:49:00'), answer: 'noted', says: 'The RIS still has the protocol',
  },
  {
    name: 'an approval by which the exam was done can’t be taken back',
    given: [...waiting, approved, written, imagesThere], now: time('10:45:00'), when: says({ verb: 'take-back', confirmed: true }),
    then: [], effects: [], answer: 'closed', says: 'Call the technologist at the scanner now',
  },
  {
    name: 'nobody takes back what somebody else decided',
    given: [...waiting, approved], now: time('10:43:00'), when: says({ verb: 'take-back', person: kowalski.id, name: kowalski.name }), then: [], effects: [], answer: 'invalid',
  },
  {
    name: 'what was taken back and had left all the same is told to whoever took it back and to the coordinators',
    given: [...waiting, approved, tookBack], now: time('10:44:00'),
    when: { type: 'effectDelivered', kind: 'sendHl7', message: 'order-change', behind: approval.answer, controlId: 'RL1', ack: 'MSA|AA|RL1' },
    then: [{ type: 'protocolWrittenBack' }],
    effects: ['showCard', 'tellPerson dr-okafor left-all-the-same', 'tellPerson coordinator-reyes left-all-the-same'],
  },
]; // prettier-ignore
