import { clearable } from '#domain/order.js';
import { kindOfProcedures, modalityOfProcedures } from '#domain/procedures.js';
import type { Modality } from '#domain/modality.js';
import type { AssignedNumber, Clearable, Order, Procedure, Provider } from '#domain/order.js';
import type { Patient, PatientIdentifier } from '#domain/patient.js';
import type { FieldMap, ProcedureMap } from '#domain/site.js';
import type { Message, Segment } from './message.ts';
import { pathOf } from './path.ts';
import { firstSaid } from './reading.ts';

/** One ORC, its OBR, the other segments up to the next ORC (TQ1, IPC, NTE, ZDS), and what stands before the first (MSH, PID, PV1). */
export interface OrderGroup {
  readonly control: Segment;
  readonly requests: readonly Segment[];
  readonly others: readonly Segment[];
  readonly head: readonly Segment[];
}

/** What the message says of one order; where each field comes from stands with the schema of Order. */
export function orderOf(message: Message, group: OrderGroup, site: { readonly fieldMap: FieldMap; readonly procedureMap: ProcedureMap }): Order {
  const [procedure = null, ...procedures] = group.requests.flatMap((request) => procedureOf(request) ?? []);
  const named = procedure === null ? [] : [procedure, ...procedures];
  return {
    placerOrderNumber: numberOf(group, 2),
    fillerOrderNumber: numberOf(group, 3),
    accessionNumber: accessionOf(group, site.fieldMap),
    patient: patientOf(message.first('PID'), site.fieldMap),
    procedure,
    procedures,
    kind: kindOfProcedures(named, site.procedureMap),
    modality: modalityOf(named, group, site.procedureMap),
    priority: firstSaid([
      ...segments(group, 'TQ1').map((timing) => timing.text(9, 1)),
      ...group.requests.map((request) => request.text(27, 6)),
      group.control.text(7, 6),
      ...group.requests.map((request) => request.text(5, 1)),
    ]),
    indication: indicationOf(group.requests),
    ...reasonCodesOf(group),
    ...studyOf(group),
    patientClass: firstSaid([message.text('PV1-2.1')]),
    orderingProvider: providerOf(group.control, 12) ?? providerOf(group.requests[0], 16),
    orderedAt: firstSaid([group.control.text(9, 1), message.text('MSH-7.1')]),
  };
}

/** ORC-2 or ORC-3, else the same field of OBR. */
export function numberOf(group: OrderGroup, field: 2 | 3): AssignedNumber | null {
  for (const segment of [group.control, ...group.requests]) {
    const id = segment.text(field, 1);
    if (id !== '') return { id, assigner: firstSaid([segment.text(field, 2), segment.text(field, 3)]) ?? '' };
  }
  return null;
}

/** The texts of a path in some segments. A path without a component means the first one. */
function textAt(segments: readonly Segment[], path: string): string {
  const { segment, occurrence, field, repetition, component, subcomponent } = pathOf(path);
  return segments.filter((one) => one.name === segment)[occurrence - 1]?.text(field, component ?? 1, subcomponent, repetition) ?? '';
}

/** Where the site's field map says, the first that holds something, within these segments. */
export function mappedAccession(segments: readonly Segment[], fieldMap: FieldMap): string | null {
  return firstSaid(fieldMap.accessionNumber.map((path) => textAt(segments, path)));
}

function accessionOf(group: OrderGroup, fieldMap: FieldMap): string | null {
  const inRequests = [18, 20].flatMap((field) => group.requests.map((request) => request.text(field, 1)));
  return mappedAccession(all(group), fieldMap) ?? firstSaid([...inRequests, ...segments(group, 'IPC').map((control) => control.text(1, 1))]);
}

function all(group: OrderGroup): readonly Segment[] {
  return [...group.head, group.control, ...group.requests, ...group.others];
}

/** Fields that the message deletes: HL7 null (`""`) where they could stand, and nothing in any of these places. */
export function clearedOf(group: OrderGroup, order: Order, fieldMap: FieldMap): Clearable[] {
  const open = clearable.options.filter((name) => order[name] === null);
  if (open.length === 0) return [];
  const isNull = (name: string, field: number, component?: number): boolean =>
    all(group).some((segment) => segment.name === name && segment.said(field, component) === 'null');
  const isMappedNull = (): boolean =>
    fieldMap.accessionNumber.map(pathOf).some(({ segment, field, component }) => isNull(segment, field, component ?? 1));
  const deleted: Readonly<Record<Clearable, () => boolean>> = {
    accessionNumber: () => isMappedNull() || isNull('OBR', 18, 1) || isNull('OBR', 20, 1) || isNull('IPC', 1, 1),
    priority: () => isNull('TQ1', 9, 1) || isNull('OBR', 27, 6) || isNull('ORC', 7, 6) || isNull('OBR', 5, 1),
    indication: () => isNull('OBR', 31) || isNull('OBR', 13),
    patientClass: () => isNull('PV1', 2),
    orderingProvider: () => isNull('ORC', 12) || isNull('OBR', 16),
    procedure: () => isNull('OBR', 4),
  };
  return open.filter((name) => deleted[name]());
}

