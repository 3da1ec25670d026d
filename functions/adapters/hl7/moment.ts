import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { fromWall } from '#core/zone.js';

/**
 * An HL7 time (DTM, TS.1: `YYYYMMDD[HH[MM[SS[.S…]]]][+/-ZZZZ]`) as a moment, for putting messages in order. What is left out is the beginning: a date is the
 * start of that day, a minute its first second. Without an offset it is wall-clock time of `zone`: an hour that occurs twice is the earlier one, one
 * that does not exist is read with the offset before the gap. HL7 v2.5.1 chapter 2A.22.
 * @param zone IANA name.
 * @returns null for anything else, years and months alone among it.
 */
export function momentOf(text: string, zone: string): Instant | null {
  const key = `${zone} ${text}`;
  const before = moments.get(key);
  if (before !== undefined) return before;
  // The times of one message are asked for several times, and messages that come together have the same.
  if (moments.size >= 1000) moments.clear();
  const found = read(text, zone);
  if (text.length <= 40) moments.set(key, found);
  return found;
}

const moments = new Map<string, Instant | null>();

function read(text: string, zone: string): Instant | null {
  const parts = SHAPE.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = parts;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDate = new Date(date).getUTCDate() === Number(day) && Number(month) <= 12 && Number(year) >= 1900 && Number(year) < 2200;
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const wall = date + Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * 1000 + Math.floor(Number(`0.${fraction || '0'}`) * 1000);
  if (offset === undefined) return toInstant(fromWall(wall, zone));
  const ahead = Number(offset.slice(1, 3)) * HOUR + Number(offset.slice(3)) * MINUTE;
  return ahead > 14 * HOUR || Number(offset.slice(3)) > 59 ? null : toInstant(wall - (offset.startsWith('-') ? -ahead : ahead));
}

/** Does the time say its hour? A date alone does not. */
export function hasTimeOfDay(text: string): boolean {
  return (SHAPE.exec(text)?.[4] ?? '') !== '';
}

/** Does the time say how far from UTC it is? */
export function hasOffset(text: string): boolean {
  return SHAPE.exec(text)?.[8] !== undefined;
}

const SHAPE = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?([+-]\d{4})?$/u;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
