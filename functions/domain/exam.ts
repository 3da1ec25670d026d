import type { Vocabulary } from './content.ts';
import type { Contrast, Modality, Region } from './modality.ts';
import type { Order } from './order.ts';
import { findTerms, readText } from './text.ts';
import type { ReadText } from './text.ts';

export type Side = 'left' | 'right' | 'both';

/** What the words of an order's procedure say, before anything is decided. */
export interface Exam {
  readonly read: ReadText;
  readonly modality: Modality | null;
  /** Null when no word names a part of the body. */
  readonly region: Region | null;
  /** `given`: with contrast, kind and phase not said; `both`: before and after. Null: nothing said. */
  readonly contrast: Contrast | 'given' | 'both' | null;
  readonly side: Side | null;
}

/** Reads text, and the code where the text says nothing. */
export function readExam(order: Order, vocabulary: Vocabulary): Exam {
  const said = [order.procedure, ...order.procedures].filter((one) => one !== null).map((one) => one.text.trim());
  const words = said.filter((text) => text !== '').join(' + ');
  const read = readText(words === '' ? (order.procedure?.code ?? '') : words, vocabulary);
  const modality = order.modality ?? modalityOf(read, vocabulary);
  return { read, modality, region: examRegion(read, vocabulary), contrast: examContrast(read, modality, vocabulary), side: sideOf(read, vocabulary) };
}

function modalityOf(read: ReadText, vocabulary: Vocabulary): Modality | null {
  return vocabulary.examModalities.find((row) => findTerms(read, row.terms, vocabulary).length > 0)?.modality ?? null;
}

/** Parts named together are joined ("abd pelvis"); of the rest the longest wording counts, then the first. */
export function examRegion(read: ReadText, vocabulary: Vocabulary): Region | null {
  const hits = vocabulary.examRegions.flatMap(({ region, terms }) => findTerms(read, terms, vocabulary).map((hit) => ({ region, hit })));
  const free = hits.filter(
    ({ hit }) =>
      !hits.some(
        (other) => other.hit !== hit && other.hit.from <= hit.from && other.hit.to >= hit.to && other.hit.to - other.hit.from > hit.to - hit.from,
      ),
  );
  const named = new Set(free.map((one) => one.region));
  const has = (...regions: Region[]) => regions.every((region) => named.has(region));
  if (has('whole-body')) return 'whole-body';
  // "aorta with runoff": the limb decides how far the scan goes.
  if (has('lower-extremity') && [...named].some((one) => one === 'abdomen' || one === 'abdomen-pelvis' || one === 'chest-abdomen-pelvis'))
    return 'lower-extremity';
  if (has('chest-abdomen-pelvis') || has('chest', 'abdomen', 'pelvis') || has('chest', 'abdomen-pelvis')) return 'chest-abdomen-pelvis';
  if (has('total-spine') || has('cervical-spine', 'thoracic-spine', 'lumbar-spine')) return 'total-spine';
  if (has('abdomen', 'pelvis')) return 'abdomen-pelvis';
  if (has('head', 'neck')) return 'head-neck';
  if (has('neck', 'chest')) return 'neck-chest';
  // "hips with pelvis", "brain and orbits": the small part is what was meant.
  const small = free.filter(
    (one) =>
      !(one.region === 'pelvis' && named.has('hip')) && !(one.region === 'head' && named.size > 1) && !(one.region === 'chest' && named.has('heart')),
  );
  return small[0]?.region ?? null;
}

function examContrast(read: ReadText, modality: Modality | null, vocabulary: Vocabulary): Exam['contrast'] {
  const words = vocabulary.contrastWords;
  const says = (terms: readonly string[]) => findTerms(read, terms, vocabulary).length > 0;
  if (modality === 'NM') return 'radiotracer';
  if (modality === 'CT' && says(words.arterial)) return 'arterial';
  if (modality === 'CT' && says(words.multiphase)) return 'multiphase';
  if (says(words.both)) return modality === 'MR' ? 'gad' : 'both';
  if (says(words.none)) return 'none';
  if (says(words.oral) && says(words.given)) return 'oral+iv';
  if (says(words.given) || endsWith(read)) return modality === 'MR' ? 'gad' : 'given';
  return null;
}

/** "CT CHEST W", "CT SOFT TISSUE NECK WITH": nothing follows that "with" could belong to. */
function endsWith(read: ReadText): boolean {
  const last = read.tokens.at(-1)?.word;
  return last === 'w' || last === 'with';
}

function sideOf(read: ReadText, vocabulary: Vocabulary): Side | null {
  const sides = sidesOf(read, vocabulary);
  if (sides.both || (sides.left && sides.right)) return 'both';
  return sides.left ? 'left' : sides.right ? 'right' : null;
}

/** Single letters count only as capitals: "R knee", not "r/o". */
export function sidesOf(read: ReadText, vocabulary: Vocabulary): Readonly<Record<Side, boolean>> {
  const says = (terms: readonly string[]) =>
    findTerms(read, terms, vocabulary).some(
      (hit) => hit.text.length > 1 || (hit.text === hit.text.toUpperCase() && !/^[/>]\s?[Oo]\b/u.test(read.text.slice(hit.end))),
    );
  return { left: says(vocabulary.sides.left), right: says(vocabulary.sides.right), both: says(vocabulary.sides.both) };
}

/** A region with all that it covers. */
export function covered(region: Region, vocabulary: Vocabulary): readonly Region[] {
  return [region, ...(vocabulary.contains[region] ?? [])];
}

export function overlap(a: Region, b: Region, vocabulary: Vocabulary): boolean {
  const inside = covered(b, vocabulary);
  return covered(a, vocabulary).some((region) => inside.includes(region));
}

export interface PartHit {
  readonly text: string;
  readonly regions: readonly Region[];
  readonly start: number;
}

/** The parts of the body that a text speaks of. Longer wordings hide shorter ones within them. */
export function bodyPartsIn(read: ReadText, vocabulary: Vocabulary): readonly PartHit[] {
  const hits = vocabulary.bodyParts.flatMap(({ regions, terms }) => findTerms(read, terms, vocabulary).map((hit) => ({ regions, hit })));
  return hits
    .filter(
      ({ hit }) =>
        !hits.some(
          (other) => other.hit !== hit && other.hit.from <= hit.from && other.hit.to >= hit.to && other.hit.to - other.hit.from > hit.to - hit.from,
        ),
    )
    .filter(({ hit }) => !hit.negated)
    .map(({ regions, hit }) => ({ regions, text: hit.text, start: hit.start }))
    .sort((a, b) => a.start - b.start);
}

/** What diagnosis codes point to, the longest prefix first. */
export function icdRegions(
  codes: readonly string[],
  vocabulary: Vocabulary,
): readonly { readonly code: string; readonly regions: readonly Region[] }[] {
  return codes.flatMap((code) => {
    const fitting = vocabulary.icd
      .flatMap(({ prefixes, regions }) => prefixes.filter((prefix) => code.startsWith(prefix)).map((prefix) => ({ prefix, regions })))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    const [best] = fitting;
    return best === undefined ? [] : [{ code, regions: best.regions }];
  });
}
