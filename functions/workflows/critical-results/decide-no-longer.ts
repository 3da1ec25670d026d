import type { PersonId } from '#core/ids.js';
import { nothing } from '#core/workflow.js';
import type { Decision } from '#core/workflow.js';
import { isOfPatient } from './alike.ts';
import { reach, showCard } from './effects.ts';
import type { Fact, Input } from './events.ts';
import { dutyRadiologists } from './ladder.ts';
import { declarersOf, holdsNothing } from './state.ts';
import type { Alert } from './state.ts';
import { fold } from './turn.ts';
import type { At } from './turn.ts';

/**
 * The corrected report no longer states what a report had said: nothing is withdrawn by that. Whoever has sent it, or read the exam, and the radiologist on duty are asked
 * whether it is to be; a question goes on, and says so.
 */
export function saidNoLonger(
  alert: Alert,
  { version, classes, patient }: Extract<Input, { type: 'reportSaysNoLonger' }>,
  moment: At,
): Decision<Fact> {
  const isByReport = alert.sources.some((one) => one.kind === 'report' && one.unread !== true);
  const isStill = classes.includes(alert.finding.classId) || alert.noLonger !== null;
  if (alert.drill || holdsNothing(alert) || isStill || !isByReport || !isOfPatient(alert, patient)) return nothing;
  const people = toldOf(alert, moment);
  const fact: Fact = { type: 'saidNoLonger', at: moment.now, v: 1, version, people: [...people] };
  const after = fold(alert, fact);
  const card = after.posting === null ? [] : [showCard(after, moment)];
  return { facts: [fact], effects: [...people.flatMap((person) => reach(person, 'no-longer-said', after, moment)), ...card] };
}

/** Nobody, where nothing of it was communicated: whoever is asked reads it on the card. */
function toldOf(alert: Alert, { policy, now }: At): readonly PersonId[] {
  if (alert.status === 'asking' && alert.overBefore === null) return [];
  const duty = alert.status === 'draft' ? [] : dutyRadiologists(policy, now);
  return [...new Set([...(alert.reader === null ? [] : [alert.reader]), ...declarersOf(alert), ...duty])];
}
