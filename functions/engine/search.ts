import { authorise } from '#core/authorise.js';
import { isCalled } from '#core/likeness.js';
import type { Person } from '#core/people.js';
import type { Search } from '#ports/desk.js';
import { openCases } from './open-cases.ts';
import type { OpenCase } from './open-cases.ts';
import type { Parts } from './parts.ts';

/** Rows that still fit a telephone. More than these, and more of the name is asked for: nobody is shown a list of patients. */
const MOST_MATCHES = 5;
/** Words that are said with a name and are none. */
const around = /^(?:mrs?|ms|mx|dr|the|of|for|patient|pt|mrn|number|no|case|order|accession|acc|paciente|sra?|el|la|de|del|numero|con)$/u;

/**
 * Looks for a patient among the open cases that this person may see; names and numbers are compared in memory, as they are unsealed there, and nothing that could be
 * searched is written. Each case that is shown has its audit row, as a view has; a search that finds nothing has one too.
 */
export async function search(parts: Parts, person: Person, words: string, modality: string | null): Promise<Search | { readonly denied: string }> {
  const actor = { kind: 'person', person: person.id } as const;
  const verdict = authorise(person, 'view', null);
  if (!verdict.allowed) {
    await parts.audit.record({
      caseId: null,
      at: parts.clock.now(),
      actor,
      action: 'view',
      outcome: 'denied',
      detail: { action: 'view', surface: 'search' },
    });
    return { denied: verdict.why };
  }
  const said = saidOf(words);
  const { cases, left } = await openCases(parts);
  const seen = cases.filter(
    (one) => fits(one, said) && (modality === null || one.subject.modality === modality) && authorise(person, 'view', one.subject).allowed,
  );
  const shown = seen.slice(0, MOST_MATCHES);
  const detail = { surface: 'search', shown: shown.length, found: seen.length };
  await parts.audit.record({
    caseId: null,
    at: parts.clock.now(),
    actor,
    action: 'search',
    outcome: shown.length === 0 ? 'nothing' : 'done',
    detail,
  });
  for (const { row } of shown)
    await parts.audit.record({
      ...{ caseId: row.caseId, at: parts.clock.now(), actor, action: 'view', outcome: 'done' },
      detail: { number: row.caseNumber, surface: 'search' },
    });
  return { matches: shown.map(matchOf), more: seen.length - shown.length, complete: left === 0 };
}

/** The words that are a name or a number. */
export function saidOf(words: string): readonly string[] {
  return words
    .normalize('NFKC')
    .split(/[\s,;]+/u)
    .map((word) => word.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '' && !around.test(word.toLowerCase()));
}

function fits({ likeness, numbers }: OpenCase, said: readonly string[]): boolean {
  const digits = said.filter((word) => /\d/u.test(word));
  const names = said.filter((word) => !/\d/u.test(word));
  if (digits.length + names.length === 0) return false;
  const hasNumber = digits.every((word) => numbers.some((number) => number.toUpperCase() === word.toUpperCase()));
  return hasNumber && (names.length === 0 || (likeness !== null && isCalled(names, likeness)));
}

function matchOf({ row, likeness }: OpenCase) {
  const { family = '', given = '', birthDate = null, numbers = [] } = likeness ?? {};
  return { row, name: [family, given].filter((part) => part !== '').join(', '), birthDate, number: numbers[0]?.split('|').at(-1) ?? null };
}
