import { authorise } from '#core/authorise.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { AuditEntry, AuditFilter, AuditStore } from '#ports/audit-store.js';
import type { AuditReply, AuditRequest, Auditor, ExportRecord } from '#ports/auditor.js';
import type { Clock } from '#ports/clock.js';
import type { Directory } from '#ports/directory.js';
import type { Caller } from '#ports/queue.js';
import { personBehind } from './caller.ts';

export interface Auditing {
  readonly audit: Pick<AuditStore, 'record'>;
  readonly directory: Directory;
  readonly clock: Clock;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
  /** What is read, in pages. */
  readonly records: (asked: Asked) => AsyncIterable<readonly ExportRecord[]>;
}

export interface Asked {
  readonly filter: AuditFilter;
  readonly at: Instant;
  readonly by: Person['id'];
}

/** Readings under way at once; the oldest gives way. */
const MOST_READINGS = 8;

interface Reading {
  readonly account: string;
  readonly pages: AsyncIterator<readonly ExportRecord[]>;
}

/** Lets the privacy auditor read the audit (INVARIANTS 3). Who asks for what is a row of it. */
export function auditor(auditing: Auditing): Auditor {
  const readings = new Map<string, Reading>();
  let named = 0;
  const next = async (reading: string, account: string): Promise<AuditReply> => {
    const found = readings.get(reading);
    if (found?.account !== account) return { ok: false, code: 'unknown', text: 'That reading has ended: ask again from the start.' };
    const page = await found.pages.next();
    if (page.done !== true) return { ok: true, answer: 'audit', reading, records: page.value };
    readings.delete(reading);
    return { ok: true, answer: 'audit', reading: null, records: [] };
  };
  return {
    async ask(caller, request) {
      if (request.ask === 'audit-next') return next(request.reading, caller.account);
      const person = await admitted(auditing, caller, request);
      if ('ok' in person) return person;
      const { filter } = request;
      const pages = auditing.records({ filter, at: auditing.clock.now(), by: person.id })[Symbol.asyncIterator]();
      const reading = `r${(named += 1)}`;
      readings.set(reading, { account: caller.account, pages });
      for (const oldest of [...readings.keys()].slice(0, -MOST_READINGS)) readings.delete(oldest);
      return next(reading, caller.account);
    },
  };
}

/** The person who may, with the row that says so; or the refusal, with its row. */
async function admitted(auditing: Auditing, { account, as }: Caller, request: Exclude<AuditRequest, { ask: 'audit-next' }>) {
  const person = personBehind(auditing.directory, auditing.rehearsal, { account, as }, 'auditor');
  const row = {
    caseId: null,
    at: auditing.clock.now(),
    action: request.ask,
    detail: { account, ...asked(request.filter) },
  } satisfies Partial<AuditEntry>;
  if (person === null) {
    await auditing.audit.record({ ...row, actor: { kind: 'system', part: 'control' }, outcome: 'denied' });
    return denied(as === null ? `The account ${account} belongs to nobody: people.json names it as osAccount.` : unknownPerson(auditing, as));
  }
  const actor = { kind: 'person', person: person.id } as const;
  const verdict = authorise(person, request.ask, null);
  await auditing.audit.record({
    ...row,
    actor,
    outcome: verdict.allowed ? 'done' : 'denied',
    detail: as === null ? row.detail : { ...row.detail, played: true },
  });
  return verdict.allowed ? person : denied(verdict.why);
}

function denied(text: string): Extract<AuditReply, { ok: false }> {
  return { ok: false, code: 'denied', text };
}

function unknownPerson({ rehearsal }: Auditing, as: string): string {
  return rehearsal ? `people.json has no person ${as}.` : '--as plays a person on the rehearsal site only.';
}

/** What was asked for, without what was not. */
function asked(filter: AuditFilter): AuditEntry['detail'] {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null));
}
