import { z } from 'zod/v4';

/** 32 hexadecimal digits: a keyed hash of workflow and subject. Never shown to people (it would hold the order key). */
export const caseId = z
  .string()
  .regex(/^[0-9a-f]{32}$/u)
  .brand<'CaseId'>();
export type CaseId = z.infer<typeof caseId>;

/** Letters and digits that can't be taken for one another when read aloud. */
export const CASE_ALPHABET = '23456789BCDFGHJKMNPQRTVWXY';

/** Six characters of CASE_ALPHABET, seven at a site that has given many, the last one the check character (Luhn mod 26), such as 7KF3QN. */
export const caseNumber = z
  .string()
  .regex(/^[23456789BCDFGHJKMNPQRTVWXY]{6,7}$/u)
  .refine((text) => checkCharacter(text.slice(0, -1)) === text.at(-1), 'the last character does not check')
  .brand<'CaseNumber'>();
export type CaseNumber = z.infer<typeof caseNumber>;

/**
 * Numbers of six characters that a site gives, half of all that there are: from then on seven, so that one that was mistyped, or guessed, is seldom another
 * case's.
 */
export const SIX_CHARACTER_NUMBERS = CASE_ALPHABET.length ** 5 / 2;

/** The number that these draws give, one for each character but the check character. @param draws whole numbers of any size, from 0 on */
export function drawnCaseNumber(draws: readonly number[]): CaseNumber {
  const body = draws.map((draw) => CASE_ALPHABET.charAt(draw % CASE_ALPHABET.length)).join('');
  return caseNumber.parse(body + checkCharacter(body));
}

/** Luhn mod 26 over CASE_ALPHABET. Empty for text with a character outside the alphabet. */
export function checkCharacter(body: string): string {
  const size = CASE_ALPHABET.length;
  let factor = 2;
  let sum = 0;
  for (const character of [...body].reverse()) {
    const code = CASE_ALPHABET.indexOf(character);
    if (code < 0) return '';
    const addend = factor * code;
    factor = factor === 2 ? 1 : 2;
    sum += Math.floor(addend / size) + (addend % size);
  }
  return CASE_ALPHABET.charAt((size - (sum % size)) % size);
}

/** The name of a person in people.json, such as `dr-okafor`; never an e-mail address or a login. */
export const personId = z.string().min(1).max(64).brand<'PersonId'>();
export type PersonId = z.infer<typeof personId>;

/** Identity of one thing that was told to a case; the same id told again changes nothing. */
export const eventId = z.string().min(1).max(200).brand<'EventId'>();
export type EventId = z.infer<typeof eventId>;

/** Idempotency key of one effect: case, revision, kind, destination. */
export const effectKey = z.string().min(1).max(200).brand<'EffectKey'>();
export type EffectKey = z.infer<typeof effectKey>;

/** Assigner and number of an order: `placer|ASSIGNER|NUMBER` or `filler|ASSIGNER|NUMBER`. Patient data: never logged, never shown in a channel. */
export const orderKey = z.string().min(1).max(400).brand<'OrderKey'>();
export type OrderKey = z.infer<typeof orderKey>;
