import type { PersonId } from '#core/ids.js';
import { lackKinds } from '#domain/on-call-gap.js';
import type { OnCallLack } from '#domain/on-call-gap.js';
import type { Policy } from './policy.ts';
import type { Words } from './words.ts';

/** A line a kind, and a level where it is of one: whom it is about, by name. */
export function lackLines(
  lacks: readonly OnCallLack[],
  words: Words,
  { personName = (person) => person }: Pick<Policy, 'personName'>,
): readonly string[] {
  return lackKinds.flatMap((why) => {
    const found = lacks.filter((one) => one.why === why);
    const levels = [...new Set(found.map(({ level }) => level))].toSorted((a, b) => (a ?? 0) - (b ?? 0));
    const people = (level: number | null): readonly PersonId[] => found.flatMap((one) => (one.level === level ? (one.person ?? []) : []));
    return levels.map((level) => words.lack[why](people(level).map(personName).join(', '), level === null ? '' : words.level(level)));
  });
}
