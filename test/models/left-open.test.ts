import { readFileSync } from 'node:fs';
import { readContent } from '#adapters/embedded/content.js';
import { size } from '#models/report-reader/features.js';
import { reportReader } from '#models/report-reader/index.js';
import { openLookWith } from '#models/report-reader/open-look.js';
import { PatternError } from '#models/report-reader/pattern.js';
import { decoded } from '#models/report-reader/second-look.js';
import { readLabelledReports } from '../../infra/eval/labelled-reports.ts';
import { coded, learnMentions, sentencesOf, teaching, versionOf } from '../../infra/eval/learn-reports.ts';

const content = readContent();
const reader = reportReader(content);
/** By the rules alone. */
const plain = reportReader(content, undefined, null);
/** Asks wherever it may. */
const anxious = reportReader(content, undefined, openLookWith({ bias: 100, weights: new Float64Array(size) }));
const asksOf = (text: string, by = reader): string[] => by.read({ exam: 'CT', text }).asks.map(({ classId }) => classId);

describe('what a report leaves open of which no class is understood', () => {
  // No word of these findings is in the content.
  it.each([
    'A flibber of the left wobble cannot be excluded.',
    'A flibber is not excluded.',
    'We are unable to rule out a flibber.',
    'Excluding a flibber is not possible on this examination.',
    'It is difficult to exclude a flibber.',
    'A flibber cannot, on this film, be ruled out.',
    'Flibber not excl.',
  ])('is asked about: %s', (text) => {
    expect(asksOf(text, plain)).toEqual(['unexcluded']);
  });

  it.each([
    'A small polyp cannot be excluded.',
    'Pneumonia is not excluded.',
    'A hairline crack of the radius cannot be ruled out.',
    'If he gets worse a flibber cannot be excluded.',
    'In case of fever a flibber is not excluded by this scan.',
    'CLINICAL QUESTION: A flibber cannot be excluded clinically.\nFINDINGS: Normal.',
  ])('is not, where it is harmless, supposed or asked by the referrer: %s', (text) => {
    expect(asksOf(text, plain)).toEqual([]);
  });

  it('is told once, with every sentence that says so', () => {
    const text = 'A flibber cannot be excluded. The rest is normal. The bones are normal. A gnarl is not excluded either.';
    const [ask, ...others] = plain.read({ exam: 'CT', text }).asks;
    expect(others).toEqual([]);
    expect(text.slice(ask?.start, ask?.end)).toBe('A flibber cannot be excluded.');
    expect(ask?.also.map(({ start, end }) => text.slice(start, end))).toEqual(['A gnarl is not excluded either.']);
  });

  it('is what the sentence beside it names, where that one is asked about or states something', () => {
    expect(asksOf('There may be a subdural haematoma. It cannot be excluded.', plain)).not.toContain('unexcluded');
    expect(asksOf('There is a subdural haematoma of 6 mm. The bones are normal. No mass. A flibber cannot be excluded.', plain)).toEqual([
      'unexcluded',
    ]);
  });

  it('is told with the same question as what is doubted of no known organ', () => {
    const text = 'A clot in the flibber cannot be excluded. The rest is normal. The bones are normal. No mass. A flibber is not excluded.';
    const [ask, ...others] = plain.read({ exam: 'CT', text }).asks;
    expect(others).toEqual([]);
    expect(ask?.also.map(({ start, end }) => text.slice(start, end))).toEqual(['A flibber is not excluded.']);
  });

  it('is found in whichever part of a very long sentence it stands', () => {
    expect(asksOf(`A flibber cannot be excluded and ${'wobble '.repeat(395)}with a polyp of the gnarl.`, plain)).toEqual(['unexcluded']);
  });

  it.each([
    'On the prior CT a subdural haematoma could not be excluded, but today there is an acute subdural haematoma of 12 mm.',
    'The prior study could not exclude a PE and the present one shows a saddle embolus.',
    'A subdural haematoma that could not be excluded on the prior CT is confirmed.',
    'At the previous CT haemorrhage could be excluded, now an acute subdural haematoma of 12 mm.',
  ])('is never taken for the doubt of an earlier study alone: %s', (text) => {
    const { critical, asks } = reader.read({ exam: 'CT', text });
    expect([...critical, ...asks].some(({ category }) => category === 1)).toBe(true);
  });

  it('must name a class that there is', () => {
    const leftOpen = { ...content.reportLanguage.leftOpen, finding: 'no-such-class' };
    expect(() => reportReader({ ...content, reportLanguage: { ...content.reportLanguage, leftOpen } })).toThrow(
      new PatternError('reportLanguage.leftOpen.finding: no finding is called no-such-class'),
    );
  });
});

