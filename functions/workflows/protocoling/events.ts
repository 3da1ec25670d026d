import { z } from 'zod/v4';
import { storedApproval } from '#core/approval.js';
import { failureCode } from '#core/delivery.js';
import { eventId, personId } from '#core/ids.js';
import { instant } from '#core/time.js';
import { context } from '#domain/context.js';
import { priority } from '#domain/modality.js';
import { order, orderReceived } from '#domain/order.js';
import { flag, modelAnswer, phrase, priorityAnswer, protocolAnswer } from '#domain/protocol.js';

/** Where a card stands in Teams; the same shape as ports/people Posting. */
const posting = z.object({ place: z.string(), conversationId: z.string(), activityId: z.string() });

/** Id of the answer that stood behind a commit: an ACK that comes late must not be credited to a later approval. */
const behind = eventId.optional();

/** Which wait an answer belongs to: one that was overtaken changes nothing. */
const epoch = z.number().int();

/** What a protocoling case hears. */
export const input = z.discriminatedUnion('type', [
  orderReceived,
  z.object({ type: z.literal('contextGathered'), epoch, context, tookMs: z.number() }),
  z.object({ type: z.literal('contextUnavailable'), epoch, why: z.string() }),
  z.object({ type: z.literal('modelAnswered'), epoch, answer: modelAnswer, tookMs: z.number() }),
  z.object({ type: z.literal('modelUnavailable'), epoch, task: z.enum(['protocol-choice', 'order-priority']), why: z.string() }),
  z.object({
    type: z.literal('personAnswered'),
    verb: z.enum(['approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question']),
    person: personId,
    name: z.string(),
    revision: z.number().int(),
    protocolId: z.string().nullable(),
    text: z.string().nullable(),
    /** Made by the desk for approve and choose-other, after authorisation. */
    approval: storedApproval.nullable(),
  }),
  z.object({ type: z.literal('deadlinePassed'), name: z.string(), epoch }),
  z.object({ type: z.literal('cardShown'), revision: z.number().int(), posting, superseded: posting.nullable() }),
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int() }),
  z.object({ type: z.literal('effectDelivered'), kind: z.string(), message: z.string(), behind, controlId: z.string(), ack: z.string() }),
  z.object({ type: z.literal('effectFailed'), kind: z.string(), message: z.string(), behind, code: failureCode, detail: z.string() }),
  /** The Teams client keeps no history: every open case's card is posted anew. */
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

const at = { at: instant, v: z.literal(1) };
const person = z.object({ id: personId, name: z.string() });

/** Facts: past tense, never changed. `v` is the version of the fact's shape. */
export const fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('orderOpened'), ...at, order, rawHash: z.string(), orderer: personId.nullable(), messageTime: z.string().nullable() }),
  z.object({ type: z.literal('orderChanged'), ...at, order, rawHash: z.string(), orderer: personId.nullable(), changed: z.array(z.string()) }),
  z.object({ type: z.literal('orderCancelled'), ...at, rawHash: z.string() }),
  /** A cancel before its order: no card will ever be posted. */
  z.object({ type: z.literal('cancelledBeforeOrder'), ...at, rawHash: z.string() }),
  /** A change before its order: kept until the order comes. */
  z.object({ type: z.literal('changedBeforeOrder'), ...at, order, rawHash: z.string(), messageTime: z.string().nullable() }),
  z.object({ type: z.literal('orderNeverCame'), ...at }),
  /** A message under a known number names another patient: nothing of it is used, a person must look. */
  z.object({ type: z.literal('messageHeld'), ...at, rawHash: z.string(), reason: z.enum(['another-patient', 'no-patient-number']) }),
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
  }),
  z.object({ type: z.literal('orderRejected'), ...at, revision: z.number().int(), by: person, reason: z.string() }),
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
  z.object({ type: z.literal('answerOverdue'), ...at, revision: z.number().int(), to: personId.nullable() }),
  z.object({ type: z.literal('cardPosted'), ...at, revision: z.number().int(), posting }),
  z.object({ type: z.literal('cardSuperseded'), ...at, posting, why: z.string() }),
  z.object({ type: z.literal('personTold'), ...at, person: personId, note: z.string() }),
  z.object({ type: z.literal('recommendationSent'), ...at, controlId: z.string(), ack: z.string() }),
  z.object({ type: z.literal('protocolWrittenBack'), ...at, behind, controlId: z.string(), ack: z.string() }),
  z.object({ type: z.literal('deliveryFailed'), ...at, behind, kind: z.string(), message: z.string(), code: failureCode, detail: z.string() }),
]);
export type Fact = z.infer<typeof fact>;

export type Posting = z.infer<typeof posting>;
export type NamedPerson = z.infer<typeof person>;
