import type { CONTEXT_PARTS } from '#domain/context.js';
import type { FhirClient, FhirFound, FhirParams, FhirResource } from '#ports/fhir-client.js';
import { fitted } from './capability.ts';
import type { Offers } from './capability.ts';
import { CREATININE_CODES, EGFR_CODES, PREGNANCY_CODES, WEIGHT_CODES } from './codes.ts';
import { unnamedMedications } from './lists.ts';
import { dateOfObservation } from './observations.ts';
import { textAt } from './read.ts';
import { isNewestFirst } from './search.ts';

/** The parts that are searched for; age and sex come with the patient. */
export type SearchedPart = Exclude<(typeof CONTEXT_PARTS)[number], 'age'>;

/** What each part's searches brought; null for a part that was late, refused or not offered. */
export type Findings = Readonly<Record<SearchedPart, FhirFound | null>>;

interface PartSearch {
  readonly type: string;
  readonly params: FhirParams;
  /** Where results are asked for newest first: reads the date by which the server should have sorted. One page is enough when it did. */
  readonly sortedBy?: (resource: unknown) => string | null;
  /** Asked for where the server says that it has it. */
  readonly include?: string;
  /** A server that does not hold this kind at all loses nothing by it (US Core knows no MedicationStatement). */
  readonly optional?: boolean;
}

function observations(codes: readonly string[]): readonly PartSearch[] {
  return [{ type: 'Observation', params: { code: codes.join(','), _sort: '-date', _count: 20 }, sortedBy: dateOfObservation }];
}

const SEARCHES: Readonly<Record<SearchedPart, readonly PartSearch[]>> = {
  weight: observations(WEIGHT_CODES),
  pregnancy: observations(PREGNANCY_CODES),
  egfr: observations(EGFR_CODES),
  creatinine: observations(CREATININE_CODES),
  allergies: [{ type: 'AllergyIntolerance', params: { _count: 100 } }],
  medications: [
    { type: 'MedicationRequest', params: { status: 'active', _count: 100 }, include: 'MedicationRequest:medication' },
    { type: 'MedicationStatement', params: { status: 'active', _count: 100 }, include: 'MedicationStatement:medication', optional: true },
  ],
  problems: [{ type: 'Condition', params: { _count: 100 } }],
  priors: [{ type: 'ImagingStudy', params: { _sort: '-started', _count: 20 }, sortedBy: (one) => textAt(one, 'started') }],
  notes: [{ type: 'DocumentReference', params: { _sort: '-date', _count: 20 }, sortedBy: (one) => textAt(one, 'date') }],
};

/** All parts at once. @param left seconds until the answer is needed */
export async function findAll(client: FhirClient, offers: Offers | null, patientId: string, left: () => number): Promise<Findings> {
  const one = async ({ type, params, sortedBy, include, optional }: PartSearch): Promise<FhirFound | null> => {
    const nothing = optional === true ? { resources: [], complete: true } : null;
    const asked = fitted(offers, type, patientId, params, include);
    if (asked === null) return nothing;
    const enough = sortedBy && ((soFar: readonly FhirResource[]) => soFar.length > 0 && isNewestFirst(soFar, sortedBy));
    const found = await client.search(type, asked, { seconds: left(), ...(enough && { enough }) });
    if (found.ok) return found.value;
    return [404, 501].includes(found.status ?? 0) ? nothing : null;
  };
  const find = async (part: SearchedPart): Promise<FhirFound | null> => {
    const found = await Promise.all(SEARCHES[part].map(one));
    const had = found.filter((each) => each !== null);
    if (had.length === 0) return null;
    const resources = had.flatMap((each) => each.resources);
    const named = part === 'medications' ? await medicationNames(client, offers, resources, left) : [];
    return { resources: [...resources, ...named], complete: had.length === found.length && had.every((each) => each.complete) };
  };
  const [weight, pregnancy, allergies, medications, problems, egfr, creatinine, priors, notes] = await Promise.all([
    find('weight'), find('pregnancy'), find('allergies'), find('medications'), find('problems'), find('egfr'), find('creatinine'), find('priors'), find('notes'),
  ]); // prettier-ignore
  return { weight, pregnancy, allergies, medications, problems, egfr, creatinine, priors, notes };
}

/** Medications that are only referred to and did not come along (no `_include`): their names in one more search. Those that stay unnamed make the part unsure. */
async function medicationNames(
  client: FhirClient,
  offers: Offers | null,
  resources: readonly FhirResource[],
  left: () => number,
): Promise<readonly FhirResource[]> {
  const ids = unnamedMedications(resources);
  if (ids.length === 0 || (offers !== null && !offers.has('Medication'))) return [];
  const found = await client.search('Medication', { _id: ids.join(','), _count: 100 }, { seconds: left() });
  return found.ok ? found.value.resources : [];
}
