import { planFor } from '#bot/conversation/plan.js';
import type { Plan } from '#bot/conversation/plan.js';
import { understand } from '#models/intents/index.js';
import { toAsk } from '#models/intents/asked.js';
import type { Utterance } from '#domain/utterance.js';
import { numbered, okafor } from '../support/clinic.ts';

/** How radiologists write that something is critical, each line in the manner of another one; names and numbers are invented. */
const A = numbered('7KF3Q');
const B = numbered('HJ2KM');

function said(text: string, more: Partial<Utterance> = {}): Plan {
  const utterance: Utterance = { text, place: 'private', threadCase: null, lastShown: [], role: 'radiologist', ...more };
  const inPrivate = utterance.place === 'private';
  return planFor(understand(utterance, []), { person: okafor, inPrivate, seen: () => true, shown: utterance.lastShown, said: text });
}

describe('words that declare give one card, of the exam and the finding that they say', () => {
  it.each<[string, object, RegExp]>([
    [`critical: tension pneumothorax on ${A}`, { caseNumber: A }, /^tension pneumothorax$/],
    [`CRITICAL: TENSION PNEUMOTHORAX ON ${A}`, { caseNumber: A }, /^TENSION PNEUMOTHORAX$/],
    [`${A} is critical: saddle PE`, { caseNumber: A }, /saddle PE/],
    [`hi, new critical finding on ${A}: free air under the diaphragm`, { caseNumber: A }, /^free air under the diaphragm$/],
    [`declare ${A.toLowerCase()} critical, aortic dissection type A`, { caseNumber: A }, /aortic dissection type A/],
    [`could you please raise a critical on ${A}, testicular torsion`, { caseNumber: A }, /testicular torsion/],
    [`critical result on ${A}: acute SDH with 9 mm shift, was not there yesterday`, { caseNumber: A }, /SDH with 9 mm shift/],
    [`critical: ruptured AAA on ${A}, patient unstable`, { caseNumber: A }, /ruptured AAA/],
    [`critical: dissection of innominate artery on ${A}`, { caseNumber: A }, /dissection of innominate artery/],
    ['critical: free air on accession 12345', { accession: '12345' }, /^free air$/],
    ['Critical: free air, accession number RAD-2231/7', { accession: 'RAD-2231/7' }, /^free air$/],
    ['critical acc# 7781234: PE with right heart strain', { accession: '7781234' }, /^PE with right heart strain$/],
    ['critical: cord compression on A1234567', { accession: 'A1234567' }, /^cord compression$/],
    ['critical on RAD900009: ischemic bowel', { accession: 'RAD900009' }, /^ischemic bowel$/],
    ['crit, ACC 4423991, basilar occlusion', { accession: '4423991' }, /basilar occlusion/],
    ['flag a critical for accession no. 55120, ruptured ectopic', { accession: '55120' }, /ruptured ectopic/],
    ['critical: saddle PE (accession 99821)', { accession: '99821' }, /^saddle PE$/],
    ['critical: tension pneumothorax, patient Sanchez', { patient: 'Sanchez' }, /^tension pneumothorax$/],
    ['critical: tension pneumothorax, patient sanchez', { patient: 'sanchez' }, /^tension pneumothorax$/],
    ['critical: tension pneumothorax, pt Sánchez García, María', { patient: 'Sánchez García, María' }, /^tension pneumothorax$/],
    ['critical: tension pneumothorax on Sanchez Garcia', { patient: 'Sanchez Garcia' }, /^tension pneumothorax$/],
    ['critical: free air on garcia lopez', { patient: 'garcia lopez' }, /^free air$/],
    ['critical: free air on mr okonkwo', { patient: 'okonkwo' }, /^free air$/],
    ['Critical: massive PE on Mr. Brown', { patient: 'Brown' }, /^massive PE$/],
    ['CRITICAL: FREE AIR, PATIENT NGUYEN', { patient: 'NGUYEN' }, /^FREE AIR$/],
    ['critical: acute subdural, patient name: Núñez-Ortega', { patient: 'Núñez-Ortega' }, /^acute subdural$/],
    ["critical: acute subdural on O'Brien", { patient: "O'Brien" }, /^acute subdural$/],
    ["critical on Kowalczyk's head CT: basilar thrombosis", { patient: 'Kowalczyk' }, /^basilar thrombosis$/],
    ['critical Sanchez: free air', { patient: 'Sanchez' }, /^free air$/],
    ['critical - Nguyen - SAH', { patient: 'Nguyen' }, /^SAH$/],
    ['Sanchez, Maria - critical: free air', { patient: 'Sanchez, Maria' }, /^free air$/],
    ['Okonkwo has a critical: ruptured AAA', { patient: 'Okonkwo' }, /^ruptured AAA$/],
    ['critical: ruptured spleen, Haddad Karim', { patient: 'Haddad Karim' }, /^ruptured spleen$/],
    ['critical: Sanchez, tension pneumothorax on the left', { patient: 'Sanchez' }, /^tension pneumothorax on the left$/],
    ['critical: free air on de la Cruz', { patient: 'de la Cruz' }, /^free air$/],
    ['critical: volvulus, patient van der Berg, please page surgery', { patient: 'van der Berg' }, /volvulus/],
    ['critical: cord compression on J. Sandoval', { patient: 'J. Sandoval' }, /^cord compression$/],
    ['declare a critical on patient Oyelaran: torsion of the left testis', { patient: 'Oyelaran' }, /torsion of the left testis/],
    ['please flag critical, patient Fujita Aiko, aortic dissection', { patient: 'Fujita Aiko' }, /aortic dissection/],
    ['category 2: appendicitis, patient Lindholm', { patient: 'Lindholm' }, /^appendicitis$/],
    ['i have a critical on mrs abernathy: midgut volvulus', { patient: 'abernathy' }, /^midgut volvulus$/],
    ['new critical for Petrov, Ivan: intracranial haemorrhage', { patient: 'Petrov, Ivan' }, /^intracranial haemorrhage$/],
    [
      'Critical finding. Patient: Whitfield, Harold. Large right MCA infarct with midline shift.',
      { patient: 'Whitfield, Harold' },
      /^Large right MCA infarct/,
    ],
    ['STAT critical - tension PTX L - Whitfield', { patient: 'Whitfield' }, /^tension PTX L$/],
    ['Hi Radloop, I need to declare a critical: type B dissection for Mrs Aaltonen', { patient: 'Aaltonen' }, /^type B dissection$/],
    ['Pls notify, critical ectopic pregnancy ruptured, Romero Díaz, Lucía', { patient: 'Romero Díaz, Lucía' }, /^ectopic pregnancy ruptured$/],
    ['critical pneumoperitoneum accession#77120', { accession: '77120' }, /^pneumoperitoneum$/],
    ['A5512345 critical - perforated ulcer', { accession: 'A5512345' }, /^perforated ulcer$/],
    ['critical: new subarachnoid hemorrhage in patient zhang wei', { patient: 'zhang wei' }, /^new subarachnoid hemorrhage$/],
    ['critical for pt. MÜLLER: epidural haematoma 2 cm', { patient: 'MÜLLER' }, /^epidural haematoma 2 cm$/],
    ['Declare critical: bowel ischaemia. Accession: US-20261126-004', { accession: 'US-20261126-004' }, /^bowel ischaemia$/],
    ['critical: saddle PE. pt is Jiménez Ortiz', { patient: 'Jiménez Ortiz' }, /^saddle PE$/],
    ["critical: large pericardial effusion with tamponade on Mrs Featherstone's echo", { patient: 'Featherstone' }, /with tamponade$/],
    ['critical: free air. Patient name Ramírez de Arellano, José Luis', { patient: 'Ramírez de Arellano, José Luis' }, /^free air$/],
    ['pt Kaminski, critical: aortic rupture', { patient: 'Kaminski' }, /^aortic rupture$/],
    ['critical, malpositioned ET tube in right mainstem, baby Tran', { patient: 'Tran' }, /malpositioned ET tube in right mainstem$/],
    ['category 1: testicular torsion, Fitzwilliam, Noah', { patient: 'Fitzwilliam, Noah' }, /^testicular torsion$/],
    ['red alert on Nakashima: abdominal aortic aneurysm rupture', { patient: 'Nakashima' }, /^abdominal aortic aneurysm rupture$/],
    ['critical: volvulus; acc 3391; page peds surgery', { accession: '3391' }, /^volvulus/],
    ['critical: pulmonary embolism / Alvarez-Mon', { patient: 'Alvarez-Mon' }, /^pulmonary embolism$/],
    ['critical finding for Ng: SAH', { patient: 'Ng' }, /^SAH$/],
    ['critical: acute cholangitis on Li, Wei', { patient: 'Li, Wei' }, /^acute cholangitis$/],
  ])('%s', (text, of, finding) => {
    const plan = said(text);
    expect([text, plan]).toMatchObject([text, { kind: 'declare', of, finding: expect.stringMatching(finding), asks: true }]);
    // What was shown last is not what is meant where the exam is named otherwise.
    expect([text, said(text, { lastShown: [B] })]).toMatchObject([text, { of }]);
  });

  it('the category that is said goes with it', () => {
    expect(said('category 2: appendicitis, patient Lindholm')).toMatchObject({ category: 2 });
  });

  it('a name or an accession number beside a case number must be that of its exam', () => {
    expect(said(`critical: free air on ${A}, patient Sanchez`)).toMatchObject({
      ...{ of: { caseNumber: A }, finding: 'free air' },
      also: { patient: 'Sanchez', accession: null },
    });
    expect(said(`critical: free air on ${A}, accession 12345`)).toMatchObject({
      of: { caseNumber: A },
      also: { patient: null, accession: '12345' },
    });
    expect(said(`critical: free air on ${A}, patient unstable`)).toMatchObject({ also: null });
  });
});

