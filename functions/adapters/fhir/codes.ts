/**
 * What the EHR is asked for, as codes. LOINC 2.82 (loinc.org) for observations and answers, SNOMED CT International for statements. Best first: among
 * results of the same moment the earlier code in a list counts.
 */

/** Body weight. */
export const WEIGHT_CODES = ['29463-7'];

/** Creatinine [Mass/volume] in Serum or Plasma. */
export const CREATININE_CODES = ['2160-0'];

/** Glomerular filtration rate per 1.73 m2, by equation. */
export const EGFR_CODES = [
  '98979-8', // creatinine, CKD-EPI 2021
  '98980-6', // creatinine and cystatin C, CKD-EPI 2021
  '62238-1', // creatinine, CKD-EPI
  '94677-2', // creatinine and cystatin C, CKD-EPI
  '88294-4', // CKD-EPI, the term without the race factor
  '33914-3', // MDRD
  '77147-7', // MDRD, also whole blood
  '48642-3', // MDRD, the term without the race factor
  '69405-9', // equation not said
  '50384-7', // Schwartz, children
  '88293-6', // CKD-EPI, the term with the race factor: reads higher, so it counts last
  '48643-1', // MDRD, the term with the race factor
];

/** Pregnancy status; pregnancy status reported. */
export const PREGNANCY_CODES = ['82810-3', '11449-6'];

/** Answers that say pregnant or not; every other answer (unknown, possibly) says neither. */
export const PREGNANCY_ANSWERS: Readonly<Record<string, boolean>> = {
  'LA15173-0': true, // LOINC answer: pregnant
  'LA26683-5': false, // LOINC answer: not pregnant
  '77386006': true, // SNOMED CT: pregnant
  '60001007': false, // SNOMED CT: not pregnant
};

/** Allergy entries that say "none": the record was asked and is empty. Drugs cover contrast media. */
export const NO_KNOWN_ALLERGY = {
  codes: ['716186003', '409137002'], // SNOMED CT: no known allergy, no known drug allergy
  words: /^(?:nkd?a|no known (?:(?:drug|medication)s? )?allerg(?:y|ies))\b/iu,
};

/** Entries that deny something else (food, latex): neither an allergy nor a statement on drugs. */
export const DENIED_ELSEWHERE = /^no known\b/iu;

/** Entries of medication and problem lists that say "none". */
export const NOTHING_ON_LIST = /^no (?:known |current |active )?(?:medication|problem)/iu;

/** Modalities in ImagingStudy.modality that are no images (DICOM CID 29): reports, presentation states, key notes. */
export const NOT_IMAGES = ['SR', 'PR', 'KO', 'DOC', 'SEG', 'REG', 'RTSTRUCT', 'AU'];
