import { familyNames, mensNames, womensNames } from './people-names.ts';
import { dice } from './randomness.ts';
import { situations } from './situations.ts';
import type { Situation } from './situations.ts';

/** How many patients the rehearsal hospital knows. Later orders come back to the same patients. */
export const PATIENTS = 240;

/** The day on which the ages of the situations hold, so that a birth date does not move with the calendar. */
const AGES_AS_OF = Date.UTC(2026, 10, 1);

export interface RehearsalPatient {
  /** 0 … PATIENTS-1 */
  readonly index: number;
  readonly mrn: string;
  readonly family: string;
  readonly given: string;
  readonly sex: 'F' | 'M';
  /** YYYY-MM-DD */
  readonly birthDate: string;
  readonly ageYears: number;
  readonly situation: Situation;
}

/** Patient `index` of this seed: always the same one. */
export function patientOf(seed: number, index: number): RehearsalPatient {
  const roll = dice(seed, 'patient', index);
  const situation = situationOf(seed, index);
  const sex = situation.sex ?? roll.pick(['F', 'M']);
  const ageYears = roll.between(situation.ages[0], situation.ages[1]);
  const born = new Date(AGES_AS_OF - (ageYears * 365.25 + roll.between(1, 360)) * 86_400_000);
  return {
    index,
    mrn: `M${String(100_000 + seed * 1000 + index)}`,
    family: roll.pick(familyNames),
    given: sex === 'F' ? roll.pick(womensNames) : roll.pick(mensNames),
    sex,
    birthDate: born.toISOString().slice(0, 10),
    ageYears,
    situation,
  };
}

/** The very first order shows what Radloop is for: contrast wanted, weak kidneys, metformin. */
const FIRST = 'diverticulitis-ckd-metformin';

/** Every situation comes once before one comes again; the order differs by seed and round. */
function situationOf(seed: number, index: number): Situation {
  const round = Math.floor(index / situations.length);
  const roll = dice(seed, 'round', round);
  const shuffled = [...situations];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = roll.between(0, last);
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a === undefined || b === undefined) break;
    shuffled[last] = b;
    shuffled[other] = a;
  }
  if (round === 0) shuffled.sort((a, b) => Number(b.id === FIRST) - Number(a.id === FIRST));
  const found = shuffled[index % situations.length];
  if (found === undefined) throw new Error(`no situation for patient ${String(index)}`);
  return found;
}
