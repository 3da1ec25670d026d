import type { Decision, Moment } from '#core/workflow.js';
import type { CriticalResultData, CriticalWithdrawnData } from '#domain/outbound.js';
import type { Instant } from '#core/time.js';
import { formatDayTime } from '#cards/kit/text.js';
import { stopRecord, tellRecord } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './events.ts';
import type { Policy } from './policy.ts';
import { isAlert } from './state.ts';
import type { Alert, State } from './state.ts';
import { wordsIn } from './words-in.ts';

type At = Moment<Policy>;

/** What the hospital's record gets: who was told what and when, and the text that the radiologist signs as an addendum (CLINICAL-CONTENT 1). */
export function releasedResult(alert: Alert, { policy, caseNumber }: At): CriticalResultData {
  const { about, finding, released, acknowledged, readBack, record } = alert;
  if (released === null || acknowledged === null || readBack === null)
    throw new TypeError('a result is sent of an alert that was released and read back');
  const { record: says } = wordsIn(policy.language);
  return {
    ...{ order: about, caseNumber, version: record.version },
    category: finding.category,
    finding: finding.text,
    declaredBy: released.by,
    releasedAt: released.at,
    receivedBy: readBack.by.name,
    receiver: readBack.by.id,
    via: readBack.via,
    acknowledgedAt: acknowledged.at,
    readBack: { at: readBack.at, finding: readBack.finding, action: readBack.action },
    addendum: [
      says.result(finding.category, finding.text),
      says.communicated(says.how[readBack.via], speakerOf(alert) ?? released.by.name, readBack.by.name),
      says.times(timeOf(released.at, policy), timeOf(acknowledged.at, policy), timeOf(readBack.at, policy)),
    ].join(' '),
  };
}

/** Who spoke, of one that was communicated by telephone; null: it was not, or nothing says it. */
function speakerOf({ readBack, conversation }: Alert): string | null {
  return readBack?.via === 'phone' && conversation !== null ? (conversation.spoke ?? conversation.by.name) : null;
}

/** That what it was told holds no more: neither the finding again, nor the reason in somebody's own words, which may name another patient. */
function withdrawnResult(alert: Alert, { policy, caseNumber }: At): CriticalWithdrawnData | null {
  const { about, finding, released, withdrawn, record } = alert;
  if (released === null || withdrawn === null) return null;
  const { by, at, why } = withdrawn;
  const { record: says, ask } = wordsIn(policy.language);
  return {
    ...{ order: about, caseNumber, version: record.version },
    category: finding.category,
    declaredBy: released.by,
    releasedAt: released.at,
    withdrawn: { at, by, why },
    addendum: `${says.withdrawn(caseNumber, by.name, timeOf(at, policy))} ${ask.withdrawKinds[why]}.`,
  };
}

/** With ordinary spaces: it goes where not every character can. */
function timeOf(at: Instant, { zone, language }: Policy): string {
  return formatDayTime(at, zone, language).replaceAll('\u00a0', ' ');
}

/**
 * What every decision has besides: where the hospital's record was told what holds no longer, what of it has not left yet is stopped; and of one that was
 * withdrawn a further version says so.
 */
export function recorded(before: State, decision: Decision<Fact>, moment: At): Decision<Fact> {
  const after = decision.facts.reduce<State>(evolve, before);
  if (!isAlert(before) || !isAlert(after) || before.drill || before.record.version === 0) return decision;
  const stopped = before.record.stands && !after.record.stands ? stopRecord(moment) : [];
  const data = before.status !== 'withdrawn' && after.status === 'withdrawn' ? withdrawnResult(after, moment) : null;
  const told = data === null || after.released === null ? [] : tellRecord(after, after.released.approval, data, moment);
  return { ...decision, effects: [...stopped, ...decision.effects, ...told] };
}
