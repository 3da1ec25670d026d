import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Numbered, Shown } from '../../infra/local/edge/ledger.ts';
import { readPostings } from '../support/ledgers.ts';

/** A card that said in Teams that nobody had answered in time: how long after that time. */
export interface OverdueNote {
  readonly caseNumber: string;
  readonly lateMs: number;
}

/** Of the cards of a Teams side's ledger, those that were edited to say that they are overdue. Their time runs from the posting, at the latest. */
export function overdueNotes(data: string, withinMs: number): readonly OverdueNote[] {
  const posted = new Map(readPostings(data, 'protocoling').map(({ activityId, caseNumber, at }) => [activityId, { caseNumber, at: Date.parse(at) }]));
  const lines = readFileSync(join(data, 'ledgers', 'teams.jsonl'), 'utf8').split('\n').slice(0, -1).filter((line) => line.includes('Overdue since')); // prettier-ignore
  const first = new Map<string, number>();
  for (const line of lines) {
    const { kind, activityId, at } = JSON.parse(line) as Numbered<Shown>;
    if (kind === 'updated' && !first.has(activityId)) first.set(activityId, Date.parse(at));
  }
  return [...first].flatMap(([activityId, at]) => {
    const card = posted.get(activityId);
    return card === undefined ? [] : [{ caseNumber: card.caseNumber, lateMs: at - card.at - withinMs }];
  });
}
