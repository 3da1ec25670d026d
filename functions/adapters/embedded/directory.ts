import { person as personSchema } from '#core/people.js';
import type { Person } from '#core/people.js';
import type { Directory } from '#ports/directory.js';

/** The people of people.json. */
export function directory(people: readonly Person[]): Directory {
  const known = people.map((row) => personSchema.parse(row));
  const byId = new Map(known.map((person) => [person.id, person]));
  const byAad = new Map(known.map((person) => [person.aadObjectId.toLowerCase(), person]));
  const byProvider = new Map(known.flatMap((person) => person.providerIds.map((id) => [id, person] as const)));
  const names = Object.fromEntries(known.map((person) => [person.id, person.name]));
  return {
    byId: (id) => byId.get(id) ?? null,
    byAadObjectId: (id) => byAad.get(id.toLowerCase()) ?? null,
    byProviderId: (id) => byProvider.get(id) ?? null,
    byOsAccount: (account) => known.find((person) => person.osAccount === account) ?? null,
    withRole: (role) => known.filter((person) => person.roles.includes(role)),
    names: () => names,
  };
}
