import type { PersonId } from '#core/ids.js';
import { minutesBetween } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { ClinicalService, Target } from '#domain/critical.js';
import { ladderFor } from '#domain/critical-rules.js';
import type { Provider } from '#domain/order.js';
import type { Reached, Skipped } from './events.ts';
import { isRadiologist } from './policy.ts';
import type { Policy } from './policy.ts';
import { declarersOf } from './state.ts';
import type { Alert } from './state.ts';

/** Who a level of the ladder is at this moment. */
export interface Rung {
  /** 1 is reached first. */
  readonly level: number;
  readonly reached: readonly Reached[];
  readonly skipped: readonly Skipped[];
  readonly placeUnsure: boolean;
}

/** The ladder of where the patient is now. */
export function rungs(alert: Alert, policy: Policy, now: Instant): readonly Rung[] {
  const place = placeOf(alert, policy, now);
  // Whoever declared it knows it: a level that is nobody else is empty.
  const own = declarersOf(alert);
  const levels = ladderFor(alert.about.patientClass, policy.ladders)?.levels ?? [];
  return levels.map((targets, index) => {
    const level = index + 1;
    const found = targets.map((as) => ({ as, people: peopleFor(as, alert, place, policy, now) }));
    // Where they stand themselves, somebody is there.
    const skipped = found.filter(({ people }) => people.length === 0).map(({ as }): Skipped => ({ level, as, why: 'nobody' }));
    const reached = found.flatMap(({ people }) => people.filter(({ person }) => !own.includes(person)));
    return { level, reached: once(reached), skipped, placeUnsure: place.isUnsure };
  });
}

interface Place {
  readonly services: readonly ClinicalService[];
  readonly isUnsure: boolean;
  /** In the house, and of no service that the place names. */
  readonly isUnknown: boolean;
}

/**
 * Services that may have the patient. One whose ward is known for certain; else all that can be meant, and it is said so: the last ward that is known, and the
 * orderer's.
 */
export function placeOf({ about, leftFrom }: Alert, policy: Policy, now: Instant): Place {
  const { location, patientClass } = about;
  const isIn = patientClass !== null && ['E', 'I', 'B'].includes(patientClass);
  const wardOf = (place: typeof location) => policy.services.filter(({ pointsOfCare }) => pointsOfCare.includes(place?.at.pointOfCare ?? ''));
  const ward = wardOf(location);
  const practice = practiceOf(about, policy);
  if (!isIn) {
    // The practice where they are seen, else who discharged them, else the orderer's practice.
    const last = location === null ? wardOf(leftFrom) : ward;
    return { services: last.length > 0 ? last : practice, isUnsure: false, isUnknown: false };
  }
  const isOld = location !== null && minutesBetween(location.asOf, now) > policy.locationGoodForMinutes;
  if (ward.length > 0 && !isOld) return { services: ward, isUnsure: false, isUnknown: false };
  const emergency = patientClass === 'E' ? policy.services.filter(({ id }) => id === 'emergency') : [];
  const services = [...new Set([...(ward.length > 0 ? ward : wardOf(leftFrom)), ...emergency, ...practice])];
  return { services, isUnsure: true, isUnknown: ward.length === 0 && emergency.length === 0 };
}

function practiceOf({ orderingProvider }: Alert['about'], { services, providers, practiceOf: of }: Policy): readonly ClinicalService[] {
  const orderer = providers[orderingProvider?.id ?? ''];
  const practice = orderer === undefined ? null : of?.(orderer);
  return services.filter(({ id }) => id === practice);
}

function peopleFor(as: Target, alert: Alert, { services, isUnsure }: Place, policy: Policy, now: Instant): readonly Reached[] {
  const onCall = (level: number): readonly Reached[] =>
    services.flatMap(({ id }) => policy.onCall(id, level, now).people.map((person) => ({ person, as, service: id })));
  const { orderingProvider, attending } = alert.about;
  const known = (provider: Provider | null | undefined, named: Target = as): readonly Reached[] => {
    const person = policy.providers[provider?.id ?? ''];
    return person === undefined ? [] : [{ person, as: named, service: null }];
  };
  switch (as) {
    case 'on-call-1':
      // Where the patient is is not certain: whoever ordered it may know, and is called at once too.
      return [...onCall(1), ...(isUnsure ? known(orderingProvider, 'orderer') : [])];
    case 'on-call-2':
      return onCall(2);
    case 'attending': {
      // Where PV1-7 names nobody of the site, whoever ordered it.
      const attends = known(attending);
      return attends.length > 0 ? attends : known(orderingProvider);
    }
    case 'orderer':
      // Out of hours whoever is on call for their practice.
      return policy.isOfficeHours(now) || alert.about.patientClass === 'E'
        ? known(orderingProvider)
        : practiceOf(alert.about, policy).flatMap(({ id }) =>
            policy.onCall(id, 1, now).people.map((person) => ({ person, as: 'on-call-1', service: id })),
          );
    case 'chief':
      return services.flatMap(({ id, chief }) => (chief === null ? [] : [{ person: chief, as, service: id }]));
    case 'duty-radiologist':
      return dutyRadiologists(policy, now).map((person) => ({ person, as, service: policy.radiology }));
    case 'coordinator':
      return policy.withRole('coordinator').map((person) => ({ person, as, service: null }));
    default:
      return as satisfies never;
  }
}

/** Whom a receiver speaks with: the radiologist who sent it, else who wrote it; of a drill whoever began it. Where their number is not known, the reading room's. */
export function declarerOf({ released, draftedBy, drill }: Alert, policy: Policy): { readonly name: string; readonly phone: string } {
  const { phoneOf, readingRoom } = policy;
  const by = [released?.by, draftedBy].find((one) => one != null && (drill || isRadiologist(one.id, policy)));
  return { name: by?.name ?? readingRoom.name, phone: (by == null ? null : phoneOf(by.id)) ?? readingRoom.phone };
}

/** First and second on call of radiology: who is first is asked first, by whoever asks one. */
export function dutyRadiologists({ onCall, radiology }: Policy, now: Instant): readonly PersonId[] {
  return onCall(radiology, 1, now).people;
}

/** When whoever stands there by a roster is next somebody else; null: nobody stands there by a roster. */
export function handOffOf(reached: readonly Reached[], policy: Policy, now: Instant): Instant | null {
  const ends = reached.flatMap(({ as, service }) => {
    const level = as === 'on-call-1' || as === 'duty-radiologist' ? 1 : as === 'on-call-2' ? 2 : null;
    const until = level === null || service === null ? null : policy.onCall(service, level, now).until;
    return until === null || until <= now ? [] : [until];
  });
  return ends.toSorted()[0] ?? null;
}

/** Nobody twice, for the first reason. */
export function once(reached: readonly Reached[]): readonly Reached[] {
  return reached.filter(({ person }, index) => reached.findIndex((one) => one.person === person) === index);
}
