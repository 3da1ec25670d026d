import type { Client } from 'fhir-kit-client';
import type { Instant } from '#core/time.js';
import { CONTEXT_PARTS } from '#domain/context.js';
import type { Context } from '#domain/context.js';
import type { Order } from '#domain/order.js';
import type { ContextResult, FhirServer } from '#ports/fhir-server.js';
import { CREATININE_CODES, EGFR_CODES, PREGNANCY_CODES, WEIGHT_CODES } from './codes.ts';
import { allergiesOf, medicationsOf, notesOf, priorsOf, problemsOf } from './lists.ts';
import { creatinineOf, dateOfObservation, egfrOf, pregnancyOf, weightOf } from './observations.ts';
import { ageAt, choosePatient, sexOf } from './patient.ts';
import { textAt } from './read.ts';
import type { Found, Search } from './search.ts';
import { search } from './search.ts';
import { EhrFailure, ehrClient, whyOf } from './transport.ts';

export interface FhirServerOptions {
  /** Address of the FHIR R4 service, such as `https://ehr.example/fhir`. */
  readonly baseUrl: string;
  /** Identifier system (URI) of the site's record numbers; patients are then looked up as `system|number`. Without it by number alone. */
  readonly patientSystem?: string;
  readonly now: () => Instant;
}

/** The parts that are searched for; age and sex come with the patient. */
export type SearchedPart = Exclude<(typeof CONTEXT_PARTS)[number], 'age'>;

/** What each part's searches brought; null for a part that was late or refused. */
export type Findings = Readonly<Record<SearchedPart, Found | null>>;

/** One EHR over FHIR R4. Nothing is kept and nothing is logged. */
export function fhirServer({ baseUrl, patientSystem, now }: FhirServerOptions): FhirServer {
  const client = ehrClient(baseUrl);
  return {
    async gather(order, budgetSeconds): Promise<ContextResult> {
      if (order.patient.id === null) return { ok: false, why: 'The order names no patient number' };
      const started = performance.now();
      const signal = AbortSignal.timeout(budgetSeconds * 1000);
      const number = escaped(order.patient.id);
      const params = { identifier: patientSystem === undefined ? number : `${patientSystem}|${number}`, _count: 20 };
      const found = await attempt(search(client, { type: 'Patient', params }, signal));
      if (found instanceof EhrFailure) return { ok: false, why: whyOf(found, budgetSeconds) };
      if (!found.complete) return { ok: false, why: 'The EHR did not show all patients with this number' };
      const patient = choosePatient(found.resources, order, patientSystem ?? null);
      if (!patient.ok) return patient;
      const findings = await findAll(client, patient.id, signal);
      return { ok: true, context: contextFromResources(patient.resource, findings, order, now()), tookMs: Math.round(performance.now() - started) };
    },
  };
}

/**
 * The context that resources make. Pure. Only what names this patient as its subject is used; whatever is late, absent, unreadable or incomplete is named
 * in `missing`, also where something of it is shown. An empty list of medications, problems, priors or notes that the EHR answered is an answer.
 */
export function contextFromResources(patient: unknown, findings: Findings, order: Order, now: Instant): Context {
  const id = textAt(patient, 'id') ?? '';
  const missing = new Set<string>();
  const own = (part: SearchedPart, ...types: readonly string[]): readonly unknown[] => {
    const found = findings[part];
    const ofType = (found?.resources ?? []).filter((one) => types.includes(textAt(one, 'resourceType') ?? ''));
    const mine = ofType.filter((one) => isAbout(one, id));
    if (found?.complete !== true || mine.length < ofType.length) missing.add(part);
    return mine;
  };
  const read = <T>(part: SearchedPart, reading: { readonly value: T; readonly sure: boolean }): T => {
    if (!reading.sure) missing.add(part);
    return reading.value;
  };
  const sex = sexOf(textAt(patient, 'gender')) ?? order.patient.sex;
  const ageYears = ageAt(textAt(patient, 'birthDate'), now) ?? ageAt(order.patient.birthDate, now);
  if (ageYears === null) missing.add('age');
  const parts = {
    weightKg: read('weight', weightOf(own('weight', 'Observation'))),
    pregnant: read('pregnancy', pregnancyOf(own('pregnancy', 'Observation'), now)),
    allergies: [...read('allergies', allergiesOf(own('allergies', 'AllergyIntolerance')))],
    medications: [
      ...read('medications', medicationsOf(own('medications', 'MedicationRequest', 'MedicationStatement'), findings.medications?.resources ?? [])),
    ],
    problems: [...read('problems', problemsOf(own('problems', 'Condition')))],
    egfr: read('egfr', egfrOf(own('egfr', 'Observation'))),
    creatinine: [...read('creatinine', creatinineOf(own('creatinine', 'Observation')))],
    priors: [...read('priors', priorsOf(own('priors', 'ImagingStudy'), order.accessionNumber))],
    notes: [...read('notes', notesOf(own('notes', 'DocumentReference')))],
  };
  // Nobody is asked for a man's pregnancy because the EHR says nothing of it.
  if (sex === 'M' && parts.pregnant === null) missing.delete('pregnancy');
  return { ageYears, sex, ...parts, missing: CONTEXT_PARTS.filter((part) => missing.has(part)) };
}

