import type { Action } from '#core/action.js';
import type { Verdict } from '#core/authorise.js';
import { isHousekeeping } from '#core/housekeeping.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Seen } from '#core/workflow.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';

/** A case, as whoever asks for it finds it. */
export interface Found {
  readonly workflow: string;
  readonly caseId: CaseId;
  readonly seen: Seen;
}

export async function find(parts: Parts, number: CaseNumber): Promise<Found | null> {
  const known = await parts.cases.findByNumber(number);
  // An emergency access has a number, and is no task; so has a gap of a roster.
  if (!known || isHousekeeping(known.workflow)) return null;
  const { workflow, state } = await caseNow(parts, known.workflow, known.caseId);
  return { ...known, seen: workflow.see(state) };
}

/** Puts a refusal on record. */
export async function denied(parts: Parts, person: Person, caseId: CaseId | null, action: Action, verdict: Verdict): Promise<void> {
  if (verdict.allowed) return;
  const actor = { kind: 'person', person: person.id } as const;
  await parts.audit.record({ caseId, at: parts.clock.now(), actor, action, outcome: 'denied', detail: { action } });
}

export function inLanguageOf({ language }: Person) {
  return language === undefined ? {} : { language };
}

export function lookNow(parts: Parts, caseNumber: CaseNumber) {
  return { caseNumber, now: parts.clock.now(), names: parts.directory.names() };
}
