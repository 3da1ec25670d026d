import { readContent } from '#adapters/embedded/content.js';
import { PatternError } from '#models/report-reader/pattern.js';
import { reportReader } from '#models/report-reader/index.js';
import type { CriticalFinding, ReportReading } from '#models/report-reader/reading.js';

const content = readContent();
const reader = reportReader(content);

function read(text: string, exam?: string): ReportReading {
  return reader.read({ text, exam });
}

function said(list: readonly CriticalFinding[]): string[] {
  return list.map(({ classId, category, side }) => `${category} ${classId}${side === null ? '' : ` ${side}`}`);
}

describe('the report reader', () => {
  it('gives one finding of a class with the impression’s clause, though the findings state it too', () => {
    const text = 'FINDINGS: Hyperdense crescentic collection over the left convexity, 9 mm.\nIMPRESSION: Acute left subdural hematoma. No fracture.';
    const { critical } = read(text, 'CT HEAD');
    expect(said(critical)).toEqual(['1 subdural-haemorrhage left']);
    expect(text.slice(critical[0]?.start, critical[0]?.end)).toBe('Acute left subdural hematoma.');
  });

  it('asks about a category 1 that can’t be excluded, and never drops it', () => {
    for (const text of [
      'A segmental embolus cannot be excluded.',
      'Possible free air under the right diaphragm.',
      'Appearances are concerning for volvulus.',
      'Ectopic pregnancy is not excluded.',
      'Questionable small subarachnoid hemorrhage versus artifact.',
    ]) {
      const { critical, asks } = read(text, 'CT CHEST ABDOMEN PELVIS');
      expect([text, critical.length, asks.length]).toEqual([text, 0, 1]);
      expect(asks[0]).toMatchObject({ category: 1, assertion: 'uncertain' });
    }
  });

  it.each([
    'Dissection cannot be completely and confidently excluded.',
    'Dissection cannot, on this study, be excluded.',
    'Dissection is by no means excluded.',
    'Dissection has to be excluded.',
    'Dissection is not felt to be excluded.',
    'Aortic dissection may be due to artefact or real.',
  ])('asks about what is not excluded: %s', (text) => {
    const { critical, asks } = read(text, 'CT AORTA');
    expect([critical.length, asks.length]).toEqual([0, 1]);
  });

  it('asks nothing about a category 2 that is only possible', () => {
    expect(read('Possible early appendicitis.', 'CT ABDOMEN')).toMatchObject({ critical: [], asks: [] });
  });

  it.each([
    ['denied', 'No evidence of pulmonary embolism.'],
    ['denied behind', 'Pulmonary embolism is not seen.'],
    ['denied in a list', 'No pneumothorax, effusion, or free air.'],
    ['a field of a template', 'Pneumothorax: None.\nPulmonary embolism: No.'],
    ['asked', 'INDICATION: Rule out pulmonary embolism.\nFINDINGS: Lungs are clear.'],
    ['asked without a heading', 'Chest pain, ?PE\n\nLungs are clear.'],
    ['of the past', 'History of pulmonary embolism in 2017. Lungs are clear.'],
    ['gone', 'The left pneumothorax has resolved.'],
    ['known and unchanged', 'Stable small right apical pneumothorax, unchanged from yesterday.'],
    ['measured and unchanged', 'Left convexity subdural 5 mm, previously 5 mm.'],
    ['of somebody else', 'Her mother had an aortic dissection. Normal aorta.'],
    ['of the future', 'If fever persists consider abscess.'],
    ['of a comparison', 'COMPARISON: CT of 3 May with acute subdural hematoma.\nFINDINGS: Normal.'],
    ['of the technique', 'TECHNIQUE: Pulmonary embolism protocol.\nFINDINGS: Normal.'],
    ['taken back by the addendum', 'PRELIM: Small subarachnoid hemorrhage.\nADDENDUM: There is no subarachnoid hemorrhage.'],
    ['called unchanged by the next sentence', 'There is a 6 mm subdural on the left. This is unchanged.'],
    ['explained by the next sentence', 'Filling defect in a pulmonary artery branch. On thin slices this is mixing artefact.'],
    ['found by a report that concludes "no change"', 'FINDINGS: Left subdural, 5 mm.\nIMPRESSION: No significant change since 3 May.'],
    ['an item under a denial', 'No evidence of:\n- pulmonary embolism\n- aortic dissection\n- pneumothorax'],
    ['behind a denied semicolon', 'Negative for: aortic dissection; pulmonary embolism.'],
    ['asked and answered no', 'FINDINGS:\nPneumothorax? No.\nPulmonary embolism? None.'],
    ['a field that says no', 'Pulmonary embolism: no, dissection: no, tamponade: no.'],
    ['unchanged beside something new', 'Unchanged small left pneumothorax, worsening right effusion.'],
    ['smaller by its measures', 'Left subdural previously 14 mm, now 6 mm.'],
  ])('raises nothing for what is %s', (_what, text) => {
    expect(read(text, 'CT CHEST')).toMatchObject({ critical: [], asks: [] });
  });

  it.each([
    ['known and worse', 'The known left subdural is larger, 14 mm, previously 9 mm.', '1 subdural-haemorrhage left'],
    ['affirmed behind a denial', 'No fracture, but there is a small left pneumothorax.', '2 pneumothorax left'],
    ['affirmed behind a denied list', 'No effusion, small right pneumothorax.', '2 pneumothorax right'],
    ['said not to be the only thing', 'Not only subarachnoid blood is seen.', '1 subarachnoid-haemorrhage'],
    ['a finding with "no" of its own', 'No colour flow in the left testis.', '1 testicular-torsion left'],
    ['dictated in two words', 'Acute sub dural hemorrage on the right.', '1 subdural-haemorrhage right'],
    ['likely', 'Findings most likely represent acute pulmonary embolism.', '1 pulmonary-embolism'],
    ['found at the second look', 'PRELIM: Normal.\nADDENDUM: There is a thin left subdural hematoma.', '1 subdural-haemorrhage left'],
    ['a tube that is still wrong', 'Unchanged ETT in the right mainstem bronchus.', '1 airway-tube right'],
    ['called new by the next sentence', 'There is a 6 mm subdural on the left. This is new.', '1 subdural-haemorrhage left'],
    ['beside something else that is unchanged', 'Acute subdural on the left. Ventricles unchanged.', '1 subdural-haemorrhage left'],
    [
      'found by a report that concludes of something else',
      'FINDINGS: Left subdural, 5 mm.\nIMPRESSION: No change in ventricles.',
      '1 subdural-haemorrhage left',
    ],
    ['an item of a list that nothing denies', 'No evidence of fracture.\n- acute subdural on the left', '1 subdural-haemorrhage left'],
    ['asked and answered yes', 'FINDINGS:\nSubdural haematoma? Yes, on the left.\nPneumothorax? No.', '1 subdural-haemorrhage'],
    ['a field that says yes', 'Dissection: no, subdural: yes, tamponade: no.', '1 subdural-haemorrhage'],
    ['worse beside something unchanged', 'Unchanged right effusion, worsening left pneumothorax.', '2 pneumothorax left'],
    ['larger by its measures', 'Left subdural previously 6 mm, now 14 mm.', '1 subdural-haemorrhage left'],
    ['a comma behind a denial whose "or" belongs to the next', 'No fracture, small left pneumothorax, no effusion or nodule.', '2 pneumothorax left'],
  ])('states what is %s', (_what, text, wanted) => {
    expect(said(read(text).critical)).toEqual([wanted]);
  });

  it('takes free air after an operation as expected', () => {
    const text = 'INDICATION: POD 1 after laparoscopic cholecystectomy.\nFINDINGS: Small amount of free air under the diaphragm.';
    expect(read(text)).toMatchObject({ critical: [], asks: [] });
  });

  it('keeps a mass that is only suspicious as category 3, without a question', () => {
    const { critical, asks } = read('Right hilar mass concerning for malignancy.', 'CT CHEST');
    expect(said(critical)).toEqual(['3 lung-nodule right']);
    expect(asks).toEqual([]);
  });

  it('names the sections and leaves no letter of the report outside of them but headings', () => {
    const text = 'HX: fall\nCOMPARISON: None.\nFINDINGS:\nNormal.\n\nIMPRESSION\n1. No bleed.\nDictated by: A';
    const { sections } = read(text);
    expect(sections.map(({ kind, heading }) => [kind, heading])).toEqual([
      ['question', 'HX'],
      ['comparison', 'COMPARISON'],
      ['findings', 'FINDINGS'],
      ['impression', 'IMPRESSION'],
      ['other', 'Dictated by'],
    ]);
    expect(sections.map(({ start, end }) => text.slice(start, end).trim())).toEqual(['fall', 'None.', 'Normal.', '1. No bleed.', 'A']);
  });

  it('reads lines that a narrow page has broken as one sentence, and short ones as many', () => {
    expect(read('The examination of the whole chest shows no signs of any acute\npulmonary embolism.', 'CTPA')).toMatchObject({
      critical: [],
      asks: [],
    });
    expect(said(read('No fx\nR acute SDH 9 mm\nNo shift', 'CT HEAD').critical)).toEqual(['1 subdural-haemorrhage right']);
  });
});

