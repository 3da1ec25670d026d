import { authorise } from '#core/authorise.js';
import type { Person } from '#core/people.js';
import { modality } from './modality.ts';
import type { OnCallRota } from './on-call.ts';

type Service = OnCallRota['services'][number];

/**
 * What is wrong with on-call.json beside its shape, each as `on-call.json: where: what`. A step that nobody could ever reach, or that leaves nobody after it, is
 * found here and not at night (FIELD-REPORTS 17, 18): the rota is refused. Hours without anybody are no fault of the file: `gapsBetween` finds them.
 */
export function onCallFaults(rota: OnCallRota, people: readonly Person[]): readonly string[] {
  return [...nameFaults(rota), ...rota.services.flatMap((service) => peopleFaults(service, people)), ...stepFaults(rota, people)].map(
    (fault) => `on-call.json: ${fault}`,
  );
}

function nameFaults({ services, madeToLook }: OnCallRota): string[] {
  const faults: string[] = [];
  const seen = new Map<string, string>();
  for (const { id, name, alsoCalled } of services) {
    for (const word of new Set([id, name, ...alsoCalled].map((one) => one.trim().toLowerCase()))) {
      if (seen.has(word)) faults.push(`services: "${word}" stands for two services (${String(seen.get(word))} and ${id})`);
      seen.set(word, id);
    }
  }
  for (const [of, id] of Object.entries(madeToLook.services)) {
    if (!services.some((service) => service.id === id)) faults.push(`madeToLook.services.${of}: expected the id of a service, got "${id}"`);
  }
  return faults;
}

function peopleFaults({ id, levels }: Service, people: readonly Person[]): string[] {
  return levels.flatMap(({ shifts, changes }, index) => {
    const where = `services.${id}.levels.${index}`;
    const unknown = new Set([...shifts, ...changes].flatMap((row) => row.people).filter((person) => !people.some((one) => one.id === person)));
    return [
      ...[...unknown].map((person) => `${where}: people.json knows nobody called "${person}"`),
      ...changes.filter(({ from, until }) => until <= from).map(({ from }) => `${where}.changes: the one from ${from} ends before it begins`),
      ...shifts
        .filter(({ firstDay = '', lastDay = '9999' }) => lastDay < firstDay)
        .map(({ firstDay = '' }) => `${where}.shifts: the one from ${firstDay} ends before it begins`),
    ];
  });
}

function stepFaults({ services, madeToLook }: OnCallRota, people: readonly Person[]): string[] {
  const { steps } = madeToLook;
  const faults: string[] = [];
  const last = steps.length - 1;
  steps.forEach(({ to, minutes }, index) => {
    const where = `madeToLook.steps.${index}`;
    if (index < last && minutes === null) faults.push(`${where}.minutes: expected a number: nothing after this step would ever begin`);
    if (index < last && to === 'coordinator') faults.push(`${where}.to: the coordinator is the last step`);
    if (index === last && (to !== 'coordinator' || minutes !== null))
      faults.push(`${where}: expected { "to": "coordinator", "minutes": null }: the last step is a person who is always there`);
    if (to !== 'coordinator') faults.push(...levelFaults(where, to.level, services, madeToLook, people));
  });
  if (!people.some(({ roles }) => roles.includes('coordinator')))
    faults.push('madeToLook.steps: people.json names no coordinator: nobody would be asked last');
  const levels = steps.flatMap(({ to }) => (to === 'coordinator' ? [] : [to.level]));
  if (new Set(levels).size < levels.length) faults.push('madeToLook.steps: a level is asked twice: the second time nobody new is asked');
  return faults;
}

/** Has each service somebody at this level who may look at what they are sent to? */
function levelFaults(
  where: string,
  number: number,
  services: readonly Service[],
  { services: duties }: OnCallRota['madeToLook'],
  people: readonly Person[],
): string[] {
  return Object.entries(duties).flatMap(([of, id]) => {
    const service = services.find((one) => one.id === id);
    const level = service?.levels[number - 1];
    if (service === undefined) return [];
    const named = [...(level?.shifts ?? []), ...(level?.changes ?? [])].flatMap((row) => row.people);
    if (level === undefined || named.length === 0) return [`${where}.to: nobody can be reached: service "${id}" has nobody at level ${number}`];
    const kinds = of === '*' ? modality.options.filter((kind) => duties[kind] === undefined) : [of];
    const blind = [...new Set(named)].flatMap((person) => {
      const known = people.find((one) => one.id === person);
      const shut = known === undefined ? [] : kinds.filter((kind) => !mayAct(known, kind));
      return shut.length === 0
        ? []
        : [`${where}.to: ${person} of service "${id}" may not decide ${shut.join(', ')} orders (people.json: roles, modalities)`];
    });
    return blind;
  });
}

function mayAct(person: Person, kind: string): boolean {
  return authorise(person, 'approve', { modality: kind, orderer: null, askedOf: null }).allowed;
}
