import type { PersonId } from '#core/ids.js';
import type { Language } from '#core/language.js';
import type { Instant } from '#core/time.js';
import type { About } from '#domain/critical.js';
import type { PhoneOf } from '#engine/not-sent.js';
import type { Policy } from '#workflows/critical-results/policy.js';

const SWITCHBOARD: Readonly<Record<Language, string>> = { en: 'the switchboard', es: 'la centralita' };

/**
 * Whom a radiologist phones by hand where nothing can be sent: who is on call where the patient is, else who attends them, else who ordered the exam, else the
 * switchboard. Reads no store: it must answer when none does.
 */
export function phoneByHand(policy: Policy, now: () => Instant): PhoneOf {
  return (about) => {
    const called = (about === null ? [] : whoHas(about, policy, now())).flatMap((person) => {
      const phone = policy.phoneOf(person);
      return phone === null ? [] : [{ name: policy.nameOf(person), phone }];
    });
    return called[0] ?? { name: SWITCHBOARD[policy.language ?? 'en'], phone: policy.switchboard.phone };
  };
}

function whoHas(
  { location, patientClass, orderingProvider, attending }: About,
  { services, onCall, providers }: Policy,
  now: Instant,
): readonly PersonId[] {
  const ward = location?.at.pointOfCare ?? '';
  const there = services.filter(({ id, pointsOfCare }) => pointsOfCare.includes(ward) || (patientClass === 'E' && id === 'emergency'));
  const known = [attending, orderingProvider].flatMap((provider) => providers[provider?.id ?? ''] ?? []);
  return [...there.flatMap(({ id }) => [1, 2].flatMap((level) => onCall(id, level, now).people)), ...known];
}
