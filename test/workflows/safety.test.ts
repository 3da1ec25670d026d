import { checkSafety, needsRadiologist } from '#workflows/protocoling/safety.js';
import { ckdEpi2021 } from '#workflows/protocoling/safety-kidney.js';
import type { Content } from '#domain/content.js';
import type { Context } from '#domain/context.js';
import type { Flag } from '#domain/protocol.js';
import type { Modality } from '#domain/modality.js';
import type { Order } from '#domain/order.js';
import { aContext, anOrder, creatinine, daysAgo, egfr, reviewed, today, unreviewed, woman } from '../support/content.ts';

interface Story {
  readonly exam: string;
  readonly modality: Modality;
  readonly why: string;
  readonly order?: Partial<Order>;
  readonly female?: boolean;
  readonly context?: Partial<Context>;
}

function flags(story: Story, content: Content = reviewed): Flag[] {
  const plain = anOrder(story.exam, story.why, { modality: story.modality, ...story.order });
  const context = aContext({ ...(story.female === true ? { sex: 'F', ageYears: 30 } : {}), ...story.context });
  return checkSafety({ order: story.female === true ? woman(plain) : plain, context, protocol: null, today }, content);
}

const ct = (why: string, context: Partial<Context> = {}, more: Partial<Story> = {}): Story => ({
  exam: 'CT ABD PELVIS W CONTRAST',
  modality: 'CT',
  why,
  context,
  ...more,
});
const mr = (why: string, notes: string[], exam = 'MRI BRAIN WO', more: Partial<Context> = {}): Story => ({
  exam,
  modality: 'MR',
  why,
  context: { notes, ...more },
});
const xr = (exam: string, why: string, order: Partial<Order> = {}): Story => ({ exam, modality: 'XR', why, order });
const ofAbdomen = 'colonic mass on colonoscopy';

