import type { Order } from '#domain/order.js';
import { isRecordNumber, recordNumbers } from '#domain/patient.js';
import type { Patient, PatientIdentifier } from '#domain/patient.js';
import { isNewer, nobodySaid } from './told.ts';
import type { Account, DecidedBy, Field, Message, Stamp, Stamps, Told } from './told.ts';

/**
 * The order as all its messages say it together, whatever order they came in: the newest message that says a field decides it, silence keeps what
 * was known, and HL7 null deletes (INVARIANTS 10). So a message that comes late adds what no newer one says, and overrides nothing.
 */
export interface Folded {
  /** The same object as before where the messages say nothing new. */
  readonly told: Told;
  readonly decidedBy: DecidedBy;
}

/** @param told null before the order has come. */
export function folded(told: Told | null, messages: readonly Message[]): Folded {
  let now = told ?? blank;
  const decided: DecidedBy = [];
  for (const one of messages) {
    const { next, fields } = withMessage(now, one);
    if (fields.length > 0) decided.push({ ...one.stamp, fields });
    now = next;
  }
  return { told: now, decidedBy: decided };
}

/** What a message says of one field, put into what is known. */
interface Statement {
  readonly field: Field;
  readonly put: (told: Told) => Told;
}

/** The statements that are newer than what is known, put into it. */
export function withStatements(told: Told, stamp: Stamp, statements: readonly Statement[]): { readonly next: Told; readonly fields: Field[] } {
  const news = statements.filter(({ field }) => isNewer(stamp, told.stamps[field]));
  if (news.length === 0) return { next: told, fields: [] };
  const fields = news.map(({ field }) => field);
  const next = news.reduce((before, { put }) => put(before), told);
  return { next: { ...next, stamps: stampedWith(told.stamps, [{ ...stamp, fields }]) }, fields };
}

export function stampedWith(stamps: Stamps, decided: DecidedBy): Stamps {
  const added = decided.flatMap(({ fields, ...stamp }) => fields.map((field) => [field, stamp] as const));
  return { ...stamps, ...Object.fromEntries(added) };
}

function withMessage(told: Told, message: Message): { readonly next: Told; readonly fields: Field[] } {
  const known = withFindings(told, message);
  const { next, fields } = withStatements(known, message.stamp, statementsOf(message, known));
  return { next: message.verb === 'new' ? withIdentifiers(next, message.order.patient.identifiers) : next, fields };
}

function statementsOf(message: Message, told: Told): readonly Statement[] {
  const numbers = numbersIn(message);
  switch (message.verb) {
    case 'cancel':
      return [];
    case 'numbers':
      return numbers;
    case 'status':
      return [...numbers, ...statusIn(message)];
    case 'change':
      return [...numbers, ...statusIn(message), ...contentIn(message, told)];
    case 'new':
      return [...numbers, ...statusIn(message), ...contentIn(message, told), ...originIn(message, told)];
    default:
      return message.verb satisfies never;
  }
}

function numbersIn({ order, serviceRequest, cleared }: Message): Statement[] {
  const { placerOrderNumber, fillerOrderNumber, accessionNumber } = order;
  return [
    ...(placerOrderNumber === null ? [] : [ofOrder('placerOrderNumber', { placerOrderNumber })]),
    ...(fillerOrderNumber === null ? [] : [ofOrder('fillerOrderNumber', { fillerOrderNumber })]),
    ...(accessionNumber === null && !cleared.includes('accessionNumber') ? [] : [ofOrder('accessionNumber', { accessionNumber })]),
    ...(serviceRequest === null ? [] : [ofAccount('serviceRequest', { serviceRequest })]),
  ];
}

function statusIn({ orderStatus }: Message): Statement[] {
  return orderStatus === null ? [] : [ofAccount('orderStatus', { orderStatus })];
}

