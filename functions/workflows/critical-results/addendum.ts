import type { Moment } from '#core/workflow.js';
import type { CriticalResultData } from '#domain/outbound.js';
import { formatDayTime } from '#cards/kit/text.js';
import type { Policy } from './policy.ts';
import type { Alert } from './state.ts';

/** What the hospital's record gets: who was told what and when, and the text that the radiologist signs as an addendum (CLINICAL-CONTENT 1). */
export function releasedResult(alert: Alert, { policy }: Moment<Policy>): CriticalResultData {
  const { about, finding, released, acknowledged, readBack } = alert;
  if (released === null || acknowledged === null || readBack === null)
    throw new TypeError('a result is sent of an alert that was released and read back');
  const time = (at: typeof released.at) => formatDayTime(at, policy.zone, 'en');
  const how = readBack.via === 'phone' ? 'by telephone' : 'by secure message with read-back';
  const addendum =
    `Critical result (ACR category ${finding.category}): ${finding.text}. Communicated ${how} by ${released.by.name} to ${readBack.by.name}; ` +
    `released ${time(released.at)}, acknowledged ${time(acknowledged.at)}, read back ${time(readBack.at)}.`;
  return {
    order: about,
    category: finding.category,
    finding: finding.text,
    declaredBy: released.by,
    releasedAt: released.at,
    receivedBy: readBack.by.name,
    acknowledgedAt: acknowledged.at,
    readBack: { at: readBack.at, finding: readBack.finding, action: readBack.action },
    addendum,
  };
}