const other = [
  "Is Whitfield's CT critical?",
  'critical on Whitfield?',
  'has the critical for Aaltonen gone out',
  'The critical on Aaltonen got called by the fellow',
  'we discussed the critical for accession 12345 with the surgeon',
  "accession 12345 isn't critical",
  'not a critical result, accession 12345',
  "I don't think it is critical, patient Whitfield",
  'there is nothing critical about Whitfield',
  'who took the critical on accession 12345?',
  'what is the status of the critical on Whitfield',
  'show me the critical for Whitfield',
  'the critical for Whitfield was withdrawn',
  'Whitfield had a critical two weeks ago',
  'previous critical: SAH in 2019, patient Whitfield',
  'report from last year: critical finding of PE on Whitfield',
  'remind me about the critical on accession 12345 in 10 minutes',
  'did the ED acknowledge the critical on Whitfield?',
  'can a critical be withdrawn for accession 12345',
  'acknowledged the critical on Whitfield',
  'non-critical finding on Whitfield: renal cyst',
  'it was not critical in the end, accession 12345',
  'the orderer asked if it was critical, patient Whitfield',
  'when do I have to declare a critical for accession 12345',
  'patient Whitfield is in critical condition',
  'critical care follow-up for Whitfield',
  'never mind the critical on Whitfield',
  'cancel the critical on accession 12345',
  'why is Whitfield critical',
  'is it critical or not, accession 12345',
];

