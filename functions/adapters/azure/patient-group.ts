import type { Instant } from '#core/time.js';
import type { Location } from '#domain/hospital-event.js';
import type { PatientIdentifier } from '#domain/patient.js';

/** One number of a patient. */
export interface Member {
  /** Its keyed hash. */
  readonly hash: string;
  readonly identifier: PatientIdentifier;
  /** The number that this one gave way to, by its hash, and when. */
  readonly mergedInto: string | null;
  readonly mergedAt: Instant | null;
  readonly location: Location | null;
  readonly locationAt: Instant | null;
  readonly patientClass: string | null;
  readonly classAt: Instant | null;
}

/** All numbers that merges ever joined. */
export type Group = readonly Member[];

export function newMember(hash: string, identifier: PatientIdentifier): Member {
  return { hash, identifier, mergedInto: null, mergedAt: null, location: null, locationAt: null, patientClass: null, classAt: null };
}

export interface Whereabouts {
  readonly location: Location | null;
  readonly patientClass: string | null;
  readonly sortTime: Instant;
}

/** Of each what is older than what is known changes nothing, what is not said stays. */
export function moved(group: Group, hash: string, { location, patientClass, sortTime }: Whereabouts): Group {
  const isNewer = (at: Instant | null): boolean => at === null || at <= sortTime;
  return group.map((member) => {
    if (member.hash !== hash) return member;
    return {
      ...member,
      ...(location !== null && isNewer(member.locationAt) ? { location, locationAt: sortTime } : {}),
      ...(patientClass !== null && isNewer(member.classAt) ? { patientClass, classAt: sortTime } : {}),
    };
  });
}

/** Two groups as one; of a number that is in both (a merge that a crash left half done) the newer of each. */
export function joined(into: Group, from: Group): Group {
  const members = new Map(into.map((member) => [member.hash, member]));
  for (const member of from) {
    const known = members.get(member.hash);
    members.set(member.hash, known === undefined ? member : newer(known, member));
  }
  return [...members.values()];
}

function newer(one: Member, other: Member): Member {
  const isLater = (a: Instant | null, b: Instant | null): boolean => (b ?? '') > (a ?? '');
  return {
    ...one,
    ...(isLater(one.mergedAt, other.mergedAt) ? { mergedInto: other.mergedInto, mergedAt: other.mergedAt } : {}),
    ...(isLater(one.locationAt, other.locationAt) ? { location: other.location, locationAt: other.locationAt } : {}),
    ...(isLater(one.classAt, other.classAt) ? { patientClass: other.patientClass, classAt: other.classAt } : {}),
  };
}

/**
 * The newest merge of a number says which it gave way to. Merges that lead round in a circle (one was a mistake and is taken back): the newest of them says who
 * remains, in whatever order they came.
 */
export function gaveWay(group: Group, from: string, into: string, at: Instant): Group {
  const path = pathOf(group, into);
  const known = group.find(({ hash }) => hash === from);
  if (known === undefined || (known.mergedAt ?? '') > at) return group;
  const set = (members: Group, hash: string, mergedInto: string | null, mergedAt: Instant): Group =>
    members.map((member) => (member.hash === hash ? { ...member, mergedInto, mergedAt } : member));
  const after = set(group, from, into, at);
  const back = path.findIndex(({ mergedInto }) => mergedInto === from);
  if (back < 0) return after;
  // `from` gives way to the first of the circle, each to the next one, the last to `from`.
  let newest = { at, into };
  for (const { mergedInto, mergedAt } of path.slice(0, back + 1)) {
    if (mergedInto !== null && mergedAt !== null && mergedAt > newest.at) newest = { at: mergedAt, into: mergedInto };
  }
  return set(after, newest.into, null, newest.at);
}

/** The number and those that it gave way to; the last one remains. */
export function pathOf(group: Group, hash: string): readonly Member[] {
  const path: Member[] = [];
  for (let next: string | null = hash; next !== null;) {
    const member: Member | undefined = group.find((one) => one.hash === next);
    if (member === undefined || path.includes(member)) break;
    path.push(member);
    next = member.mergedInto;
  }
  return path;
}

/** In one order, whoever asks. */
export function sorted(group: Group): Group {
  const text = ({ identifier }: Member): string => JSON.stringify(identifier);
  return [...group].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
