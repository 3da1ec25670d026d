import { z } from 'zod/v4';
import { storedApproval } from '#core/approval.js';
import { failureCode } from '#core/delivery.js';
import { pagingChannel } from '#core/effect.js';
import { caseNumber, eventId, personId } from '#core/ids.js';
import { language } from '#core/language.js';
import { instant } from '#core/time.js';
import { about, category, finding, target } from '#domain/critical.js';
import { acknowledgeWithin } from '#domain/critical-times.js';
import { drillEnd, drillTerms } from '#domain/drill.js';
import { location, patientMerged, patientUpdated } from '#domain/hospital-event.js';
import { provider } from '#domain/order.js';
import { patient, patientIdentifier } from '#domain/patient.js';

const named = z.object({ id: personId, name: z.string() });
export type Named = z.infer<typeof named>;
const posting = z.object({ place: z.string(), conversationId: z.string(), activityId: z.string() });
export type Posting = z.infer<typeof posting>;
const said = z.string().min(1).max(1000);

/** Whence it is known: a person says it; a signed report or a model lets it be asked. */
const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), by: named, via: z.enum(['button', 'words', 'link', 'tab', 'command-line']) }),
  /** `version`: of the report, as its reader knows it; `quote`: its own words; `unread`: the report reader failed at it, and nobody knows what it holds. Left out: it was read. */
  z.object({
    ...{ kind: z.literal('report'), version: z.string(), quote: said, reportedAt: z.string().nullable() },
    unread: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('model'), model: z.string(), version: z.string(), confidence: z.number().nullable() }),
]);
export type Source = z.infer<typeof source>;

export const verbs = [
  ...(['release-critical', 'not-critical', 'recategorise', 'withdraw-critical'] as const),
  ...(['acknowledge', 'read-back', 'on-my-way', 'decline-alert', 'take-over', 'not-me'] as const),
  ...(['record-call', 'not-what-i-said', 'take-failsafe', 'record-attempt', 'seen', 'join-alert', 'keep-apart'] as const),
] as const;
export type Verb = (typeof verbs)[number];

/** Of what may be the same, the numbers of its patient (`assigner|number`); `opened`: when it was begun. */
const other = { of: caseNumber, patient: z.array(z.string()), typed: z.boolean(), opened: instant };
/** What is known of a finding, for the other one that it is the same as. */
const known = { sources: z.array(source), category, since: instant };

