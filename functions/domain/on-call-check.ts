import { authorise } from '#core/authorise.js';
import type { Person } from '#core/people.js';
import { modality } from './modality.ts';
import type { OnCallRules, OnCallService } from './on-call.ts';
import type { Named, Roster } from './roster.ts';

/**
 * What is wrong with on-call.json and the rosters beside their shape, each as `file: where: what`. A step that nobody could ever reach, or that leaves nobody after it, is
 * found here and not at night (FIELD-REPORTS 17, 18): they are refused. Hours without anybody are no fault of a file: the roster's `gaps` finds them.
 * @param now Unix time in milliseconds: whoever has only past shifts may have left
 */
export function onCallFaults(rules: OnCallRules, roster: Roster, people: readonly Person[], now: number): readonly string[] {
  const unreached = reachFaults(rules, roster, people, now).map((fault) => `on-call.json: ${fault}`);
  return [...rulesFaults(rules, people), ...unreached, ...unknownPeople(roster, people, now)];
}

/** What is wrong with on-call.json whatever the rosters say. */
export function rulesFaults(rules: OnCallRules, people: readonly Person[]): readonly string[] {
  return [...nameFaults(rules), ...chiefFaults(rules, people), ...stepFaults(rules, people)].map((fault) => `on-call.json: ${fault}`);
}

/** The same also for a site without on-call.json. */
export function rosterFaults(rules: OnCallRules | null, roster: Roster, people: readonly Person[], now: number): readonly string[] {
  return rules === null ? unknownPeople(roster, people, now) : onCallFaults(rules, roster, people, now);
}

/** Whoever the rosters name from now on and people.json does not know could not be reached. */
export function unknownPeople(roster: Roster, people: readonly Person[], now: number): readonly string[] {
  const named = roster.services().flatMap((service) => roster.named(service).flatMap((level) => level.people.filter((one) => isAhead(one, now))));
  return named
    .filter(({ person }) => !people.some(({ id }) => id === person))
    .map(({ person, where }) => `${where}: people.json knows nobody called "${person}": add them there, or correct the shift`);
}

function isAhead({ last }: Named, now: number): boolean {
  return last === null || last > now;
}

function nameFaults({ services, madeToLook }: OnCallRules): string[] {
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

function chiefFaults({ services }: OnCallRules, people: readonly Person[]): string[] {
  const unknown = services.flatMap(({ id, chief }) => (chief === null || people.some((one) => one.id === chief) ? [] : [{ id, chief }]));
  return unknown.map(({ id, chief }) => `services.${id}.chief: people.json knows nobody called "${chief}"`);
}

function reachFaults({ services, madeToLook }: OnCallRules, roster: Roster, people: readonly Person[], now: number): string[] {
  const ahead = (service: string, number: number): readonly Named[] =>
    roster.named(service).find(({ level }) => level === number)?.people.filter((one) => isAhead(one, now)) ?? []; // prettier-ignore
  return madeToLook.steps.flatMap(({ to }, index) =>
    to === 'coordinator' ? [] : levelFaults(`madeToLook.steps.${index}`, to.level, { services, madeToLook, ahead, people }),
  );
}

function stepFaults({ madeToLook: { steps } }: OnCallRules, people: readonly Person[]): string[] {
  const faults: string[] = [];
  const last = steps.length - 1;
  steps.forEach(({ to, minutes }, index) => {
    const where = `madeToLook.steps.${index}`;
    if (index < last && minutes === null) faults.push(`${where}.minutes: expected a number: nothing after this step would ever begin`);
    if (index < last && to === 'coordinator') faults.push(`${where}.to: the coordinator is the last step`);
    if (index === last && (to !== 'coordinator' || minutes !== null))
      faults.push(`${where}: expected { "to": "coordinator", "minutes": null }: the last step is a person who is always there`);
  });
  if (!people.some(({ roles }) => roles.includes('coordinator')))
    faults.push('madeToLook.steps: people.json names no coordinator: nobody would be asked last');
  const levels = steps.flatMap(({ to }) => (to === 'coordinator' ? [] : [to.level]));
  if (new Set(levels).size < levels.length) faults.push('madeToLook.steps: a level is asked twice: the second time nobody new is asked');
  return faults;
}

interface Served {
  readonly services: readonly OnCallService[];
  readonly madeToLook: OnCallRules['madeToLook'];
  /** Whom shifts of a level name that are not over. */
  readonly ahead: (service: string, level: number) => readonly Named[];
  readonly people: readonly Person[];
}

/** Has each service somebody at this level who may look at what they are sent to? */
function levelFaults(where: string, number: number, { services, madeToLook: { services: duties }, ahead, people }: Served): string[] {
  return Object.entries(duties).flatMap(([of, id]) => {
    if (!services.some((one) => one.id === id)) return [];
    const named = [...new Set(ahead(id, number).map(({ person }) => person))];
    if (named.length === 0) return [`${where}.to: nobody can be reached: roster/${id}.ics has nobody at level ${number}`];
    const kinds = of === '*' ? modality.options.filter((kind) => duties[kind] === undefined) : [of];
    return named.flatMap((person) => {
      const known = people.find((one) => one.id === person);
      const shut = known === undefined ? [] : kinds.filter((kind) => !mayAct(known, kind));
      return shut.length === 0
        ? []
        : [`${where}.to: ${person} of service "${id}" may not decide ${shut.join(', ')} orders (people.json: roles, modalities)`];
    });
  });
}

function mayAct(person: Person, kind: string): boolean {
  return authorise(person, 'approve', { modality: kind, orderer: null, askedOf: null }).allowed;
}
