import { PACS_FEED } from '#domain/feed-state.js';
import type { StudyArrived } from '#domain/hospital-event.js';
import type { Cursors } from '#ports/cursors.js';
import type { Pacs } from '#ports/pacs.js';
import type { FeedStates } from './feed-states.ts';
import { keepNoise, takeIn } from './intake.ts';
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
  return { name: PACS_FEED, everySeconds: site.everySeconds, ask: () => readChanges(parts, site.assigner) };
}

async function readChanges(parts: Needs, assigner: string): ReturnType<Poll['ask']> {
  const since = Number((await parts.cursors.read(CURSOR)) ?? 0);
  const read = await parts.pacs.changes(since);
  if (!read.ok) {
    parts.log.error('pacs.not-read', { why: read.why });
    await parts.states.tell(PACS_FEED, { state: 'down', reason: read.why });
    return 'failed';
  }
  await parts.states.tell(PACS_FEED, { state: 'up', reason: '' });
  const { studies, unread = [], next, more } = read.changes;
  for (const { body, event } of studies) {
    const brought = { endpoint: FROM.endpoint, bytes: body, messageType: 'study', controlId: null, sender: event.sendingApplication };
    await takeIn(parts, brought, [assigned(event, assigner)]);
  }
  for (const { body, why } of unread) await keepNoise(parts, body, body.length, why, FROM);
  if (next !== since) await parts.cursors.write(CURSOR, String(next));
  return more ? 'more' : 'done';
}

function assigned(event: StudyArrived, assigner: string): StudyArrived {
  const { patient } = event;
  if (patient.assigner !== '') return event;
  const identifiers = patient.identifiers.map((one) => (one.assigner === '' ? { ...one, assigner } : one));
  return { ...event, patient: { ...patient, assigner, identifiers } };
}
