import { fhirDoor } from '#adapters/fhir-in/door.js';
import { secrets } from '#adapters/fhir-in/secrets.js';
import { orthanc } from '#adapters/orthanc/pacs.js';
import { GRID_FEED, PACS_FEED } from '#domain/feed-state.js';
import type { Site } from '#domain/site.js';
import { allowGrid, hearGrid, hearSubscription } from '#engine/fhir-doors.js';
import { feedStates } from '#engine/feed-states.js';
import type { FeedStates } from '#engine/feed-states.js';
import { fhirFeed } from '#engine/fhir-feed.js';
import type { FeedNeeds } from '#engine/fhir-feed.js';
import { lateAnswers } from '#engine/late-answers.js';
import { pacsFeed } from '#engine/pacs-feed.js';
import type { Parts } from '#engine/parts.js';
import { startPoller } from '#engine/poller.js';
import type { Worker } from '#engine/worker.js';
import type { Cursors } from '#ports/cursors.js';
import type { FhirClient } from '#ports/fhir-client.js';
import type { Config } from './config.ts';
import { registerEventGrid } from './triggers/event-grid.ts';
import { registerFhirIn } from './triggers/fhir-in.ts';

/** Seconds for one request to the PACS. */
const PACS_TIMEOUT_SECONDS = 10;

export interface Feeds {
  readonly workers: readonly Worker[];
  readonly states: Pick<FeedStates, 'all'>;
}

/** What Radloop follows besides what is brought to it: the EHR's subscriptions, the PACS, its own answers that could not leave. */
export function startFeeds(parts: Parts & Pick<FeedNeeds, 'turnedAway'>, site: Site, cursors: Cursors, fhir: FhirClient, config: Config): Feeds {
  const { clock, log } = parts;
  const { pacs, ehr } = site.endpoints;
  const names = [
    ...(ehr.subscriptions?.rows.map(({ name }) => name) ?? []),
    ...(ehr.eventGrid === null ? [] : [GRID_FEED]),
    ...(pacs === null ? [] : [PACS_FEED]),
  ];
  const states = feedStates(cursors, clock, names);
  const followed = { ...parts, states, cursors, fhir, fhirDoor: fhirDoor(site), secrets, subscriptions: ehr.subscriptions };

  const feed = fhirFeed(followed);
  registerFhirIn((name, path, request) => hearSubscription(followed, feed, name, path, request));
  registerEventGrid({ hear: (request) => hearGrid(followed, feed, ehr.eventGrid, request), allow: allowGrid });

  const polls = [...lateAnswers(parts, site.settings.facilities)];
  if (pacs !== null) {
    const { baseUrl, user, pollSeconds } = pacs;
    const options = { baseUrl, user, password: config.RADLOOP_PACS_PASSWORD, timeoutSeconds: PACS_TIMEOUT_SECONDS, zone: site.settings.zone };
    const [assigner = ''] = site.fieldMap.preferredAssigners;
    polls.push(pacsFeed({ ...followed, pacs: orthanc({ ...options, now: () => clock.now() }) }, { everySeconds: pollSeconds, assigner }));
  }
  const workers = polls.map((poll) => startPoller(poll, log));
  return { workers: ehr.subscriptions === null && ehr.eventGrid === null ? workers : [...workers, feed.start()], states };
}