/** Each code: stories that must raise it, and near ones that must not. */
const table: Readonly<Record<string, { readonly raised: readonly Story[]; readonly silent: readonly Story[] }>> = {
  'egfr-missing': {
    raised: [ct(ofAbdomen, { problems: ['CKD stage 3a'] }), ct(ofAbdomen, { medications: ['metformin 850 mg'] })],
    silent: [ct(ofAbdomen), ct(ofAbdomen, { problems: ['no CKD'] }), ct(ofAbdomen, { problems: ['CKD'], egfr: egfr(80, 2) })],
  },
  'egfr-low': {
    raised: [ct(ofAbdomen, { egfr: egfr(29, 3) }), ct(ofAbdomen, { creatinine: [creatinine(3.4, 2)] })],
    silent: [ct(ofAbdomen, { egfr: egfr(30, 3) }), ct(ofAbdomen, { egfr: egfr(9, 3), problems: ['ESRD on hemodialysis'] })],
  },
  'egfr-stale': {
    raised: [ct(ofAbdomen, { egfr: egfr(66, 31), problems: ['diabetic'] }), ct(ofAbdomen, { egfr: egfr(50, 3) }, { order: { patientClass: 'I' } })],
    silent: [ct(ofAbdomen, { egfr: egfr(66, 30), problems: ['diabetic'] }), ct(ofAbdomen, { egfr: egfr(95, 300) })],
  },
  aki: {
    raised: [ct(ofAbdomen, { creatinine: [creatinine(1.6, 0), creatinine(1.1, 2)] }), ct(ofAbdomen, { problems: ['acute kidney injury'] })],
    silent: [
      ct(ofAbdomen, { creatinine: [creatinine(1.1, 0), creatinine(1.6, 2)] }),
      ct(ofAbdomen, { problems: ['AKI 2019'] }),
      ct(ofAbdomen, { notes: ['AKI, now resolved'] }),
    ],
  },
  'metformin-hold': {
    raised: [ct(ofAbdomen, { medications: ['Janumet'], egfr: egfr(22, 1) })],
    silent: [ct(ofAbdomen, { medications: ['Janumet'], egfr: egfr(31, 1) }), ct(ofAbdomen, { egfr: egfr(22, 1) })],
  },
  'dialysis-info': {
    raised: [ct(ofAbdomen, { problems: ['ESRD on hemodialysis MWF'] })],
    silent: [ct(ofAbdomen, { notes: ['not on dialysis'] }), ct(ofAbdomen, { notes: ['predialysis clinic'] })],
  },
  'gad-group-i-risk': {
    raised: [mr('glioma', [], 'MRI BRAIN W WO OMNISCAN', { egfr: egfr(21, 2) })],
    silent: [mr('glioma', [], 'MRI BRAIN W WO OMNISCAN', { egfr: egfr(85, 2) }), mr('glioma', [], 'MRI BRAIN W WO GADAVIST', { egfr: egfr(21, 2) })],
  },
  'contrast-allergy': {
    raised: [
      ct(ofAbdomen, { allergies: ['Omnipaque - urticaria'] }),
      ct(ofAbdomen, { notes: ['Wheezed after CT dye, had dyspnea.'] }),
      mr('glioma', [], 'MRI BRAIN W WO', { allergies: ['gadobutrol: hives'] }),
    ],
    silent: [
      ct(ofAbdomen, { allergies: ['shrimp - anaphylaxis', 'povidone iodine: rash', 'gadolinium - hives'] }),
      ct(ofAbdomen, { allergies: ['CT contrast: warm feeling and nausea'] }),
      mr('glioma', [], 'MRI BRAIN W WO', { allergies: ['Omnipaque - urticaria'] }),
    ],
  },
  'premedication-needed': {
    raised: [ct(ofAbdomen, { allergies: ['iohexol - bronchospasm'] }), ct(ofAbdomen, { allergies: ['IV contrast - hives'] })],
    silent: [ct(ofAbdomen, { allergies: ['iohexol - mild itching only'] }), ct(ofAbdomen, { allergies: ['latex - anaphylaxis'] })],
  },
  'pregnancy-possible': {
    raised: [
      ct('RUQ pain', {}, { female: true }),
      ct('RUQ pain', { notes: ['LMP 6 wks ago'] }, { female: true }),
      ct('RUQ pain', { ageYears: 30, notes: ['trans man, uterus in situ'] }),
    ],
    silent: [
      ct('RUQ pain', { notes: ['s/p hysterectomy'] }, { female: true }),
      ct('RUQ pain', { notes: ['LMP 8 days ago'] }, { female: true }),
      ct('RUQ pain', { pregnant: false }, { female: true }),
      ct('RUQ pain', { ageYears: 63 }, { female: true }),
      { exam: 'XR WRIST LEFT', modality: 'XR', why: 'fell on L wrist', female: true },
    ],
  },
  pregnant: {
    raised: [
      ct('RUQ pain', { pregnant: true }, { female: true }),
      { exam: 'CTA CHEST PE', modality: 'CT', why: '31 wks pregnant, dyspnea', female: true },
    ],
    silent: [
      { exam: 'US ABDOMEN', modality: 'US', why: 'RUQ pain', female: true, context: { pregnant: true } },
      ct('RUQ pain, postpartum', { pregnant: false }, { female: true }),
    ],
  },
  'lactation-info': {
    raised: [{ exam: 'NM LUNG PERFUSION', modality: 'NM', why: 'dyspnea, breastfeeding', female: true, context: { pregnant: false } }],
    silent: [
      { exam: 'XR CHEST', modality: 'XR', why: 'cough, breastfeeding', female: true },
      ct('RUQ pain, not breastfeeding', { pregnant: false }, { female: true }),
    ],
  },
  'thyroid-info': {
    raised: [
      ct(ofAbdomen, { problems: ['Graves disease'] }),
      {
        exam: 'NM THYROID UPTAKE',
        modality: 'NM',
        why: 'thyrotoxicosis',
        context: { priors: [{ text: 'CT CHEST W', modality: 'CT', date: daysAgo(20) }] },
      },
    ],
    silent: [ct(ofAbdomen, { problems: ['hypothyroidism on levothyroxine'] })],
  },
  'weight-missing': {
    raised: [ct('appendicitis?', { ageYears: 9, weightKg: null })],
    silent: [
      ct('appendicitis?', { ageYears: 9 }),
      ct(ofAbdomen, { weightKg: null }),
      { exam: 'XR CHEST', modality: 'XR', why: 'cough', context: { ageYears: 9, weightKg: null } },
    ],
  },
  'mr-unsafe-implant': {
    raised: [mr('memory loss', ['Ferromagnetic aneurysm clip.']), mr('memory loss', ['Pacemaker with abandoned leads.'])],
    silent: [
      mr('memory loss', ['No pacemaker.']),
      { exam: 'CT HEAD WO', modality: 'CT', why: 'memory loss', context: { notes: ['MR unsafe clip'] } },
    ],
  },
  'mr-implant-unknown': {
    raised: [
      mr('memory loss', ['Has a pacemaker.']),
      mr('memory loss', ['ICD, MRI conditional?']),
      mr('memory loss', ['Steel splinter eye 1990, never imaged.']),
    ],
    silent: [
      mr('memory loss', ['No pacemaker, stimulator or clips.']),
      mr('memory loss', ['Pacemaker, MR conditional, card on file.']),
      mr('memory loss', ['Pacemaker removed 2020.']),
      mr('memory loss', ['Retired welder, orbit films negative.']),
      mr('memory loss', ['MRI safety form negative']),
    ],
  },
  claustrophobia: {
    raised: [mr('memory loss', ['Very claustrophobic.'])],
    silent: [mr('memory loss', ['not claustrophobic']), ct(ofAbdomen, { notes: ['claustrophobic in MRI'] })],
  },
  'wrong-laterality-conflict': {
    raised: [xr('XR ELBOW RIGHT', 'L elbow pain after fall'), xr('XR KNEE LEFT', 'pain after fall', { reasonCodes: ['S83.241A'] })],
    silent: [xr('XR ELBOW RIGHT', 'R elbow pain, s/p L elbow ORIF'), xr('XR KNEES BILATERAL', 'R > L pain'), xr('XR ELBOW LEFT', 'r/o fracture')],
  },
  'body-part-conflict': {
    raised: [xr('XR HAND LEFT', 'ankle swelling'), { exam: 'CT HEAD WO', modality: 'CT', why: 'renal colic' }],
    silent: [
      xr('XR HAND LEFT', 'wrist swelling'),
      { exam: 'MRI LUMBAR SPINE WO', modality: 'MR', why: 'foot drop' },
      { exam: 'US LE VENOUS', modality: 'US', why: 'PE on CT' },
    ],
  },
  'sex-age-conflict': {
    raised: [
      { exam: 'MRI PROSTATE', modality: 'MR', why: 'raised PSA', female: true },
      { exam: 'US NEONATAL HEAD', modality: 'US', why: 'IVH screen' },
      { exam: 'XR CHEST', modality: 'XR', why: '4yo M cough' },
    ],
    silent: [
      { exam: 'MRI PROSTATE', modality: 'MR', why: 'raised PSA' },
      { exam: 'US PELVIS', modality: 'US', why: 'fibroids', context: { notes: ['trans man (AFAB)'] } },
      { exam: 'XR CHEST', modality: 'XR', why: '5 days of cough' },
    ],
  },
  'missing-indication': {
    raised: ['', 'eval', 'see note', '???', 'pain', 'per Dr. Jones', 'chest'].map((why) => ({ exam: 'CT CHEST WO', modality: 'CT', why })),
    silent: ['cough', 'r/o PE', 'chest pain', 'TB', 'screening'].map((why) => ({ exam: 'CT CHEST WO', modality: 'CT', why })),
  },
  'duplicate-recent-study': {
    raised: [ct('chronic belly pain', { priors: [{ text: 'CT ABD PELVIS W', modality: 'CT', date: daysAgo(12) }] })],
    silent: [
      ct('abscess, drain in place', { priors: [{ text: 'CT ABD PELVIS W', modality: 'CT', date: daysAgo(12) }] }),
      ct('chronic belly pain', { priors: [{ text: 'CT ABD PELVIS W', modality: 'CT', date: daysAgo(200) }] }),
      ct('chronic belly pain', { priors: [{ text: 'US ABDOMEN', modality: 'US', date: daysAgo(12) }] }),
    ],
  },
  'low-appropriateness': {
    raised: [{ exam: 'MRI LUMBAR SPINE WO', modality: 'MR', why: 'back strain 9 days, no neuro signs' }],
    silent: [
      { exam: 'MRI LUMBAR SPINE WO', modality: 'MR', why: 'back pain 9 days, fever, ivdu' },
      { exam: 'MRI LUMBAR SPINE WO', modality: 'MR', why: 'sciatica 4 months' },
    ],
  },
};