/** What an alert hears. The desk has authorised each of a person's before it is told. */
export const input = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('criticalDrafted'),
    by: named,
    via: z.enum(['button', 'words', 'link', 'tab', 'command-line']),
    about,
    finding,
    drill: z.boolean().default(false),
    /** Of a drill: on what it rests. */
    terms: drillTerms.optional(),
    language: language.optional(),
  }),
  z.object({
    ...{ type: z.literal('criticalRaised'), about, finding, source, reader: personId.nullable().default(null), since: instant },
    /** Who read the exam, as the report numbers them; the first whom people.json knows is asked first. */
    signedBy: z.array(z.string()).optional(),
  }),
  /** A corrected report of the exam, and the classes of finding that it states. */
  z.object({ type: z.literal('reportSaysNoLonger'), version: z.string(), classes: z.array(z.string()), patient }),
  z.object({
    type: z.literal('personAnswered'),
    verb: z.enum(verbs),
    person: personId,
    name: z.string(),
    revision: z.number().int(),
    round: z.number().int().optional(),
    /** Reason, words, action: as written. */
    text: z.string().nullable(),
    /** What else a form of this verb asks for. */
    fields: z.record(z.string(), z.string().max(1000)).default({}),
    /** Who is meant, where somebody else is. */
    to: named.optional(),
    /** Made by the desk for what goes outside, after authorisation. */
    approval: storedApproval.nullable(),
    language: language.optional(),
  }),
  /** The drill has to end. `by`: who stops it; `alert`: what is in earnest. */
  z.object({
    type: z.literal('drillCalledOff'),
    why: drillEnd,
    by: named.nullable(),
    alert: caseNumber.nullable(),
    language: language.optional(),
  }),
  z.object({ type: z.literal('deadlinePassed'), name: z.string(), epoch: z.number().int() }),
  patientUpdated,
  patientMerged,
  /** Another one has its number and class, and nobody can tell that it is the same. `answers`: it was told of this one itself. */
  z.object({ type: z.literal('alikeFound'), ...other, answers: z.boolean() }),
  /** What a person said there of the two. `rank`: how far it has come (decide-alike.ts); `yields`: it ends here as soon as this one has taken it in. */
  z.object({
    ...{ type: z.literal('alikeJudged'), of: caseNumber, opened: instant, by: named, same: z.boolean() },
    ...{ rank: z.number().int(), yields: z.boolean(), ...known },
  }),
  /** The other one, which is the same and has come as far as `rank` says, has taken this one in. */
  z.object({ type: z.literal('takenIn'), of: caseNumber, by: named, rank: z.number().int() }),
  z.object({ type: z.literal('cardShown'), revision: z.number().int(), posting, superseded: posting.nullable() }),
  z.object({ type: z.literal('personTold'), person: personId, note: z.string(), revision: z.number().int() }),
  z.object({ type: z.literal('viewShown'), person: personId, revision: z.number().int(), posting }),
  z.object({
    type: z.literal('paged'),
    channel: pagingChannel,
    to: z.string(),
    note: z.string(),
    revision: z.number().int(),
    receipt: z.string().nullable(),
    logged: z.literal(true).optional(),
  }),
  /** What a gateway says later of a page that it took, by its own id of it. `answered`: a key was pressed in the call. */
  z.object({
    type: z.literal('pageReported'),
    channel: pagingChannel,
    receipt: z.string(),
    what: z.enum(['delivered', 'undeliverable', 'answered']),
  }),
  /** Something came back from the number of this person; not what it says. */
  z.object({ type: z.literal('pageReplied'), channel: pagingChannel, person: personId }),
  z.object({ type: z.literal('effectDelivered'), kind: z.string(), message: z.string(), controlId: z.string(), ack: z.string() }),
  z.object({
    type: z.literal('effectFailed'),
    kind: z.string(),
    message: z.string(),
    code: failureCode,
    detail: z.string(),
    person: personId.optional(),
    channel: pagingChannel.optional(),
    to: z.string().optional(),
  }),
  z.object({ type: z.literal('historyMissing'), from: instant, until: instant.nullable() }),
  z.object({ type: z.literal('cardsLost') }),
]);
export type Input = z.infer<typeof input>;

/**
 * Who was put which note by the event of this name: in their chats these are edited, by the keys of their effects. `ways`: by which it goes besides; left out by releases
 * that did not keep them.
 */
const put = z.object({ event: eventId, to: z.array(z.object({ person: personId, note: z.string(), ways: z.array(pagingChannel).optional() })) });
export type Put = z.infer<typeof put>;

/** `put`: left out where nobody was put anything, and by releases that edited none. */
const at = { at: instant, v: z.literal(1), put: put.optional() };

/** Somebody who is reached at a step, and why they. */
const reached = z.object({ person: personId, as: target, service: z.string().nullable() });
export type Reached = z.infer<typeof reached>;

/** What tells the hospital's record: `message` of a delivery. */
export const recordMessage = z.enum(['critical-result', 'critical-document', 'Communication']);
export type RecordMessage = z.infer<typeof recordMessage>;

/** A level of the ladder that nobody stood on, or a target of it that nobody was. */
const skipped = z.object({ level: z.number().int(), as: target, why: z.enum(['nobody', 'unknown', 'no-other-way']) });
export type Skipped = z.infer<typeof skipped>;

const WHY_NEXT = ['released', 'time', 'declined', 'not-reached', 'read-back-overdue', 'reopened', 'raised', 'merged'] as const;
/** `raised`: its category is another one; `merged`: the patient's record is another one. */
const whyNext = z.enum(WHY_NEXT);
export type WhyNext = z.infer<typeof whyNext>;

/** `other-patient`: two patients under one number; `no-patient`: one of the two names nobody; `typed`: of one a person typed the exam. */
const whyAlike = z.enum(['other-patient', 'no-patient', 'typed']);
export type WhyAlike = z.infer<typeof whyAlike>;

/**
 * Of what changes it: who had been told and has to say that they have seen it, and when they are reminded; left out: nobody is waited for, as in releases before
 * this one.
 */
const notice = { unseen: z.array(personId).optional(), remindAt: instant.optional() };

const ofPage = { channel: pagingChannel, to: z.string(), note: z.string(), receipt: z.string() };

