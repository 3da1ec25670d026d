import { z } from 'zod/v4';
import { contrast, modality, priority, region } from './modality.ts';
import { protocol, provenance } from './protocol.ts';

const terms = z.array(z.string().min(1));

/** What every clinical row says of itself (CLINICAL-CONTENT). `population`, `exclusions` and `inputs` are for the person who reviews it. */
const ruleRow = provenance.extend({
  ruleId: z.string().regex(/^[a-z0-9-]+$/u),
  population: z.string(),
  exclusions: z.string(),
  inputs: z.array(z.string()),
});

/** When a row applies. Every part that is there must hold; `all` is a list of groups, of each group one term must be affirmed. */
export const condition = z.object({
  modalities: z.array(modality).optional(),
  regions: z.array(region).optional(),
  contrasts: z.array(contrast).optional(),
  /** Terms of the procedure's text. */
  exam: terms.optional(),
  notExam: terms.optional(),
  /** Terms of indication, problems and notes. */
  all: z.array(terms).optional(),
  /** One of these, affirmed, and the row does not apply. */
  none: terms.optional(),
  /** Looked for in the indication alone. */
  indicationOnly: z.boolean().optional(),
  ageFrom: z.number().optional(),
  ageBelow: z.number().optional(),
  sex: z.enum(['F', 'M']).optional(),
  pregnant: z.boolean().optional(),
  /** Some length of time in the indication is below, or none is named and `durationMayBeUnsaid`. Days. */
  shorterThanDays: z.number().optional(),
  orderedPriority: z.array(z.string()).optional(),
});
export type Condition = z.infer<typeof condition>;

/** One question that is put to every order. Which numbers and words it needs is said in SAFETY_ROWS. */
export const safetyRule = ruleRow.extend({
  /** The question in plain words; used when it can't be answered ("… not checked"). */
  question: z.string(),
  numbers: z.record(z.string(), z.number()),
  words: z.record(z.string(), terms),
  output: z.object({
    code: z.string(),
    severity: z.enum(['stop', 'ask', 'inform']),
    text: z.string(),
    /** Whose answer it wants: a radiologist's, or the coordinator's and the technologist's (a laboratory value, a weight, a test). */
    askOf: z.enum(['radiologist', 'staff']),
  }),
});
export type SafetyRule = z.infer<typeof safetyRule>;

/** Rows that the safety checks know, with what each must hold. A row of another id is an error of the site's folder. */
export const SAFETY_ROWS: Readonly<Record<string, { readonly numbers: readonly string[]; readonly words: readonly string[] }>> = {
  'kidney-egfr-missing': { numbers: [], words: ['riskFactors', 'required'] },
  'kidney-egfr-low': { numbers: ['belowMlMin'], words: [] },
  'kidney-egfr-stale': { numbers: ['outpatientDays', 'inpatientDays', 'riskBelowMlMin'], words: [] },
  'kidney-aki': { numbers: ['riseMgDl', 'riseWithinDays', 'ratio', 'ratioWithinDays', 'currentDays'], words: ['acute', 'past'] },
  'kidney-dialysis': { numbers: [], words: ['dialysis', 'past'] },
  'metformin-hold': { numbers: ['egfrBelowMlMin'], words: ['metformin'] },
  'gadolinium-group-i': { numbers: ['egfrBelowMlMin'], words: ['groupI', 'egfrRequired'] },
  'contrast-allergy-iodinated': { numbers: [], words: ['agents', 'unspecified', 'physiologic', 'reactions', 'notAnAgent', 'never', 'tolerated'] },
  'contrast-allergy-gadolinium': { numbers: [], words: ['agents', 'physiologic', 'reactions', 'never', 'tolerated'] },
  'premedication-needed': { numbers: [], words: ['mild', 'severe'] },
  'pregnancy-possible': { numbers: ['ageFrom', 'ageTo', 'recentPeriodDays'], words: ['excluded', 'period', 'bornFemale', 'bornMale', 'late'] },
  'pregnancy-known': { numbers: [], words: ['pregnant', 'byDesign', 'notPregnant'] },
  lactation: { numbers: [], words: ['lactation'] },
  thyroid: { numbers: ['iodineWithinDays'], words: ['atRisk', 'treated', 'scans', 'amiodarone'] },
  'mr-unsafe-implant': { numbers: [], words: ['unsafe'] },
  'mr-implant-unknown': { numbers: [], words: ['devices', 'conditional', 'eyeMetal', 'eyeCleared', 'eyeFilms', 'filmClear', 'harmless'] },
  claustrophobia: { numbers: [], words: ['claustrophobia'] },
  'weight-missing': { numbers: ['ageBelow'], words: [] },
  laterality: { numbers: [], words: [] },
  'body-part': { numbers: [], words: ['anywhere', 'chestFilm'] },
  'sex-age': { numbers: ['ageDifferenceYears'], words: [] },
  'missing-indication': { numbers: ['fewestLetters'], words: ['empty', 'filler', 'parts', 'complaints'] },
  'duplicate-study': { numbers: ['withinDays', 'screeningDays', 'densityDays'], words: ['reasons'] },
};

