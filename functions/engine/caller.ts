import { authorise } from '#core/authorise.js';
import type { Action } from '#core/authorise.js';
import { personId } from '#core/ids.js';
import type { Person, Role } from '#core/people.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Directory } from '#ports/directory.js';
import type { Caller } from '#ports/queue.js';
import type { Parts } from './parts.ts';

/** The person behind an account of this machine; on the rehearsal site alone one laptop plays several (ADR 0018). Null: nobody. `usually`: whom a laptop's own account plays. */
export function personBehind(directory: Directory, rehearsal: boolean, { account, as }: Caller, usually: Role = 'operator'): Person | null {
  if (as === null) return directory.byOsAccount(account) ?? (rehearsal ? (directory.withRole(usually)[0] ?? null) : null);
  return rehearsal ? directory.byId(personId.parse(as)) : null;
}

/** Who acts, with what is written of it in each audit row. */
export interface Asker {
  readonly person: Person;
  readonly proof: AuditEntry['detail'];
}

export function actorOf({ person }: Asker): AuditEntry['actor'] {
  return { kind: 'person', person: person.id };
}

export interface Denied {
  readonly ok: false;
  readonly code: 'denied';
  readonly text: string;
}

/** The person behind the account, who may do this; or the refusal, with its audit row. */
export async function admitted(
  { audit, directory, clock }: Pick<Parts, 'audit' | 'directory' | 'clock'>,
  rehearsal: boolean,
  caller: Caller,
  { action, usually }: { readonly action: Action; readonly usually: Role },
): Promise<Asker | Denied> {
  const { account, as } = caller;
  const person = personBehind(directory, rehearsal, caller, usually);
  const row = { caseId: null, at: clock.now(), action, outcome: 'denied' } as const;
  if (person === null) {
    await audit.record({ ...row, actor: { kind: 'system', part: 'control' }, detail: { account } });
    if (as !== null && !rehearsal) return denied('--as plays a person on the rehearsal site only.');
    return denied(as === null ? `The account ${account} belongs to nobody: people.json names it as osAccount.` : `people.json has no person ${as}.`);
  }
  const asker = { person, proof: as === null ? { account } : { account, played: true } };
  const verdict = authorise(person, action, null);
  if (verdict.allowed) return asker;
  await audit.record({ ...row, actor: actorOf(asker), detail: asker.proof });
  return denied(verdict.why);
}

function denied(text: string): Denied {
  return { ok: false, code: 'denied', text };
}
