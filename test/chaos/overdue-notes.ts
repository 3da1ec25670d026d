import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordsIn } from '#workflows/protocoling/words-in.js';
import type { Numbered, Shown } from '../../infra/local/edge/ledger.ts';
import { readPostings } from '../support/ledgers.ts';

/** A private note to the coordinator that nobody has answered a case in time: how long after that time. */
export interface OverdueNote {
  readonly caseNumber: string;
  readonly lateMs: number;
}

/** What only this note says; a case has others, such as the one that makes somebody look at a STAT order at once. */
const titles = [wordsIn('en'), wordsIn('es')].map((words) => words.notes.overdue.title);

/** The first of each case in a Teams side's ledger. A case's time runs from the posting of its card, at the latest. */
export function overdueNotes(data: string, withinMs: number): readonly OverdueNote[] {
  const posted = new Map(readPostings(data, 'protocoling').map(({ caseNumber, at }) => [caseNumber, Date.parse(at)]));
  const lines = readFileSync(join(data, 'ledgers', 'teams.jsonl'), 'utf8').split('\n').slice(0, -1).filter((line) => line.includes('"kind":"personal"') && titles.some((title) => line.includes(title))); // prettier-ignore
  const first = new Map<string, number>();
  for (const line of lines) {
    const { card, text, at } = JSON.parse(line) as Numbered<Shown>;
    for (const [number] of `${text} ${JSON.stringify(card)}`.matchAll(/\b[0-9A-Z]{6,7}\b/gu))
      if (posted.has(number) && !first.has(number)) first.set(number, Date.parse(at));
  }
  return [...first].flatMap(([caseNumber, at]) => {
    const since = posted.get(caseNumber);
    return since === undefined ? [] : [{ caseNumber, lateMs: at - since - withinMs }];
  });
}
