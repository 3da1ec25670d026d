import fc from 'fast-check';
import { approvalBy } from '#core/approval.js';
import { caseId, caseNumber, eventId } from '#core/ids.js';
import type { EventId } from '#core/ids.js';
import { addMinutes, instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { order as orderShape, orderReceived } from '#domain/order.js';
import type { Order, OrderReceived } from '#domain/order.js';
import { appointmentReceived, patientMerged, patientUpdated, studyArrived } from '#domain/hospital-event.js';
import type { Context } from '#domain/context.js';
import type { Patient } from '#domain/patient.js';
import { isOpened } from '#workflows/protocoling/state.js';
import type { State } from '#workflows/protocoling/state.js';
import type { Input } from '#workflows/protocoling/events.js';
import { haddad, okafor } from './clinic.ts';

/** Stands in every text that may hold patient data: it must never be seen in a channel. */
export const CANARY = 'CANARYQX';

export const theCase = { caseId: caseId.parse('0'.repeat(32)), caseNumber: caseNumber.parse('7KF3QN') } as const;
const start = instant.parse('2026-11-25T10:00:00.000Z');
const hashes = fc.constantFrom('a', 'b', 'c');
const texts = fc.constantFrom(null, '', `because of ${CANARY}`);
const people = fc.constantFrom(okafor, { ...okafor, id: 'dr-kowalski' as typeof okafor.id, name: 'Jan Kowalski' }, haddad);

const orders: fc.Arbitrary<Order> = fc
  .record({
    patient: fc.constantFrom('1', '1', '1', '1', '2', null),
    procedure: fc.constantFrom(
      { code: 'IMG181', text: 'CT HEAD WITHOUT CONTRAST', system: 'LOCAL' },
      { code: 'IMG794', text: `CT ABDOMEN PELVIS W IV CONTRAST ${CANARY}`, system: 'LOCAL' },
      null,
    ),
    kind: fc.constantFrom('imaging', 'imaging', 'unknown'),
    priority: fc.constantFrom('S', 'A', 'R', null),
    indication: fc.constantFrom(`Headache ${CANARY}`, 'Fall', null),
    provider: fc.constantFrom(null, { id: '10442', name: `${CANARY}, Maja` }),
  })
  .map(({ patient, procedure, kind, priority, indication, provider }) =>
    orderShape.parse({
      placerOrderNumber: { id: `PL-${CANARY}`, assigner: 'HIS' },
      fillerOrderNumber: null,
      accessionNumber: `ACC${CANARY}`,
      patient: {
        id: patient === null ? null : `${CANARY}${patient}`,
        assigner: 'NORTH',
        identifiers: patient === null ? [] : [{ id: `${CANARY}${patient}`, assigner: 'NORTH', type: 'MR' }],
        name: { family: CANARY, given: CANARY },
        birthDate: '19610303',
        sex: 'F',
      },
      procedure,
      procedures: [],
      kind,
      modality: procedure === null ? null : 'CT',
      priority,
      indication,
      patientClass: 'E',
      orderingProvider: provider,
      orderedAt: null,
    }),
  );

const context: Context = {
  ageYears: 65,
  sex: 'female',
  weightKg: null,
  pregnant: null,
  allergies: [`${CANARY}: rash`],
  medications: [`metformin ${CANARY}`],
  problems: [CANARY],
  egfr: { value: 24, unit: 'mL/min/1.73m2', date: '2026-11-20' },
  creatinine: [],
  priors: [{ text: CANARY, modality: 'CT', date: null }],
  notes: [CANARY],
  missing: ['weight', 'pregnancy'],
};

/** An input that is resolved against the state at hand: `off` makes its epoch or revision one of another wait. */
export type Action = (state: State, event: EventId, now: Instant) => Input;

const epochOf = (state: State): number => (isOpened(state) ? state.epoch : 1);
const revisionOf = (state: State): number => (isOpened(state) ? state.revision : 0);
const off = fc.constantFrom(0, 0, 0, 0, -1, 1);

const orderMessage: fc.Arbitrary<Action> = fc
  .record({
    verb: fc.constantFrom<OrderReceived['verb']>('new', 'new', 'new', 'change', 'change', 'change', 'cancel', 'status', 'numbers'),
    order: orders,
    rawHash: hashes,
    sortTime: fc.constantFrom(null, null, start, addMinutes(start, 10)),
    orderStatus: fc.constantFrom(null, 'IP', 'CM', `status ${CANARY}`),
    cleared: fc.subarray(['indication', 'priority'] as const),
    serviceRequest: fc.constantFrom(null, `ServiceRequest/${CANARY}`),
  })
  .map(
    (message) => (_state, _event, now) =>
      orderReceived.parse({
        ...{ type: 'orderReceived', sendingApplication: 'RIS', sendingFacility: 'NORTH', ...message },
        ...{ messageTime: now.replaceAll(/\D/gu, '').slice(0, 14), receivedAt: now },
        quality: [{ code: 'no-birth-date', where: 'PID-7', kind: 'gap', text: 'The message gives no birth date' }],
      }),
  );

const identified = (id: string): Patient => ({
  ...{ id, assigner: 'NORTH', identifiers: [{ id, assigner: 'NORTH', type: 'MR' }], name: { family: CANARY, given: CANARY } },
  ...{ birthDate: '19610303', sex: 'F' },
});
/** Somebody else whose hospital gave the number of patient 1, and does not say that it did. */
const unassigned = (family: string): Patient => {
  const { identifiers, name, ...rest } = identified(`${CANARY}1`);
  return {
    ...rest,
    assigner: '',
    identifiers: identifiers.map((one) => ({ ...one, assigner: '' })),
    name: name && { ...name, family },
    birthDate: null,
  };
};
const anyone = fc.constantFrom(
  ...['1', '1', '1', '2', '3'].map((id) => identified(`${CANARY}${id}`)),
  ...[CANARY, `${CANARY} the other`].map(unassigned),
);

/** ADT, SIU, images: what a hospital tells besides orders. */
const fromHospital: fc.Arbitrary<Action> = fc
  .record({
    what: fc.constantFrom('moved', 'moved', 'merged', 'booked', 'images'),
    patient: anyone,
    other: anyone,
    sortTime: fc.constantFrom(null, start, addMinutes(start, 60)),
    patientClass: fc.constantFrom(null, 'I', 'O', CANARY),
    present: fc.constantFrom(null, true, false),
    status: fc.constantFrom('booked', 'cancelled', 'no-show'),
    rawHash: hashes,
  })
  .map(({ what, patient, other, sortTime, patientClass, present, status, rawHash }) => (_state, _event, now) => {
    const from = { rawHash, sendingApplication: 'ADT', sendingFacility: 'NORTH', messageTime: null, receivedAt: now, sortTime };
    const place = { pointOfCare: CANARY, room: '1', bed: '2', facility: '' };
    switch (what) {
      case 'moved':
        return patientUpdated.parse({ type: 'patientUpdated', trigger: 'A02', ...from, patient, location: place, patientClass, present });
      case 'merged':
        return patientMerged.parse({ type: 'patientMerged', trigger: 'A40', ...from, surviving: patient, prior: other.identifiers });
      case 'booked': {
        const orderNumbers = { placer: null, filler: null, accession: CANARY };
        const when = { startsAt: CANARY, startsAtInstant: null, durationMinutes: null, resources: [CANARY] };
        return appointmentReceived.parse({ type: 'appointmentReceived', ...from, status, appointmentId: CANARY, orderNumbers, patient, ...when });
      }
      default: {
        const study = { studyUid: `1.2.${rawHash}`, accessionNumber: CANARY, modalities: ['CT'], startedAt: null, description: CANARY };
        return studyArrived.parse({ type: 'studyArrived', ...from, patient, ...study });
      }
    }
  });

const fromEhr: fc.Arbitrary<Action> = fc.tuple(off, fc.boolean()).map(([by, up]) => (state) => {
  const epoch = epochOf(state) + by;
  const place = { pointOfCare: CANARY, room: '', bed: '', facility: '' };
  const patientNow = { identifiers: identified(`${CANARY}3`).identifiers, location: place, patientClass: 'I', asOf: null, surviving: null };
  return up
    ? { type: 'contextGathered', epoch, context, tookMs: 5, patientNow }
    : { type: 'contextUnavailable', epoch, why: 'The EHR did not answer' };
});

const answeredBy = { version: '1', formatVersion: 1 } as const;
const fromModel: fc.Arbitrary<Action> = fc
  .tuple(off, fc.constantFrom('CT-HEAD-WO', 'CT-NOT-THERE', null), fc.constantFrom('choice', 'priority', 'silent-choice', 'silent-priority'))
  .map(([by, protocolId, what]) => (state) => {
    const epoch = epochOf(state) + by;
    switch (what) {
      case 'choice':
        return {
          ...{ type: 'modelAnswered' as const, epoch, tookMs: 1 },
          answer: { task: 'protocol-choice', model: 'm', ...answeredBy, protocolId, alternatives: [], confidence: 0.5, reasons: [CANARY] },
        };
      case 'priority':
        return {
          ...{ type: 'modelAnswered' as const, epoch, tookMs: 1 },
          answer: { task: 'order-priority', model: 'm', ...answeredBy, priority: 'STAT', phrases: [{ text: CANARY, start: 0, end: 3 }] },
        };
      case 'silent-choice':
        return { type: 'modelUnavailable', epoch, task: 'protocol-choice', why: 'The model did not answer' };
      default:
        return { type: 'modelUnavailable', epoch, task: 'order-priority', why: 'The model did not answer' };
    }
  });

const fromPerson: fc.Arbitrary<Action> = fc
  .record({
    verb: fc.constantFrom(
      ...(['approve', 'approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question'] as const),
      ...(['remind', 'hand-over', 'take-back', 'take-back'] as const),
    ),
    confirmed: fc.boolean(),
    who: people,
    by: off,
    text: texts,
    protocolId: fc.constantFrom('CT-HEAD-WO', 'CT-NOT-THERE', null),
  })
  .map(({ verb, who, by, text, protocolId, confirmed }) => (state, event, now) => {
    const revision = Math.max(0, revisionOf(state) + by);
    const commits = (verb === 'approve' || verb === 'choose-other') && revision > 0;
    const approval = commits ? approvalBy(who, now, theCase.caseNumber, revision, event) : null;
    // A question is put to whoever the state names: half of the answers come from there.
    const asked = verb === 'answer-question' && by === 0 && isOpened(state) && state.question !== null ? state.question.of : who.id;
    const round = isOpened(state) ? Math.max(0, state.round + by) : 0;
    const own = { due: addMinutes(now, 5 * (by + 1)), to: { id: okafor.id, name: okafor.name }, round, confirmed };
    return { type: 'personAnswered', verb, person: asked, name: who.name, revision, protocolId, text, approval, ...own };
  });

const fromClock: fc.Arbitrary<Action> = fc
  .tuple(fc.constantFrom('order', 'context', 'models', 'answer', 'question'), off)
  .map(([name, by]) => (state) => ({ type: 'deadlinePassed', name, epoch: epochOf(state) + by }));

const fromDelivery: fc.Arbitrary<Action> = fc
  .tuple(fc.constantFrom('shown', 'told', 'recommended', 'written', 'refused', 'lost'), fc.constantFrom('x', 'y'))
  .map(([what, id]) => (state) => {
    const revision = revisionOf(state);
    const posting = { place: 'protocoling', conversationId: id, activityId: id };
    switch (what) {
      case 'shown':
        return { type: 'cardShown', revision, posting, superseded: null };
      case 'told':
        return { type: 'personTold', person: okafor.id, note: 'overdue', revision };
      case 'recommended':
        return { type: 'effectDelivered', kind: 'sendHl7', message: 'protocol-recommendation', controlId: id, ack: 'AA' };
      case 'written':
        return { type: 'effectDelivered', kind: 'sendHl7', message: 'order-change', controlId: id, ack: 'AA' };
      case 'refused':
        return { type: 'effectFailed', kind: 'sendHl7', message: 'order-change', code: 'refused', detail: CANARY };
      default:
        return { type: 'cardsLost' };
    }
  });

/** What the world tells a case first and gladly, so that most histories come far. */
const goodStart: readonly fc.Arbitrary<Action>[] = [orderMessage, fromEhr, fromModel, fromModel];

/** What a case may hear, in any order. */
export const histories: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    fc.tuple(...goodStart),
    fc.array(fc.oneof(orderMessage, fromHospital, fromEhr, fromModel, fromModel, fromPerson, fromPerson, fromClock, fromDelivery), { maxLength: 25 }),
  )
  .map(([first, rest]) => [...first, ...rest]);

export const eventNumbered = (n: number): EventId => eventId.parse(`event-${n}`);
export const timeOf = (n: number): Instant => addMinutes(start, n);
