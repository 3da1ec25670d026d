import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextFromResources } from '#adapters/fhir/context.js';
import type { Findings, SearchedPart } from '#adapters/fhir/findings.js';
import { pregnancyHolds } from '#adapters/fhir/observations.js';
import { ageAt } from '#adapters/fhir/patient.js';
import { choosePatient } from '#adapters/fhir/patient.js';
import { toInstant } from '#core/time.js';
import type { Context } from '#domain/context.js';
import type { FhirResource } from '#ports/fhir-client.js';
import { unreviewed } from '../support/content.ts';
import { adaOrder, note, observation, patientOf, quantity, resource } from '../support/fhir-stub-chart.ts';

const now = toInstant(Date.UTC(2026, 10, 25, 12));
const HOLDS = pregnancyHolds(unreviewed.validity);
const nothing = { resources: [], complete: true };
const EMPTY: Findings = { weight: nothing, pregnancy: nothing, allergies: nothing, medications: nothing, problems: nothing, egfr: nothing, creatinine: nothing, priors: nothing, notes: nothing }; // prettier-ignore

function contextOf(part: SearchedPart, ...resources: readonly unknown[]): Context {
  return contextFromResources(patientOf('ada'), { ...EMPTY, [part]: { resources, complete: true } }, adaOrder(), now, HOLDS);
}

const egfr = (date: string, value: Readonly<Record<string, unknown>>, code = '98979-8') => observation(code, date, value);

describe('kidney function and weight', () => {
  it('an older eGFR never stands in for a newer one that can not be read', () => {
    const context = contextOf('egfr', egfr('2026-01-01', quantity(80, 'mL/min')), egfr('2026-11-01', quantity(15, 'mL/min', '<')));
    expect(context.egfr).toBeNull();
    expect(context.missing).toContain('egfr');
  });

  it.each([
    ['valueQuantity >60', quantity(60, 'mL/min', '>'), 60],
    ['text >60', { valueString: '>60 mL/min' }, 60],
    ['text 44', { valueString: '44' }, 44],
  ])('%s reads as %s', (_, value, expected) => {
    expect(contextOf('egfr', egfr('2026-11-01', value)).egfr?.value).toBe(expected);
  });

  it('a result that was cancelled, entered in error or never obtained is none', () => {
    const context = contextOf(
      'egfr',
      egfr('2026-05-01', quantity(50, 'mL/min')),
      { ...egfr('2026-11-01', quantity(90, 'mL/min')), status: 'entered-in-error' },
      { ...egfr('2026-11-02', {}), dataAbsentReason: { text: 'haemolysed' } },
    );
    expect(context.egfr?.value).toBe(50);
  });

  it('of two equations in one result the one without the race factor counts', () => {
    const [black, other] = [egfr('2026-11-01', quantity(60, 'mL/min'), '88293-6'), egfr('2026-11-01', quantity(52, 'mL/min'), '88294-4')];
    expect(contextOf('egfr', black, other).egfr?.value).toBe(52);
  });

  it.each([
    [{ value: 3200, unit: 'g' }, 3.2],
    [{ value: 70, code: 'kg' }, 70],
    [{ value: 11, unit: 'stone' }, null],
    [{ value: 0, unit: 'kg' }, null],
  ])('weight %j is %s kg', (valueQuantity, expected) => {
    expect(contextOf('weight', observation('29463-7', '2026-11-01', { valueQuantity })).weightKg?.value ?? null).toBe(expected);
  });
});

describe('pregnancy', () => {
  const said = (code: string, date: string): Context =>
    contextOf('pregnancy', observation('82810-3', date, { valueCodeableConcept: { coding: [{ code }] } }));

  it.each([
    ['77386006', '2026-10-01', true],
    ['LA15173-0', '2026-10-01', true],
    ['LA26683-5', '2026-11-10', false],
    ['LA4489-6', '2026-11-10', null],
    ['60001007', '2026-06-01', null],
    ['77386006', '2025-10-01', null],
  ])('%s of %s is %s', (code, date, expected) => {
    const context = said(code, date);
    expect(context.pregnant).toBe(expected);
    expect(context.missing.includes('pregnancy')).toBe(expected === null);
  });

  it('is not asked of a man, but believed when it is said', () => {
    const man = patientOf('ada', { gender: 'male' });
    expect(contextFromResources(man, EMPTY, adaOrder(), now, HOLDS).missing).not.toContain('pregnancy');
    const resources = [observation('82810-3', '2026-11-01', { valueBoolean: true })];
    expect(contextFromResources(man, { ...EMPTY, pregnancy: { resources, complete: true } }, adaOrder(), now, HOLDS).pregnant).toBe(true);
  });
});

