import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readContent } from '#adapters/embedded/content.js';
import { reportReader } from '#models/report-reader/index.js';
import type { ReportReading } from '#models/report-reader/reading.js';

const reader = reportReader(readContent());
const folder = join(process.cwd(), 'test/eval/reports');

interface Report {
  readonly id: string;
  readonly exam?: string;
  readonly text: string;
}

const reports = ['hand-a.jsonl', 'hand-b.jsonl'].flatMap((name) =>
  readFileSync(join(folder, name), 'utf8').trim().split('\n').map((line): Report => JSON.parse(line)),
); // prettier-ignore

/** Sentences of the author's bank without a verb: "no evidence of" can stand before them. */
const phrases = readFileSync(join(folder, 'own.txt'), 'utf8')
  .split('\n')
  .map((line) => line.split(' | '))
  .filter(
    ([, wanted, text = '']) =>
      ['1', '2', '3'].includes(wanted ?? '') &&
      !text.includes('\\n') &&
      !/[:;,]|\b(?:is|are|has|have|was|there|lies|passes|shows?|appears|fills?|layers|follows|seen|suspected|extending|with no|no|not|without|known|consistent|projects|courses|straddling|but|increased|resolved|now|absent|secondary|from|and large)\b/iu.test(
        text,
      ) &&
      text.split('. ').length === 1,
  );

function meaning({ critical, asks }: ReportReading, text: string): string[] {
  return [...critical, ...asks].map(
    ({ classId, category, side, assertion, start, end }) => `${classId} ${category} ${side} ${assertion} ${text.slice(start, end)}`,
  );
}

