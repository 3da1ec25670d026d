import { toInstant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { offsetAt } from '#core/zone.js';

/** DICOM PS3.5 6.2: DA `YYYYMMDD` (before 1993 `YYYY.MM.DD`), TM `HH[MM[SS[.F…]]]` (before 1993 with colons). */
const DATE = /^(\d{4})\.?(\d\d)\.?(\d\d)$/u;
const TIME = /^(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?)?$/u;
/** Timezone Offset From UTC (0008,0201): `&ZZXX`. */
const OFFSET = /^([+-])(\d\d)(\d\d)$/u;
const MINUTE = 60_000;

/**
 * A DICOM date and time as a moment: by the object's own offset from UTC, else wall-clock time of `zone` (IANA name). An empty time is the day's beginning.
 * @returns null when the date, or a time that is there, can't be read
 */
export function momentOfStudy(date: string, time: string, offset: string, zone: string): Instant | null {
  const [, year, month, day] = DATE.exec(date) ?? [];
  const [whole, hour = '0', minute = '0', second = '0', fraction = ''] = TIME.exec(time) ?? [];
  if (year === undefined || (time !== '' && whole === undefined)) return null;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDate = new Date(midnight).getUTCDate() === Number(day) && Number(month) <= 12 && Number(year) >= 1895;
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const wall = midnight + (Number(hour) * 60 + Number(minute)) * MINUTE + Number(second) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  const [, sign, hours, minutes] = OFFSET.exec(offset) ?? [];
  if (sign === undefined) return toInstant(fromScanner(wall, zone));
  return toInstant(wall - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE);
}

/** Of an hour that occurs twice the later one, of one that does not exist the moment after it: minutes in a study's time, never another day. */
function fromScanner(wall: number, zone: string): number {
  const first = wall - offsetAt(wall, zone);
  return wall - offsetAt(first, zone);
}
