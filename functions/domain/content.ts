import { z } from 'zod/v4';
import { contrast, modality, priority, region } from './modality.ts';
import { criticalRule, ladderRule } from './critical.ts';
import { protocol } from './protocol.ts';
import { ruleRow } from './rule-row.ts';

const terms = z.array(z.string().min(1));

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

/** Parts of a report. `question` is history, indication and clinical question; `other` is letterhead and signature. */
export const sectionKind = z.enum(['findings', 'impression', 'addendum', 'prelim', 'recommendation', 'question', 'comparison', 'technique', 'other']);
export type SectionKind = z.infer<typeof sectionKind>;

/**
 * What a report says of a finding beside that it is there. `fresh` (new, worse) takes back `stable`, `historical` and `resolved`; `acute` only tells it from another that is
 * known. `open` is what can't be excluded: uncertain, whoever asked about it and whatever is advised.
 */
export const sayingKind = z.enum([
  'negated',
  'uncertain',
  'open',
  'historical',
  'resolved',
  'stable',
  'hypothetical',
  'other',
  'question',
  'fresh',
  'acute',
]);
export type SayingKind = z.infer<typeof sayingKind>;

/** The language of reports: patterns as functions/models/report-reader/pattern.ts explains them. */
export const reportLanguage = z.object({
  version: z.string(),
  source: z.string(),
  /** Lists of words that patterns name with `#`. What begins with a word of `denial` ends before a comma and a word of `clause`. */
  words: z.object({ denial: terms, clause: terms }).catchall(terms),
  /** Lists of patterns that finding classes name with `@`. */
  groups: z.record(z.string(), terms),
  headings: z.array(z.object({ kind: sectionKind, says: terms })),
  /** In lower case, without their full stop. */
  abbreviations: terms,
  /** What turns a mention, and where it reaches: on from it, back from it, both ways, or the whole sentence. `within`: at most so many words. */
  triggers: z.array(
    z.object({
      kind: sayingKind,
      reach: z.enum(['on', 'back', 'both', 'sentence']),
      within: z.number().int().positive().optional(),
      /** Only as the first words of a sentence. */
      first: z.boolean().optional(),
      /** Only as its last words, or in front of a comma. */
      last: z.boolean().optional(),
      /** Said of the whole list in front of it ("perforation, abscess and obstruction all absent"). */
      list: z.boolean().optional(),
      says: terms,
    }),
  ),
  /** Phrases that hold a trigger and are none. */
  pseudo: terms,
  /** End the reach of every kind, or of a few. */
  ends: z.array(z.object({ kinds: z.array(sayingKind).optional(), says: terms })),
  /** Behind a comma or "and" they begin something that is there: what was negated before is over. */
  anew: terms,
  /** What one sentence says of others. */
  between: z.object({
    /** Words that stand for what the sentence before has found ("this is"). */
    refers: terms,
    /** Sentences that say by themselves that nothing has changed. */
    alone: terms,
    /** What a finding turns out to be that is none. */
    harmless: terms,
    /** Conclusions that leave nothing to communicate ("no acute abnormality"). */
    clears: terms,
    /** Words with which a conclusion denies only part of a class ("no central embolus"). */
    partly: terms,
    yes: terms,
    no: terms,
    /** With which an answer leaves the question open. */
    unsure: terms,
  }),
  /** Words by which the first lines of a report without headings are its question. */
  head: terms,
  /** Words of what an image looks like: a sentence that holds one is no question of the referrer ("hypoechoic area ?abruption"). */
  looks: terms,
  /** Words of advice: a sentence that holds one states a finding less clearly than another. */
  advice: terms,
  /** Words with which an addendum takes a preliminary report back. */
  retracts: terms,
  /**
   * What a report leaves open of which no class is understood: a sentence that says so is asked about as the class `finding`, unless it names what is harmless.
   */
  leftOpen: z.object({ finding: z.string().min(1), says: terms, harmless: terms }),
});
export type ReportLanguage = z.infer<typeof reportLanguage>;

/** One kind of finding that has to be communicated, and how reports say it. A part of a saying may be `@group`; `a + b` are parts in any order, `a - b` forbids b. */
export const findingClass = ruleRow.extend({
  name: z.string().min(1),
  /** ACR category (CLINICAL-CONTENT 1). */
  category: z.literal([1, 2, 3]),
  /** Any of these names it. */
  says: terms,
  /** Any of these names it in an exam of that kind: one of `exam` in the exam's name, or anywhere in the report's head. */
  saysIn: z.array(z.object({ exam: terms, says: terms })).default([]),
  /** In the same sentence they make it something else. */
  without: terms.default([]),
  /** Anywhere in the report's question or technique they make it expected (an operation yesterday). */
  expected: terms.default([]),
  /** Classes that this one covers when both are of one side. */
  over: z.array(z.string()).default([]),
  /** What "possible" and "can't be excluded" make of it: a question, the finding all the same, or nothing. */
  uncertain: z.enum(['asks', 'counts', 'nothing']),
  /** Where the report says that it is known and unchanged: nothing to communicate, or all the same (a tube still in the wrong place). */
  stable: z.enum(['nothing', 'counts']).default('nothing'),
  /** It counts only where it is doubted, in a sentence that names no other class: a grave word without its organ. */
  only: z.literal('doubted').optional(),
  output: z.string(),
});
export type FindingClass = z.infer<typeof findingClass>;

/** What image models call a finding that has to be communicated (MOD-03): one row for each class that they find. */
export const detectionRow = ruleRow.extend({
  /** Row of `findings`; its category holds. */
  classId: z.string().min(1),
  /** Upper case; `system` as SCT, RADLEX, RADELEMENT, or the site's own word for its vendor's. */
  codes: z.array(z.object({ system: z.string().min(1), code: z.string().min(1) })).default([]),
  /** Whole, in any case: "large vessel occlusion". */
  names: terms.default([]),
  /** Who hears of a model's positive alone. A radiologist: a message to a clinician is a commit, and needs a named person's release. */
  asks: z.literal('radiologist'),
  output: z.string(),
});
export type DetectionRow = z.infer<typeof detectionRow>;

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
  findings: z.array(findingClass),
  detections: z.array(detectionRow),
  reportLanguage,
  critical: z.array(criticalRule),
  ladders: z.array(ladderRule),
  tuning,
  vocabulary,
});
export type Content = z.infer<typeof content>;