describe('laws of the report reader', () => {
  it('gives places of the raw text, whatever the text is', () => {
    const words = fc.constantFrom(
      'no',
      'acute',
      'SDH',
      'PE',
      'IMPRESSION:',
      'hx:',
      '\n',
      '\r\n',
      '. ',
      ', ',
      'left',
      '5 mm',
      '🫁',
      '\u0000',
      '\u202e',
      'é',
      'unchanged',
      '1. ',
      ':',
      '?',
      'possible',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: words }, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 60 }), (parts) => {
        const text = parts.join(' ');
        const { sections, critical, asks } = reader.read({ text });
        let last = 0;
        for (const { start, end, heading } of sections) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          if (heading !== '') expect(text.slice(last, start)).toContain(heading);
          last = end;
        }
        for (const { start, end } of [...critical, ...asks]) {
          expect(sections.some((one) => one.start <= start && end <= one.end)).toBe(true);
          expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
          expect(end).toBeGreaterThan(start);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('reads the same twice, and after anything else', () => {
    for (const report of reports.slice(0, 40)) {
      const first = reader.read(report);
      reader.read({ text: 'qwertzui '.repeat(500) });
      expect(reader.read(report)).toEqual(first);
    }
  });

  it('takes an affirmed finding away when "no evidence of" stands before it', () => {
    expect(phrases.length).toBeGreaterThan(80);
    const left = phrases.filter(([exam, , text = '']) => {
      const { critical, asks } = reader.read({ exam, text: `No evidence of ${text.charAt(0).toLowerCase()}${text.slice(1)}` });
      return critical.length + asks.length > 0;
    });
    expect(left).toEqual([]);
  });

  it('reads nothing else when a normal sentence about something else follows', () => {
    for (const report of reports)
      for (const normal of ['\n\nThe visualised thyroid gland is unremarkable.', '\nNo suspicious skin lesion.']) {
        const text = `${report.text}${normal}`;
        expect([report.id, ...meaning(reader.read({ ...report, text }), text)]).toEqual([report.id, ...meaning(reader.read(report), report.text)]);
      }
  });

  it('reads the same with other line ends and letters in capitals', () => {
    for (const report of reports.slice(0, 60)) {
      const plain = reader.read(report);
      const other = reader.read({ ...report, text: report.text.replaceAll('\n', '\r') });
      expect([report.id, ...other.critical.map(({ classId, start }) => `${classId} ${start}`)]).toEqual([
        report.id,
        ...plain.critical.map(({ classId, start }) => `${classId} ${start}`),
      ]);
    }
  });
});

/** Findings of category 1 as nouns, with an exam that may show them. */
const nouns: readonly (readonly [string, string])[] = [
  ['CT HEAD', 'acute subdural haematoma'], ['CT HEAD', 'SAH'], ['CT HEAD', 'intracranial hemorrhage'], ['CT HEAD', 'epidural hematoma'], ['CT HEAD', 'intraventricular haemorrhage'],
  ['CT HEAD', 'midline shift'], ['CT HEAD', 'uncal herniation'], ['CT HEAD', 'acute infarct'], ['CT HEAD', 'obstructive hydrocephalus'], ['CTA HEAD', 'large vessel occlusion'],
  ['CTA HEAD', 'basilar artery thrombosis'], ['CTA NECK', 'vertebral artery dissection'], ['MRI SPINE', 'cord compression'], ['MRI SPINE', 'cauda equina compression'],
  ['MRI SPINE', 'epidural abscess'], ['XR CHEST', 'tension pneumothorax'], ['XR CHEST', 'esophageal intubation'], ['XR CHEST', 'free air under the diaphragm'],
  ['CTPA', 'pulmonary embolism'], ['CTPA', 'PE'], ['CTPA', 'saddle embolus'], ['CT AORTA', 'aortic dissection'], ['CT AORTA', 'intramural haematoma'], ['CT AORTA', 'aortic rupture'],
  ['CT CHEST', 'cardiac tamponade'], ['CT CHEST', 'oesophageal perforation'], ['CT ABDOMEN', 'pneumoperitoneum'], ['CT ABDOMEN', 'bowel perforation'], ['CT ABDOMEN', 'bowel ischaemia'],
  ['CT ABDOMEN', 'pneumatosis'], ['CT ABDOMEN', 'portal venous gas'], ['CT ABDOMEN', 'volvulus'], ['CT ABDOMEN', 'closed loop obstruction'], ['CT ABDOMEN', 'active extravasation'],
  ['CT ABDOMEN', 'splenic rupture'], ['CT ABDOMEN', 'haemoperitoneum'], ['CT LEG', 'necrotizing fasciitis'], ['CT NECK', 'epiglottitis'], ['US PELVIS', 'ectopic pregnancy'],
  ['US PELVIS', 'ovarian torsion'], ['US SCROTUM', 'testicular torsion'], ['US OB', 'placental abruption'], ['XR ABDOMEN', 'retained surgical sponge'], ['CTA LEG', 'acute arterial occlusion'],
  ['CT ORBITS', 'globe rupture'], ['CT VENOGRAM', 'sagittal sinus thrombosis'],
]; // prettier-ignore

const stating = [
  'There is X.',
  'X.',
  'IMPRESSION: X.',
  'Findings consistent with X.',
  'Findings most likely represent X.',
  'Small X is present.',
  'No fracture, but there is X.',
  'FINDINGS: Limited study.\nIMPRESSION:\n1. X.\n2. No fracture.',
  'Findings in keeping with X; Dr Osei informed.',
  'X has not resolved.', 'X has recurred.', 'X persists and has increased.', 'X unresolved.', 'The surgeon was told of the X.', 'As suspected, X.', 'Not only effusion but also X.', 'Effusion resolved but X now seen.',
  'X, previously not present.', 'X which was not there yesterday.', 'There is no doubt that X is present.', 'Contrary to the referral, there is X.', 'X, possible fracture.', 'X. Otherwise normal.', 'X would account for the symptoms.',
  'X, otherwise unremarkable study.', 'Except for X the study is normal.', 'The previous fracture has healed. X.', 'X. Patient sent to ED.', 'X. Cannot exclude fracture.', 'Known fracture unchanged. X is new.',
]; // prettier-ignore
const asking = [
  'X cannot be excluded.',
  'Possible X.',
  'Findings are concerning for X.',
  'Cannot exclude X.',
  'Neither X nor a pneumonia has been excluded.',
  'This by no means rules out X.',
  // Of the present examination, whatever earlier one is named beside it.
  'Compared to the previous CT of Monday X could not be excluded.',
  'No change from the prior study, X could not be excluded.',
  'Given the prior CT we could not exclude X.',
  'The prior study is not available and X could not be excluded.',
  'Three days after the fall X could not be excluded.',
  'As stated, X could not be excluded.',
  'The prior study could not exclude X and again X cannot be excluded.',
  'The outside report mentioned no fracture but X cannot be excluded.',
  'As on the previous CT, X cannot be excluded.',
  'On this CT, as on the outside one, X could not be excluded.',
  'Findings suspicious for X.',
  'X is not excluded on this study.',
  'Question of X.',
  'X is possible.',
  'May represent X.',
  'The scan cannot exclude X.', 'I am not able to exclude X.', 'X would be hard to exclude.', 'It is difficult to say there is no X.', 'X neither confirmed nor excluded.', 'X is unlikely but not excluded.', 'X less likely but not ruled out.',
  'Although no X is seen, it cannot be excluded.', 'No gross X, but a subtle one cannot be excluded.', 'X remains a possibility.', 'X cannot be dismissed.', 'X is not off the table.', 'X has to be considered.', 'X may be hidden by artefact.',
  'Exclusion of X is not possible.', 'Whether this is X is uncertain.', 'I am unsure if this is X.', 'X is difficult to exclude on this view.', 'Artefact favoured but X not excluded.', 'I cannot be certain there is no X.', 'X - unable to exclude.', 'X - cannot exclude.', "X - can't r/o.",
]; // prettier-ignore
const silent = [
  'No X.', 'There is no evidence of X.', 'Negative for X.', 'X is not seen.', 'X has been excluded.', 'Without X.', 'No sign of X or fracture.', 'No fracture, X, or effusion.', 'X: none.', 'X: No.', 'No definite X identified.',
  'INDICATION: ?X\nFINDINGS: Normal.', 'CLINICAL HISTORY: Rule out X.\n\nFINDINGS:\nNormal.', 'Pain, ?X\n\nNormal study.', 'History of X in 2019. Normal study today.', 'COMPARISON: CT of 3 May showing X.\nFINDINGS: Normal.', 'X has resolved.', 'Interval resolution of X.', 'Known X, unchanged.', 'X is stable compared with prior.',
  'If symptoms worsen consider X.', 'Return if there are signs of X.', 'Mother had X. Normal study.', 'X is unlikely.', 'No longer any X.', 'Evaluate for X. Normal study.', 'The previously seen X is no longer present.', 'Low suspicion for X.', 'Neither X nor fracture is seen.',
  'X: resolved.', 'X gone.', 'The X is no longer demonstrated.', 'X successfully treated.', 'The X which had been present in June has resolved.', 'X, since treated, has not recurred.', 'Since surgery the X has not come back.', 'X then, none now.',
  'Sequelae of the 2015 X.', 'Scar at the site of the former X.', 'Established scarring secondary to previous X.', 'She had X in 2018.', 'X was diagnosed in 2017 and treated surgically.', 'Recovering after X in June.', 'Known history of X.',
  'Fracture, effusion, X: none.', 'X, fracture and effusion all absent.', 'Exclusion of X.', 'The study excludes X.', 'X -ve.', 'X was considered but is not present.', 'Nothing here to support X.', 'We looked for X and found none.',
  'Leaflet on X given.', 'Consent included X, bleeding and infection.', 'Severe pain can be a sign of X.', 'Teaching point: X can be missed on this view.', 'Were symptoms to worsen, X would need to be considered.', 'X can occur late.',
  'Should pain recur, X would have to be excluded.', 'Any deterioration should prompt repeat imaging for X.', 'The family knows the warning signs of X.', 'A negative study does not exclude X.',
  'X is not seen, though the study is limited.', 'No X, but the study is limited.', 'X is not seen but pneumonia cannot be excluded.', 'Although no X is seen, pneumonia is possible.', 'While no X is seen, a cyst of the thyroid cannot be excluded.',
  'No X, possible old rib fracture.', 'No X, suspicious lung nodule.', 'No X or effusion, but possible atelectasis.', 'X was queried but is not seen.', 'X was considered and is excluded.', 'Were there new symptoms, urgent MRI would be needed to exclude X.',
]; // prettier-ignore

/** Ways to leave a finding open, in the places and beside the clauses in which they stand in reports: everything with everything. */
const open = {
  unexcluded: [
    'cannot be excluded', 'can not be excluded', 'could not be excluded', 'is not excluded', 'has not been excluded', 'cannot be ruled out', 'is not ruled out', 'cannot be entirely excluded', 'cannot be completely excluded',
    'cannot be reliably excluded', 'cannot be confidently excluded', 'is difficult to exclude', 'not excluded', 'cannot be excluded with certainty', "can't be excluded", 'is not entirely excluded', 'is not possible to exclude', 'is impossible to exclude',
  ],
  doubted: [
    'remains possible', 'remains a possibility', 'remains in the differential', 'is possible', 'is a possibility', 'is suspected', 'is a concern', 'is of concern', 'must be considered', 'should be considered', 'needs to be excluded',
    'must be excluded', 'should be excluded',
  ],
  weighed: [
    'must be considered', 'was considered', 'is possible', 'is suspected', 'is thought unlikely', 'is less likely', 'is felt to be unlikely', 'is not seen', 'is not clearly seen', 'is not demonstrated', 'is not definitely identified',
    'is not favoured', 'was queried', 'was questioned', 'is in the differential', 'is doubtful', 'is improbable', 'is not proven',
  ],
  joined: [' and ', ' but ', ', but ', ', and ', ' although it ', ', however it ', ', though '],
  before: [
    '', 'although no definite abnormality is seen, ', 'no obvious abnormality, but ', 'the study is limited by motion and ', 'given the clinical presentation, ', 'while not clearly seen, ', 'in view of the history, ',
    'because of motion, ', 'there is stranding and ',
  ],
  after: [
    '', ' on this study', ' on this non-contrast study', ' by CT', ' given the motion artefact', ' in this setting', ', please correlate clinically', '; clinical correlation advised', ', CTA recommended', ' and further imaging is recommended',
    ' on the available images', ' without contrast', ' in the appropriate clinical setting',
  ],
  led: [
    'cannot exclude X', 'can not exclude X', 'unable to exclude X', 'I cannot exclude X', 'we are unable to rule out X', 'cannot rule out X', "can't r/o X", 'unable to r/o X', 'this does not exclude X', 'this raises the possibility of X', 'this raises concern for X',
    'findings concerning for X', 'findings are suspicious for X', 'appearances are worrisome for X', 'possible X', 'suspected X', 'questionable X', 'query X', '?X', 'there may be X', 'this may represent X', 'this could represent X',
    'this could be X', 'differential includes X', 'DDx includes artefact and X', 'artefact versus X', 'X versus artefact', 'X vs artefact', 'X or artefact', 'equivocal for X', 'indeterminate for X', 'early X cannot be excluded',
    'subtle X cannot be excluded', 'underlying X is not excluded', 'cannot exclude an early or subtle X', 'the possibility of X is raised', 'the possibility of X cannot be excluded', 'the presence of X cannot be excluded',
    'it is not possible to exclude X', 'I am concerned about X', 'I am worried about X', 'concern for X', 'high suspicion for X', 'appearances raise suspicion of X', 'X cannot be confirmed or excluded',
    'X can be neither confirmed nor excluded', 'insufficient to exclude X', 'urgent CT is recommended to exclude X', 'no X seen but this does not exclude it',
  ],
} as const; // prettier-ignore

const frames = [
  ...[...open.unexcluded, ...open.doubted].flatMap((doubt) => [
    ...open.before.map((before) => `${before}X ${doubt}`),
    ...open.after.map((after) => `X ${doubt}${after}`),
  ]),
  ...open.weighed.flatMap((said) => open.joined.flatMap((joined) => open.unexcluded.map((doubt) => `X ${said}${joined}${doubt}`))),
  ...open.led.flatMap((led) => [...open.before.map((before) => `${before}${led}`), ...open.after.map((after) => `${led}${after}`)]),
];

describe('every finding of category 1', () => {
  const read = (template: string, [exam, noun]: readonly [string, string]) => reader.read({ exam, text: template.replace('X', noun) });

  it.each(stating)('is stated by %j', (template) => {
    expect(nouns.filter((one) => !read(template, one).critical.some(({ category }) => category === 1))).toEqual([]);
  });

  it.each(asking)('is asked about by %j', (template) => {
    const wrong = nouns.filter((one) => {
      const { critical, asks } = read(template, one);
      return asks.length === 0 || critical.some(({ category }) => category === 1);
    });
    expect(wrong).toEqual([]);
  });

  it.each(['FINDINGS: Heart normal. ', 'IMPRESSION: '])('is never dropped where it is left open, in whatever clause: behind %j', (heading) => {
    expect(frames.length).toBeGreaterThan(3500);
    const dropped = frames.flatMap((frame, i) =>
      Array.from({ length: 4 }, (_, k) => nouns[(i + k * 11) % nouns.length]).flatMap((one) => {
        if (one === undefined) return [];
        const { critical, asks } = read(`${heading}${frame}.`, one);
        return [...critical, ...asks].some(({ category }) => category === 1) ? [] : [`${frame} (${one[1]})`];
      }),
    );
    expect(dropped).toEqual([]);
  });

  it.each(silent)('raises nothing by %j', (template) => {
    // A tube that is still wrong is to be told, however known it is.
    const raised = nouns.filter((one) => {
      if (one[1] === 'esophageal intubation' && /unchanged|stable/u.test(template)) return false;
      const { critical, asks } = read(template, one);
      return asks.length > 0 || critical.some(({ category }) => category < 3);
    });
    expect(raised).toEqual([]);
  });
});

describe('hostile reports', () => {
  const hostile: Readonly<Record<string, string>> = {
    triggers: 'no evidence of cannot exclude possible stable unchanged '.repeat(1800),
    findings: 'pulmonary embolism subdural hematoma pneumothorax '.repeat(2000),
    'findings and triggers': 'no pneumothorax cannot exclude PE, '.repeat(2900),
    colons: 'a:'.repeat(50000),
    headings: 'IMPRESSION: x\n'.repeat(7000),
    'full stops': '. '.repeat(50000),
    'question marks': '?'.repeat(100000),
    'words that are none': Array.from({ length: 9000 }, (_, i) => `qxzhaemor${i.toString(36)}`).join(' '),
    'one word': 'a'.repeat(100000),
    'line ends': '\n'.repeat(100000),
    measures: '5 x 6 x 7 mm '.repeat(8000),
    lists: '1. new PE\n'.repeat(9000),
    'marks of direction and NUL': '\u202e\u0000PE '.repeat(20000),
    commas: 'or, and, '.repeat(11000),
    'doubts about what nobody knows': 'A flibber cannot be excluded. '.repeat(3400),
    denials: 'No PE. '.repeat(14000),
    'doubts beside findings': 'A flibber cannot be excluded. Normal. Normal. New PE. Normal. '.repeat(1600),
  };

  it.each(Object.entries(hostile))('of 100 KB of %s are read in time that grows no faster than they', (_what, text) => {
    const eighth = text.slice(0, text.length / 8);
    reader.read({ text: eighth });
    const [short, long] = [best(eighth), best(text)];
    // Eight times the text may take eight times the time; squared it would be sixty-four. The rest is room for a machine that is busy.
    expect(long).toBeLessThan(20 * short + 60);
  });

  it('of one line of a megabyte are read', () => {
    const text = `${'The lungs are clear and '.repeat(42_000)}there is a tension pneumothorax.`;
    expect(reader.read({ text }).critical.map(({ classId }) => classId)).toEqual(['tension-pneumothorax']);
  });

  it('hide no finding behind marks of direction or NUL', () => {
    expect(reader.read({ text: '\u202eAcute\u0000 subdural\u202c hematoma\u0000.' }).critical.map(({ classId }) => classId)).toEqual([
      'subdural-haemorrhage',
    ]);
  });

  it('that are empty hold nothing', () => {
    for (const text of ['', ' ', '\n\n', '\u0000']) expect(reader.read({ text })).toMatchObject({ critical: [], asks: [] });
  });
});

/** Milliseconds of this process's own work, the better of two. */
function best(text: string): number {
  const times = [0, 1].map(() => {
    const before = process.cpuUsage();
    reader.read({ text });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
