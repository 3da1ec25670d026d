import { rosterFiles } from '#adapters/embedded/roster/files.js';
import type { LiveRoster } from '#adapters/embedded/roster/live.js';
import type { PersonId } from '#core/ids.js';
import { epochOf } from '#core/time.js';
import type { LadderRule } from '#domain/critical.js';
import type { OnCallRules } from '#domain/on-call.js';
import { gapsAhead } from '#domain/on-call-gap.js';
import type { OnCallGap } from '#domain/on-call-gap.js';
import { lacksAhead, levelsCalled, onDutyWithin } from '#domain/on-call-lack.js';
import { wakingChannels } from '#domain/paging.js';
import type { Site } from '#domain/site.js';
import type { Clock } from '#ports/clock.js';
import type { Directory } from '#ports/directory.js';

interface Needs {
  readonly site: Site;
  readonly rules: OnCallRules;
  /** The site's. */
  readonly folder: string;
  /** Empty: nobody is called by them. */
  readonly ladders: readonly LadderRule[];
  readonly roster: LiveRoster;
  readonly people: Directory;
  readonly clock: Clock;
  /** As bot/outbound/people.ts has it. */
  readonly hasApp: (person: PersonId, mayAsk: boolean) => Promise<boolean | null>;
}

/** Teams is asked of nobody more often, and of so many at a look: calls go first. */
const ASK_AGAIN_MS = 60 * 60_000;
const MOST_ASKED = 5;

/** What is wanting of who is on call within the day: hours without anybody, and all else (domain/on-call-lack). @returns looks anew at each call */
export function onCallLook({ site, rules, folder, ladders, roster, people, clock, hasApp }: Needs): () => Promise<readonly OnCallGap[]> {
  const services = levelsCalled(rules, ladders);
  const { paging, settings } = site;
  const waking = paging === null ? null : wakingChannels(paging, settings.rehearsal);
  const isWoken = (person: PersonId): boolean => waking?.some((channel) => people.byId(person)?.contacts[channel] !== undefined) === true;
  const knows = (person: PersonId): boolean => people.byId(person) !== null;
  const asked = new Map<PersonId, { readonly at: number; readonly has: boolean | null }>();

  async function withoutApp(): Promise<ReadonlySet<PersonId>> {
    const now = clock.now();
    const found = new Set<PersonId>();
    let left = MOST_ASKED;
    for (const person of new Set(
      onDutyWithin(roster, services.keys(), now)
        .map((one) => one.person)
        .filter(knows),
    )) {
      if (await hasApp(person, false)) continue;
      const last = asked.get(person);
      const mayAsk = left > 0 && (last === undefined || epochOf(now) - last.at >= ASK_AGAIN_MS);
      const has = mayAsk ? await hasApp(person, true) : (last?.has ?? null);
      if (mayAsk) {
        left -= 1;
        asked.set(person, { at: epochOf(now), has });
      }
      if (has === false) found.add(person);
    }
    return found;
  }

  return async () => {
    const without = await withoutApp();
    const now = clock.now();
    const looked = { roster, services, unusable: roster.unusable(), files: filesIn(folder), olderThanDays: rules.olderThanDays };
    return [
      ...gapsAhead(roster, [...services.keys()], now),
      ...lacksAhead({ ...looked, knows, isWoken: waking === null ? null : isWoken, withoutApp: without }, now),
    ];
  };
}

/** A folder that can't be read is said by the rosters. */
function filesIn(folder: string): ReturnType<typeof rosterFiles> {
  try {
    return rosterFiles(folder);
  } catch {
    return [];
  }
}
