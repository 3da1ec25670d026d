import { nothing } from '#core/workflow.js';
import type { Decision, Moment } from '#core/workflow.js';
import type { PatientMerged, PatientUpdated } from '#domain/hospital-event.js';
import type { Patient } from '#domain/patient.js';
import { checkedAgain } from './decide-order.ts';
import { afterContext } from './decide-proposal.ts';
import { heldAside } from './effects.ts';
import type { Fact, Input } from './events.ts';
import { differences, joinedBy, likeness, mergedNumbers, ofAccount, ofOrder, ofPatient, personIn, withIdentifiers, withStatements } from './fold.ts';
import type { Policy } from './policy.ts';
import { isOpened, isUndecided } from './state.ts';
import type { Opened, State } from './state.ts';
import { recorded, stampOf } from './told.ts';
import type { Stamp, Told } from './told.ts';

/** Records were merged: their identifiers are this patient's, and what the EHR knows of them may be more. Who still decides is asked anew. */
export function byMerge(state: State, input: PatientMerged, moment: Moment<Policy>): Decision<Fact> {
  const { surviving, prior, rawHash } = input;
  const numbers = mergedNumbers(surviving, prior);
  const merged = { type: 'patientMerged', at: moment.now, v: 1, rawHash, surviving, prior } as const;
  if (state.status === 'none') return nothing;
  if (!isOpened(state)) {
    const cancelled = state.status === 'cancelled-before-order' && state.order !== null ? [state.order] : [];
    const orders = [...state.parked.map(({ order }) => order), ...cancelled];
    const waiting = [...orders, ...state.arrivals].map(({ patient }) => patient);
    return waiting.some((known) => joinedBy(known, surviving, prior).identifiers.length > known.identifiers.length)
      ? { facts: [{ ...merged, told: null }], effects: [] }
      : nothing;
  }
  const { order } = state;
  const like = likeness(order.patient, surviving, numbers);
  if (like !== 'same') return like === 'number-only' ? heldOnce(state, rawHash, moment) : nothing;
  const survivor = surviving.id === null ? [] : [ofPatient('survivor', { id: surviving.id, assigner: surviving.assigner })];
  const { next, fields } = withStatements(state, stampOf(input), [...survivor, ...personIn(surviving)]);
  const told = withIdentifiers(next, numbers);
  if (told === state) return nothing;
  const facts: Fact[] = [{ ...merged, told: recorded(told, [{ ...stampOf(input), fields }]) }];
  return again(state, facts, told, ['patient', ...differences(order, told.order)], rawHash, moment);
}

/** Where the patient is, of what class, and who. Only what differs from what is known, and is not older, counts. */
export function byUpdate(state: State, input: PatientUpdated, moment: Moment<Policy>): Decision<Fact> {
  if (!isOpened(state)) return nothing;
  const like = likeness(state.order.patient, input.patient);
  if (like !== 'same') return like === 'number-only' ? heldOnce(state, input.rawHash, moment) : nothing;
  const stamp = stampOf(input);
  const { location, patientClass, present, patient, trigger } = input;
  const { told, fields } = placed(state, stamp, { location, patientClass, present }, patient);
  if (fields.length === 0) return nothing;
  const facts: Fact[] = [{ type: 'patientUpdated', at: moment.now, v: 1, trigger, ...recorded(told, [{ ...stamp, fields }]) }];
  return again(state, facts, told, [...differences(state.order, told.order), ...presence(state, told)], input.rawHash, moment);
}

/** Somebody else has this patient's number, and ADT tells of them many times: who still decides has to know it once. */
function heldOnce(state: Opened, rawHash: string, moment: Moment<Policy>): Decision<Fact> {
  const isKnown = state.held.some(({ reason }) => reason === 'another-patient');
  return isKnown || !isUndecided(state) ? nothing : heldAside(state, rawHash, 'another-patient', moment);
}

type PatientNow = NonNullable<Extract<Input, { type: 'contextGathered' }>['patientNow']>;

/**
 * What the EHR said, and what ADT had said before the case could hear it. Where a merge had left another number in use than the one that was
 * asked for, that is no answer: the EHR is asked for the surviving one.
 */
export function withPatientNow(state: Opened, now: PatientNow | undefined, heard: Fact, moment: Moment<Policy>): Decision<Fact> {
  if (now === undefined) return afterContext(state, [heard], moment);
  const { told, fields, stamp } = knownNow(state, now, moment);
  const facts: Fact[] =
    told === state ? [] : [{ type: 'patientUpdated', at: moment.now, v: 1, trigger: 'known', ...recorded(told, [{ ...stamp, fields }]) }];
  return fields.includes('survivor') ? again(state, facts, told, ['patient'], '', moment) : afterContext(state, [...facts, heard], moment);
}

function knownNow(state: Opened, now: PatientNow, moment: Moment<Policy>) {
  const { location, patientClass, asOf, surviving, identifiers } = now;
  const { account, order } = state;
  // Without a time it counts only where nothing is known yet.
  const stamp = { at: asOf ?? moment.now, hash: '', arrival: asOf === null };
  const counts = (known: unknown): boolean => asOf !== null || known === null;
  const place = {
    location: counts(account.location) ? location : null,
    patientClass: counts(order.patientClass) ? patientClass : null,
    present: null,
  };
  const { told: moved, fields: placedFields } = placed(state, stamp, place, null);
  const { id, assigner } = order.patient;
  const merged = surviving?.assigner === assigner && surviving.id !== id && state.stamps.survivor === undefined;
  const used = merged ? [ofPatient('survivor', { id: surviving.id, assigner })] : [];
  const { next, fields } = withStatements(moved, stamp, used);
  return { told: withIdentifiers(next, surviving === null ? identifiers : [...identifiers, surviving]), fields: [...placedFields, ...fields], stamp };
}

/** Statements that only repeat what is known are none. */
function placed(state: Opened, stamp: Stamp, said: Pick<PatientUpdated, 'location' | 'patientClass' | 'present'>, patient: Patient | null) {
  const { location, patientClass, present } = said;
  const { account, order } = state;
  const statements = [
    ...(location === null || same(location, account.location) ? [] : [ofAccount('location', { location })]),
    ...(present === null || present === account.present ? [] : [ofAccount('present', { present })]),
    ...(patientClass === null || patientClass === order.patientClass ? [] : [ofOrder('patientClass', { patientClass })]),
    ...(patient === null ? [] : personIn(patient).filter(({ put }) => !same(put(state).order.patient, order.patient))),
  ];
  const { next, fields } = withStatements(state, stamp, statements);
  return { told: next, fields };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** HL7 table 0004: whoever lies in the house, or was seen as an emergency, may not be there any more for the exam. An outpatient goes home anyway. */
const inHouse: readonly string[] = ['I', 'E', 'B'];

function presence(state: Opened, { account, order }: Told): string[] {
  if (account.present === state.account.present || account.present === null) return [];
  const counts = account.present ? state.account.present === false : inHouse.includes(order.patientClass ?? '');
  return counts ? ['present'] : [];
}

/** Who has still to decide is asked anew when something changed that a decision rests on; a decision that was made stands. */
function again(
  state: Opened,
  facts: readonly Fact[],
  { order, account }: Told,
  changed: string[],
  rawHash: string,
  moment: Moment<Policy>,
): Decision<Fact> {
  if (changed.length === 0 || !isUndecided(state)) return { facts, effects: [] };
  const reopened: Fact = { type: 'orderChanged', at: moment.now, v: 1, order, account, decidedBy: [], rawHash, orderer: state.orderer, changed };
  return checkedAgain(state, [...facts, reopened], moment);
}
