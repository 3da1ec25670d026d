import { personId } from '#core/ids.js';
import type { Person, Role } from '#core/people.js';
import type { Directory } from '#ports/directory.js';
import type { Caller } from '#ports/queue.js';

/** The person behind an account of this machine; on the rehearsal site alone one laptop plays several (ADR 0018). Null: nobody. `usually`: whom a laptop's own account plays. */
export function personBehind(directory: Directory, rehearsal: boolean, { account, as }: Caller, usually: Role = 'operator'): Person | null {
  if (as === null) return directory.byOsAccount(account) ?? (rehearsal ? (directory.withRole(usually)[0] ?? null) : null);
  return rehearsal ? directory.byId(personId.parse(as)) : null;
}
