import { CRITICAL } from '#domain/critical.js';
import { FOLLOW_UP } from '#domain/follow-up.js';
import type { HospitalEvent, OrderNumbers } from '#domain/hospital-event.js';
import { recordNumbers } from '#domain/patient.js';
import type { Patient } from '#domain/patient.js';
import type { CaseKey } from '#ports/raw-store.js';
import { examIn } from './critical-exam.ts';
import type { Parts } from './parts.ts';

type Needs = Pick<Parts, 'cases' | 'workflows'>;

/** The accession numbers of results that name their exam by the numbers of its order alone (MDM: TXA-14, TXA-15): that of the order's case, where there is one of their patient. */
export async function accessionsOf(events: readonly HospitalEvent[], needs: Needs): Promise<ReadonlyMap<HospitalEvent, string>> {
  const found = new Map<HospitalEvent, string>();
  for (const event of events) {
    if (event.type !== 'reportReceived' && event.type !== 'detectionsReceived') continue;
    if ((event.accessionNumber ?? event.orderNumbers.accession) !== null) continue;
    // A case that can't be read keeps no report back: it is known by its order's numbers then.
    const accession = await accessionOf(event.orderNumbers, event.patient, needs).catch(() => null);
    if (accession !== null) found.set(event, accession);
  }
  return found;
}

/** Null: no order has these numbers, or several that are not of one exam. */
async function accessionOf({ placer, filler, serviceRequest }: OrderNumbers, patient: Patient, needs: Needs): Promise<string | null> {
  const keys: readonly CaseKey[] = [
    ...(placer === null ? [] : [`placer|${placer.assigner}|${placer.id}`]),
    ...(filler === null ? [] : [`filler|${filler.assigner}|${filler.id}`]),
    ...(serviceRequest === null ? [] : [`fhir||${serviceRequest}`]),
  ];
  const own = recordNumbers(patient);
  for (const key of keys) {
    const orders = (await needs.cases.findByKey(key)).filter(({ workflow }) => workflow !== CRITICAL && workflow !== FOLLOW_UP);
    const exams = await Promise.all(orders.map((one) => examIn(needs, one)));
    const numbers = exams.flatMap(({ exam }) => {
      if (exam === null || exam.about.accessionNumber === null) return [];
      const isOfPatient = recordNumbers(exam.about.patient).some((one) => own.some(({ id, assigner }) => id === one.id && assigner === one.assigner));
      return isOfPatient ? [exam.about.accessionNumber] : [];
    });
    const [only, ...more] = new Set(numbers);
    if (only !== undefined) return more.length === 0 ? only : null;
  }
  return null;
}