describe('lists', () => {
  it.each([
    ['No known allergy', ['716186003'], [], false],
    ['NKDA', [], [], false],
    ['No known food allergy', ['429625007'], [], true],
    ['Gadobutrol', [], ['Gadobutrol'], false],
  ])('allergy entry "%s" %j gives %j', (text, codes, allergies, missing) => {
    const context = contextOf('allergies', resource('AllergyIntolerance', { code: { text, coding: codes.map((code) => ({ code })) } }));
    expect(context.allergies).toEqual(allergies);
    expect(context.missing.includes('allergies')).toBe(missing);
  });

  it('leaves out what is refuted, entered in error, resolved or inactive', () => {
    const of = (element: string, code: string) => resource('AllergyIntolerance', { code: { text: code }, [element]: { coding: [{ code }] } });
    const context = contextOf('allergies', of('verificationStatus', 'refuted'), of('verificationStatus', 'entered-in-error'), of('clinicalStatus', 'resolved'), of('clinicalStatus', 'inactive'), of('clinicalStatus', 'active')); // prettier-ignore
    expect(context.allergies).toEqual(['active']);
  });

  it('keeps an allergy that has no name', () => {
    expect(contextOf('allergies', resource('AllergyIntolerance', { criticality: 'high' })).allergies).toEqual([
      'an allergy without a name (criticality high)',
    ]);
  });

  it('finds the name of a medication in the resource that came with it, and says when it has none', () => {
    const contained = resource('MedicationRequest', {
      status: 'active',
      contained: [{ id: 'm', code: { text: 'Metformin' } }],
      medicationReference: { reference: '#m' },
    });
    const included = resource('MedicationRequest', { status: 'active', medicationReference: { reference: 'Medication/m2' } });
    const medication = { resourceType: 'Medication', id: 'm2', code: { text: 'Warfarin' } };
    expect(contextOf('medications', contained, included, medication)).toMatchObject({ medications: ['Metformin', 'Warfarin'] });
    expect(contextOf('medications', included)).toMatchObject({ medications: [] });
    expect(contextOf('medications', included).missing).toContain('medications');
  });

  it('leaves out what must not be given and what has ended', () => {
    const of = (more: Readonly<Record<string, unknown>>) =>
      resource('MedicationRequest', { medicationCodeableConcept: { text: 'X' }, status: 'active', ...more });
    expect(contextOf('medications', of({ doNotPerform: true }), of({ status: 'stopped' }), of({ intent: 'plan' })).medications).toEqual([]);
  });

  it('says of a problem that it is not confirmed', () => {
    const context = contextOf(
      'problems',
      resource('Condition', { code: { text: 'Lymphoma' }, verificationStatus: { coding: [{ code: 'provisional' }] } }),
    );
    expect(context.problems).toEqual(['Lymphoma (provisional)']);
  });

  it('shows the newest ten priors and not the study of the order itself', () => {
    const study = (day: number) => resource('ImagingStudy', { status: 'available', started: `2026-01-${String(day).padStart(2, '0')}`, description: `S${String(day)}`, series: [{ modality: { code: 'MR' } }] }); // prettier-ignore
    const own = resource('ImagingStudy', { started: '2026-11-25', identifier: [{ value: 'ACC1' }], description: 'this one' });
    const { priors } = contextOf('priors', ...Array.from({ length: 12 }, (_, at) => study(at + 1)), own);
    expect(priors.map((prior) => prior.text)).toEqual(['S12', 'S11', 'S10', 'S9', 'S8', 'S7', 'S6', 'S5', 'S4', 'S3']);
    expect(priors[0]?.modality).toBe('MR');
  });

  it('cuts a long note, decodes its character set and says when a document could not be read', () => {
    const long = contextOf('notes', note('ä'.repeat(20_000), '2026-01-01'));
    expect(long.notes[0]).toMatch(/^ä{10240}\n\[cut at 20 kB\]$/u);
    expect(long.missing).toContain('notes');
    const latin = { contentType: 'text/plain; charset=iso-8859-1', data: Buffer.from('Größe', 'latin1').toString('base64') };
    expect(contextOf('notes', resource('DocumentReference', { status: 'current', content: [{ attachment: latin }] })).notes).toEqual(['Größe']);
    expect(contextOf('notes', note('%PDF', '2026-01-01', 'application/pdf'))).toMatchObject({
      notes: [],
      missing: expect.arrayContaining(['notes']),
    });
  });

  it('shows at most five notes, the newest', () => {
    const notes = Array.from({ length: 7 }, (_, at) => note(`note ${String(at)}`, `2026-0${String(at + 1)}-01`));
    expect(contextOf('notes', ...notes).notes).toEqual(['note 6', 'note 5', 'note 4', 'note 3', 'note 2']);
  });
});

