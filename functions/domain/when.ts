import { addMinutes } from '#core/time.js';
import type { Instant } from '#core/time.js';
import { addDays, atWallTime, dayIn, weekdayOf } from './on-call-time.ts';

/** A moment as people say it: so many minutes from now, or a time of a day of the site. */
export type When =
  | { readonly minutes: number }
  /** `days` from today; `weekday` (Monday is 0): the next one; neither: today, or tomorrow where that is past. Not `exact`: 4 may be 16. */
  | { readonly time: string; readonly days: number | null; readonly weekday: number | null; readonly exact: boolean };

const small: Readonly<Record<string, number>> = {
  a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12, fifteen: 15, twenty: 20, thirty: 30,
  forty: 40, 'forty-five': 45, 'forty five': 45, fifty: 50, sixty: 60, ninety: 90, un: 1, una: 1, dos: 2, tres: 3, cuatro: 4, cinco: 5, seis: 6, siete: 7, ocho: 8, nueve: 9,
  diez: 10, once: 11, doce: 12, quince: 15, veinte: 20, treinta: 30, cuarenta: 40,
}; // prettier-ignore
const words = Object.keys(small).sort((a, b) => b.length - a.length).join('|'); // prettier-ignore
const number = String.raw`(?<n>\d{1,3}|${words})`;
const span = new RegExp(
  String.raw`^(?:in|within|en|dentro de) (?:about |unos |unas )?(?:${number} ?(?<unit>minutes?|mins?|m|hours?|hrs?|h|minutos?|horas?)?(?<half> and a half| y media)?|(?<halfHour>half an hour|half a hour|a half hour|media hora)|(?<quarter>a quarter of an hour|un cuarto de hora)|(?<couple>a couple of hours))$`,
  'u',
);
const days = ['monday|lunes', 'tuesday|martes', 'wednesday|miercoles', 'thursday|jueves', 'friday|viernes', 'saturday|sabado', 'sunday|domingo'];
const day = String.raw`(?:(?<today>today|hoy|tonight|this (?:afternoon|evening|morning)|esta (?:tarde|noche|manana))|(?<tomorrow>tomorrow|manana)|(?:on |next |el |este |el proximo )*(?<weekday>${days.join('|')}))`;
const part = String.raw`(?:(?:in the |por la |a la |de la )?(?<part>first thing|morning|midday|noon|afternoon|evening|night|manana|mediodia|tarde|noche))`;
const clock = String.raw`(?:at |a las |a la |by |around |sobre las )?(?:(?<past>half past|quarter past|quarter to) )?(?<hour>\d{1,2}|${words})(?:[:.h]? ?(?<minute>[0-5]\d|thirty|fifteen|forty five|forty-five)|(?<o> o'?clock))?(?<spanish> y media| y cuarto)?(?: ?(?<half>a\.?m\.?|p\.?m\.?|a m|p m|h|hrs|de la manana|de la tarde|de la noche))?`;
const named = String.raw`(?:at |a |al )?(?<named>noon|midday|midnight|mediodia|medianoche)`;
const forms = [
  new RegExp(`^(?:${clock})$`, 'u'),
  new RegExp(`^${named}$`, 'u'),
  new RegExp(`^${day}(?:,? (?:${clock}|${named}))?$`, 'u'),
  new RegExp(`^${day} ${part}$`, 'u'),
  new RegExp(`^(?:${clock}|${named}),? ${day}$`, 'u'),
] as const;
const times: Readonly<Record<string, string>> = {
  'first thing': '07:30', morning: '08:00', manana: '08:00', midday: '12:00', noon: '12:00', mediodia: '12:00', midnight: '00:00', medianoche: '00:00', afternoon: '14:00', tarde: '16:00',
  evening: '18:00', night: '20:00', noche: '20:00',
}; // prettier-ignore
/** Longest that somebody can be reminded ahead: beyond it the case is somebody else's business. */
const mostMinutes = 14 * 24 * 60;