describe('words that do not declare give no card', () => {
  const of = [`on ${A}`, 'on accession 12345', 'on Sanchez', 'patient Sanchez Garcia'];
  const lines = of.flatMap((exam) => [
    `not critical ${exam}`,
    `this is not critical, ${exam}`,
    `no critical findings ${exam}`,
    `nothing critical ${exam}`,
    `do not declare a critical ${exam}`,
    `it is no longer critical ${exam}`,
    `is this critical ${exam}?`,
    `is there a critical ${exam}`,
    `was a critical called ${exam}?`,
    `did anyone call the critical ${exam}`,
    `who called the critical ${exam}?`,
    `when was the critical ${exam} sent`,
    `should I declare a critical ${exam}?`,
    `does free air count as critical ${exam}?`,
    `what happens if I declare a critical ${exam}?`,
    `any criticals ${exam}?`,
    `how do I declare a critical ${exam}`,
    `I already called the critical ${exam}`,
    `Dr Lee reported the critical ${exam} yesterday`,
    `the critical ${exam} was called to the ward at 14:00`,
    `there was a critical ${exam} last week`,
    `we had a critical ${exam} on Monday`,
    `the resident says it is critical ${exam}`,
    `she asked whether it is critical ${exam}`,
    `prior critical ${exam}`,
    `critical care consult ${exam}`,
  ]);
  it.each([...lines, ...other, 'Findings: no critical finding. Impression: normal.', 'critical? no', `${A} critical?`, `${A} is not critical`])(
    '%s',
    (text) => {
      for (const lastShown of [[], [B]]) expect([text, said(text, { lastShown }).kind]).not.toEqual([text, 'declare']);
    },
  );
});

describe('in a shared place', () => {
  const named = [
    'critical: free air on accession 12345',
    'critical: free air, patient Sanchez',
    'critical: free air on Sanchez',
    'critical acc# 12345: PE',
  ];
  it.each(named)('%s: is refused kindly and not repeated', (text) => {
    const plan = said(text, { place: 'channel' });
    expect(plan).toMatchObject({ kind: 'say', asks: true, text: expect.stringMatching(/^NOT SENT: .*private chat/u) });
    expect(plan.text).not.toMatch(/12345|Sanchez|free air/iu);
  });

  it('a case number is enough there, and a name beside it is not used', () => {
    const plan = said(`critical: free air on ${A}, patient Sanchez`, { place: 'channel' });
    expect(plan).toMatchObject({ kind: 'declare', of: { caseNumber: A }, finding: 'free air', also: null });
    expect(plan.text).not.toContain('Sanchez');
  });

  it('in the thread of a card the thread names the exam, but not against an accession number', () => {
    const thread = { place: 'thread', threadCase: A } as const;
    expect(said('critical: dissection of innominate', thread)).toMatchObject({ of: { caseNumber: A }, finding: 'dissection of innominate' });
    expect(said('critical: free air, patient Sanchez', thread)).toMatchObject({ of: { caseNumber: A }, finding: 'free air', also: null });
    expect(said('critical: free air on accession 12345', thread)).toMatchObject({ kind: 'say', text: expect.stringContaining('private chat') });
  });
});

it('what names an exam by its patient or its number is asked of no model outside', () => {
  for (const text of ['critical: free air on garcia lopez', 'critical: free air on accession 12345']) {
    const utterance: Utterance = { text, place: 'private', threadCase: null, lastShown: [], role: 'radiologist' };
    expect(toAsk(utterance, understand(utterance, []), [])).toBeNull();
  }
});

it('a long text is read within the second', () => {
  for (const text of ['critical, Sanchez Garcia '.repeat(70), `critical: ${'on Sanchez, '.repeat(150)}`, `critical ${'a-'.repeat(900)}`]) {
    const begun = performance.now();
    said(text.slice(0, 2000));
    expect(performance.now() - begun).toBeLessThan(1000);
  }
});
