import { conversationStore } from '#adapters/embedded/conversations.js';
import { openDatabase } from '#adapters/embedded/database.js';
import type { PersonId } from '#core/ids.js';
import { toInstant } from '#core/time.js';
import type { Site } from '#domain/site.js';
import { finding } from './doctor-finding.ts';
import type { Finding } from './doctor-finding.ts';
import { lacksIn, onDuty, saidOf } from './on-call-lacks.ts';

const CHECK = 'on call';
/** What the rosters and their files show is said beside them. */
const HERE = ['no-level', 'no-second-channel', 'no-app'];

/** Who is on call within a day and might not be reached: what the service tells coordinators. @param store its folder; null: there is none */
export async function lacking({ onCall: rules, people, paging, settings }: Site, dir: string, store: string | null, now: number): Promise<Finding[]> {
  if (rules === null) return [];
  const at = toInstant(now);
  const files = { dir, zone: settings.zone, rules, people, paging, rehearsal: settings.rehearsal };
  const without = store === null ? undefined : await withoutChat(people, onDuty(files, at), store);
  return lacksIn(files, at, without).flatMap(({ service, lacks = [] }) =>
    saidOf(lacks.filter(({ why }) => HERE.includes(why))).map((line) =>
      finding(CHECK, 'fail', `${service}: ${line}`, 'Mend it in the roster, in people.json or in Teams: whoever can’t be reached is skipped, or hears of it late.'),
    ),
  ); // prettier-ignore
}

/** With whom there is no private chat, by the account of now. The service asks Teams for one before it says so. */
async function withoutChat(people: Site['people'], onCall: readonly PersonId[], store: string): Promise<ReadonlySet<PersonId>> {
  const db = openDatabase(store, { readOnly: true });
  try {
    const chats = conversationStore(db);
    const known = people.filter(({ id }) => onCall.includes(id));
    const all = await Promise.all(known.map(async ({ id, aadObjectId }) => ({ id, aadObjectId, chat: await chats.of(id) })));
    return new Set(all.filter(({ chat, aadObjectId }) => (chat?.aadObjectId ?? aadObjectId) !== aadObjectId || chat === null).map(({ id }) => id));
  } finally {
    await db.close();
  }
}
