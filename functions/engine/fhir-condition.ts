import { addSeconds } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { FeedState } from '#domain/feed-state.js';
import type { FeedProgress, KeptSubscription } from '#domain/fhir-feed.js';
import type { FhirSubscriptions } from '#domain/site.js';
import type { FeedNews } from './feed-states.ts';
import { sweepDue } from './fhir-look.ts';
import { SILENT_PERIODS } from './fhir-subscription.ts';
import type { Upkeep } from './fhir-subscription.ts';

/** Where Event Grid tells there is no subscription with a heartbeat of its own. */
const USUAL_HEARTBEAT_SECONDS = 60;

/** Judges how one feed is after each time that it was served. Remembers only what the next judgement needs. */
export interface FeedJudge {
  /** What became of the subscription; not called while it is not tried. @param heardAt the last notification before it: being subscribed again brings one */
  tried(upkeep: Upkeep, heardAt: Instant | null, now: Instant): void;
  judge(seen: Seen, before: FeedState['state'], now: Instant): FeedNews;
}

interface Seen {
  readonly progress: FeedProgress;
  /** Null: Event Grid. */
  readonly subscription: KeptSubscription | null;
}

export function feedJudge(subscriptions: FhirSubscriptions | null): FeedJudge {
  let trouble: (FeedNews & { readonly since: Instant }) | null = null;
  let lastHeard: Instant | null = null;
  /** What was told up to here is done or, when it is not, has been waiting since. */
  let mark: Mark | null = null;
  const patience = SILENT_PERIODS * (subscriptions?.heartbeatSeconds ?? USUAL_HEARTBEAT_SECONDS);

  const behind = (progress: FeedProgress, before: FeedState['state'], now: Instant): FeedNews | null => {
    mark ??= { told: progress.told, at: now };
    const undone = undoneBy(mark, progress, subscriptions, now);
    if (undone.length === 0) {
      mark = { told: progress.told, at: now };
      return null;
    }
    // Not yet late; but what has only begun is not up before what it told is in.
    if (before !== 'behind' && addSeconds(mark.at, patience) > now) return before === 'starting' ? { state: 'starting', reason: '' } : null;
    return { state: 'behind', reason: `not read from the EHR for more than ${patience} s: ${undone.join(', ')}`, since: mark.at };
  };

  return {
    tried(upkeep, heardAt, now) {
      lastHeard = heardAt;
      if (upkeep === 'idle') return;
      if (typeof upkeep === 'object') trouble = { state: upkeep.failed, reason: upkeep.why, since: now };
      else if (upkeep === 'restarted') trouble = { state: 'stopped', reason: 'the EHR had it in error or off: it is asked for again', since: now };
      else trouble = null;
    },
    judge({ progress, subscription }, before, now) {
      const { heardAt } = progress;
      if (trouble?.state === 'stopped' && heardAt !== null && heardAt > trouble.since) trouble = null;
      if (trouble !== null) return trouble;
      if (subscription !== null && isSilent(subscription, heardAt)) {
        const times = subscription.silences === 1 ? 'once' : `${subscription.silences} times`;
        const reason = `nothing was heard for more than ${patience} s: subscribed again ${times}`;
        return { state: 'silent', reason, ...(lastHeard === null ? {} : { since: lastHeard }) };
      }
      return behind(progress, before, now) ?? { state: 'up', reason: '' };
    },
  };
}

/** Subscribed again because of a silence, and nothing was heard since. */
function isSilent({ silences, subscribedAt }: KeptSubscription, heardAt: Instant | null): boolean {
  return silences > 0 && (heardAt === null || subscribedAt === null || heardAt <= subscribedAt);
}

interface Mark {
  readonly told: number;
  readonly at: Instant;
}

/** In plain words, what was told up to `mark` and is not read. A feed that is told much is not behind for what came after it. */
function undoneBy(mark: Mark, progress: FeedProgress, subscriptions: FhirSubscriptions | null, now: Instant): readonly string[] {
  const { wanted, gap, sweptAt } = progress;
  const isLate = subscriptions !== null && sweepDue(progress, subscriptions, now) && (sweptAt === null || sweptAt < mark.at);
  return [
    ...(Object.values(wanted).some((told) => told <= mark.told) ? ['resources that it named'] : []),
    ...(gap !== null && gap.told <= mark.told ? ['events whose numbers never came'] : []),
    ...(isLate ? ['what changed since the last look'] : []),
  ];
}
