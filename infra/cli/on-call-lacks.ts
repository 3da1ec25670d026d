import { readContent } from '#adapters/embedded/content.js';
import { readRosters, rosterFiles, serviceOf } from '#adapters/embedded/roster/files.js';
import type { PersonId } from '#core/ids.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import type { LadderRule } from '#domain/critical.js';
import type { OnCallRules } from '#domain/on-call.js';
import type { OnCallGap, OnCallLack } from '#domain/on-call-gap.js';
import { lacksAhead, levelsCalled, onDutyWithin } from '#domain/on-call-lack.js';
import { wakingChannels } from '#domain/paging.js';
import type { PagingSettings } from '#domain/paging.js';
import { lackLines } from '#workflows/on-call-gaps/lack-lines.js';
import { wordsIn } from '#workflows/on-call-gaps/words-in.js';

/** What a site's folder says of who is on call. */
export interface OnCallFiles {
  readonly dir: string;
  readonly zone: string;
  readonly rules: OnCallRules;
  readonly people: readonly Person[];
  /** Null: the site pages nobody. */
  readonly paging: PagingSettings | null;
  readonly rehearsal: boolean;
}

/** What is wanting within a day, as the service tells coordinators, but for the app in Teams, of which files say nothing. @param withoutApp left out: nobody has looked */
export function lacksIn(
  { dir, zone, rules, people, paging, rehearsal }: OnCallFiles,
  now: Instant,
  withoutApp?: ReadonlySet<PersonId>,
): readonly OnCallGap[] {
  const { roster, faults } = readRosters(dir, zone);
  const waking = paging === null ? null : wakingChannels(paging, rehearsal);
  const of = (person: PersonId): Person | undefined => people.find(({ id }) => id === person);
  const files = [...new Set(faults.map((fault) => fault.split(': ')[0] ?? fault))];
  return lacksAhead(
    {
      ...{
        roster,
        services: levelsCalled(rules, paging === null ? [] : laddersIn(dir)),
        olderThanDays: rules.olderThanDays,
        files: rosterFiles(dir),
      },
      unusable: files.map((file) => ({ file, service: serviceOf(file.replace(/^roster\//u, '')) })),
      knows: (person) => of(person) !== undefined,
      isWoken: waking && ((person) => waking.some((channel) => of(person)?.contacts[channel] !== undefined)),
      ...(withoutApp === undefined ? {} : { withoutApp }),
    },
    now,
  );
}

/** Whoever is on call within a day. */
export function onDuty({ dir, zone, rules }: Pick<OnCallFiles, 'dir' | 'zone' | 'rules'>, now: Instant): readonly PersonId[] {
  const { roster } = readRosters(dir, zone);
  return [...new Set(onDutyWithin(roster, rules.services.map(({ id }) => id), now).map(({ person }) => person))]; // prettier-ignore
}

export function saidOf(lacks: readonly OnCallLack[]): readonly string[] {
  return lackLines(lacks, wordsIn('en'), {});
}

/** None where the content can't be read: `radloop doctor` says why. */
function laddersIn(dir: string): readonly LadderRule[] {
  try {
    return readContent(dir).ladders;
  } catch {
    return [];
  }
}
