import { z } from 'zod/v4';
import { storedApproval } from '#core/approval.js';
import { failureCode } from '#core/delivery.js';
import { eventId, personId } from '#core/ids.js';
import { language } from '#core/language.js';
import { instant } from '#core/time.js';
import { context } from '#domain/context.js';
import { priority } from '#domain/modality.js';
import { appointmentReceived, location, patientMerged, patientUpdated, studyArrived } from '#domain/hospital-event.js';
import { order, orderReceived } from '#domain/order.js';
import { patient, patientIdentifier } from '#domain/patient.js';
import { flag, modelAnswer, phrase, priorityAnswer, protocolAnswer } from '#domain/protocol.js';
import { account, decidedBy, message, stamp } from './told.ts';

const person = z.object({ id: personId, name: z.string() });

/** Where a card stands in Teams; the same shape as ports/people Posting. */
const posting = z.object({ place: z.string(), conversationId: z.string(), activityId: z.string() });

/** Id of the answer that stood behind a commit: an ACK that comes late must not be credited to a later approval. */
const behind = eventId.optional();

/** Which wait an answer belongs to: one that was overtaken changes nothing. */
const epoch = z.number().int();

/** What ADT said of the patient before this case was opened, or while nobody could tell it (DECISIONS 4). `asOf`: by when; null: not said. */
const patientNow = z
  .object({
    identifiers: z.array(patientIdentifier),
    location: location.nullable(),
    patientClass: z.string().nullable(),
    asOf: instant.nullable().default(null),
    /** The number that a merge left in use; null: none was merged. */
    surviving: patientIdentifier.nullable().default(null),
  })
  .optional();

/** Who typed a decision in, when it was taken, and whether somebody wrote it into the RIS by hand already. */
const onPaper = z.object({ enteredBy: person, decidedAt: instant, inRis: z.boolean() });
export type OnPaper = z.infer<typeof onPaper>;

/** What a protocoling case hears. */
export const input = z.discriminatedUnion('type', [
  orderReceived,
  patientUpdated,
  patientMerged,
  appointmentReceived,
  studyArrived,
  z.object({ type: z.literal('contextGathered'), epoch, context, tookMs: z.number(), patientNow }),
  z.object({ type: z.literal('contextUnavailable'), epoch, why: z.string(), patientNow }),
  z.object({ type: z.literal('modelAnswered'), epoch, answer: modelAnswer, tookMs: z.number() }),
  z.object({ type: z.literal('modelUnavailable'), epoch, task: z.enum(['protocol-choice', 'order-priority']), why: z.string() }),
  z.object({
    type: z.literal('personAnswered'),
    verb: z.enum(['approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question', 'remind', 'hand-over', 'take-back']),
    person: personId,
    name: z.string(),
    revision: z.number().int(),
    protocolId: z.string().nullable(),
    text: z.string().nullable(),
    /** Made by the desk for approve and choose-other, after authorisation. */
    approval: storedApproval.nullable(),
    /** Set when it was decided on paper while Radloop was down, and typed in since. */
    paper: onPaper.optional(),
    /** What this person reads; left out: the site's language. */
    language: language.optional(),
    /** When to be reminded. */
    due: instant.optional(),
    /** Whom it is handed over to: somebody who may decide it, as the desk found. */
    to: person.optional(),
    /** The round (State) that a hand-over or a take-back rests on. */
    round: z.number().int().optional(),
    /** The person has read that what they take back was sent. */
    confirmed: z.boolean().optional(),
  }),
  z.object({ type: z.literal('deadlinePassed'), name: z.string(), epoch }),
  z.object({ type: z.literal('cardShown'), revision: z.number().int(), posting, superseded: posting.nullable() }),
  /** `posting`: of a card with patient data, which does not stand for ever. */
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int(), posting: posting.optional() }),
  /** The person's own view stands in their private chat. */
  z.object({ type: z.literal('viewShown'), person: personId, revision: z.number().int(), posting }),
  z.object({ type: z.literal('effectDelivered'), kind: z.string(), message: z.string(), behind, controlId: z.string(), ack: z.string() }),
  z.object({
    type: z.literal('effectFailed'),
    kind: z.string(),
    message: z.string(),
    behind,
    code: failureCode,
    detail: z.string(),
    /** Whom it was to reach. */
    person: personId.optional(),
  }),
  /** Somebody who was asked to look has been shown their own view. */
  z.object({ type: z.literal('caseOpened'), person: personId, revision: z.number().int() }),
  /** Radloop was put back from a backup: what happened to this case in that time is not known. `until` null: nobody can say. */
  z.object({ type: z.literal('historyMissing'), from: instant, until: instant.nullable() }),
  /** The Teams client keeps no history: every open case's card is posted anew. */
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

