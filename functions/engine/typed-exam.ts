import { about as aboutShape } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import type { TypedExam } from '#ports/desk.js';

/** The exam and its patient as a person wrote them; null: without two identifiers and the exam nobody could tell whose it is. @param assigner of the number */
export function aboutTyped(accession: string, typed: TypedExam, assigner: string): About | null {
  const [id, family, given, exam] = [typed.recordNumber, typed.family, typed.given, typed.exam].map((one) => one.trim());
  if (accession === '' || id === '' || family === '') return null;
  const read = aboutShape.safeParse({
    ...{ accessionNumber: accession, exam, asTyped: true },
    patient: {
      ...{ id, assigner, identifiers: [{ id, assigner, type: 'MR' }] },
      ...{ name: { family, given }, birthDate: typed.birthDate?.replaceAll('-', '') ?? null, sex: null },
    },
    ...{ placerOrderNumber: null, fillerOrderNumber: null, orderCase: null, procedure: null, modality: null },
    ...{ priority: null, patientClass: null, orderingProvider: null, location: null },
  });
  return read.success ? read.data : null;
}
