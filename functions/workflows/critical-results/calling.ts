import type { Calling } from '#core/drill.js';
import type { PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import type { Target } from '#domain/critical.js';
import { placeOf, rungs } from './ladder.ts';
import type { Policy } from './policy.ts';
import { isOpen } from './state.ts';
import type { Alert } from './state.ts';

/** Whom an alert calls for now; null: nobody, or it can wait for days. */
export function callingOf(alert: Alert, policy: Policy, now: Instant): Calling | null {
  if (!isOpen(alert)) return null;
  if (alert.drill) return ofDrill(alert, policy, now);
  return alert.finding.category === 3 ? null : { drill: false, services: servicesOf(alert, policy, now), people: peopleOf(alert, policy, now) };
}

function ofDrill(alert: Alert, policy: Policy, now: Instant): Calling {
  return {
    drill: true,
    services: alert.terms === null ? servicesOf(alert, policy, now) : [alert.terms.service],
    people: peopleOf(alert, policy, now),
  };
}

/** Everybody's last rungs are these: as long as nobody of them is called they are in nobody's way. */
const LAST: readonly Target[] = ['duty-radiologist', 'coordinator'];

/** Who is called, and who would be before long: also of what is written and not sent. */
function peopleOf(alert: Alert, policy: Policy, now: Instant): readonly PersonId[] {
  const isToCall = alert.status === 'draft' || alert.status === 'asking' || alert.status === 'open';
  const before = isToCall ? rungs(alert, policy, now).flatMap(({ reached }) => reached.filter(({ as }) => !LAST.includes(as))) : [];
  return [...new Set([...alert.addressed, ...before.map(({ person }) => person)])];
}

/** Where nobody knows which service has a patient who is in the house, and at the failsafe, it may be any. */
function servicesOf(alert: Alert, policy: Policy, now: Instant): readonly string[] | null {
  const { services, isUnknown } = placeOf(alert, policy, now);
  const isAtFailsafe = alert.status === 'open' && alert.failsafe !== null;
  if (isAtFailsafe || isUnknown) return null;
  const called = alert.steps.flatMap(({ reached }) => reached.flatMap(({ service }) => service ?? []));
  return [...new Set([...services.map(({ id }) => id), ...called])];
}