function contentIn(message: Message, told: Told): Statement[] {
  const { order, cleared } = message;
  const { priority, indication, patientClass, orderingProvider, reasonCodes } = order;
  const clears = (name: (typeof cleared)[number]) => cleared.includes(name);
  return [
    ...(priority === null && !clears('priority') ? [] : [ofOrder('priority', { priority })]),
    ...(indication === null && !clears('indication') ? [] : [ofOrder('indication', { indication })]),
    ...(reasonCodes === undefined && !clears('indication') ? [] : [reasons(reasonCodes)]),
    ...(patientClass === null && !clears('patientClass') ? [] : [ofOrder('patientClass', { patientClass })]),
    ...(orderingProvider === null && !clears('orderingProvider') ? [] : [ofOrder('orderingProvider', { orderingProvider })]),
    ...examIn(message, told),
    ...personIn(order.patient),
  ];
}

/** The OBR of a message are the exam, all of them: what an earlier message ordered besides is no longer ordered. */
function examIn({ order, cleared }: Message, told: Told): Statement[] {
  const { procedure, procedures, kind, modality } = order;
  if (procedure !== null) return [ofOrder('procedure', { procedure, procedures, kind, modality })];
  if (cleared.includes('procedure')) return [ofOrder('procedure', { procedure: null, procedures: [], kind: 'unknown', modality: null })];
  // Without a procedure the modality is all that is known of the exam.
  return modality === null || told.order.procedure !== null ? [] : [ofOrder('modality', { kind, modality })];
}

/** Birth date, name and sex, as far as they are said. */
export function personIn({ name, birthDate, sex }: Patient): Statement[] {
  return [
    ...(name === null ? [] : [ofPatient('name', { name })]),
    ...(birthDate === null ? [] : [ofPatient('birthDate', { birthDate })]),
    ...(sex === null ? [] : [ofPatient('sex', { sex })]),
  ];
}

/** Only the order itself says whose it is; after a merge the identifier that survives stays. */
function originIn({ order }: Message, { stamps }: Told): Statement[] {
  const { orderedAt, patient } = order;
  const { id, assigner } = patient;
  return [
    ...(orderedAt === null ? [] : [ofOrder('orderedAt', { orderedAt })]),
    ...(id === null || stamps.survivor !== undefined ? [] : [ofPatient('identity', { id, assigner })]),
  ];
}

export function ofOrder(field: Field, said: Partial<Order>): Statement {
  return { field, put: (told) => ({ ...told, order: { ...told.order, ...said } }) };
}

export function ofAccount(field: Field, said: Partial<Account>): Statement {
  return { field, put: (told) => ({ ...told, account: { ...told.account, ...said } }) };
}

export function ofPatient(field: Field, said: Partial<Patient>): Statement {
  return { field, put: (told) => ({ ...told, order: { ...told.order, patient: { ...told.order.patient, ...said } } }) };
}

function reasons(reasonCodes: readonly string[] | undefined): Statement {
  return {
    field: 'reasonCodes',
    put: (told) => {
      const { reasonCodes: before, ...order } = told.order;
      return { ...told, order: reasonCodes === undefined ? order : { ...order, reasonCodes: [...reasonCodes] } };
    },
  };
}