describe.each(Object.entries(table))('%s', (code, { raised, silent }) => {
  it.each(raised.map((story) => [sentence(story), story] as const))('is raised for %s', (_text, story) => {
    const found = flags(story).filter((flag) => flag.code === code);
    expect(found).not.toEqual([]);
    for (const flag of found) {
      expect(flag.rule).toMatch(/^[a-z0-9-]+@2026-11$/u);
      expect(flag.source.length).toBeGreaterThan(5);
    }
  });

  it.each(silent.map((story) => [sentence(story), story] as const))('is not raised for %s', (_text, story) => {
    expect(flags(story).map((flag) => flag.code)).not.toContain(code);
  });
});

function sentence({ exam, why, context }: Story): string {
  const { problems = [], notes = [], allergies = [], medications = [] } = context ?? {};
  return [exam, `"${why}"`, ...problems, ...notes, ...allergies, ...medications].join(' / ');
}

describe('what could not be checked', () => {
  it('is said for each question when the EHR did not answer, and nothing is called safe', () => {
    const order = anOrder('CT ABD PELVIS W CONTRAST', ofAbdomen, { modality: 'CT' });
    const found = checkSafety({ order, context: null, protocol: null, today }, reviewed);
    const texts = found.filter((flag) => flag.code === 'not-checked').map((flag) => flag.text);
    expect(texts).toContain('Kidney function not checked: the EHR did not answer.');
    expect(texts).toContain('Reactions to iodinated contrast not checked: the EHR did not answer.');
    expect(texts.join(' ')).not.toMatch(/safe\b/u);
  });

  it('names the part that the EHR did not give, and still reads the rest', () => {
    const found = flags(ct(ofAbdomen, { missing: ['allergies'], egfr: egfr(20, 1) }));
    expect(found.map((flag) => flag.text)).toContain('Reactions to iodinated contrast not checked: the EHR did not give allergies.');
    expect(found.map((flag) => flag.code)).toContain('egfr-low');
  });

  it('is not a missing value: a laboratory list that did not come raises no egfr-missing', () => {
    expect(flags(ct(ofAbdomen, { problems: ['CKD'], missing: ['egfr'] })).map((flag) => flag.code)).not.toContain('egfr-missing');
  });

  it('is said for every question whose row nobody has reviewed, and no advice is given', () => {
    const found = flags(ct(ofAbdomen, { egfr: egfr(20, 1), allergies: ['Omnipaque - shock'] }), unreviewed);
    expect(new Set(found.map((flag) => flag.code))).toEqual(new Set(['not-checked']));
    expect(found.map((flag) => flag.text)).toContain('Kidney function not checked: no reviewed rule covers it.');
  });

  it('does not arise where the order gives no contrast', () => {
    const order = anOrder('XR CHEST', 'cough', { modality: 'XR' });
    expect(checkSafety({ order, context: null, protocol: null, today }, reviewed).map((flag) => flag.text)).not.toContain(
      'Kidney function not checked: the EHR did not answer.',
    );
  });
});

