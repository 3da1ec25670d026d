/** By what one patient is told from another. Patient data: never on a card of another patient, in a log or an id. */
export interface Likeness {
  readonly family: string;
  readonly given: string;
  /** YYYYMMDD, with or without dashes; null: not given. */
  readonly birthDate: string | null;
  /** Record numbers as `assigner|id`: one in common, and it is the same patient. */
  readonly numbers: readonly string[];
}

/** Shorter words are too often one slip from another name (Li and Lu, Kim and Tim). */
const SHORTEST_WITH_SLIP = 4;

/**
 * Could one be taken for the other? The family names are the same or one slip apart, and the given names begin alike or are one slip apart, or both were born
 * on one day. One slip is a letter too many, too few, another or two swapped: four fifths of all misspelt words (F. J. Damerau, "A technique for computer
 * detection and correction of spelling errors", Communications of the ACM 7(3), 1964). The same patient's other order is no mix-up.
 */
export function isAlike(one: Likeness, other: Likeness): boolean {
  if (one.numbers.some((number) => other.numbers.includes(number))) return false;
  if (!isClose(letters(one.family), letters(other.family))) return false;
  const [given, otherGiven] = [letters(one.given), letters(other.given)];
  return given === '' || otherGiven === '' || given[0] === otherGiven[0] || isClose(given, otherGiven) || isSameDay(one.birthDate, other.birthDate);
}

/** Is this who is called so? Every word must be one of the name's, or one slip from it; case, accents and marks aside. */
export function isCalled(words: readonly string[], { family, given }: Pick<Likeness, 'family' | 'given'>): boolean {
  const own = `${family} ${given}`.split(/[\s^-]+/u).map(letters);
  const said = words.map(letters).filter((word) => word !== '');
  return said.length > 0 && said.every((word) => own.includes(word) || own.some((one) => isClose(word, one)) || word === letters(family));
}

/**
 * How whoever is called so is named: `exactly`, or `alike` where a word is one slip away; null: not so. An initial stands for a name that begins with it, and a name
 * with a hyphen for its parts; one word at least is more than an initial.
 */
export function howCalled(words: readonly string[], { family, given }: Pick<Likeness, 'family' | 'given'>): 'exactly' | 'alike' | null {
  const own = `${family} ${given}`.split(/[\s^-]+/u).map(letters);
  const whole = own.join('');
  const said = words.map((word) => ({ word: letters(word), parts: word.split('-').map(letters) })).filter(({ word }) => word !== '');
  const initials = said.filter(({ word }) => word.length === 1);
  const names = said.filter(({ word }) => word.length > 1);
  if (names.length === 0 || !initials.every(({ word }) => own.some((one) => one.startsWith(word)))) return null;
  const isExact = (word: string): boolean => own.includes(word) || word === letters(family) || word === letters(given) || word === whole;
  if (names.every(({ word, parts }) => isExact(word) || parts.every(isExact))) return 'exactly';
  const isNear = (word: string): boolean => isExact(word) || own.some((one) => isClose(word, one));
  return names.every(({ word, parts }) => isNear(word) || parts.every(isNear)) ? 'alike' : null;
}

function isSameDay(one: string | null, other: string | null): boolean {
  const digits = (date: string | null): string => (date ?? '').replace(/\D/gu, '').slice(0, 8);
  return digits(one).length === 8 && digits(one) === digits(other);
}

/** Letters alone, without case, accents, spaces and hyphens: Muñoz-Leal is Munoz Leal. */
function letters(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '');
}

function isClose(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return one === other || (Math.min(one.length, other.length) >= SHORTEST_WITH_SLIP && isOneSlip(one, other));
}

/** What stands between the common beginning and the common end: nothing or one letter, or two letters the other way round. */
function isOneSlip(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  const shorter = Math.min(one.length, other.length);
  let from = 0;
  while (from < shorter && one[from] === other[from]) from += 1;
  let end = 0;
  while (end < shorter - from && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(from, one.length - end), other.slice(from, other.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
