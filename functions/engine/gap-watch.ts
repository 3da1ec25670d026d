import { ON_CALL_GAPS } from '#core/housekeeping.js';
import { eventId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';
import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { beginningBy, hasOtherHours, isSameGap, toldGap } from '#domain/on-call-gap.js';
import type { OnCallGap } from '#domain/on-call-gap.js';
import { caseNow } from './case-now.ts';
import type { Parts } from './parts.ts';
import { startPoller } from './poller.ts';
import { runCase } from './run-case.ts';
import type { Worker } from './worker.ts';

type Needs = Pick<Parts, 'cases' | 'views' | 'clock' | 'log' | 'workflows' | 'modeOf' | 'wake'>;

const LOOK_EVERY_SECONDS = 60;

/**
 * Says the day before which hours of the rosters have nobody and what else is wanting, and that it has been mended, while Radloop runs.
 * @param gaps as it is now @param pagedWithin minutes before it begins at which it is told once more; null: it is not
 */
export function watchGaps(parts: Needs, gaps: () => Promise<readonly OnCallGap[]>, pagedWithin: number | null): Worker {
  const ask = async () => tellGaps(parts, await gaps(), pagedWithin);
  return startPoller({ name: ON_CALL_GAPS, everySeconds: LOOK_EVERY_SECONDS, ask }, parts.log);
}

type Told = { readonly type: 'gapFound'; readonly gap: OnCallGap } | { readonly type: 'gapGone' };

/** Tells each case of a gap what the rosters say, where that is something else than before. One that can't be told keeps none of the others. */
export async function tellGaps(parts: Needs, found: readonly OnCallGap[], pagedWithin: number | null = null): Promise<'done' | 'failed'> {
  const now = parts.clock.now();
  let rest = await openGaps(parts);
  const news: (readonly [CaseId, Told])[] = [];
  for (const gap of found) {
    const known = rest.find((one) => isSameGap(one.gap, gap));
    rest = rest.filter((one) => one !== known);
    if (known === undefined || hasOtherHours(known.gap, gap, now) || isNear(known, gap, now, pagedWithin))
      news.push([known?.caseId ?? caseOf(parts, gap), { type: 'gapFound', gap }]);
  }
  // Two that have become one both stay true.
  const gone = rest.filter((one) => !found.some((gap) => isSameGap(one.gap, gap)));
  for (const { caseId } of gone) news.push([caseId, { type: 'gapGone' }]);
  const told = await Promise.all(news.map(([caseId, input]) => orNull(parts, tell(parts, caseId, input))));
  return told.includes(null) ? 'failed' : 'done';
}

interface Open {
  readonly caseId: CaseId;
  readonly gap: OnCallGap;
  readonly paged: readonly string[];
}

/** Something of it begins soon that nobody was paged about. */
function isNear({ paged }: Open, gap: OnCallGap, now: Instant, within: number | null): boolean {
  return within !== null && beginningBy(gap, addMinutes(now, within)).some((one) => !paged.includes(one));
}

async function openGaps(parts: Needs): Promise<readonly Open[]> {
  const rows = await parts.views.open(ON_CALL_GAPS);
  const all = await Promise.all(rows.map(({ caseId }) => orNull(parts, gapOf(parts, caseId))));
  return all.filter((one) => one !== null);
}

async function gapOf(parts: Needs, caseId: CaseId): Promise<Open> {
  const { workflow, state } = await caseNow(parts, ON_CALL_GAPS, caseId);
  const { paged, ...gap } = toldGap.parse(workflow.see(state).about);
  return { caseId, gap, paged };
}

/** The same for whichever process finds it. */
function caseOf({ cases }: Needs, { service, level, from, lacks }: OnCallGap): CaseId {
  return cases.caseIdOf(ON_CALL_GAPS, `${service}|${level}|${lacks === undefined ? from : 'lacks'}`);
}

async function tell(parts: Needs, caseId: CaseId, input: Told): Promise<true> {
  const now = parts.clock.now();
  const actor = { kind: 'system', part: 'rosters' } as const;
  await runCase(parts, { id: eventId.parse(`${input.type}:${now}`), workflow: ON_CALL_GAPS, caseId, occurredAt: now, actor, input });
  return true;
}

/** Null, and a line in the log: not. */
async function orNull<Result>({ log }: Needs, work: Promise<Result>): Promise<Result | null> {
  try {
    return await work;
  } catch (fault) {
    log.error('worker.job-failed', { worker: ON_CALL_GAPS, fault });
    return null;
  }
}
