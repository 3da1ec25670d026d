import type { Order } from '#domain/order.js';
import { recordNumbers } from '#domain/patient.js';
import { isOpened } from './state.ts';
import type { Early, Opened, State } from './state.ts';

/** What this case is found by (ports/raw-store CaseKey): the numbers of its order, its studies, and who the patient is. Patient data, kept only as keyed hashes. */
export function keysOf(state: State): readonly string[] {
  if (state.status === 'none') return [];
  const keys = isOpened(state) ? [...keysOfOrder(state.order), ...keysBeside(state)] : keysOfWaiting(state);
  return [...new Set(keys)];
}

function keysBeside({ account, images }: Opened): readonly string[] {
  return [...(account.serviceRequest === null ? [] : [`fhir||${account.serviceRequest}`]), ...images.map(({ studyUid }) => `study||${studyUid}`)];
}

function keysOfWaiting(state: Early & { readonly order?: Order | null }): readonly string[] {
  const { parked, arrivals, order: cancelled = null } = state;
  return [
    ...parked.flatMap(({ order, serviceRequest }) => [...keysOfOrder(order), ...(serviceRequest === null ? [] : [`fhir||${serviceRequest}`])]),
    ...arrivals.flatMap((one) => (one.type === 'studyArrived' ? [`study||${one.studyUid}`] : [])),
    ...(cancelled === null ? [] : keysOfOrder(cancelled)),
  ];
}

function keysOfOrder(order: Order): readonly string[] {
  const { placerOrderNumber: placer, fillerOrderNumber: filler, accessionNumber, studyInstanceUid, modality, patient } = order;
  return [
    ...(placer === null ? [] : [`placer|${placer.assigner}|${placer.id}`]),
    ...(filler === null ? [] : [`filler|${filler.assigner}|${filler.id}`]),
    ...(accessionNumber === null ? [] : [`accession||${accessionNumber}`]),
    ...(studyInstanceUid == null ? [] : [`study||${studyInstanceUid}`]),
    ...recordNumbers(patient).flatMap(({ assigner, id }) => [
      `patient|${assigner}|${id}`,
      ...(modality === null ? [] : [`patient-modality|${assigner}|${id}|${modality}`]),
    ]),
  ];
}