describe('whose it is', () => {
  it("leaves another patient's resource out and says that something is wrong with the part", () => {
    const context = contextOf('problems', resource('Condition', { code: { text: 'ours' } }), { ...resource('Condition', { code: { text: 'theirs' } }), subject: { reference: 'Patient/bob' } }); // prettier-ignore
    expect(context).toMatchObject({ problems: ['ours'], missing: expect.arrayContaining(['problems']) });
  });

  it('one broken resource never loses the others', () => {
    const broken = [null, 7, [], {}, { resourceType: 'Condition' }, { resourceType: 'Condition', subject: 'Patient/ada', code: 'x' }];
    for (const part of ['weight', 'pregnancy', 'allergies', 'medications', 'problems', 'egfr', 'creatinine', 'priors', 'notes'] as const) {
      expect(() => contextOf(part, ...broken)).not.toThrow();
    }
    expect(contextOf('problems', ...broken, resource('Condition', { code: { text: 'kept' } })).problems).toEqual(['kept']);
  });

  it('another name and another birth date under the number are another person; one of them alone is not', () => {
    const choose = (patient: Parameters<typeof adaOrder>[0]) => choosePatient([patientOf('ada')], adaOrder(patient), null);
    expect(choose({ name: { family: 'Moss', given: 'Bo' }, birthDate: '19500101' })).toMatchObject({
      ok: false,
      why: expect.stringMatching(/another person/u),
    });
    expect(choose({ birthDate: '19801127' })).toMatchObject({ ok: true });
    expect(choose({ name: { family: 'Miller', given: 'Ada' } })).toMatchObject({ ok: true });
    expect(choose({ birthDate: null, name: null })).toMatchObject({ ok: true });
  });

  it('a record that was merged away is not the patient', () => {
    const merged = patientOf('old', { link: [{ type: 'replaced-by', other: { reference: 'Patient/ada' } }] });
    expect(choosePatient([merged, patientOf('ada')], adaOrder(), null)).toMatchObject({ ok: true, id: 'ada' });
    expect(choosePatient([merged], adaOrder(), null)).toMatchObject({ ok: false });
  });
});

describe('age', () => {
  it.each([
    ['1980-11-26', 45],
    ['19801125', 46],
    ['1980-11', 46],
    ['1980', 46],
    ['2026-11-25', 0],
    ['2027-01-01', null],
    ['1800-01-01', null],
    ['unknown', null],
  ])('born %s is %s on 25 November 2026', (birthDate, expected) => {
    expect(ageAt(birthDate, now)).toBe(expected);
  });

  it('comes from the order when the EHR has no birth date, and is missing when nobody has', () => {
    const undated = patientOf('ada', { birthDate: undefined });
    expect(contextFromResources(undated, EMPTY, adaOrder(), now, HOLDS).ageYears).toBe(45);
    expect(contextFromResources(undated, EMPTY, adaOrder({ birthDate: null }), now, HOLDS).missing).toContain('age');
  });
});

const examples = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'fhir', 'google_r4_examples');
/** The examples belong to several patients: all are made the first one's. */
const example = (name: string): FhirResource =>
  JSON.parse(readFileSync(join(examples, `${name}.json`), 'utf8').replace(/"Patient\/(?:dicom|pat1|xcda)"/gu, '"Patient/example"')) as FhirResource;

describe('published R4 examples', () => {
  const here = existsSync(examples);
  const title = here ? 'read as a clinician would' : 'are not here (../shared/data/fhir), so nothing was checked';
  it(title, () => {
    if (!here) return;
    const found = (...names: readonly string[]) => ({ resources: names.map(example), complete: true });
    const findings: Findings = {
      ...EMPTY,
      allergies: found('AllergyIntolerance'),
      medications: found('MedicationStatement', 'MedicationRequest'),
      problems: found('Condition'),
      priors: found('ImagingStudy'),
      notes: found('DocumentReference'),
    };
    const context = contextFromResources(example('Patient'), findings, adaOrder({ sex: null }), now, HOLDS);
    expect(context).toMatchObject({ ageYears: 51, sex: 'M', problems: ['Burnt Ear'], notes: [] });
    expect(context.allergies).toEqual(['Cashew nuts (criticality high; reaction: Anaphylactic reaction, severe; Urticaria, moderate)']);
    expect(context.priors).toMatchObject([{ text: 'XR Wrist 3+ Views', modality: 'DX' }]);
    expect(context.medications).toEqual(['Tylenol PM']);
    expect(context.missing).toEqual(expect.arrayContaining(['notes']));
    expect(context.missing).not.toEqual(expect.arrayContaining(['problems']));
  });
});
