import type { CaseEvent } from '#core/event.js';
import { about as aboutShape } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import { recordNumbers } from '#domain/patient.js';
import type { Parts } from './parts.ts';

/** Where ADT says that the patient is, and of what class, before what an order or a report says: a move is told there first; and every number that is theirs by merges. */
export async function whereNow({ raw }: Pick<Parts, 'raw'>, about: About): Promise<About> {
  const { location, patientClass, asOf, identifiers } = await raw.patientNow(recordNumbers(about.patient));
  const own = about.patient.identifiers;
  const merged = identifiers.filter((one) => !own.some(({ id, assigner }) => id === one.id && assigner === one.assigner));
  return {
    ...about,
    ...(merged.length === 0 ? {} : { patient: { ...about.patient, identifiers: [...own, ...merged] } }),
    ...(location === null || asOf === null ? {} : { location: { at: location, asOf } }),
    ...(patientClass === null ? {} : { patientClass }),
  };
}

/** What a report or a model raises, with where its patient is now; anything else as it is. */
export async function placed(parts: Pick<Parts, 'raw'>, event: CaseEvent): Promise<CaseEvent> {
  const { type, about } = event.input as { readonly type: string; readonly about?: unknown };
  const read = type === 'criticalRaised' ? aboutShape.safeParse(about) : null;
  return read?.success === true ? { ...event, input: { ...(event.input as object), about: await whereNow(parts, read.data) } } : event;
}
