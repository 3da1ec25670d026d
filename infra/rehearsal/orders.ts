import { orderers } from './people-names.ts';
import { PATIENTS, patientOf } from './patients.ts';
import type { RehearsalPatient } from './patients.ts';
import { dice } from './randomness.ts';
import type { Dice } from './randomness.ts';
import { copiedForward, remarks } from './situations.ts';

export interface PlannedOrder {
  /** From 1. */
  readonly n: number;
  readonly patient: RehearsalPatient;
  readonly kind: 'imaging' | 'not-imaging' | 'unknown';
  readonly code: string;
  readonly text: string;
  /** OBR-24; empty for what is not imaging. */
  readonly modality: string;
  readonly patientClass: 'E' | 'I' | 'O';
  /** Empty where the message leaves it out. */
  readonly priority: string;
  readonly indication: string;
  readonly orderer: { readonly id: string; readonly family: string; readonly given: string } | null;
  readonly messageType: 'ORM^O01' | 'OMI^O23';
  /** Where the priority stands: TQ1-9, or ORC-7.6 as older systems send it. */
  readonly priorityIn: 'TQ1' | 'ORC';
  /** OBR-31, or OBR-13 as some systems send it. */
  readonly indicationIn: 'OBR-31' | 'OBR-13';
  readonly sendsBirthDate: boolean;
  /** What follows the order, in seconds after it was sent. */
  readonly then: { readonly verb: 'change' | 'cancel'; readonly afterSeconds: number; readonly priority: string; readonly indication: string } | null;
}

/** The procedures that may be ordered: code to text and modality. */
export type Catalogue = ReadonlyMap<string, { readonly text: string; readonly modality: string }>;

const notImaging = [
  ['CBC', 'COMPLETE BLOOD COUNT'],
  ['BMP', 'BASIC METABOLIC PANEL'],
  ['ECG', 'ECG 12 LEAD'],
] as const;

/** Order `n` of this seed: always the same one, whenever it is asked for. */
export function orderOf(seed: number, n: number, catalogue: Catalogue): PlannedOrder {
  const roll = dice(seed, 'order', n);
  const patient = patientOf(seed, (n - 1) % PATIENTS);
  const { situation } = patient;
  const kind = n % 37 === 19 ? 'unknown' : n % 29 === 11 ? 'not-imaging' : 'imaging';
  const imagingCode = roll.pick(situation.codes);
  const other = roll.pick(notImaging);
  const named = catalogue.get(imagingCode);
  const indication = indicationFor(patient, roll);
  const priority = roll.chance(0.03) ? '' : situation.priority;
  const chance = roll.next();
  const afterSeconds = roll.between(6, 25);
  const changed = { priority: situation.priority === 'S' ? 'A' : 'S', indication: `${indication} - UPDATE: ${roll.pick(updates)}` };
  return {
    n,
    patient,
    kind,
    code: kind === 'imaging' ? imagingCode : kind === 'unknown' ? 'RADMISC' : other[0],
    text: kind === 'imaging' ? (named?.text ?? imagingCode) : kind === 'unknown' ? 'IMAGING AS DISCUSSED' : other[1],
    modality: kind === 'imaging' ? (named?.modality ?? '') : '',
    patientClass: situation.patientClass,
    priority,
    indication: kind === 'not-imaging' ? '' : roll.chance(0.04) ? '' : indication,
    orderer: roll.chance(0.03) ? null : ordererFor(roll),
    messageType: roll.chance(0.25) ? 'OMI^O23' : 'ORM^O01',
    priorityIn: roll.chance(0.3) ? 'ORC' : 'TQ1',
    indicationIn: roll.chance(0.15) ? 'OBR-13' : 'OBR-31',
    sendsBirthDate: !roll.chance(0.02),
    then:
      kind !== 'imaging' || chance >= 0.1
        ? null
        : chance < 0.06
          ? { verb: 'change', afterSeconds, ...changed }
          : { verb: 'cancel', afterSeconds, priority, indication },
  };
}

const updates = ['now febrile', 'pain worse', 'surgery wants it today', 'pt stable, no rush', 'add: prior study at outside hosp'] as const;

function ordererFor(roll: Dice): (typeof orderers)[number] {
  let left = roll.between(1, 10);
  for (const orderer of orderers) {
    left -= orderer.weight;
    if (left <= 0) return orderer;
  }
  return orderers[0];
}

/** What somebody in a hurry types: a template, sometimes with what was copied from the last visit, a denial, slips of the fingers. */
function indicationFor(patient: RehearsalPatient, roll: Dice): string {
  const side = roll.pick(['left', 'right', 'L', 'R', 'lt', 'rt']);
  const opposite: Readonly<Record<string, string>> = { left: 'right', right: 'left', L: 'R', R: 'L', lt: 'rt', rt: 'lt' };
  const filled = (template: string): string =>
    template
      .replaceAll('{side}', side)
      .replaceAll('{other}', opposite[side] ?? side)
      .replaceAll('{n}', String(roll.between(2, 9)))
      .replaceAll('{age}', String(patient.ageYears));
  let text = filled(roll.pick(patient.situation.texts));
  if (roll.chance(0.2)) text += roll.pick(remarks);
  if (roll.chance(0.12)) text = filled(roll.pick(copiedForward)) + text;
  if (roll.chance(0.3)) text = slip(text, roll);
  if (roll.chance(0.08)) text = text.toUpperCase();
  return text;
}

/** One slip of the fingers in a word of five letters or more: swapped, doubled, left out, or the neighbouring key. */
function slip(text: string, roll: Dice): string {
  const words = [...text.matchAll(/[A-Za-z]{5,}/gu)];
  if (words.length === 0) return text;
  const word = roll.pick(words);
  const at = word.index + roll.between(1, word[0].length - 3);
  const [before, here, next, after] = [text.slice(0, at), text.charAt(at), text.charAt(at + 1), text.slice(at + 2)];
  switch (roll.between(1, 4)) {
    case 1:
      return before + next + here + after;
    case 2:
      return before + here + here + next + after;
    case 3:
      return before + next + after;
    default:
      return before + neighbour(here) + next + after;
  }
}

function neighbour(letter: string): string {
  const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
  const row = rows.find((one) => one.includes(letter.toLowerCase()));
  if (row === undefined) return letter;
  const index = row.indexOf(letter.toLowerCase());
  return row.charAt(index + 1) || row.charAt(index - 1);
}