/** What a person means by "in 20 minutes", "at half past two", "tomorrow morning", "a las 4"; pure. Null: nothing that names a moment. */
export function whenOf(written: string): When | null {
  const text = written
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[.!]+$/u, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  const spanned = span.exec(text)?.groups;
  if (spanned !== undefined) return inMinutes(spanned);
  for (const form of forms) {
    const found = form.exec(text)?.groups;
    const time = found === undefined ? null : timeIn(found, text);
    if (found !== undefined && time !== null)
      return { time, days: found['tomorrow'] ? 1 : found['today'] ? 0 : null, weekday: weekdayIn(found['weekday']), exact: isExact(found) };
  }
  return null;
}

/** The moment itself; null: it is past, or too far ahead. @param zone of the site, IANA */
export function momentOf(when: When, now: Instant, zone: string): Instant | null {
  if ('minutes' in when) return when.minutes > 0 && when.minutes <= mostMinutes ? addMinutes(now, when.minutes) : null;
  const today = dayIn(now, zone);
  const { time, days: ahead, weekday, exact } = when;
  if (weekday !== null) return atWallTime(addDays(today, (weekday - weekdayOf(today) + 6) % 7 + 1), time, zone); // prettier-ignore
  const at = atWallTime(addDays(today, ahead ?? 0), time, zone);
  if (at > now) return at;
  if (ahead !== null) return null;
  // "at 4" said at 10: 16:00 is what is meant, and at 20:00 it is tomorrow at 4.
  const later = !exact && Number(time.slice(0, 2)) < 12 ? atWallTime(today, `${String(Number(time.slice(0, 2)) + 12)}${time.slice(2)}`, zone) : null;
  return later !== null && later > now ? later : atWallTime(addDays(today, 1), time, zone);
}

function inMinutes(found: Readonly<Record<string, string | undefined>>): When | null {
  if (found['halfHour']) return { minutes: 30 };
  if (found['quarter']) return { minutes: 15 };
  if (found['couple']) return { minutes: 120 };
  const count = numberIn(found['n']);
  if (count === null) return null;
  const hours = /^h|^hora/u.test(found['unit'] ?? '');
  return { minutes: hours ? count * 60 + (found['half'] ? 30 : 0) : count };
}

function timeIn(found: Readonly<Record<string, string | undefined>>, text: string): string | null {
  if (found['named']) return times[found['named']] ?? null;
  if (found['part']) return times[found['part']] ?? null;
  const said = found['hour'];
  if (said === undefined) {
    if (found['weekday'] ?? found['tomorrow']) return '08:00';
    const partOfDay = /(afternoon|evening|morning|tonight|tarde|noche|manana)$/u.exec(text)?.[1];
    return partOfDay === undefined ? null : (times[partOfDay === 'tonight' ? 'night' : partOfDay] ?? null);
  }
  // "0545" is read as an hour and its minutes.
  let hour = numberIn(said);
  let minute = found['minute'] === undefined ? 0 : numberIn(found['minute']);
  if (hour === null || minute === null) return null;
  if (found['spanish']?.includes('media') || found['past'] === 'half past') minute = 30;
  if (found['spanish']?.includes('cuarto') || found['past'] === 'quarter past') minute = 15;
  if (found['past'] === 'quarter to') [hour, minute] = [hour - 1, 45];
  const half = (found['half'] ?? '').replaceAll(/[. ]/gu, '');
  if (half === 'pm' || half === 'delatarde' || half === 'delanoche') hour = hour < 12 ? hour + 12 : hour;
  if ((half === 'am' || half === 'delamanana') && hour === 12) hour = 0;
  return hour > 23 || hour < 0 ? null : `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Said with its half of the day, or as a clock of 24 hours shows it. */
function isExact({ half, hour = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return (half !== undefined && half !== '') || /^0\d|^1[3-9]|^2/u.test(hour) || !/\d|[a-z]/u.test(hour);
}

function numberIn(said: string | undefined): number | null {
  if (said === undefined) return null;
  const spoken: Readonly<Record<string, number>> = { ...small, thirty: 30, fifteen: 15 };
  return /^\d+$/u.test(said) ? Number(said) : (spoken[said] ?? null);
}

function weekdayIn(said: string | undefined): number | null {
  if (said === undefined) return null;
  const found = days.findIndex((names) => names.split('|').includes(said));
  return found < 0 ? null : found;
}
