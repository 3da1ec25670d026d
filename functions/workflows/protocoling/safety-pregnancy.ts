import type { SafetyRule } from '#domain/content.js';
import type { Modality, Region } from '#domain/modality.js';
import { findTerms } from '#domain/text.js';
import { cited, isOneOf, isPast, numberOf, says, wordsOf } from './safety-look.ts';
import type { Check, Cited, Look } from './safety-look.ts';

const ionising: readonly Modality[] = ['CT', 'XR', 'FL', 'NM', 'MG'];
/** The uterus is in or beside the beam. */
const trunk: readonly Region[] = ['abdomen', 'pelvis', 'abdomen-pelvis', 'chest-abdomen-pelvis', 'lumbar-spine', 'total-spine', 'hip', 'whole-body'];
const limbs: readonly Region[] = ['shoulder', 'elbow', 'wrist', 'hand', 'knee', 'ankle', 'foot', 'upper-extremity', 'lower-extremity'];

const stories = ['indication', 'problem', 'note'] as const;

function ionises(look: Look): boolean {
  return look.modality !== null && ionising.includes(look.modality);
}

function pelvisInField(look: Look): boolean {
  if (look.modality === 'NM') return true;
  return isOneOf(look.region, trunk) || (look.modality === 'CT' && look.region === 'lower-extremity' && look.read.exam.contrast === 'arterial');
}

/** Could this person carry a pregnancy? The chart's words outrank the sex that stands on the order. */
function mayCarry(look: Look, row: SafetyRule): boolean {
  const { ageYears, sex } = look.read;
  const inAge = ageYears === null || (ageYears >= numberOf(row, 'ageFrom') && ageYears <= numberOf(row, 'ageTo'));
  if (!inAge || cited(look, wordsOf(row, 'bornMale')).length > 0) return false;
  return sex !== 'M' || cited(look, wordsOf(row, 'bornFemale')).length > 0;
}

/** The last period began within `days`: "LMP 10d ago", "LMP last week". */
function recentPeriod(look: Look, row: SafetyRule): boolean {
  const days = numberOf(row, 'recentPeriodDays');
  return look.sources.some(({ read: { text } }) => {
    const after =
      /\b(?:lmp|last (?:menstrual )?period|menses|period)\b[^.;\n]{0,24}?(\d+(?:\.\d+)?)\s*-?\s*(d|days?|w|wks?|weeks?)\s*(?:ago|prior|back)?\b/iu.exec(
        text,
      );
    if (after !== null) return Number(after[1]) * ((after[2] ?? '').toLowerCase().startsWith('w') ? 7 : 1) <= days;
    return /\b(?:lmp|period|menses)\b[^.;\n]{0,12}\b(?:last week|yesterday|this week|now|today)\b|\b(?:on|currently on) (?:her )?(?:period|menses)\b|currently menstruating|\b(?:day|d) ?(?:[1-9]|10) of (?:menstrual )?cycle/iu.test(
      text,
    );
  });
}

/** Sentences that say that there is a pregnancy now. */
function toldPregnant(look: Look, row: SafetyRule): readonly Cited[] {
  const not = wordsOf(row, 'notPregnant');
  return cited(look, wordsOf(row, 'pregnant'), stories).filter((one) => !says(one.source, not, look) && !isPast(one, [], look));
}

export const pregnancyChecks: readonly Check[] = [
  {
    rule: 'pregnancy-possible',
    asked: (look) => ionises(look) && pelvisInField(look) && look.read.sex !== null,
    needs: [],
    find: (look, row) => {
      if (look.read.pregnant !== null || !mayCarry(look, row)) return null;
      const known = look.content.safety.find((one) => one.ruleId === 'pregnancy-known');
      if (known !== undefined && toldPregnant(look, known).length > 0) return null;
      if (cited(look, wordsOf(row, 'excluded')).length > 0 || recentPeriod(look, row)) return null;
      const told = ['period', 'late'].flatMap((name) => cited(look, wordsOf(row, name), stories)).map((one) => one.cite);
      const age = look.read.ageYears === null ? 'Age not known' : `Age ${look.read.ageYears}`;
      return [`${age}, no pregnancy status in the EHR`, ...told];
    },
  },
  {
    rule: 'pregnancy-known',
    asked: (look) => (ionises(look) && !(look.modality === 'XR' && isOneOf(look.region, limbs))) || look.gadolinium,
    needs: [],
    find: (look, row) => {
      if (look.read.pregnant === false || findTerms(look.read.exam.read, wordsOf(row, 'byDesign'), look.content.vocabulary).length > 0) return null;
      const told = look.read.sex === 'M' ? [] : toldPregnant(look, row);
      if (look.read.pregnant !== true && told.length === 0) return null;
      return [...(look.read.pregnant === true ? ['The EHR says pregnant'] : []), ...told.map((one) => one.cite)];
    },
  },
];
