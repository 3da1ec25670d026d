import type { PaperCase } from '#core/paper.js';
import type { TaskRow } from '#core/workflow.js';
import type { DowntimeList, ListedCase } from '#domain/downtime.js';
import type { Backlog } from '#ports/downtime.js';
import type { CaseRow } from '#ports/views.js';
import type { Parts } from './parts.ts';
import { caseNow } from './case-now.ts';

export type ListNeeds = Pick<Parts, 'cases' | 'views' | 'workflows' | 'directory' | 'clock'> & {
  readonly backlog: Backlog;
  readonly site: { readonly name: string; readonly zone: string };
};

/** Cases that are read before other work gets its turn. */
const AT_ONCE = 20;

/**
 * Every open case as it stands: the rows of the view, each case then read by its own key (DECISIONS 5). By when it is complete is asked first: what
 * was acknowledged before then is in its case by the time that the cases are read.
 */
export async function downtimeList(needs: ListNeeds): Promise<DowntimeList> {
  const writtenAt = needs.clock.now();
  const oldest = await needs.backlog.oldest();
  const cases: ListedCase[] = [];
  for (const { name } of needs.workflows) {
    for (const row of await needs.views.open(name)) {
      cases.push(await listed(needs, row));
      if (cases.length % AT_ONCE === 0) await new Promise((resume) => setTimeout(resume, 0));
    }
  }
  const held = await needs.views.held();
  const { name: site, zone } = needs.site;
  return { site, zone, writtenAt, asOf: oldest !== null && oldest < writtenAt ? oldest : writtenAt, cases: inOrder(cases), held };
}

async function listed(needs: ListNeeds, row: CaseRow): Promise<ListedCase> {
  const { workflow, caseId, caseNumber, updatedAt, revision: known } = row;
  const now = await caseNow(needs, workflow, caseId).catch(() => null);
  // One case that is damaged leaves nobody without the list of the others. A store that does not answer at all fails at the next question.
  if (now === null) return { ...bare(row), state: UNREADABLE, caseNumber, revision: known, changedAt: updatedAt };
  const seen = now.workflow.see(now.state);
  const paper = seen.paper({ caseNumber, now: needs.clock.now(), names: needs.directory.names() }) ?? bare(row);
  const { revision, note } = seen.row ?? row;
  // Why a mode keeps it, and what a person has to see to.
  const state = note === null || row.note === null || paper.state.includes(row.note) ? paper.state : `${paper.state}. (${row.note})`;
  return { ...paper, state, caseNumber, revision, changedAt: updatedAt };
}

const UNREADABLE = 'Radloop can not read this case: find its order in the RIS';

/** A case that knows no order: still somebody's to look at. */
function bare({ kind, urgency, owner, note }: TaskRow): PaperCase {
  return {
    ...{ group: kind, urgency, isFirst: false, patient: { name: '', number: '', born: '', sex: '' }, location: '', exam: '', indication: '' },
    ...{ orderedBy: '', order: '', accession: '', state: note ?? kind, waitsFor: owner ?? '', deadline: null, proposal: null, warnings: [] },
    mayDecide: false,
  };
}

/** By group; in it what is to be decided, what comes first in it first, then what is due first. */
function inOrder(cases: readonly ListedCase[]): readonly ListedCase[] {
  const ranked = cases.map((one) => ({ one, rank: rankOf(one) }));
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ one }) => one);
}

function rankOf({ group, mayDecide, isFirst, deadline, changedAt, caseNumber }: ListedCase): string {
  return [group, isFirst ? 0 : 1, mayDecide ? 0 : 1, deadline ?? '9', changedAt, caseNumber].join('\n');
}
