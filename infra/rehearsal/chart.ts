import type { RehearsalPatient } from './patients.ts';
import { dice } from './randomness.ts';
import type { Dice } from './randomness.ts';

/** A FHIR R4 resource of a patient's chart, as JSON. Every id is fixed by seed and patient, so that a rebuilt EHR is the same EHR. */
export interface ChartResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** Where record numbers of the hospital are assigned; the assigner's name is that of PID-3.4. */
const MRN_SYSTEM = 'urn:oid:2.16.840.1.113883.19.4711';

const loinc = { weight: '29463-7', egfr: '98979-8', creatinine: '2160-0', pregnancy: '82810-3' } as const;

/**
 * What the EHR knows of a patient, dated back from `today`. Some of it is missing on purpose: a third have no weight, some no kidney function, some not a
 * word on allergies (which is not the same as "none known").
 */
export function chartOf(seed: number, patient: RehearsalPatient, today: Date): ChartResource[] {
  const roll = dice(seed, 'chart', patient.index);
  const id = `p${String(seed)}-${String(patient.index)}`;
  const subject = { reference: `Patient/${id}` };
  const daysAgo = (days: number): string => new Date(today.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  const chart: ChartResource[] = [
    {
      resourceType: 'Patient',
      id,
      identifier: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }, system: MRN_SYSTEM,
        value: patient.mrn, assigner: { display: 'RADLOOP-MRN' } }],
      name: [{ use: 'official', family: patient.family, given: [patient.given] }],
      gender: patient.sex === 'F' ? 'female' : 'male',
      birthDate: patient.birthDate,
    },
  ]; // prettier-ignore
  const add = (resourceType: string, elements: Readonly<Record<string, unknown>>): void => {
    chart.push({ resourceType, id: `${id}-${String(chart.length)}`, ...elements });
  };
  const observe = (code: string, text: string, days: number, value: Readonly<Record<string, unknown>>): void => {
    add('Observation', { status: 'final', code: { coding: [{ system: 'http://loinc.org', code, display: text }], text }, subject,
      effectiveDateTime: daysAgo(days), ...value }); // prettier-ignore
  };
  const quantity = (value: number, unit: string, code: string): Readonly<Record<string, unknown>> => ({
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code },
  });

  if (roll.chance(0.68)) observe(loinc.weight, 'Body weight', roll.between(0, 200), quantity(weightFor(patient, roll), 'kg', 'kg'));
  kidneys(patient, roll, observe, quantity);
  pregnancy(patient, roll, observe);
  allergies(patient, roll, (elements) => {
    add('AllergyIntolerance', { patient: subject, ...elements });
  });
  for (const text of [...(patient.situation.medications ?? []), ...sampled(commonMedications, roll)]) {
    add('MedicationStatement', { status: 'active', medicationCodeableConcept: { text }, subject, effectiveDateTime: daysAgo(roll.between(20, 900)) });
  }
  for (const text of [...(patient.situation.problems ?? []), ...sampled(commonProblems, roll)]) {
    add('Condition', {
      clinicalStatus: coded('condition-clinical', 'active'),
      code: { text },
      subject,
      recordedDate: daysAgo(roll.between(30, 2000)),
    });
  }
  for (const [modality, text] of [...(patient.situation.priors ?? []), ...sampled(commonPriors, roll)]) {
    const started = daysAgo(roll.between(3, 1500));
    add('ImagingStudy', { status: 'available', subject, started, description: text,
      modality: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: modality }], procedureCode: [{ text }] }); // prettier-ignore
  }
  for (const text of [...(patient.situation.notes ?? []), ...sampled(commonNotes, roll)]) {
    add('DocumentReference', { status: 'current', subject, date: `${daysAgo(roll.between(1, 700))}T15:00:00Z`, description: 'Clinical note',
      type: { coding: [{ system: 'http://loinc.org', code: '34109-9', display: 'Note' }] },
      content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(text, 'utf8').toString('base64') } }] }); // prettier-ignore
  }
  return chart;
}

type Observe = (code: string, text: string, days: number, value: Readonly<Record<string, unknown>>) => void;
type Quantity = (value: number, unit: string, code: string) => Readonly<Record<string, unknown>>;

