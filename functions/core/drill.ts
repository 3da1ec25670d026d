import type { PersonId } from './ids.ts';

/** Whom an open case calls for, and whether it is a drill. No patient data. */
export interface Calling {
  readonly drill: boolean;
  /** Ids of the services that have the patient, or may have; null: everybody may be needed. */
  readonly services: readonly string[] | null;
  readonly people: readonly PersonId[];
}

/** A drill must be in the way of nothing that is in earnest: for a service of its own, or somebody whom it calls. */
export function isInTheWay(drill: Calling, earnest: Calling): boolean {
  const { services, people } = earnest;
  return services === null || services.some((one) => drill.services?.includes(one) ?? true) || people.some((one) => drill.people.includes(one));
}
