import type { Instant } from '#core/time.js';
import type { Content } from '#domain/content.js';
import { CONTEXT_PARTS } from '#domain/context.js';
import type { Context } from '#domain/context.js';
import type { Order } from '#domain/order.js';
import type { FhirClient } from '#ports/fhir-client.js';
import type { ContextResult, FhirServer } from '#ports/fhir-server.js';
import { writeCommunication } from './communication.ts';
import { findAll } from './findings.ts';
import type { Findings, SearchedPart } from './findings.ts';
import { allergiesOf, medicationsOf, notesOf, priorsOf, problemsOf } from './lists.ts';
import { creatinineOf, egfrOf, pregnancyHolds, pregnancyOf, weightOf } from './observations.ts';
import type { PregnancyHolds } from './observations.ts';
import { ageAt, choosePatient, sexOf } from './patient.ts';
import { textAt } from './read.ts';
import { writeApproval } from './write.ts';

export interface FhirServerOptions {
  readonly client: FhirClient;
  /** Identifier system (URI) of the site's record numbers; patients are then looked up as `system|number`. Without it by number alone. */
  readonly patientSystem?: string;
  /** How long statements of the record hold. */
  readonly validity: Content['validity'];
  readonly now: () => Instant;
}

/** Of the budget, so much may pass before the searches begin without knowing what the EHR offers. */
const OFFERS_SHARE = 0.25;
const OFFERS_MOST_SECONDS = 1;

/** One EHR over FHIR R4. Nothing is kept and nothing is logged. */
export function fhirServer({ client, patientSystem, validity, now }: FhirServerOptions): FhirServer {
  return {
    async gather(order, budgetSeconds): Promise<ContextResult> {
      if (order.patient.id === null) return { ok: false, why: 'The order names no patient number' };
      const started = performance.now();
      const left = (): number => budgetSeconds - (performance.now() - started) / 1000;
      const number = escaped(order.patient.id);
      const params = { identifier: patientSystem === undefined ? number : `${patientSystem}|${number}`, _count: 20 };
      const offered = client.offers(Math.min(budgetSeconds * OFFERS_SHARE, OFFERS_MOST_SECONDS));
      const found = await client.search('Patient', params, { seconds: budgetSeconds });
      if (!found.ok) return { ok: false, why: found.detail };
      if (!found.value.complete) return { ok: false, why: 'The EHR did not show all patients with this number' };
      const patient = choosePatient(found.value.resources, order, patientSystem ?? null);
      if (!patient.ok) return patient;
      const findings = await findAll(client, await offered, patient.id, left);
      return {
        ok: true,
        context: contextFromResources(patient.resource, findings, order, now(), pregnancyHolds(validity)),
        tookMs: Math.round(performance.now() - started),
      };
    },
    async write(what, data, key) {
      const ehr = { client, patientSystem: patientSystem ?? null };
      return what === 'Communication' ? await writeCommunication(ehr, data, key) : await writeApproval(ehr, what, data, key);
    },
  };
}

/**
 * The context that resources make. Pure. Only what names this patient as its subject is used; whatever is late, absent, unreadable or incomplete is named
 * in `missing`, also where something of it is shown. An empty list of medications, problems, priors or notes that the EHR answered is an answer.
 */
export function contextFromResources(patient: unknown, findings: Findings, order: Order, now: Instant, holds: PregnancyHolds): Context {
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
    pregnant: read('pregnancy', pregnancyOf(own('pregnancy', 'Observation'), now, holds)),
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

/** FHIR R4 3.1.1.4.0.2: `\`, `|`, `,` and `$` in a value are escaped. */
function escaped(value: string): string {
  return value.replace(/[\\|,$]/gu, '\\$&');
}
