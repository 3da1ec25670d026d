import type { PersonId } from '#core/ids.js';
import type { Person, Role } from '#core/people.js';

/** Who is who at the site. Unknown people are denied. */
export interface Directory {
  byId(id: PersonId): Person | null;
  byAadObjectId(id: string): Person | null;
  /** ORC-12.1 as sent. */
  byProviderId(id: string): Person | null;
  /** Account of the operating system, as the command line proves it. */
  byOsAccount(account: string): Person | null;
  withRole(role: Role): readonly Person[];
  /** PersonId -> name as people read it. */
  names(): Readonly<Record<string, string>>;
}
