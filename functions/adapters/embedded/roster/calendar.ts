import ICAL from 'ical.js';
import { z } from 'zod/v4';

/** What can't be used of a roster file: `line 12 (UID x): what, how to mend`. */
export class RosterFault extends Error {
  override readonly name = 'RosterFault';
}

/** One content line of an event, as ical.js reads it (jCal, RFC 7265). */
export interface Property {
  readonly line: number;
  readonly name: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly type: string;
  readonly values: readonly unknown[];
  /** As it stands in the file, unfolded. */
  readonly text: string;
}

/** A VEVENT. */
export interface RawEvent {
  /** On which it begins, from 1. */
  readonly line: number;
  readonly properties: readonly Property[];
}

export interface Calendar {
  readonly events: readonly RawEvent[];
  /** VTIMEZONE components, as text, by TZID. */
  readonly zones: ReadonlyMap<string, string>;
}

const MOST_EVENTS = 20_000;
/** What a shift is made of; nothing else of an event is looked at. */
const WANTED = /^(?:UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|EXRULE|RECURRENCE-ID|STATUS|SUMMARY|CATEGORIES|SEQUENCE|X-RADLOOP-LEVEL)(?=[;:])/iu;
const CONTENT_LINE = /^[A-Za-z0-9.-]+[;:]/u;
const jCal = z.tuple([z.string(), z.record(z.string(), z.unknown()), z.string()], z.unknown());

interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * The events of an iCalendar text (RFC 5545), one VCALENDAR or several after one another. Throws RosterFault for what is none: a line that is no content line, a component
 * that is not closed, a value that ical.js can't read.
 */
export function readCalendar(text: string): Calendar {
  const events: RawEvent[] = [];
  const zones = new Map<string, string>();
  const open: Line[] = [];
  let properties: Property[] = [];
  let zone: string[] = [];
  let isCalendar = false;
  const names = (): string => open.map((one) => one.text).join(' ');
  for (const line of unfolded(text)) {
    const [, edge, name = ''] = /^(BEGIN|END):([A-Z0-9-]+)\s*$/iu.exec(line.text) ?? [];
    const isIn = (what: string): boolean => names() === what || names().startsWith(`${what} `);
    if (edge !== undefined && edge.toUpperCase() === 'BEGIN') {
      open.push({ number: line.number, text: name.toUpperCase() });
      if (open[0]?.text !== 'VCALENDAR') throw new RosterFault(`line ${line.number}: BEGIN:${name} stands outside a VCALENDAR`);
      isCalendar = true;
      if (names() === 'VCALENDAR VEVENT') properties = [];
      if (names() === 'VCALENDAR VTIMEZONE') zone = [];
    } else if (edge === undefined) {
      if (!CONTENT_LINE.test(line.text)) throw new RosterFault(`line ${line.number}: "${short(line.text)}" is no line of a calendar`);
      if (names() === 'VCALENDAR VEVENT' && WANTED.test(line.text)) properties.push(propertyOf(line));
    }
    if (isIn('VCALENDAR VTIMEZONE')) zone.push(line.text);
    if (edge === undefined || edge.toUpperCase() !== 'END') continue;
    const begun = open.at(-1);
    if (begun?.text !== name.toUpperCase())
      throw new RosterFault(
        `line ${line.number}: END:${name} ends nothing${begun === undefined ? '' : `: BEGIN:${begun.text} of line ${begun.number} is still open`}`,
      );
    if (names() === 'VCALENDAR VEVENT') events.push({ line: begun.number, properties });
    if (names() === 'VCALENDAR VTIMEZONE') zones.set(nameOf(zone), zone.join('\r\n'));
    open.pop();
    if (events.length > MOST_EVENTS) throw new RosterFault(`line ${line.number}: more than ${MOST_EVENTS} events: export fewer of the past years`);
  }
  const left = open.at(-1);
  if (left !== undefined) throw new RosterFault(`line ${left.number}: BEGIN:${left.text} is never closed: was the file cut short?`);
  if (!isCalendar) throw new RosterFault('line 1: no BEGIN:VCALENDAR: this is no iCalendar file');
  return { events, zones };
}

/** Content lines without their folds (RFC 5545 3.1). */
function unfolded(text: string): readonly Line[] {
  const lines: { number: number; parts: string[] }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/u, '')
    .split('\n')
    .entries()) {
    const part = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const last = lines.at(-1);
    if (last !== undefined && /^[ \t]/u.test(part)) last.parts.push(part.slice(1));
    else if (part !== '') lines.push({ number: index + 1, parts: [part] });
  }
  return lines.map(({ number, parts }) => ({ number, text: parts.join('') }));
}

/** The content lines of a component's text without components of its own. */
export function propertiesOf(text: string): readonly Property[] {
  return unfolded(text).filter((line) => CONTENT_LINE.test(line.text)).map(propertyOf); // prettier-ignore
}

function propertyOf({ number, text }: Line): Property {
  try {
    const [name, parameters, type, ...values] = jCal.parse(ICAL.parse.property(text));
    return { line: number, name, parameters, type, values, text };
  } catch (error) {
    throw new RosterFault(`line ${number}: ${text.split(/[;:]/u)[0] ?? ''}: ${error instanceof Error ? error.message : 'cannot be read'}`, {
      cause: error,
    });
  }
}

function nameOf(zone: readonly string[]): string {
  return zone.find((line) => /^TZID[;:]/iu.test(line))?.replace(/^TZID[^:]*:/iu, '').trim() ?? ''; // prettier-ignore
}

/** The first value of the first of that name, as text; empty: there is none. */
export function textIn(properties: readonly Property[], name: string): string {
  const value = properties.find((one) => one.name === name)?.values[0];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