describe('a site’s content', () => {
  it('may add a class of its own', () => {
    const [row] = content.findings;
    if (row === undefined) throw new Error('no finding class');
    const own = { ...row, ruleId: 'own', name: 'own', category: 2 as const, says: ['blue|green goblet _2 sign'], saysIn: [], without: [] };
    const sited = reportReader({ ...content, findings: [...content.findings, own] });
    expect(said(sited.read({ text: 'There is a green goblet of the sign.' }).critical)).toEqual(['2 own']);
    expect(sited.read({ text: 'There is no green goblet sign.' }).critical).toEqual([]);
  });

  it.each(['(a+)+$', '_3 mass', 'a? b?', '#nowhere mass', '@nowhere', 'a _9 _9 _9 _9 b'])('that holds %j as a pattern is refused by row', (says) => {
    const [row] = content.findings;
    if (row === undefined) throw new Error('no finding class');
    expect(() => reportReader({ ...content, findings: [{ ...row, ruleId: 'own', says: [says] }] })).toThrow(PatternError);
    expect(() => reportReader({ ...content, findings: [{ ...row, ruleId: 'own', says: [says] }] })).toThrow('findings: own: ');
  });

  it('covers only classes that exist, and no class of a higher category', () => {
    const category = new Map(content.findings.map((row) => [row.ruleId, row.category]));
    for (const { ruleId, over, category: own } of content.findings)
      for (const other of over) expect([ruleId, other, (category.get(other) ?? 0) >= own]).toEqual([ruleId, other, true]);
  });
});