const at = { at: instant, v: z.literal(1) };

/** What the messages heard so far say together. Facts of releases that took messages as they came have only `order`. */
const told = { order, account: account.optional(), decidedBy: decidedBy.optional() };

const appointment = appointmentReceived
  .pick({ status: true, appointmentId: true, startsAt: true, startsAtInstant: true, resources: true })
  .extend({ stamp });
const images = studyArrived.pick({ studyUid: true, startedAt: true, modalities: true, description: true });

const arrived = z.discriminatedUnion('type', [appointmentReceived, studyArrived]);

/** What a person did that can be taken back. */
export const takenBackKind = z.enum(['approval', 'rejection', 'question', 'hand-over', 'reminder']);
export type TakenBackKind = z.infer<typeof takenBackKind>;

/** Facts: past tense, never changed. `v` is the version of the fact's shape. */
export const fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('orderOpened'), ...at, ...told, rawHash: z.string(), orderer: personId.nullable(), messageTime: z.string().nullable() }),
  /** Something that the decision rests on has changed: it is checked again. `changed` also names what ADT changed of the patient. */
  z.object({ type: z.literal('orderChanged'), ...at, ...told, rawHash: z.string(), orderer: personId.nullable(), changed: z.array(z.string()) }),
  /** A message said something that no decision rests on, or that came too late to count: kept, so that the order is the same whatever came first. */
  z.object({ type: z.literal('orderNoted'), ...at, ...told, rawHash: z.string(), orderer: personId.nullable() }),
  z.object({ type: z.literal('orderCancelled'), ...at, rawHash: z.string() }),
  /** A cancel before its order: no card will ever be posted. */
  z.object({ type: z.literal('cancelledBeforeOrder'), ...at, rawHash: z.string(), order: order.optional() }),
  /** A change before its order: kept until the order comes. */
  z.object({
    type: z.literal('changedBeforeOrder'),
    ...at,
    order,
    rawHash: z.string(),
    messageTime: z.string().nullable(),
    message: message.omit({ order: true }).optional(),
  }),
  /** An appointment or a study before its order: kept until the order comes. */
  z.object({ type: z.literal('arrivedBeforeOrder'), ...at, rawHash: z.string(), arrival: arrived }),
  z.object({ type: z.literal('orderNeverCame'), ...at }),
  /** A message under a known number names another patient: nothing of it is used, a person must look. */
  z.object({ type: z.literal('messageHeld'), ...at, rawHash: z.string(), reason: z.enum(['another-patient', 'no-patient-number']) }),
  /** Records of this patient are one patient's: their identifiers count from now on. `told` is null before the order has come. */
  z.object({
    type: z.literal('patientMerged'),
    ...at,
    rawHash: z.string(),
    surviving: patient,
    prior: z.array(patientIdentifier),
    told: z.object({ order, account, decidedBy }).nullable(),
  }),
  /** ADT said where the patient is, of what class, or who: by message, or as known when the EHR was asked. */
  z.object({ type: z.literal('patientUpdated'), ...at, trigger: z.string(), order, account, decidedBy }),
  z.object({ type: z.literal('appointmentKnown'), ...at, appointment }),
  z.object({ type: z.literal('imagesArrived'), ...at, images }),
  z.object({ type: z.literal('contextKnown'), ...at, context }),
  z.object({ type: z.literal('contextMissing'), ...at, why: z.string() }),
  z.object({ type: z.literal('protocolProposed'), ...at, answer: protocolAnswer }),
  z.object({ type: z.literal('protocolNotProposed'), ...at, why: z.string() }),
  z.object({ type: z.literal('priorityProposed'), ...at, answer: priorityAnswer }),
  z.object({ type: z.literal('priorityNotProposed'), ...at, why: z.string() }),
  /** The question is put: from now on a person is expected to act. */
  z.object({
    type: z.literal('approvalAsked'),
    ...at,
    revision: z.number().int(),
    priority,
    /** Phrases of the indication; empty when the priority is the ordered one. */
    priorityPhrases: z.array(phrase),
    prioritySource: z.enum(['model', 'ordered']),
    flags: z.array(flag),
  }),
  z.object({
    type: z.literal('protocolApproved'),
    ...at,
    revision: z.number().int(),
    approval: storedApproval,
    protocolId: z.string(),
    /** ORD-18: what the person changed; null when the proposal was taken as it was. */
    changedFrom: z.string().nullable(),
    reason: z.string().nullable(),
    paper: onPaper.optional(),
  }),
  z.object({ type: z.literal('orderRejected'), ...at, revision: z.number().int(), by: person, reason: z.string(), paper: onPaper.optional() }),
  z.object({
    type: z.literal('ordererAsked'),
    ...at,
    revision: z.number().int(),
    by: person,
    of: personId,
    question: z.string(),
  }),
  z.object({ type: z.literal('ordererAnswered'), ...at, by: person, text: z.string() }),
  z.object({ type: z.literal('questionLapsed'), ...at }),
  /** One a person: a new one replaces the one before. */
  z.object({ type: z.literal('reminderSet'), ...at, person: personId, due: instant }),
  z.object({ type: z.literal('reminderDue'), ...at, person: personId }),
  z.object({ type: z.literal('handedOver'), ...at, by: person, to: person }),
  /** `sent`: the RIS had the decision by then. `behind`: the answer that was taken back, where it was a decision. */
  z.object({ type: z.literal('takenBack'), ...at, by: person, what: takenBackKind, sent: z.boolean(), behind }),
  z.object({ type: z.literal('answerOverdue'), ...at, revision: z.number().int(), to: personId.nullable() }),
  z.object({ type: z.literal('cardPosted'), ...at, revision: z.number().int(), posting }),
  z.object({ type: z.literal('cardSuperseded'), ...at, posting, why: z.string() }),
  z.object({ type: z.literal('historyMissing'), ...at, from: instant, until: instant.nullable() }),
  z.object({
    ...{ type: z.literal('personTold'), ...at, person: personId, note: z.string() },
    ...{ revision: z.number().int().optional(), posting: posting.optional() },
  }),
  z.object({ type: z.literal('viewShown'), ...at, person: personId, revision: z.number().int(), posting }),
  /** A card in a private chat holds no patient data any more. */
  z.object({ type: z.literal('privateCardOver'), ...at, person: personId, posting }),
  z.object({ type: z.literal('recommendationSent'), ...at, controlId: z.string(), ack: z.string() }),
  z.object({ type: z.literal('protocolWrittenBack'), ...at, behind, controlId: z.string(), ack: z.string() }),
  /** Task or Provenance of the approval. */
  z.object({ type: z.literal('approvalRecorded'), ...at, behind, resource: z.string() }),
  z.object({
    type: z.literal('deliveryFailed'),
    ...at,
    behind,
    kind: z.string(),
    message: z.string(),
    code: failureCode,
    detail: z.string(),
    person: personId.optional(),
  }),
  /** These people are made to look at a STAT task (ORD-22). `step` of the site's policy, from 1; 0: it was handed over to them. `until` null: the last step. */
  z.object({
    type: z.literal('lookAsked'),
    ...at,
    revision: z.number().int(),
    step: z.number().int(),
    people: z.array(personId).min(1),
    /** Of the rota; null: the coordinators, or a hand-over. */
    service: z.string().nullable(),
    until: instant.nullable(),
    because: z.enum(['put', 'handed-over', 'not-opened', 'not-reached']),
    /** Steps before it that had nobody to ask. */
    skipped: z.array(z.number().int()),
  }),
  /** One of them has opened it. `stops`: by the site's policy nobody else is asked. */
  z.object({ type: z.literal('lookedAt'), ...at, revision: z.number().int(), by: personId, stops: z.boolean() }),
]);
export type Fact = z.infer<typeof fact>;
export type LookReason = Extract<Fact, { type: 'lookAsked' }>['because'];

export type Appointment = z.infer<typeof appointment>;
export type Arrived = z.infer<typeof arrived>;
export type Images = z.infer<typeof images>;
export type Posting = z.infer<typeof posting>;
export type NamedPerson = z.infer<typeof person>;
