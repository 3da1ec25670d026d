import type { Instant } from '#core/time.js';
import type { CaseKey, Consequence } from '#ports/raw-store.js';
import { keepArrival } from './arrivals.ts';
import type { Arriving } from './arrivals.ts';
import { caseKnownBy, caseOfOrder, casesToTell } from './lookups.ts';
import { alsoKnownAs, mergePatients, movePatient } from './patients.ts';

/**
 * One thing that a message causes. It takes several partitions, so it is a row of steps that can be repeated after a crash at any of them: numbers lead to their
 * first case for ever, and an event is told to a case once under its id.
 */
export async function carryOut(arriving: Arriving, consequence: Consequence, rawId: string, at: Instant): Promise<void> {
  switch (consequence.kind) {
    case 'to-order': {
      const { id, workflow, actor, input } = consequence;
      const { numbers, known = [], onlyIfKnown } = consequence;
      const caseId = (await caseKnownBy(arriving, workflow, known)) ?? (await caseOfOrder(arriving, workflow, numbers, onlyIfKnown));
      if (caseId !== null) await arriving.publish({ id, workflow, caseId, occurredAt: at, actor, input });
      return;
    }
    case 'to-cases-with': {
      const { id, actor, input } = consequence;
      const keys = await Promise.all(consequence.keys.map((key) => alsoKnownAs(arriving, key)));
      for (const [caseId, workflow] of await casesToTell(arriving, keys.flat(), consequence.of)) {
        await arriving.publish({ id, workflow, caseId, occurredAt: at, actor, input });
      }
      return;
    }
    case 'patient-moved':
      await movePatient(arriving, consequence);
      return;
    case 'patients-merged':
      await mergePatients(arriving, consequence);
      return;
    case 'arrival':
      await keepArrival(arriving, consequence.arrival, rawId, at);
      return;
    default:
      consequence satisfies never;
  }
}

/** Refused before anything is written. */
export function checkConsequences(consequences: readonly Consequence[]): void {
  for (const one of consequences)
    if (one.kind === 'to-order' && one.numbers.length === 0) throw new RangeError('an order without a number has no case');
}

/** What two messages must have in common for their order to matter. */
export function namesIn(consequences: readonly Consequence[]): readonly CaseKey[] {
  return consequences.flatMap((one): readonly CaseKey[] => {
    switch (one.kind) {
      case 'to-order':
        return [...one.numbers, ...(one.known ?? [])];
      case 'to-cases-with':
        return one.keys;
      case 'patient-moved':
        return one.patient.map(keyOf);
      case 'patients-merged':
        return [...one.prior, ...one.surviving].map(keyOf);
      case 'arrival':
        return [`${one.arrival.what}|${one.arrival.version}`, ...one.arrival.by.flatMap(({ keys }) => keys), ...one.arrival.patient];
      default:
        return one satisfies never;
    }
  });
}

const keyOf = ({ assigner, id }: { readonly assigner: string; readonly id: string }): CaseKey => `patient|${assigner}|${id}`;