describe('the evidence of a flag', () => {
  it('cites the sentence, not the whole note', () => {
    const [flag] = flags(mr('memory loss', ['Lives alone. Has a spinal cord stimulator. Likes music.'])).filter(
      (one) => one.code === 'mr-implant-unknown',
    );
    expect(flag?.evidence).toEqual(['Note: “Has a spinal cord stimulator.”']);
  });

  it('gives a value with unit and date', () => {
    const [flag] = flags(ct(ofAbdomen, { egfr: egfr(20, 1) })).filter((one) => one.code === 'egfr-low');
    expect(flag?.evidence).toEqual([`eGFR 20 mL/min/1.73m2, ${daysAgo(1)}`]);
  });

  it('puts what stops before what informs', () => {
    const severities = flags(mr('glioma', ['Ferromagnetic clip. Claustrophobic.'], 'MRI BRAIN W WO')).map((flag) => flag.severity);
    expect(severities).toEqual(severities.toSorted((a, b) => ['stop', 'ask', 'inform'].indexOf(a) - ['stop', 'ask', 'inform'].indexOf(b)));
  });
});

describe('who is asked', () => {
  it('sends a missing weight to the staff and an implant to the radiologist', () => {
    const child = flags(ct('appendicitis?', { ageYears: 9, weightKg: null }));
    expect(needsRadiologist(child, false, reviewed)).toBe(false);
    expect(needsRadiologist(flags(mr('memory loss', ['Has a pacemaker.'])), false, reviewed)).toBe(true);
  });

  it('sends an abstention to the radiologist', () => {
    expect(needsRadiologist([], true, reviewed)).toBe(true);
  });
});

describe('eGFR from creatinine', () => {
  // Values of the National Kidney Foundation's calculator for CKD-EPI 2021.
  it.each([
    [1.0, 50, 'M', 92],
    [1.0, 50, 'F', 69],
    [2.2, 70, 'F', 24],
    [0.6, 25, 'F', 128],
  ] as const)('of %s mg/dL at %s years, %s, is %s', (value, age, sex, expected) => {
    expect(ckdEpi2021(value, age, sex)).toBe(expected);
  });
});
