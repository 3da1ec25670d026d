import { authorise } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import { personId } from '#core/ids.js';
import type { Person, Role } from '#core/people.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Directory } from '#ports/directory.js';
import type { Caller } from '#ports/queue.js';
import type { Parts } from './parts.ts';

/**
 * The person behind an account of this machine; on the rehearsal site alone one laptop plays several (ADR 0018). Null: nobody.
 * @param usually whom a laptop's own account plays; null: nobody, it says with --as whom
 */
export function personBehind(directory: Directory, rehearsal: boolean, { account, as }: Caller, usually: Role | null = 'operator'): Person | null {
  if (as === null) return directory.byOsAccount(account) ?? (rehearsal && usually !== null ? (directory.withRole(usually)[0] ?? null) : null);
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

type Needs = Pick<Parts, 'audit' | 'directory' | 'clock'>;

/** The person behind the account; or the refusal, with its audit row. */
export async function identified(
  { audit, directory, clock }: Needs,
  rehearsal: boolean,
  caller: Caller,
  { action, usually }: { readonly action: Action; readonly usually: Role | null },
): Promise<Asker | Denied> {
  const { account, as } = caller;
  const person = personBehind(directory, rehearsal, caller, usually);
  if (person !== null) return { person, proof: as === null ? { account } : { account, played: true } };
  const actor = { kind: 'system', part: 'control' } as const;
  await audit.record({ caseId: null, at: clock.now(), action, outcome: 'denied', actor, detail: { account } });
  if (as !== null && !rehearsal) return denied('--as plays a person on the rehearsal site only.');
  return denied(as === null ? `The account ${account} belongs to nobody: people.json names it as osAccount.` : `people.json has no person ${as}.`);
}

/** The person behind the account, who may do this; or the refusal, with its audit row. */
export async function admitted(
  needs: Needs,
  rehearsal: boolean,
  caller: Caller,
  { action, usually }: { readonly action: Action; readonly usually: Role },
): Promise<Asker | Denied> {
  const asker = await identified(needs, rehearsal, caller, { action, usually });
  if (!('person' in asker)) return asker;
  const verdict = authorise(asker.person, action, null);
  if (verdict.allowed) return asker;
  await needs.audit.record({ caseId: null, at: needs.clock.now(), action, outcome: 'denied', actor: actorOf(asker), detail: asker.proof });
  return denied(verdict.why);
}

function denied(text: string): Denied {
  return { ok: false, code: 'denied', text };
}
