import type { Instant } from '#core/time.js';
import type { Order } from '#domain/order.js';
import type { Patient } from '#domain/patient.js';
import { at, listAt, textAt } from './read.ts';

export type ChosenPatient = { readonly ok: true; readonly id: string; readonly resource: unknown } | { readonly ok: false; readonly why: string };

/**
 * The one Patient of a search that the order means. Several patients under one number are never mixed: the one whose identifier fits the order's
 * assigner (or `system`, the site's own) counts, and if not exactly one fits, none does.
 */
export function choosePatient(resources: readonly unknown[], order: Order, system: string | null): ChosenPatient {
  const number = order.patient.id ?? '';
  const named = new Map<string, unknown>();
  for (const resource of resources) {
    const id = textAt(resource, 'id');
    if (at(resource, 'resourceType') === 'Patient' && id !== null && identifiersOf(resource, number).length > 0) named.set(id, resource);
  }
  const current = [...named].filter(([, resource]) => !isReplaced(resource));
  if (named.size === 0) return { ok: false, why: 'The EHR has no patient with this number' };
  if (current.length === 0) return { ok: false, why: 'The EHR has this number only for a record that is merged or no longer in use' };
  const fitting = current.filter(([, resource]) =>
    identifiersOf(resource, number).some((identifier) => isAssignedBy(identifier, order.patient, system)),
  );
  const [only, ...others] = fitting.length > 0 ? fitting : current;
  if (only === undefined || others.length > 0) return { ok: false, why: 'The EHR has more than one patient with this number' };
  const [id, resource] = only;
  if (isSomebodyElse(resource, order.patient)) {
    return { ok: false, why: 'The EHR has another person under this number (name and birth date differ from the order)' };
  }
  return { ok: true, id, resource };
}

function identifiersOf(resource: unknown, number: string): readonly unknown[] {
  return listAt(resource, 'identifier').filter((identifier) => textAt(identifier, 'value') === number && at(identifier, 'use') !== 'old');
}

/** Merged away (`replaced-by`) or taken out of use. */
function isReplaced(resource: unknown): boolean {
  return at(resource, 'active') === false || listAt(resource, 'link').some((link) => at(link, 'type') === 'replaced-by');
}

/** HL7 names the assigner by a word or an OID; FHIR by a URI and perhaps a display: either may hold the other. */
function isAssignedBy(identifier: unknown, patient: Patient, system: string | null): boolean {
  const own = textAt(identifier, 'system');
  if (system !== null) return own === system;
  const assigner = patient.assigner.trim().toLowerCase();
  if (assigner === '') return false;
  const names = [own, textAt(identifier, 'assigner', 'display'), textAt(identifier, 'assigner', 'identifier', 'value')];
  return names.some((name) => {
    const said = name?.toLowerCase() ?? '';
    return said === assigner || said === `urn:oid:${assigner}` || said.split(/[/:#]/u).includes(assigner);
  });
}

/** Name and birth date both say another person. One of them alone is a typing error too often to withhold an allergy for it. */
function isSomebodyElse(resource: unknown, patient: Patient): boolean {
  const born = digits(textAt(resource, 'birthDate'));
  const ordered = digits(patient.birthDate);
  const length = Math.min(born.length, ordered.length);
  if (length < 4 || born.slice(0, length) === ordered.slice(0, length)) return false;
  const families = listAt(resource, 'name').flatMap((name) => plain(textAt(name, 'family') ?? textAt(name, 'text')));
  const family = plain(patient.name?.family ?? null);
  return !families.some((name) => name !== '' && family !== '' && (name.includes(family) || family.includes(name)));
}

function digits(date: string | null): string {
  return (date ?? '').replace(/T.*$/u, '').replace(/\D/gu, '').slice(0, 8);
}

function plain(name: string | null): string {
  return (name ?? '')
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();
}

/** Whole years between birth and now, from a date of any precision (its earliest day); null when that makes no age of a person. */
export function ageAt(birthDate: string | null, now: Instant): number | null {
  const born = digits(birthDate);
  if (!/^\d{4}(?:\d\d){0,2}$/u.test(born)) return null;
  const today = digits(now);
  const birthday = born.slice(4).padEnd(4, '0');
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(4) < birthday ? 1 : 0);
  return years >= 0 && years <= 130 ? years : null;
}

/** As HL7 table 0001, the form in which orders carry it. */
export function sexOf(gender: string | null): string | null {
  const letters: Readonly<Record<string, string>> = { female: 'F', male: 'M', other: 'O' };
  return letters[gender?.toLowerCase() ?? ''] ?? null;
}
