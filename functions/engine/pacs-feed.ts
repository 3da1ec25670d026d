import { PACS_FEED } from '#domain/feed-state.js';
import type { StudyArrived } from '#domain/hospital-event.js';
import type { Cursors } from '#ports/cursors.js';
import type { Pacs } from '#ports/pacs.js';
import { SHUT_REASON } from './feed-states.ts';
import type { FeedStates } from './feed-states.ts';
import { keepUnread } from './intake.ts';
import { takeIn } from './take-in.ts';
import type { Intake } from './intake.ts';
import type { Poll } from './poller.ts';

type Needs = Intake & { readonly cursors: Cursors; readonly pacs: Pacs; readonly states: FeedStates };

/** What of the site's folder following a PACS needs. */
interface PacsSite {
  readonly everySeconds: number;
  /** Whose record numbers stand in images that name no issuer (0010,0021): the site's preferred assigner; empty: not known. */
  readonly assigner: string;
}

/** By this name the last change that was taken is kept. */
const CURSOR = 'pacs';
const FROM = { endpoint: 'pacs', facility: null } as const;

/** Follows the changes of the PACS: each study is kept with what it causes, then the place is; an end between the two brings the same studies again, which are known. */
export function pacsFeed(parts: Needs, site: PacsSite): Poll {
  const faults = new Map<string, number>();
  return { name: PACS_FEED, everySeconds: site.everySeconds, ask: () => readChanges(parts, site.assigner, faults) };
}

/** So often what our own keeping fails at is tried; then it is a row for a person to see, so that one study never stops the feed. */
const MOST_FAULTS = 5;

/** What is already kept of a page when intake shuts is known when the page comes again. @param faults in a row, by what could not be kept */
async function readChanges(parts: Needs, assigner: string, faults: Map<string, number>): ReturnType<Poll['ask']> {
  if (parts.pressure?.isShut() === true) return notNow(parts);
  const since = Number((await parts.cursors.read(CURSOR)) ?? 0);
  const read = await parts.pacs.changes(since);
  if (!read.ok) {
    parts.log.error('pacs.not-read');
    await parts.states.tell(PACS_FEED, { state: 'down', reason: read.why });
    return 'failed';
  }
  const { studies, unread = [], next, more } = read.changes;
  let failing = 0;
  for (const { body, event } of studies) {
    if (parts.pressure?.isShut() === true) return notNow(parts);
    const brought = { endpoint: FROM.endpoint, bytes: body, messageType: 'study', controlId: null, sender: event.sendingApplication };
    const isKept = await keptOrPassedBy(parts, faults, body, () => takeIn(parts, brought, [assigned(event, assigner)]));
    if (!isKept) failing += 1;
  }
  for (const { body, why } of unread) {
    if (!(await keptOrPassedBy(parts, faults, body, () => keepUnread(parts, body, body.length, why, FROM)))) failing += 1;
  }
  if (failing > 0) {
    const reason = `could not be kept here and is tried again: ${failing} of ${studies.length + unread.length} studies`;
    await parts.states.tell(PACS_FEED, { state: 'behind', reason });
    return 'failed';
  }
  if (next !== since) await parts.cursors.write(CURSOR, String(next));
  await parts.states.tell(PACS_FEED, { state: 'up', reason: '' });
  return more ? 'more' : 'done';
}

/** The place stays where it is; asked again at the usual pace. */
async function notNow({ states }: Needs): Promise<'done'> {
  await states.tell(PACS_FEED, { state: 'behind', reason: SHUT_REASON });
  return 'done';
}

/** False: not now, try again. Nothing is passed by before its row is on disk: a store that fails at everything loses nothing. */
async function keptOrPassedBy(parts: Needs, faults: Map<string, number>, body: Buffer, keep: () => Promise<unknown>): Promise<boolean> {
  const what = parts.door.hash(body);
  try {
    await keep();
  } catch (error) {
    const [count, fault] = [(faults.get(what) ?? 0) + 1, error instanceof Error ? error.name : 'unknown'];
    faults.set(what, count);
    parts.log.error('pacs.not-kept', { fault: error, attempt: count });
    if (count < MOST_FAULTS) return false;
    const why = `a study that could not be taken in, ${MOST_FAULTS} times (${fault}): tell the makers of Radloop`;
    try {
      await keepUnread(parts, body, body.length, why, FROM);
    } catch {
      return false;
    }
  }
  faults.delete(what);
  return true;
}

function assigned(event: StudyArrived, assigner: string): StudyArrived {
  const { patient } = event;
  if (patient.assigner !== '') return event;
  const identifiers = patient.identifiers.map((one) => (one.assigner === '' ? { ...one, assigner } : one));
  return { ...event, patient: { ...patient, assigner, identifiers } };
}
