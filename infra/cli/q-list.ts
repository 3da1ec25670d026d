import { rawStore } from '#adapters/embedded/raw-store.js';
import { views } from '#adapters/embedded/views.js';
import { withStore } from './store-folder.ts';

export const usage = `radloop q list [--data DIR] [--json]

What waits for a person: deliveries that were given up, events that failed again and again, cases with a held message, messages that were refused or
are kept and not used. No patient data: raw messages are named by number and hash.

Example: radloop q list --data .data/rehearsal`;

/** Refused and unused messages that are listed, newest first. */
const MOST = 200;

export function run(args: string[]): Promise<number> {
  return withStore(args, async (db, json) => {
    const view = views(db);
    const raw = rawStore(db);
    const held = (await view.held()).map((row) => ({
      what: row.kind === 'outbox' ? 'delivery' : 'event',
      case: row.caseNumber,
      reason: row.reason,
      since: row.since,
      id: row.id,
    }));
    const cases = (await view.all('protocoling')).filter((row) => row.note !== null && (row.open || row.note.includes('held')));
    const noted = cases.map((row) => ({ what: 'case', case: row.caseNumber, reason: row.note, since: row.updatedAt, id: null }));
    const states = ['refused', 'kept', 'not-imaging'] as const;
    const messages = (await Promise.all(states.map((state) => raw.list(MOST, state)))).flat();
    const kept = messages.map((row) => ({
      what: `message ${row.state}`,
      case: null,
      reason: `${row.messageType ?? 'unreadable'}: ${row.reason ?? row.state}`,
      since: row.receivedAt,
      id: row.id,
    }));
    for (const row of [...held, ...noted, ...kept]) {
      if (json) console.log(JSON.stringify(row));
      else console.log(`${row.what.padEnd(20)} ${(row.case ?? `#${String(row.id)}`).padEnd(8)} ${row.since}  ${row.reason ?? ''}`);
    }
    if (!json && held.length + noted.length + kept.length === 0) console.log('Nothing is held.');
    return 0;
  });
}
