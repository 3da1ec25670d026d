import type { Detection, DetectionsReceived } from '#domain/hospital-event.js';
import type { Procedure } from '#domain/order.js';
import type { Message, Segment } from './message.ts';
import { mappedAccession, patientOf, procedureOf } from './order-fields.ts';
import { qualityOfDetections } from './quality.ts';
import { firstSaid, kept, lacking } from './reading.ts';
import type { Heard, Reading } from './reading.ts';
import { accessionIn, modalityIn, numberIn, partsOf } from './report.ts';
import type { Part } from './report.ts';
import { careOf } from './visit.ts';

/** Does the site name its sender as an image model? Then it is read by its codes, and never as a report: nobody has signed it. */
export function isOfModel({ message, site }: Heard): boolean {
  return site.fieldMap.modelApplications?.includes(message.text('MSH-3.1')) === true;
}

/** ORU^R01 of an image model, one event for each order and patient. HL7 v2.5.1 chapter 7.4.2; OBX-20 of 2.7. */
export function readDetections(heard: Heard): Reading {
  const { message } = heard;
  if (message.text('MSH-9.1') === 'MDM') return kept('A document of an image model is nobody’s report: it is kept.');
  if (message.first('OBR') === null) return lacking(['OBR'], 'a result needs OBR');
  if (message.first('PID') === null) return kept('The result names no patient: it is kept.');
  const events = partsOf(message, false, heard)
    .map((part) => eventOf(part, heard))
    .filter(({ detections }) => detections.length > 0);
  if (events.length === 0) return kept('The result of an image model holds no finding that says whether it is there: it is kept.');
  if (events.every(({ orderNumbers: { accession, placer, filler } }) => accession === null && placer === null && filler === null))
    return kept(
      'The result of an image model has no accession number and no number of an order, so that nobody could tell which exam is meant: it is kept.',
    );
  return { ok: true, tells: true, events, reason: null };
}

function eventOf({ pid, head, own }: Part, heard: Heard): DetectionsReceived {
  const { site, origin, message } = heard;
  const near = [...own, ...head];
  const named = (name: string): Segment | null => near.find((segment) => segment.name === name) ?? null;
  const request = named('OBR');
  const accessionNumber = mappedAccession(near, site.fieldMap) ?? accessionIn(own);
  const placer = numberIn([named('ORC'), 2], [request, 2]);
  const filler = numberIn([named('ORC'), 3], [request, 3]);
  const event: DetectionsReceived = {
    ...origin,
    type: 'detectionsReceived',
    accessionNumber,
    procedure: request === null ? null : procedureOf(request),
    modality: modalityIn(own, site.procedureMap),
    patient: patientOf(pid, site.fieldMap),
    orderNumbers: { placer, filler, accession: accessionNumber, serviceRequest: null },
    care: careOf({ visit: named('PV1'), control: named('ORC'), request }, heard),
    detections: own.filter((segment) => segment.name === 'OBX').flatMap((line) => detectionIn(line, message)),
    quality: [],
  };
  return { ...event, quality: qualityOfDetections(heard, event) };
}

/** OBX-11: deleted, wrong, not obtained, not asked for, not done yet. */
const NO_RESULT: readonly string[] = ['D', 'W', 'X', 'N', 'O', 'I'];
/** OBX-2 of what is a code or a word. */
const SAYING: readonly string[] = ['CE', 'CWE', 'CNE', 'CF', 'ST', 'TX', 'FT', 'ID', 'IS'];

function detectionIn(line: Segment, message: Message): readonly Detection[] {
  const names = codedIn(line, 3);
  const says = SAYING.includes(line.text(2)) ? codedIn(line, 5) : [];
  const inValue = says.flatMap(({ code, text }) => [code, text]);
  const outcome = outcomeOf(inValue, PRESENT, ABSENT) ?? outcomeOf(flagsOf(line), ABNORMAL, NORMAL);
  if (names.length === 0 || NO_RESULT.includes(line.text(11)) || (outcome === null && says.length === 0)) return [];
  const software = message.first('SFT');
  return [
    {
      ...{ names, says, outcome, confidence: confidenceOf(line), side: sideOf(line) },
      model: firstSaid([line.text(17, 2), line.text(17, 1), software?.text(3), message.text('MSH-3.1')]) ?? '',
      version: firstSaid([line.text(17, 7), line.text(18, 1), software?.text(2)]) ?? '',
    },
  ];
}

/** A coded element and its alternate; a word alone is a code without a system. */
function codedIn(line: Segment, field: 3 | 5): Procedure[] {
  const triplet = (at: number): Procedure => ({ code: line.text(field, at), text: line.text(field, at + 1), system: line.text(field, at + 2) });
  return [triplet(1), triplet(4)].filter((one) => one.code !== '' || one.text !== '');
}

/** OBX-5: SNOMED CT, RadLex and LOINC answers, HL7 table 0136, and words. A model that suspects says that it has found. */
const PRESENT = new Set('52101004 10828004 RID28472 LA9633-4 LA6576-8 POS Y YES TRUE PRESENT POSITIVE DETECTED SUSPECTED FOUND'.split(' '));
const ABSENT = new Set('2667000 260385009 RID28473 LA9634-2 LA6577-6 NEG N NO FALSE ABSENT NEGATIVE NONE'.split(' '));
const NOT = /^(?:NOT|NO|WITHOUT) /u;
/** OBX-8, HL7 table 0078: abnormal, positive; normal, negative. */
const ABNORMAL = new Set(['A', 'AA', 'POS']);
const NORMAL = new Set(['N', 'NEG']);

function outcomeOf(words: readonly string[], present: ReadonlySet<string>, absent: ReadonlySet<string>): Detection['outcome'] {
  const said = words.map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
  const isAbsent = said.some((word) => absent.has(word) || NOT.test(word));
  const isPresent = said.some((word) => present.has(word));
  // What says both says neither.
  return isAbsent === isPresent ? null : isPresent ? 'present' : 'absent';
}

/** OBX-8, each repetition: a code before 2.7, then a coded element. */
function flagsOf(line: Segment): string[] {
  return Array.from({ length: line.repetitions(8) }, (_, index) => line.text(8, 1, undefined, index + 1));
}

/** OBX-9, a probability of 0 to 1; anything else is none. */
function confidenceOf(line: Segment): number | null {
  const said = line.text(9);
  const number = /^(?:0?\.\d+|[01](?:\.\d+)?)$/u.test(said) ? Number(said) : NaN;
  return number >= 0 && number <= 1 ? number : null;
}

const sides: readonly (readonly [NonNullable<Detection['side']>, RegExp])[] = [
  ['both', /^(?:B$|BL$|51440002$|BOTH|BILATERAL)/u],
  ['left', /^(?:L$|LT$|7771000$|LEFT)/u],
  ['right', /^(?:R$|RT$|24028007$|RIGHT)/u],
];

function sideOf(line: Segment): Detection['side'] {
  const said = [line.text(20, 1), line.text(20, 2)].map((word) => word.toUpperCase());
  return sides.find(([, words]) => said.some((word) => words.test(word)))?.[0] ?? null;
}