/** A way back that needs no Teams is a form of the tab, or a phone. */
const via = z.enum(['form', 'phone']);

export const fact = z.discriminatedUnion('type', [
  z.object({
    ...{ type: z.literal('alertDrafted'), ...at, by: named, source, about, finding, drill: z.boolean(), until: instant },
    /** Left out: it is no drill, or one that nobody has agreed terms for. */
    terms: drillTerms.optional(),
  }),
  z.object({ type: z.literal('alertRaised'), ...at, source, about, finding, reader: personId.nullable(), since: instant }),
  /** `until`: what is waited for is due sooner, because it is more urgent now; left out: as it was. `asksAnew`: it was judged, communicated or withdrawn, and this says more. */
  z.object({
    ...{ type: z.literal('sourceJoined'), ...at, source, category, since: instant, until: instant.optional(), asksAnew: z.boolean().optional() },
    /** Who read the exam; left out: this source names nobody who is known, or by a release before this one. */
    reader: personId.optional(),
  }),
  /** A corrected report no longer states it. `people`: who was asked whether it is to be withdrawn. */
  z.object({ type: z.literal('saidNoLonger'), ...at, version: z.string(), people: z.array(personId) }),
  /** Another alert may be the same; nobody but a person says so. `people`: who was told. */
  z.object({ type: z.literal('alikeFound'), ...at, with: caseNumber, why: whyAlike, people: z.array(personId) }),
  z.object({ type: z.literal('alikeJudged'), ...at, by: named, with: caseNumber, same: z.boolean() }),
  /** What is known of that one, which is the same, is known here from now on: this one never ends as the same as another. */
  z.object({ type: z.literal('tookIn'), ...at, by: named, of: caseNumber }),
  /** It ends, because it is the same as that one, which goes on with all that was known here. */
  z.object({ type: z.literal('foundSame'), ...at, by: named, as: caseNumber }),
  /** The author of an unsent alert, or others, were told that it is unsent. */
  z.object({ type: z.literal('unsentTold'), ...at, n: z.number().int(), people: z.array(personId), until: instant }),
  /** "Is this critical?" was put to somebody; after the last of them to all, again and again until somebody answers. */
  z.object({ type: z.literal('askedWhether'), ...at, n: z.number().int(), people: z.array(personId), until: instant }),
  /** Whoever keeps the reading list was told to have the exam read sooner: HL7 table 0485. */
  z.object({ type: z.literal('readingRaised'), ...at, priority: z.enum(['S', 'A']) }),
  z.object({ type: z.literal('foundNotCritical'), ...at, by: named, reason: said }),
  /** `acknowledgeWithin`: by the policy of then, for the figures; left out: by releases that did not say. */
  z.object({
    ...{ type: z.literal('alertReleased'), ...at, by: named, approval: storedApproval, category, ...notice },
    acknowledgeWithin: acknowledgeWithin.optional(),
  }),
  z.object({
    type: z.literal('stepTaken'),
    ...at,
    level: z.number().int(),
    because: whyNext,
    reached: z.array(reached),
    skipped: z.array(skipped),
    /** The patient's place is not known well enough: who could have them is paged, each. */
    placeUnsure: z.boolean(),
    until: instant,
  }),
  /** `because`: the patient was moved; left out: the shift changed, or it is open again, and by releases that called nobody for a move. */
  z.object({ type: z.literal('incomingTold'), ...at, reached: z.array(reached), because: z.literal('moved').optional() }),
  z.object({ type: z.literal('failsafeReached'), ...at, because: whyNext, skipped: z.array(skipped), until: instant }),
  z.object({ type: z.literal('failsafeRepeated'), ...at, n: z.number().int(), reached: z.array(reached), until: instant }),
  z.object({ type: z.literal('failsafeTaken'), ...at, by: named, until: instant }),
  z.object({ type: z.literal('attemptRecorded'), ...at, by: named, to: z.string(), how: said }),
  /** `receipt`: the gateway's id of it, where it says later what became of it; left out: it gave none, and by releases that asked for nothing. */
  /** `logged`: it became a line in the log, which reaches nobody; left out: it did not, or a release before this one wrote it, which did not say. */
  z.object({
    ...{ type: z.literal('wasPaged'), ...at, channel: pagingChannel, to: z.string(), note: z.string() },
    ...{ receipt: z.string().optional(), logged: z.literal(true).optional() },
  }),
  z.object({ type: z.literal('pageDelivered'), ...at, ...ofPage }),
  z.object({ type: z.literal('pageUndeliverable'), ...at, ...ofPage }),
  z.object({ type: z.literal('wasTold'), ...at, person: personId, note: z.string() }),
  z.object({ type: z.literal('notReached'), ...at, channel: z.string(), to: z.string(), note: z.string(), code: failureCode }),
  /** `via`: by an answer to a page, of which nothing more is known; left out: by a press. */
  z.object({ type: z.literal('comesNow'), ...at, by: named, via: z.enum(['sms', 'voice']).optional() }),
  z.object({ type: z.literal('acknowledged'), ...at, by: named, via, recordedBy: named.nullable(), revision: z.number().int(), until: instant }),
  z.object({ type: z.literal('readBackOverdue'), ...at, by: named }),
  z.object({ type: z.literal('identifierWrong'), ...at, by: named }),
  z.object({
    type: z.literal('readBack'),
    ...at,
    by: named,
    via,
    recordedBy: named.nullable(),
    identifier: z.enum(['record-number', 'accession', 'by-phone']),
    finding: said,
    action: said,
  }),
  z.object({
    ...{ type: z.literal('conversationRecorded'), ...at, by: named, with: z.string(), when: said },
    /** Who spoke. Left out: whoever recorded it; a release before this one did not ask. */
    spoke: z.string().optional(),
  }),
  z.object({ type: z.literal('conversationAsked'), ...at, until: instant }),
  z.object({ type: z.literal('alertClosed'), ...at }),
  z.object({ type: z.literal('disputed'), ...at, by: named, what: z.enum(['not-what-i-said', 'not-me']), text: z.string() }),
  z.object({ type: z.literal('declined'), ...at, by: named, reason: said }),
  z.object({ type: z.literal('takenOver'), ...at, by: named, reason: said }),
  z.object({ type: z.literal('recategorised'), ...at, by: named, from: category, to: category, reason: said, ...notice }),
  z.object({
    type: z.literal('patientMoved'),
    ...at,
    location: location.nullable(),
    patientClass: z.string().nullable(),
    asOf: instant,
    present: z.boolean().nullable(),
    attending: provider.optional(),
  }),
  z.object({ type: z.literal('patientJoined'), ...at, identifiers: z.array(patientIdentifier), ...notice }),
  /** `unseen`: whoever was told, or may have been; until each has said that they have seen this. */
  z.object({
    type: z.literal('withdrawn'),
    ...at,
    by: named,
    why: z.enum(['withdrawn', 'wrong-patient', 'corrected']),
    reason: said,
    until: instant,
    unseen: z.array(personId),
  }),
  /** `recordedBy`: who told them by telephone; left out: they said it themselves. */
  z.object({ type: z.literal('withdrawalSeen'), ...at, by: named, recordedBy: named.optional() }),
  z.object({ type: z.literal('withdrawalRepeated'), ...at, until: instant }),
  z.object({ type: z.literal('drillEnded'), ...at, why: drillEnd, by: named.nullable(), alert: caseNumber.nullable() }),
  z.object({ type: z.literal('changeSeen'), ...at, by: named, recordedBy: named.nullable() }),
  z.object({ type: z.literal('changeRepeated'), ...at, remindAt: instant }),
  /** It was not they who were told by telephone. */
  z.object({ type: z.literal('seenDisputed'), ...at, by: named, remindAt: instant }),
  z.object({ type: z.literal('cardPosted'), ...at, revision: z.number().int(), posting }),
  z.object({ type: z.literal('viewShown'), ...at, person: personId, revision: z.number().int(), posting }),
  z.object({ type: z.literal('privateCardOver'), ...at, person: personId, posting }),
  /** `what`: the message that the hospital's record took; left out: by a release before this one, results. */
  z.object({ type: z.literal('resultSent'), ...at, controlId: z.string(), ack: z.string(), what: recordMessage.optional() }),
  z.object({ type: z.literal('resultNotSent'), ...at, what: recordMessage, code: failureCode }),
  z.object({ type: z.literal('historyMissing'), ...at, from: instant, until: instant.nullable() }),
]);
export type Fact = z.infer<typeof fact>;
export type FactOf<Type extends Fact['type']> = Extract<Fact, { type: Type }>;
export type Answered = Extract<Input, { type: 'personAnswered' }>;
