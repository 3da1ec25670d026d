import { authorise } from '#core/authorise.js';
import type { Subject } from '#core/authorise.js';
import type { Person, Role } from '#core/people.js';
import { role } from '#core/people.js';
import type { Receivers } from '#ports/desk.js';
import type { Rota } from '#ports/rota.js';
import type { Parts } from './parts.ts';

/** More people than this are no choice any more. */
const MOST_OTHERS = 5;

/** What people call a role, in English and Spanish, folded. */
const roleWords: readonly (readonly [RegExp, readonly Role[]])[] = [
  [/^(?:reading )?radiologists?$|^radiologo$/u, ['protocoling-radiologist']],
  [/^protocol\w* technologists?$/u, ['protocoling-technologist']],
  [/^(?:technologists?|techs?|tecnicos?)$/u, ['technologist', 'protocoling-technologist']],
  [/^(?:coordinators?|coordinacion|coordinadora?)$/u, ['coordinator']],
  [/^(?:schedulers?|scheduling|agenda)$/u, ['scheduler']],
];
/** Words that say how somebody serves, and not where. */
const rank =
  /\b(?:the|a|our|el|la|al|dr|doctora?|dra|mrs?|ms|fellow|resident|registrar|attending|consultant|team|on call|oncall|person|people|guy|residente|adjunto|equipo|de guardia|guardia|de|for|on)\b\.?/gu;

/**
 * Who is meant by a name, an id, a role or a service on call, of those who may decide the case; and why the others of them may not. Staff alone are looked up here:
 * a patient's name means nobody.
 */
export function receiversOf(
  { directory, clock }: Pick<Parts, 'directory' | 'clock'>,
  rota: Rota | null,
  asker: Person,
  subject: Subject,
  said: string,
): Receivers {
  const everybody = [...new Map(role.options.flatMap((one) => directory.withRole(one)).map((one) => [one.id, one])).values()];
  const may = (one: Person) => authorise(one, 'approve', subject);
  const meant = meantBy(folded(said), everybody, () => {
    const service = rota === null ? null : serviceIn(rota, folded(said));
    const levels = service === null ? [] : (rota?.at(service, clock.now())?.levels ?? []);
    return levels.flatMap(({ people }) => people).flatMap((id) => directory.byId(id) ?? []);
  });
  const refused = meant.flatMap((one) => {
    const verdict = may(one);
    return verdict.allowed ? [] : [verdict.why];
  });
  const people = meant.filter((one) => may(one).allowed);
  const others = people.length > 0 ? [] : everybody.filter((one) => one.id !== asker.id && may(one).allowed).slice(0, MOST_OTHERS);
  return { people: people.slice(0, MOST_OTHERS), refused: refused.slice(0, MOST_OTHERS), others };
}

function meantBy(said: string, everybody: readonly Person[], onCall: () => readonly Person[]): readonly Person[] {
  const bare = said.replace(rank, ' ').replaceAll(/\s+/gu, ' ').trim();
  const named = everybody.filter(({ id, name }) => {
    const own = folded(name).split(' ');
    return id.toLowerCase() === said || folded(name) === bare || (bare !== '' && bare.split(' ').every((word) => own.includes(word)));
  });
  if (named.length > 0) return named;
  const serving = onCall();
  if (serving.length > 0) return serving;
  const roles = roleWords.find(([words]) => words.test(bare) || words.test(said))?.[1] ?? [];
  return everybody.filter((one) => one.roles.some((which) => roles.includes(which)));
}

/** "the neuro fellow", "neuro on call": the service that is named in it. */
function serviceIn(rota: Rota, said: string): string | null {
  const bare = said.replace(rank, ' ').replaceAll(/\s+/gu, ' ').trim();
  return (rota.named(said) ?? rota.named(bare) ?? bare.split(' ').map((word) => rota.named(word)).find((one) => one !== null) ?? null)?.id ?? null; // prettier-ignore
}

function folded(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9 -]+/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
