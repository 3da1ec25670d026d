import { modality as modalitySchema } from '#domain/modality.js';
import type { Modality } from '#domain/modality.js';
import type { AssignedNumber, Order, Procedure, ProcedureKind } from '#domain/order.js';
import type { Patient, PatientIdentifier } from '#domain/patient.js';
import type { FieldMap, ProcedureMap } from '#domain/site.js';
import type { Message, Segment } from './message.ts';
import { pathOf } from './path.ts';

/** One ORC, its OBR, and the other segments up to the next ORC (TQ1, IPC, NTE, ZDS). */
export interface OrderGroup {
  readonly control: Segment;
  readonly requests: readonly Segment[];
  readonly others: readonly Segment[];
}

/** What the message says of one order; where each field comes from stands with the schema of Order. */
export function orderOf(message: Message, group: OrderGroup, site: { readonly fieldMap: FieldMap; readonly procedureMap: ProcedureMap }): Order {
  const [procedure = null, ...procedures] = group.requests.flatMap((request) => procedureOf(request) ?? []);
  const named = procedure === null ? [] : [procedure, ...procedures];
  return {
    placerOrderNumber: numberOf(group, 2),
    fillerOrderNumber: numberOf(group, 3),
    accessionNumber: accessionOf(message, group, site.fieldMap),
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
    ...reasonCodesOf(message, group.requests),
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

/** A number that stands where the site's field map says, the first that holds something. A path without a component means the first one. */
export function mappedAccession(message: Message, fieldMap: FieldMap): string | null {
  const texts = fieldMap.accessionNumber.map((path) => message.text(pathOf(path).component === undefined ? `${path}.1` : path));
  return firstSaid(texts);
}

function accessionOf(message: Message, group: OrderGroup, fieldMap: FieldMap): string | null {
  const inRequests = [18, 20].flatMap((field) => group.requests.map((request) => request.text(field, 1)));
  return mappedAccession(message, fieldMap) ?? firstSaid([...inRequests, ...segments(group, 'IPC').map((control) => control.text(1, 1))]);
}

/** The site's preferred assigner's PID-3, else the first; PID-2 where PID-3 is empty. */
export function patientOf(pid: Segment | null, fieldMap: FieldMap): Patient {
  const inField = [3, 2].map((field) => identifiersOf(pid, field)).find((list) => list.length > 0) ?? [];
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

function identifiersOf(pid: Segment | null, field: number): readonly { readonly identifier: PatientIdentifier; readonly universalId: string }[] {
  if (pid === null) return [];
  return Array.from({ length: pid.repetitions(field) }, (_, index) => {
    const part = (component: number, sub?: number): string => pid.text(field, component, sub, index + 1);
    const universalId = part(4, 2);
    return { identifier: { id: part(1), assigner: firstSaid([part(4, 1), universalId]) ?? '', type: part(5) }, universalId };
  }).filter((one) => one.identifier.id !== '');
}

/** OBR-4 as sent; its alternate triplet where the first is empty. */
export function procedureOf(request: Segment): Procedure | null {
  const triplet = (at: number): Procedure => ({ code: request.text(4, at), text: request.text(4, at + 1), system: request.text(4, at + 2) });
  return [triplet(1), triplet(4)].find((one) => one.code !== '' || one.text !== '') ?? null;
}

function kindOfProcedures(procedures: readonly Procedure[], map: ProcedureMap): ProcedureKind {
  if (procedures.some((one) => map.imaging.some((row) => row.code === one.code))) return 'imaging';
  const isKnown = procedures.length > 0 && procedures.every((one) => map.notImaging.some((row) => row.code === one.code));
  return isKnown ? 'not-imaging' : 'unknown';
}

function modalityOf(procedures: readonly Procedure[], group: OrderGroup, map: ProcedureMap): Modality | null {
  const mapped = procedures.flatMap((one) => map.imaging.find((row) => row.code === one.code)?.modality ?? [])[0];
  if (mapped !== undefined) return mapped;
  const sent = [...segments(group, 'IPC').map((control) => control.text(5, 1)), ...group.requests.map((request) => request.text(24, 1))];
  return sent.flatMap((word) => namedModality(word.toUpperCase()) ?? [])[0] ?? null;
}

/** Names of DICOM CID 29 and HL7 table 0074 for what is protocolled here. */
const otherNames: Readonly<Record<string, Modality>> = {
  CR: 'XR',
  DX: 'XR',
  RX: 'XR',
  MRI: 'MR',
  NMR: 'MR',
  RUS: 'US',
  NMS: 'NM',
  PT: 'NM',
  RF: 'FL',
};

function namedModality(word: string): Modality | null {
  const same = modalitySchema.safeParse(word);
  return same.success ? same.data : (otherNames[word] ?? null);
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
function reasonCodesOf(message: Message, requests: readonly Segment[]): { readonly reasonCodes?: string[] } {
  const coded = (segment: Segment, field: number, repetition: number, method = ''): string =>
    isIcd10(firstSaid([segment.text(field, 3, undefined, repetition), method]) ?? '') ? segment.text(field, 1, undefined, repetition) : '';
  const inRequests = requests.flatMap((one) => Array.from({ length: one.repetitions(31) }, (_, index) => coded(one, 31, index + 1)));
  const inDiagnoses = message.all('DG1').map((one) => coded(one, 3, 1, one.text(2)));
  const codes = [...new Set([...inRequests, ...inDiagnoses].filter((code) => code !== ''))];
  return codes.length === 0 ? {} : { reasonCodes: codes };
}

function isIcd10(system: string): boolean {
  return /^(?:I10[A-Z]?|ICD-?10(?:-?[A-Z]{2,3})?|10)$/u.test(system.toUpperCase());
}

function providerOf(segment: Segment | undefined, field: number): Order['orderingProvider'] {
  if (segment === undefined) return null;
  const id = segment.text(field, 1);
  const name = [segment.text(field, 3), segment.text(field, 2, 1)].filter((part) => part !== '').join(' ');
  return id === '' && name === '' ? null : { id, name };
}

function segments(group: OrderGroup, name: string): readonly Segment[] {
  return group.others.filter((segment) => segment.name === name);
}

function firstSaid(texts: readonly string[]): string | null {
  return texts.find((text) => text !== '') ?? null;
}
