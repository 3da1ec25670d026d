import { authorise } from '#core/authorise.js';
import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { FOLLOW_UP } from '#domain/follow-up.js';
import type { FollowUpAbout } from '#domain/follow-up.js';
import type { FollowUpLine } from '#ports/desk.js';
import type { CaseRow } from '#ports/views.js';
import { caseNow } from './case-now.ts';
import { denied } from './found.ts';
import type { Parts } from './parts.ts';

/** The workflow that an exam's order opens. */
const ORDER_WORKFLOW = 'protocoling';

/** What signed reports say and can wait for days, and is not dealt with: of those that this person may see, the first due first. No patient data. */
export async function followUpsFor(parts: Parts, person: Person): Promise<readonly FollowUpLine[] | { readonly denied: string }> {
  const verdict = authorise(person, 'view', null);
  if (!verdict.allowed) {
    await denied(parts, person, null, 'view', verdict);
    return { denied: verdict.why };
  }
  const now = parts.clock.now();
  const lines: FollowUpLine[] = [];
  for (const { caseId, caseNumber } of await openFollowUps(parts)) {
    const { workflow, state } = await caseNow(parts, FOLLOW_UP, caseId);
    const { about, subject } = workflow.see(state);
    if (about == null || !authorise(person, 'view', subject).allowed) continue;
    const { accessionNumber, followUp } = about as FollowUpAbout;
    const { owner, finding, since, due } = followUp;
    const named = owner.person === null ? null : { id: owner.person, name: parts.directory.byId(owner.person)?.name ?? owner.person };
    const orderCase = accessionNumber === null ? null : await orderCaseOf(parts, accessionNumber);
    lines.push({ caseNumber, orderCase, owner: named, as: owner.as, finding: finding.classId, since, due, overdue: due < now });
  }
  return lines.toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
}

/** Rows of those that are this person's own, or the coordinators' where they are one. */
export async function ownFollowUps(parts: Parts, { id, roles }: Person): Promise<readonly CaseRow[]> {
  return (await openFollowUps(parts)).filter(({ owner }) => owner === id || (owner === 'coordinator' && roles.includes('coordinator')));
}

async function openFollowUps({ workflows, views }: Parts): Promise<readonly CaseRow[]> {
  return workflows.some(({ name }) => name === FOLLOW_UP) ? views.open(FOLLOW_UP) : [];
}

async function orderCaseOf(parts: Parts, accession: string): Promise<CaseNumber | null> {
  const found = (await parts.cases.findByKey(`accession||${accession}`)).find(({ workflow }) => workflow === ORDER_WORKFLOW);
  return found === undefined ? null : (await caseNow(parts, ORDER_WORKFLOW, found.caseId)).caseNumber;
}
