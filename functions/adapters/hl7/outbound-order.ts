import type { OrderReference } from '#domain/outbound.js';
import type { AssignedNumber } from '#domain/order.js';
import type { FieldMap } from '#domain/site.js';
import type { Fields, Value } from './build.ts';
import { pathOf } from './path.ts';

/** What outgoing messages say alike: patient, order, results. */
export type Named = readonly [name: string, fields: Fields];

export interface Body {
  /** MSH-9. */
  readonly type: readonly string[];
  readonly body: readonly Named[];
}

/** Coding system of what only Radloop names. */
export const OWN_CODES = '99RADLOOP';

export function patientOf(order: OrderReference): readonly Named[] {
  const { identifiers, name, birthDate, sex } = order.patient;
  const pid: Fields = {
    1: '1',
    3: { repetitions: identifiers.map((one) => [one.id, '', '', one.assigner, one.type]) },
    5: name === null ? '' : [name.family, name.given],
    7: birthDate ?? '',
    8: sex ?? '',
  };
  return [['PID', pid], ...(order.patientClass === null ? [] : [['PV1', { 1: '1', 2: order.patientClass }] as const])];
}

export function requestOf(order: OrderReference): Fields {
  const { procedure } = order;
  return {
    1: '1',
    2: number(order.placerOrderNumber),
    3: number(order.fillerOrderNumber),
    4: procedure === null ? '' : [procedure.code, procedure.text, procedure.system],
    16: provider(order),
  };
}

/** The first of the site's accession paths that lies in a segment which is sent; OBR-18 where none does. */
export function accessionPath(fieldMap: FieldMap, segments: readonly string[]): string {
  return fieldMap.accessionNumber.find((path) => segments.includes(pathOf(path).segment)) ?? 'OBR-18';
}

export function placed(fields: Fields, at: string, text: string | null): Fields {
  const path = pathOf(at);
  return text === null ? fields : { ...fields, [path.field]: atComponent(path.component ?? 1, text) };
}

export function atComponent(component: number, text: string): Value {
  return [...Array.from({ length: component - 1 }, () => ''), text];
}

export function number(given: AssignedNumber | null): Value {
  return given === null ? '' : [given.id, given.assigner];
}

export function provider(order: OrderReference): Value {
  return order.orderingProvider === null ? '' : [order.orderingProvider.id, order.orderingProvider.name];
}

/** One OBX of our own codes, before it has its number and its status. */
export function observed(type: string, code: string, text: string, value: Value): Fields {
  return { 2: type, 3: [code, text, OWN_CODES], 5: value };
}

/** ORU^R01 with these results. @param status OBR-25 and, where a result has none of its own, OBX-11: P preliminary, F final, C corrected @param at HL7 time of all */
export function resultsOf(order: OrderReference, status: 'P' | 'F' | 'C', at: string, results: readonly Fields[], fieldMap: FieldMap): Body {
  const request = placed(requestOf(order), accessionPath(fieldMap, ['OBR']), order.accessionNumber);
  return {
    type: ['ORU', 'R01', 'ORU_R01'],
    body: [
      ...patientOf(order),
      ['ORC', { 1: 'RE', 2: number(order.placerOrderNumber), 3: number(order.fillerOrderNumber) }],
      ['OBR', { ...request, 7: at, 22: at, 25: status }],
      ...results.map((fields, index): Named => ['OBX', { 11: status, ...fields, 1: String(index + 1), 14: at }]),
    ],
  };
}

export function faultOf(message: string, path: readonly PropertyKey[] | undefined): string {
  return `The data of "${message}" does not fit its schema at ${path === undefined || path.length === 0 ? 'the top' : path.map(String).join('.')}.`;
}
