import type { AcknowledgementReceived, HospitalEvent } from '#domain/hospital-event.js';
import type { Order, Origin } from '#domain/order.js';
import type { FieldMap, ProcedureMap } from '#domain/site.js';
import type { Message, Problem, Segment } from './message.ts';

/** What a site's folder says about reading messages. */
export interface DoorSite {
  readonly fieldMap: FieldMap;
  readonly procedureMap: ProcedureMap;
  /** `zone` (IANA): for times without an offset. */
  readonly settings: { readonly zone: string };
}

/** A message with what every event of it carries. */
export interface Heard {
  readonly message: Message;
  readonly site: DoorSite;
  /** Without `quality`, which is judged an event. */
  readonly origin: Omit<Origin, 'quality'>;
}

/** What a message tells. `ok` without events: taken and kept, `reason` says why nothing is made of it. */
export type Reading =
  | {
      readonly ok: true;
      /** Are there events? */
      readonly tells: boolean;
      readonly events: readonly HospitalEvent[];
      readonly acknowledgement?: AcknowledgementReceived;
      readonly reason: string | null;
      /** What an order message that is not used says of its order, for people who look. */
      readonly keptOrder?: Order;
    }
  | { readonly ok: false; readonly errors: readonly Problem[] };

export function kept(reason: string): Reading {
  return { ok: true, tells: false, events: [], reason };
}

/**
 * What is told, made when it is first asked for. A class, as wherever `events` is a getter: in V8 a getter that stands in an object of its own is old from its
 * birth and keeps all that it holds, here the whole message, through every quick collection of garbage.
 */
class Telling {
  readonly ok = true;
  readonly tells = true;
  readonly reason = null;
  private readonly make: () => readonly HospitalEvent[];
  private made: readonly HospitalEvent[] | null = null;

  constructor(make: () => readonly HospitalEvent[]) {
    this.make = make;
  }

  get events(): readonly HospitalEvent[] {
    return (this.made ??= this.make());
  }
}

export function telling(make: () => readonly HospitalEvent[]): Reading {
  return new Telling(make);
}

/** Refused for what it lacks, each with its place. */
export function lacking(names: readonly string[], need: string): Reading {
  const text = (segment: string): string => `The message has no ${segment} segment: ${need}.`;
  return { ok: false, errors: names.map((segment) => ({ segment, field: 0, code: '100', text: text(segment) })) };
}

/** A segment and what follows it up to the next one that begins a group. */
export interface Group {
  readonly first: Segment;
  readonly rest: readonly Segment[];
}

/** Segments before the first of these names are in none: `head`. */
export function grouped(
  segments: readonly Segment[],
  begins: (segment: Segment) => boolean,
): { readonly head: readonly Segment[]; readonly groups: readonly Group[] } {
  const head: Segment[] = [];
  const groups: { first: Segment; rest: Segment[] }[] = [];
  for (const segment of segments) {
    if (begins(segment)) groups.push({ first: segment, rest: [] });
    else (groups.at(-1)?.rest ?? head).push(segment);
  }
  return { head, groups };
}

/** Each once. */
export function allSaid(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text === undefined || text === '' ? [] : [text])))];
}

export function firstSaid(texts: readonly (string | undefined)[]): string | null {
  return texts.find((text) => text !== undefined && text !== '') ?? null;
}