/** These identifiers are the same patient's too. The one that people read comes first, the rest in an order of their own, whichever came first. */
export function withIdentifiers(told: Told, more: readonly PatientIdentifier[]): Told {
  const { patient } = told.order;
  const all = unionOf(patient.identifiers, more);
  if (all.length === patient.identifiers.length) return told;
  if (patient.identifiers.length === 0) return { ...told, order: { ...told.order, patient: { ...patient, identifiers: all } } };
  const first = (one: PatientIdentifier) => (one.id === patient.id && one.assigner === patient.assigner ? 0 : 1);
  const identifiers = all.toSorted((a, b) => first(a) - first(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
  return { ...told, order: { ...told.order, patient: { ...patient, identifiers } } };
}

function unionOf(known: readonly PatientIdentifier[], more: readonly PatientIdentifier[]): PatientIdentifier[] {
  const added = more.filter((one, n) => ![...known, ...more.slice(0, n)].some((other) => nameOf(other) === nameOf(one)));
  return [...known, ...added];
}

function nameOf({ assigner, id }: PatientIdentifier): string {
  return `${assigner}|${id}`;
}

/** Only what the order says is judged: a status or a number says too little to miss anything in it. */
function withFindings(told: Told, { verb, quality, stamp }: Message): Told {
  if (verb !== 'new' && verb !== 'change') return told;
  const known = told.account.quality;
  const added = quality.filter((one) => !known.some(({ hash, code, where }) => hash === stamp.hash && code === one.code && where === one.where));
  if (added.length === 0) return told;
  return { ...told, account: { ...told.account, quality: [...known, ...added.map((one) => ({ ...one, hash: stamp.hash }))] } };
}

const blank: Told = {
  order: {
    placerOrderNumber: null,
    fillerOrderNumber: null,
    accessionNumber: null,
    patient: { id: null, assigner: '', identifiers: [], name: null, birthDate: null, sex: null },
    procedure: null,
    procedures: [],
    kind: 'unknown',
    modality: null,
    priority: null,
    indication: null,
    patientClass: null,
    orderingProvider: null,
    orderedAt: null,
  },
  account: nobodySaid,
  stamps: {},
};

/** What two merged records are known by: the record that survives, and the numbers that are no longer to be used (MRG-1). */
export function mergedNumbers(surviving: Patient, prior: readonly PatientIdentifier[]): readonly PatientIdentifier[] {
  return [...recordNumbers(surviving), ...prior.filter(isRecordNumber)];
}

/** This patient after a merge: with the numbers of both records where one of them is theirs. */
export function joinedBy(known: Patient, surviving: Patient, prior: readonly PatientIdentifier[]): Patient {
  const merged = mergedNumbers(surviving, prior);
  return likeness(known, surviving, merged) === 'same' ? { ...known, identifiers: unionOf(known.identifiers, merged) } : known;
}

/** Why this message can't be about the patient of the order; null when one number of a record agrees. */
export function anotherPatient(known: Patient, told: Patient): 'another-patient' | 'no-patient-number' | null {
  const numbers = recordNumbers(told);
  if (numbers.length === 0) return recordNumbers(known).length === 0 ? null : 'no-patient-number';
  return likeness(known, told) === 'same' ? null : 'another-patient';
}

/** `number-only`: a number of a record agrees, but nobody says who assigned it, and birth date or name say that this is somebody else. */
export type Likeness = 'same' | 'no-number' | 'number-only';

/**
 * Is the patient that a message tells of the one who is known? Two hospitals may give the same number to two people: one without an assigner counts only
 * where the person fits too. With the same birth date another surname is no other person (marriage).
 */
export function likeness(known: Patient, told: Patient, numbers: readonly PatientIdentifier[] = recordNumbers(told)): Likeness {
  const agreeing = recordNumbers(known).filter((a) => numbers.some((b) => nameOf(a) === nameOf(b)));
  if (agreeing.length === 0) return 'no-number';
  return agreeing.some(({ assigner }) => assigner !== '') || isSamePerson(known, told) ? 'same' : 'number-only';
}

function isSamePerson(known: Patient, told: Patient): boolean {
  const [born, otherBorn] = [bornOn(known), bornOn(told)];
  // A year alone agrees with every day in it.
  if (born !== '' && otherBorn !== '') return born.startsWith(otherBorn) || otherBorn.startsWith(born);
  const [family, otherFamily] = [familyOf(known), familyOf(told)];
  return family === '' || otherFamily === '' || family === otherFamily;
}

/** Digits, empty when not said. */
function bornOn({ birthDate }: Patient): string {
  return (birthDate ?? '').replaceAll(/\D/gu, '').slice(0, 8);
}

/** Letters alone, without case and diacritics; empty when not said. */
function familyOf({ name }: Patient): string {
  return (name?.family ?? '')
    .normalize('NFD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();
}

/** Names of what differs and would have led to another question: only these reopen a decision. */
export function differences(before: Order, after: Order): string[] {
  const codes = (order: Order) => [order.procedure, ...order.procedures].map((p) => `${p?.code ?? ''}^${p?.text ?? ''}`).join('~');
  const sex = ({ patient }: Order) => patient.sex?.slice(0, 1).toUpperCase();
  const parts = {
    procedure: codes(before) !== codes(after),
    priority: before.priority !== after.priority,
    indication: before.indication !== after.indication,
    patientClass: before.patientClass !== after.patientClass,
    birthDate: bornOn(before.patient) !== bornOn(after.patient),
    sex: sex(before) !== sex(after),
  };
  return Object.entries(parts).flatMap(([name, differs]) => (differs ? [name] : []));
}
