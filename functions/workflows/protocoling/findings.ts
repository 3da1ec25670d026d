import type { Order } from '#domain/order.js';
import type { QualityFinding } from '#domain/quality.js';
import type { Known } from './state.ts';
import type { Field } from './told.ts';

/** Where a finding is made, and the field of the order that it is about. */
const places: readonly (readonly [start: string, field: Field])[] = [
  ['PID-3', 'identity'],
  ['PID-5', 'name'],
  ['PID-7', 'birthDate'],
  ['PID-8', 'sex'],
  ['PV1-2', 'patientClass'],
  ['OBR-4', 'procedure'],
  ['OBR-13', 'indication'],
  ['OBR-31', 'indication'],
  ['OBR-16', 'orderingProvider'],
  ['ORC-12', 'orderingProvider'],
  ['OBR-27', 'priority'],
  ['TQ1-9', 'priority'],
  ['ServiceRequest.subject', 'identity'],
  ['Patient.identifier', 'identity'],
  ['Patient.name', 'name'],
  ['Patient.birthDate', 'birthDate'],
  ['Patient.gender', 'sex'],
  ['ServiceRequest.code', 'procedure'],
  ['ServiceRequest.reason', 'indication'],
  ['ServiceRequest.requester', 'orderingProvider'],
  ['ServiceRequest.priority', 'priority'],
];

/** A finding that still stands; `field` is what it is about, null for one about the message as such (its times, its numbers). */
export interface Standing extends QualityFinding {
  readonly field: Field | null;
}

/**
 * What still stands of what was found wrong in the messages. A gap that another message has filled is none any more; a doubt goes
 * with the value that it was about.
 */
export function standing({ order, account, stamps }: Pick<Known, 'order' | 'account' | 'stamps'>): readonly Standing[] {
  const stands = account.quality.flatMap(({ hash, ...finding }): Standing[] => {
    const field = fieldOf(finding);
    if (field === null) return [{ ...finding, field }];
    const gone = finding.kind === 'gap' ? isSaid(order, field) : stamps[field] !== undefined && stamps[field].hash !== hash;
    return gone ? [] : [{ ...finding, field }];
  });
  return stands.filter((one, n) => stands.findIndex(({ code, where }) => code === one.code && where === one.where) === n);
}

function fieldOf({ code, where }: QualityFinding): Field | null {
  // The accession number stands wherever the site puts it.
  if (code === 'no-accession') return 'accessionNumber';
  return places.find(([start]) => where === start || where.startsWith(`${start}.`) || isInside(where, start))?.[1] ?? null;
}

/** `ServiceRequest.reasonCode` is inside `ServiceRequest.reason`; PID-70 is not inside PID-7. */
function isInside(where: string, start: string): boolean {
  return start.includes('.') && where.startsWith(start);
}

function isSaid(order: Order, field: Field): boolean {
  const { patient } = order;
  switch (field) {
    case 'identity':
      return patient.identifiers.length > 0;
    case 'name':
    case 'birthDate':
    case 'sex':
      return patient[field] !== null;
    case 'patientClass':
    case 'procedure':
    case 'indication':
    case 'orderingProvider':
    case 'priority':
    case 'accessionNumber':
      return order[field] !== null;
    default:
      return false;
  }
}

/** Did messages of this order have to be taken as they came, because one of them carries no time? */
export function isByArrival({ stamps }: Pick<Known, 'stamps'>): boolean {
  const all = Object.values(stamps);
  return new Set(all.map(({ hash }) => hash)).size > 1 && all.some(({ arrival }) => arrival);
}