describe('the learned look at a report in which nothing was found', () => {
  const reports = teaching().flatMap(readLabelledReports);

  it('asks nothing where the rules found or ask something, and takes nothing away', () => {
    for (const report of reports) {
      const { critical, asks } = plain.read(report);
      const read = anxious.read(report);
      expect(read.critical).toEqual(critical);
      if (asks.length > 0 || critical.some(({ category }) => category < 3)) expect(read.asks).toEqual(asks);
    }
  });

  it('asks about no question of the referrer, no technique and nothing harmless', () => {
    for (const text of ['HISTORY: Wobble.', 'TECHNIQUE: Wobble.', 'Simple cyst.']) expect(asksOf(text, anxious)).toEqual([]);
    expect(asksOf('Wobble.', anxious)).toEqual(['unexcluded']);
    // Nor where the report itself concludes that there is nothing.
    expect(asksOf('FINDINGS: Wobble.\nIMPRESSION: Normal.', anxious)).toEqual([]);
  });

  it('has weights that are learned, not written, and come out the same of the same reports', () => {
    const stored = JSON.parse(readFileSync('functions/models/report-reader/open-weights.json', 'utf8')) as {
      about: string;
      version: string;
      bias: number;
      rows: string[];
    };
    expect(stored.about).toContain('never by hand');
    expect(decoded(stored).weights).toHaveLength(size);
    expect(versionOf(stored)).toBe(stored.version);
    const rows = sentencesOf(readLabelledReports(teaching()[0] ?? ''));
    expect(versionOf(coded(learnMentions(rows)))).toBe(versionOf(coded(learnMentions(rows))));
  });
});

describe('where the findings of a report begin', () => {
  it.each([
    ['Clinical: collapsed. Report. There is a subdural haematoma on the left.', 'a heading dictated as a sentence'],
    ['Clinical: fall. There is a subdural haematoma on the left.', 'a report that is all question'],
    ['HISTORY: Fall. Findings. Left subdural haematoma. Impression. Subdural haematoma.', 'two such headings'],
  ])('%s (%s)', (text) => {
    expect(reader.read({ exam: 'CT HEAD', text }).critical.map(({ classId }) => classId)).toEqual(['subdural-haemorrhage']);
  });

  const all = 'Clinical: fall. There is a subdural haematoma on the left.';
  it.each([`${all}\n`, `${all}\r\n`, `${all} `, `\n${all}`, `CT HEAD\n${all}`, `CT head. ${all}`])('%j', (text) => {
    expect(reader.read({ exam: 'CT HEAD', text }).critical.map(({ classId }) => classId)).toEqual(['subdural-haemorrhage']);
  });

  it.each([
    'CT head. Acute left subdural haematoma, 12 mm. Result. Telephoned to Dr Jones at 14:05.',
    'Acute left subdural haematoma, 12 mm. Report. Dictated by Dr Jones.',
    'Clinical: fall.\nAcute left subdural haematoma, 12 mm.\nThe bones are normal. Report. Telephoned to Dr Jones.',
    'Acute left subdural haematoma, 12 mm.\nClinical: fall. Report. Typed by AB.',
  ])('is not behind what was found before: %j', (text) => {
    expect(reader.read({ exam: 'CT HEAD', text }).critical.map(({ classId }) => classId)).toEqual(['subdural-haemorrhage']);
  });

  it.each(['Clinical: Seen by Dr. Jones for suspected subdural haematoma.', 'Technique: CT of the head. Query subdural haematoma.'])(
    'is not within the first sentence of a question, nor in a technique: %s',
    (text) => {
      expect(reader.read({ exam: 'CT HEAD', text })).toMatchObject({ critical: [], asks: [] });
    },
  );

  it('is not within a question that has its findings elsewhere', () => {
    expect(reader.read({ exam: 'CT HEAD', text: 'HISTORY: Fall. Subdural haematoma?\nFINDINGS: Normal.' }).critical).toEqual([]);
    expect(reader.read({ exam: 'CT HEAD', text: 'HISTORY: Known subdural haematoma.' }).critical).toEqual([]);
  });
});