function kidneys(patient: RehearsalPatient, roll: Dice, observe: Observe, quantity: Quantity): void {
  const { egfr, rising } = patient.situation;
  const measured = egfr !== null && (egfr !== undefined || roll.chance(patient.ageYears < 18 ? 0.2 : 0.82));
  if (!measured) return;
  const latest = egfr === undefined ? roll.between(62, 105) : roll.between(egfr[0], egfr[1]);
  const days = rising === true ? 0 : roll.chance(0.15) ? roll.between(120, 500) : roll.between(0, 40);
  const creatinine = round(creatinineFor(latest, patient), 2);
  observe(loinc.egfr, 'eGFR CKD-EPI 2021', days, quantity(latest, 'mL/min/1.73m2', 'mL/min/{1.73_m2}'));
  for (let back = 0; back < roll.between(1, 4); back += 1) {
    const earlier = back === 0 ? creatinine : round(rising === true ? creatinine / (1 + 0.45 * back) : creatinine * (0.94 + roll.next() * 0.12), 2);
    observe(loinc.creatinine, 'Creatinine', days + back * (rising === true ? 1 : roll.between(20, 120)), quantity(earlier, 'mg/dL', 'mg/dL'));
  }
}

/** The creatinine (mg/dL) that goes with this eGFR by CKD-EPI 2021 (Inker, NEJM 2021;385:1737), solved for the part above the kappa. */
function creatinineFor(egfr: number, patient: RehearsalPatient): number {
  const [kappa, factor] = patient.sex === 'F' ? [0.7, 1.012] : [0.9, 1];
  const atKappa = 142 * factor * 0.9938 ** Math.max(18, patient.ageYears);
  const exponent = egfr <= atKappa ? -1.2 : patient.sex === 'F' ? -0.241 : -0.302;
  return Math.max(0.3, kappa * (egfr / atKappa) ** (1 / exponent));
}

function pregnancy(patient: RehearsalPatient, roll: Dice, observe: Observe): void {
  if (patient.sex !== 'F' || patient.ageYears < 12 || patient.ageYears > 52) return;
  const status = patient.situation.pregnant ?? (roll.chance(0.45) ? 'no' : null);
  if (status === null) return;
  const [code, display] = status === 'yes' ? ['77386006', 'Pregnant'] : ['60001007', 'Not pregnant'];
  observe(loinc.pregnancy, 'Pregnancy status', status === 'yes' ? roll.between(3, 30) : roll.between(0, 300), {
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code, display }], text: display },
  });
}

function allergies(patient: RehearsalPatient, roll: Dice, add: (elements: Readonly<Record<string, unknown>>) => void): void {
  const active = { clinicalStatus: coded('allergyintolerance-clinical', 'active') };
  const known = [...(patient.situation.allergies ?? []), ...(roll.chance(0.25) ? [roll.pick(commonAllergies)] : [])];
  for (const { substance, reaction } of known) {
    add({ ...active, code: { text: substance }, reaction: [{ manifestation: [{ text: reaction }] }] });
  }
  if (known.length > 0 || roll.chance(0.2)) return;
  add({
    ...active,
    code: { coding: [{ system: 'http://snomed.info/sct', code: '716186003', display: 'No known allergy' }], text: 'No known allergy' },
  });
}

function weightFor(patient: RehearsalPatient, roll: Dice): number {
  if (patient.ageYears < 15) return round(8 + patient.ageYears * 3 + roll.next() * 6, 1);
  return round((patient.sex === 'F' ? 52 : 64) + roll.next() * 45, 1);
}

function coded(system: string, code: string): Readonly<Record<string, unknown>> {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** None to two of the list. */
function sampled<T>(from: readonly T[], roll: Dice): T[] {
  return from.filter(() => roll.chance(1 / from.length)).slice(0, 2);
}

const commonMedications = [
  'Atorvastatin 20 mg daily',
  'Lisinopril 10 mg daily',
  'Omeprazole 20 mg daily',
  'Levothyroxine 75 mcg daily',
  'Ibuprofen 400 mg as needed',
];
const commonProblems = ['Hypertension', 'Hyperlipidemia', 'Gastroesophageal reflux', 'Osteoarthritis', 'Asthma', 'Hypothyroidism'];
const commonPriors = [
  ['XR', 'XR CHEST 2 VIEWS'],
  ['CT', 'CT ABDOMEN AND PELVIS W CONTRAST'],
  ['US', 'US ABDOMEN COMPLETE'],
  ['MR', 'MRI LUMBAR SPINE WO CONTRAST'],
] as const;
const commonAllergies = [
  { substance: 'Penicillin', reaction: 'Rash' },
  { substance: 'Sulfonamides', reaction: 'Rash' },
  { substance: 'Shellfish', reaction: 'Itching of the mouth' },
  { substance: 'Latex', reaction: 'Contact dermatitis' },
] as const;
const commonNotes = [
  'Phone note: patient asks whether the test could be done closer to home. Will call back.',
  'Clinic note, copied forward: no implants, no pacemaker, no metal work known. Lives with spouse.',
  'Nursing: difficult venous access last visit, needed ultrasound.',
  'Family history: mother stroke at 70. Social: former smoker.',
];
