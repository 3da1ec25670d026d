import type { Calling } from '#core/drill.js';
import type { Instant } from '#core/time.js';
import { placeOf, rungs } from './ladder.ts';
import type { Policy } from './policy.ts';
import { isOpen } from './state.ts';
import type { Alert } from './state.ts';

/** Whom an alert calls for now; null: nobody, or it can wait for days. */
export function callingOf(alert: Alert, policy: Policy, now: Instant): Calling | null {
  if (!isOpen(alert)) return null;
  if (alert.drill) return ofDrill(alert, policy, now);
  return alert.finding.category === 3 ? null : { drill: false, services: servicesOf(alert, policy, now), people: alert.addressed };
}

/** Whoever is first or second on call for it is called, though not at once. */
function ofDrill(alert: Alert, policy: Policy, now: Instant): Calling {
  const onCall = rungs(alert, policy, now).flatMap(({ reached }) => reached.filter(({ as }) => as === 'on-call-1' || as === 'on-call-2'));
  const people = [...new Set([...alert.addressed, ...onCall.map(({ person }) => person)])];
  return { drill: true, services: alert.terms === null ? servicesOf(alert, policy, now) : [alert.terms.service], people };
}

/** Where nobody knows which service has a patient who is in the house, and at the failsafe, it may be any. */
function servicesOf(alert: Alert, policy: Policy, now: Instant): readonly string[] | null {
  const { services, isUnknown } = placeOf(alert, policy, now);
  const isAtFailsafe = alert.status === 'open' && alert.failsafe !== null;
  if (isAtFailsafe || isUnknown) return null;
  const called = alert.steps.flatMap(({ reached }) => reached.flatMap(({ service }) => service ?? []));
  return [...new Set([...services.map(({ id }) => id), ...called])];
}