/** A person for whom an exam can't be meant (ORD-08). */
export const misfitRule = ruleRow.extend({
  exam: terms, indication: terms, sex: z.enum(['F', 'M']).nullable(), ageFrom: z.number().nullable(), ageTo: z.number().nullable(), output: z.string(),
}); // prettier-ignore
export type MisfitRule = z.infer<typeof misfitRule>;

/** One authored appropriateness row: 1 to 3 on the usual scale of nine. Not from any licensed set. */
export const appropriatenessRule = ruleRow.extend({
  topic: z.string(),
  when: condition,
  output: z.object({ category: z.string(), text: z.string() }),
});

/** Words that raise a priority. */
export const priorityRule = ruleRow.extend({ when: condition, phrases: terms, output: z.object({ priority }) });

/** What speaks for a kind of exam beyond the words of the procedure. Weights are those of the choice's sum. */
export const choiceRule = ruleRow.extend({
  when: condition,
  /** Every part that is there must agree with a protocol for the weight to count for it. */
  prefer: z.object({
    ids: z.array(z.string()).optional(),
    modalities: z.array(modality).optional(),
    regions: z.array(region).optional(),
    contrasts: z.array(contrast).optional(),
  }),
  weight: z.number(),
  /** The rule may leave the ordered modality (a magnet that is closed to the patient, a pregnancy). */
  leavesModality: z.boolean().default(false),
  output: z.string(),
});
export type ChoiceRule = z.infer<typeof choiceRule>;

/** How long a statement of the record holds. It is used whether reviewed or not: beyond it the record says nothing, and that only makes somebody ask. */
export const validityRule = ruleRow.extend({
  unit: z.literal('days'),
  numbers: z.record(z.string(), z.number().positive()),
  output: z.string(),
});

/** Rows that the reading of the record asks for, with the numbers of each. */
export const VALIDITY_ROWS: Readonly<Record<string, readonly string[]>> = { 'pregnancy-statement': ['pregnant', 'notPregnant'] };

/** Numbers of the two embedded models: not clinical, but a site can see and change them. */
export const tuning = z.object({
  version: z.string(),
  protocolChoice: z.object({
    regionSame: z.number(), regionFromIndication: z.number(), regionOther: z.number(), contrastSame: z.number(), contrastOther: z.number(),
    contrastUsual: z.number(), termInExam: z.number(), termInExamMost: z.number(), termInIndication: z.number(), termInIndicationMost: z.number(),
    notTermInExam: z.number(), notTermInIndication: z.number(), similarText: z.number(),
    /** confidence = logistic(intercept + slope × margin), held within the bounds. */
    intercept: z.number(), slope: z.number(), least: z.number(), most: z.number(), abstainBelow: z.number(),
    /** What a doubt (no contrast said, nothing asked, the indication points elsewhere) takes off, each. */
    doubt: z.number(),
  }),
  orderedAs: z.record(z.string(), priority),
}); // prettier-ignore
export type Tuning = z.infer<typeof tuning>;

/** Words of the trade, the same at every site. */
export const vocabulary = z.object({
  version: z.string(),
  /** Spelling → the one word that stands for it; both in lower case. */
  same: z.record(z.string(), z.string()),
  /** Words that a misspelt one is mended to; filled when the content is read. */
  spelling: z.array(z.string()).default([]),
  negation: z.object({ reach: z.number().int(), before: terms, behind: terms, ends: terms }),
  /** Words of procedure texts and what they image. */
  examRegions: z.array(z.object({ region, terms })),
  /** Words of the indication, and every region whose imaging they can explain; the first is the one they point to. */
  bodyParts: z.array(z.object({ regions: z.array(region).min(1), terms })),
  /** ICD-10-CM prefixes, likewise. */
  icd: z.array(z.object({ prefixes: z.array(z.string()), regions: z.array(region).min(1) })),
  /** A region and those it covers. */
  contains: z.record(z.string(), z.array(region)),
  sides: z.object({ left: terms, right: terms, both: terms }),
  examModalities: z.array(z.object({ modality, terms })),
  contrastWords: z.object({ none: terms, both: terms, given: terms, arterial: terms, multiphase: terms, oral: terms }),
  /** What an order that does not say gets, most special first. */
  usualContrast: z.array(z.object({ modality, regions: z.array(region), contrast })),
});
export type Vocabulary = z.infer<typeof vocabulary>;

/** All clinical content of a site: the shipped rows, with the site's own over them. */
export const content = z.object({
  /** sha256 of the canonical rows. */
  version: z.string(),
  protocols: z.array(protocol),
  safety: z.array(safetyRule),
  misfits: z.array(misfitRule),
  appropriateness: z.array(appropriatenessRule),
  priority: z.array(priorityRule),
  choices: z.array(choiceRule),
  validity: z.array(validityRule),
  tuning,
  vocabulary,
});
export type Content = z.infer<typeof content>;