/** The site's preferred assigner's PID-3, else the first; PID-2 where PID-3 is empty. */
export function patientOf(pid: Segment | null, fieldMap: FieldMap): Patient {
  const inField = pid === null ? [] : ([3, 2].map((field) => identifiersIn(pid, field)).find((list) => list.length > 0) ?? []);
  const preferred = fieldMap.preferredAssigners
    .map((assigner) => inField.find((one) => one.identifier.assigner === assigner || one.universalId === assigner))
    .find((one) => one !== undefined);
  const chosen = (preferred ?? inField[0])?.identifier ?? null;
  const [family, given] = [pid?.text(5, 1, 1) ?? '', pid?.text(5, 2) ?? ''];
  return {
    id: chosen?.id ?? null,
    assigner: chosen?.assigner ?? '',
    identifiers: inField.map((one) => one.identifier),
    name: family === '' && given === '' ? null : { family, given },
    birthDate: /^\d{4}(?:\d\d(?:\d\d)?)?/u.exec(pid?.text(7, 1) ?? '')?.[0] ?? null,
    sex: firstSaid([pid?.text(8, 1) ?? '']),
  };
}

/** The identifiers of a CX field, in order; without those that hold no number. */
export function identifiersIn(segment: Segment, field: number): readonly { readonly identifier: PatientIdentifier; readonly universalId: string }[] {
  return Array.from({ length: segment.repetitions(field) }, (_, index) => {
    const part = (component: number, sub?: number): string => segment.text(field, component, sub, index + 1);
    const universalId = part(4, 2);
    return { identifier: { id: part(1), assigner: firstSaid([part(4, 1), universalId]) ?? '', type: part(5) }, universalId };
  }).filter((one) => one.identifier.id !== '');
}

/** OBR-4 as sent; its alternate triplet where the first is empty. */
export function procedureOf(request: Segment): Procedure | null {
  const triplet = (at: number): Procedure => ({ code: request.text(4, at), text: request.text(4, at + 1), system: request.text(4, at + 2) });
  return [triplet(1), triplet(4)].find((one) => one.code !== '' || one.text !== '') ?? null;
}

function modalityOf(procedures: readonly Procedure[], group: OrderGroup, map: ProcedureMap): Modality | null {
  const sent = [...segments(group, 'IPC').map((control) => control.text(5, 1)), ...group.requests.map((request) => request.text(24, 1))];
  return modalityOfProcedures(procedures, map, sent);
}

function indicationOf(requests: readonly Segment[]): string | null {
  const reasons = requests.flatMap((request) =>
    Array.from({ length: request.repetitions(31) }, (_, index) =>
      firstSaid([request.text(31, 2, undefined, index + 1), request.text(31, 5, undefined, index + 1), request.text(31, 1, undefined, index + 1)]),
    ),
  );
  const texts = [...new Set(reasons.filter((text) => text !== null))];
  if (texts.length > 0) return texts.join('; ');
  return firstSaid([[...new Set(requests.map((request) => request.text(13)).filter((text) => text !== ''))].join('; ')]);
}

/** ICD-10 codes of OBR-31, then of DG1-3, each once. The coding system says that they are (HL7 table 0396), in DG1 also DG1-2. */
function reasonCodesOf(group: OrderGroup): { readonly reasonCodes?: string[] } {
  const coded = (segment: Segment, field: number, repetition: number, method = ''): string =>
    isIcd10(firstSaid([segment.text(field, 3, undefined, repetition), method]) ?? '') ? segment.text(field, 1, undefined, repetition) : '';
  const inRequests = group.requests.flatMap((one) => Array.from({ length: one.repetitions(31) }, (_, index) => coded(one, 31, index + 1)));
  const diagnoses = [...group.head, ...group.others].filter((segment) => segment.name === 'DG1');
  const inDiagnoses = diagnoses.map((one) => coded(one, 3, 1, one.text(2)));
  const codes = [...new Set([...inRequests, ...inDiagnoses].filter((code) => code !== ''))];
  return codes.length === 0 ? {} : { reasonCodes: codes };
}

/** IPC-3, else ZDS-1 of the IHE form of 2.3.1; what is no UID (DICOM PS3.5 chapter 9) is none. */
function studyOf(group: OrderGroup): { readonly studyInstanceUid?: string } {
  const named = [...segments(group, 'IPC').map((control) => control.text(3, 1)), ...segments(group, 'ZDS').map((study) => study.text(1, 1))];
  const uid = named.find((text) => /^[0-9][0-9.]{0,63}$/u.test(text));
  return uid === undefined ? {} : { studyInstanceUid: uid };
}

function isIcd10(system: string): boolean {
  return /^(?:I10[A-Z]?|ICD-?10(?:-?[A-Z]{2,3})?|10)$/u.test(system.toUpperCase());
}

export function providerOf(segment: Segment | undefined, field: number): Provider | null {
  if (segment === undefined) return null;
  const id = segment.text(field, 1);
  const name = [segment.text(field, 3), segment.text(field, 2, 1)].filter((part) => part !== '').join(' ');
  return id === '' && name === '' ? null : { id, name };
}

function segments(group: OrderGroup, name: string): readonly Segment[] {
  return group.others.filter((segment) => segment.name === name);
}
