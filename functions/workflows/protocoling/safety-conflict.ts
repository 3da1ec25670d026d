import type { MisfitRule } from '#domain/content.js';
import { bodyPartsIn, icdRegions, overlap, sidesOf } from '#domain/exam.js';
import type { Region } from '#domain/modality.js';
import { affirmed, findTerms } from '#domain/text.js';
import { cited, numberOf, wordsOf } from './safety-look.ts';
import type { Check, Look } from './safety-look.ts';

const always = (): boolean => true;

/** Parts of the body that the reason names, when none of them explains the ordered region. */
function otherPart(look: Look): readonly string[] {
  const { region } = look.read.exam;
  const row = look.content.safety.find((one) => one.ruleId === 'body-part');
  if (region === null || row === undefined) return [];
  const { vocabulary } = look.content;
  const explains = (regions: readonly Region[]) => regions.some((one) => overlap(one, region, vocabulary));
  const parts = bodyPartsIn(look.read.indication, vocabulary);
  const present = parts.filter((part) => !isHistory(look.read.indication.text, part.start));
  const codes = icdRegions(look.order.reasonCodes ?? [], vocabulary);
  if (present.length === 0 && !codes.some((one) => /^[SM]/u.test(one.code))) return [];
  if ([...parts, ...codes].some((one) => explains(one.regions))) return [];
  if (affirmed(look.read.indication, wordsOf(row, 'anywhere'), vocabulary).length > 0) return [];
  if (look.modality === 'XR' && region === 'chest' && affirmed(look.read.indication, wordsOf(row, 'chestFilm'), vocabulary).length > 0) return [];
  return [`Order: “${look.read.exam.read.text}”`, `Indication: “${look.read.indication.text}”`, ...codes.map((one) => `Code ${one.code}`)];
}

/** "s/p L TKA", "hx of stroke": what was, not what is asked. */
function isHistory(text: string, start: number): boolean {
  return /(?:\bs\/p|\bhx(?: of)?|\bh\/o|\bhistory of|\bprior|\bprevious|\bstatus post|\bpod ?\d*|\bpost)[\s:-]+(?:\S+\s+){0,1}$/iu.test(
    text.slice(Math.max(0, start - 40), start),
  );
}

/** ICD-10-CM codes of joints, injuries, breast and veins end with 1 for right and 2 for left. */
function codeSides(codes: readonly string[]): { readonly left: boolean; readonly right: boolean } {
  const digits = codes.flatMap((code) => {
    const plain = code.replace('.', '');
    if (/^M1[67]/u.test(plain)) return [plain.charAt(4)];
    return /^(?:S|M2|M7|M8|C50|I82)/u.test(plain) && plain.length >= 6 ? [plain.charAt(5)] : [];
  });
  return { left: digits.includes('2'), right: digits.includes('1') };
}

/** "8yo", "14 y.o.", "3 day old", "14mo M", "52F". A bare "5 days" or "8d" is a length of time, not an age. */
const AGE_AND_SEX =
  /^\W{0,3}(\d{1,3})\s*-?\s*(?:(?:(y)\/?o|(y)\.o\.|(y|m|w|d)[a-z]*[\s-]*old)\b|(y|m|w|d)?[a-z]{0,5}(?=\s*-?\s*(?:M|F|male|female|man|woman|boy|girl)\b))\s*-?\s*(M|F|male|female|man|woman|boy|girl)?\b/u;

/** A year and a half is "18mo"; what stands at the very beginning of an indication is the patient, further on it may be a relative. */
function statedPerson(text: string): { readonly ageYears: number | null; readonly sex: 'F' | 'M' | null } {
  const match = AGE_AND_SEX.exec(text);
  if (match === null) return { ageYears: null, sex: null };
  const unit = match[2] ?? match[3] ?? match[4] ?? match[5] ?? 'y';
  const perYear = unit === 'y' ? 1 : unit === 'm' ? 12 : unit === 'w' ? 52 : 365;
  const word = match[6] ?? '';
  const sex = /^(?:M|male|man|boy)$/u.test(word) ? 'M' : word === '' ? null : 'F';
  return { ageYears: Number(match[1]) / perYear, sex };
}

/** The chart explains a sex that the exam does not fit. */
function explained(look: Look): boolean {
  const row = look.content.safety.find((one) => one.ruleId === 'pregnancy-possible');
  return row !== undefined && ['bornFemale', 'bornMale'].some((name) => cited(look, wordsOf(row, name)).length > 0);
}

function misfit(rule: MisfitRule, look: Look): readonly string[] {
  const { vocabulary } = look.content;
  const { ageYears, sex } = look.read;
  const inExam = findTerms(look.read.exam.read, rule.exam, vocabulary).map((hit) => `Order: “${hit.text}”`);
  const inReason = affirmed(look.read.indication, rule.indication, vocabulary).map((hit) => `Indication: “${hit.text}”`);
  const found = [...inExam, ...inReason];
  if (found.length === 0) return [];
  const wrongSex = rule.sex !== null && sex !== null && sex !== rule.sex && !explained(look);
  const wrongAge = ageYears !== null && ((rule.ageFrom !== null && ageYears < rule.ageFrom) || (rule.ageTo !== null && ageYears > rule.ageTo));
  return wrongSex || wrongAge ? [rule.output, `Patient: ${ageYears ?? 'age not known'} years, ${sex ?? 'sex not known'}`, ...found] : [];
}

export const conflictChecks: readonly Check[] = [
  {
    rule: 'body-part',
    asked: always,
    needs: [],
    find: (look) => orNull(otherPart(look)),
  },
  {
    rule: 'laterality',
    asked: (look) => look.read.exam.side === 'left' || look.read.exam.side === 'right',
    needs: [],
    find: (look) => {
      const ordered = look.read.exam.side;
      if ((ordered !== 'left' && ordered !== 'right') || otherPart(look).length > 0) return null;
      const other = ordered === 'left' ? 'right' : 'left';
      const told = sidesOf(look.read.indication, look.content.vocabulary);
      const coded = codeSides(look.order.reasonCodes ?? []);
      const byText = told[other] && !told[ordered] && !told.both;
      const byCode = !told.left && !told.right && !told.both && coded[other] && !coded[ordered];
      if (!byText && !byCode) return null;
      const codes = coded[other] ? [`Codes ${(look.order.reasonCodes ?? []).join(', ')}`] : [];
      return [`Order: “${look.read.exam.read.text}”`, ...(byText ? [`Indication: “${look.read.indication.text}”`] : []), ...codes];
    },
  },
  {
    rule: 'sex-age',
    asked: always,
    needs: [],
    find: (look, row) => {
      const { ageYears, sex } = look.read;
      const said = statedPerson(look.read.indication.text);
      const limit = Math.max(1, Math.min(numberOf(row, 'ageDifferenceYears'), (ageYears ?? 0) / 2));
      const otherAge = said.ageYears !== null && ageYears !== null && Math.abs(said.ageYears - ageYears) > limit;
      const otherSex = said.sex !== null && sex !== null && said.sex !== sex && !explained(look);
      const stated =
        otherAge || otherSex
          ? [`Indication: “${look.read.indication.text}”`, `Patient: ${ageYears ?? 'age not known'} years, ${sex ?? 'sex not known'}`]
          : [];
      const rules = look.content.misfits.filter((rule) => rule.reviewedBy !== null).flatMap((rule) => misfit(rule, look));
      return orNull([...rules, ...stated]);
    },
  },
];

function orNull(evidence: readonly string[]): readonly string[] | null {
  return evidence.length === 0 ? null : evidence;
}
