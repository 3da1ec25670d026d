import { about as aboutShape } from '#domain/critical.js';
import type { About } from '#domain/critical.js';
import type { HospitalEvent } from '#domain/hospital-event.js';
import { namedModality } from '#domain/procedures.js';
import type { Clock } from '#ports/clock.js';
import type { FhirClient, FhirResource } from '#ports/fhir-client.js';
import type { FhirDoor, FhirPool } from '#ports/fhir-door.js';
import type { Log } from '#ports/log.js';

interface Needs {
  readonly fhir: FhirClient;
  readonly fhirDoor: FhirDoor;
  readonly clock: Clock;
  readonly log: Log;
}

/** The exams that the EHR has under an accession number; empty: none, or it did not say within these seconds. Never rejects. */
export type EhrExams = (accession: string, seconds: number) => Promise<readonly About[]>;

/** What names an exam by its accession number. An order says more than its study. */
const TYPES = ['ServiceRequest', 'ImagingStudy'] as const;
/** Resources of one exam that are read besides it. */
const MOST_RELATED = 8;
/** Exams that are remembered, and for how long: whoever has looked at one writes its critical result in the next minutes. */
const MOST_KEPT = 50;
const KEPT_MS = 5 * 60_000;
/** What the EHR calls neither by a procedure nor by a modality. */
const UNNAMED = 'imaging exam';

/** Asks the EHR, and remembers what it said for some minutes, in memory alone. */
export function ehrExams(needs: Needs): EhrExams {
  const kept = new Map<string, { readonly until: number; readonly exams: Promise<readonly About[]> }>();
  return async (accession, seconds) => {
    const key = accession.toUpperCase();
    const now = performance.now();
    for (const [one, { until }] of kept) if (until <= now) kept.delete(one);
    const before = kept.get(key);
    if (before !== undefined) return before.exams;
    const exams = examsInEhr(needs, accession, seconds);
    kept.set(key, { until: now + KEPT_MS, exams });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    // What it did not know, or would not say, it may know in a moment.
    if ((await exams).length === 0) kept.delete(key);
    return exams;
  };
}

async function examsInEhr({ fhir, fhirDoor, clock, log }: Needs, accession: string, seconds: number): Promise<readonly About[]> {
  try {
    const end = performance.now() + seconds * 1000;
    const left = (): { readonly seconds: number } => ({ seconds: Math.max((end - performance.now()) / 1000, 0.05) });
    const offers = await fhir.offers(Math.min(seconds / 2, 1));
    const asked = TYPES.filter((type) => isOffered(offers, type));
    const found = await Promise.all(asked.map((type) => fhir.search(type, { identifier: escaped(accession), _count: 10 }, left())));
    for (const answer of found) if (!answer.ok) log.error('critical.exam-not-asked', { code: answer.code, status: answer.status });
    const resources = found.flatMap((answer) => (answer.ok ? answer.value.resources : []));
    const exams = await Promise.all(
      resources.map(async (resource) => {
        const focus = `${resource.resourceType}/${String(resource['id'])}`;
        const pool = await withRelated({ fhir, fhirDoor }, focus, resource, left);
        return fhirDoor.read(focus, pool, { known: true, rawHash: '', receivedAt: clock.now() }).events.flatMap(aboutOf);
      }),
    );
    return exams.flat().filter(({ accessionNumber }) => accessionNumber?.toUpperCase() === accession.toUpperCase());
  } catch (error) {
    log.error('critical.exam-not-asked', { fault: error });
    return [];
  }
}

/** No statement, or none of the parameters: all is tried. */
function isOffered(offers: Awaited<ReturnType<FhirClient['offers']>>, type: string): boolean {
  const { searchParams = [] } = offers?.get(type) ?? {};
  return offers === null || (offers.has(type) && (searchParams.length === 0 || searchParams.includes('identifier')));
}

async function withRelated(
  { fhir, fhirDoor }: Pick<Needs, 'fhir' | 'fhirDoor'>,
  focus: string,
  resource: FhirResource,
  left: () => { readonly seconds: number },
): Promise<FhirPool> {
  const pool = new Map<string, FhirResource | null>([[focus, resource]]);
  for (;;) {
    const lacks = fhirDoor.lacks(focus, pool).slice(0, MOST_RELATED + 1 - pool.size);
    if (lacks.length === 0) return pool;
    const read = await Promise.all(
      lacks.map(async (one) => {
        const [type = '', id = ''] = one.split('/');
        return [one, await fhir.read(type, id, left())] as const;
      }),
    );
    for (const [one, answer] of read) pool.set(one, answer.ok ? answer.value : null);
  }
}

function aboutOf(event: HospitalEvent): readonly About[] {
  const said = saidBy(event);
  const read = aboutShape.safeParse({ orderCase: null, location: null, ...said });
  return said !== null && read.success ? [read.data] : [];
}

function saidBy(event: HospitalEvent): Omit<About, 'orderCase' | 'location'> | null {
  if (event.type === 'orderReceived') {
    const { order, verb } = event;
    const { procedure, modality } = order;
    const name = procedure === null ? '' : procedure.text === '' ? procedure.code : procedure.text;
    return verb === 'cancel' ? null : { ...order, exam: name === '' ? (modality ?? UNNAMED) : name };
  }
  if (event.type !== 'studyArrived') return null;
  const { accessionNumber, patient, modalities, description } = event;
  const modality = modalities.flatMap((word) => namedModality(word.toUpperCase()) ?? [])[0] ?? null;
  return {
    ...{ accessionNumber, patient, modality, exam: description ?? modality ?? UNNAMED },
    ...{ placerOrderNumber: null, fillerOrderNumber: null, procedure: null, priority: null, patientClass: null, orderingProvider: null },
  };
}

/** FHIR R4 3.1.1.4.0.2: `\`, `|`, `,` and `$` in a value are escaped. */
function escaped(value: string): string {
  return value.replaceAll(/[\\|,$]/gu, '\\$&');
}