/** `Patient/ID`, alone, under an address, or with a version. */
function isAbout(resource: unknown, id: string): boolean {
  const reference = textAt(resource, 'subject', 'reference') ?? textAt(resource, 'patient', 'reference') ?? '';
  const match = /(?:^|\/)Patient\/([^/]+)(?:\/_history\/[^/]+)?$/u.exec(reference);
  return id !== '' && match?.[1] === id;
}

function observations(codes: readonly string[]): readonly Search[] {
  return [{ type: 'Observation', params: { code: codes.join(','), _sort: '-date', _count: 20 }, sortedBy: dateOfObservation }];
}

/** `optional`: a server that does not hold this kind at all loses nothing by it (US Core knows no MedicationStatement). */
const SEARCHES: Readonly<Record<SearchedPart, readonly (Search & { readonly optional?: boolean })[]>> = {
  weight: observations(WEIGHT_CODES),
  pregnancy: observations(PREGNANCY_CODES),
  egfr: observations(EGFR_CODES),
  creatinine: observations(CREATININE_CODES),
  allergies: [{ type: 'AllergyIntolerance', params: { _count: 100 } }],
  medications: [
    { type: 'MedicationRequest', params: { status: 'active', _count: 100 } },
    { type: 'MedicationStatement', params: { status: 'active', _count: 100 }, optional: true },
  ],
  problems: [{ type: 'Condition', params: { _count: 100 } }],
  priors: [{ type: 'ImagingStudy', params: { _sort: '-started', _count: 20 }, sortedBy: (one) => textAt(one, 'started') }],
  notes: [{ type: 'DocumentReference', params: { _sort: '-date', _count: 20 }, sortedBy: (one) => textAt(one, 'date') }],
};

async function findAll(client: Client, patientId: string, signal: AbortSignal): Promise<Findings> {
  const find = async (part: SearchedPart): Promise<Found | null> => {
    const found = await Promise.all(
      SEARCHES[part].map(async (wanted) => {
        const result = await attempt(search(client, { ...wanted, params: { patient: patientId, ...wanted.params } }, signal));
        const notHeld = wanted.optional === true && result instanceof EhrFailure && [404, 501].includes(result.status ?? 0);
        return notHeld ? { resources: [], complete: true } : result;
      }),
    );
    const had = found.filter((one): one is Found => !(one instanceof EhrFailure));
    if (had.length === 0) return null;
    return { resources: had.flatMap((one) => one.resources), complete: had.length === found.length && had.every((one) => one.complete) };
  };
  const [weight, pregnancy, allergies, medications, problems, egfr, creatinine, priors, notes] = await Promise.all([
    find('weight'), find('pregnancy'), find('allergies'), find('medications'), find('problems'), find('egfr'), find('creatinine'), find('priors'), find('notes'),
  ]); // prettier-ignore
  return { weight, pregnancy, allergies, medications, problems, egfr, creatinine, priors, notes };
}

async function attempt<T>(work: Promise<T>): Promise<T | EhrFailure> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EhrFailure) return error;
    throw error;
  }
}

/** FHIR R4 3.1.1.4.0.2: `\`, `|`, `,` and `$` in a value are escaped. */
function escaped(value: string): string {
  return value.replace(/[\\|,$]/gu, '\\$&');
}
