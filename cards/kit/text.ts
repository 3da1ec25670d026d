import type { Language } from '#core/language.js';
import { epochOf } from '#core/time.js';
import type { Instant } from '#core/time.js';

/**
 * Characters that are never shown: control (C0 without line end and tab, C1), soft hyphen, zero-width, bidirectional marks and overrides,
 * invisible operators, interlinear marks, tags. Unicode 16, general categories Cc and Cf, without ZWJ and ZWNJ, which Persian and Indic names need.
 */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text from outside as it may be shown: nothing that reorders, hides or acts; line ends become `\n`, other white space one space. */
export function clean(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\r\n?|[\u2028\u2029\u0085\u000b\u000c]/gu, '\n')
    .replace(unseen, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/[^\S\n\u00a0]+/gu, ' ')
    .replace(/ *\n[\s]*/gu, '\n')
    .replace(/\{\{(?=\s*(?:DATE|TIME)\b)/giu, '{ {');
}

/** At most `most` characters (code points), the last one an ellipsis where something was cut. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** Lets a word that no line can hold be broken: after every 20 characters of one longer than 24 an invisible break point (U+200B). Clients do not break it of themselves. */
export function breakable(text: string): string {
  return text.replace(/[^\s\u200b/-]{25,}/gu, (word) => word.replace(/.{20}(?=.)/gu, '$&\u200b'));
}

/** For TextBlock, where Teams reads a Markdown subset: what would be markup stays the character it is; an address is no link. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]<>~|]/gu, '\\$&')
    .replace(/^(\s*)([#+-])/gmu, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gmu, '$1\\$2')
    .replace(/:\/\//gu, ':\\/\\/');
}

/** A telephone number in one piece: no line ends inside it. */
export function unbroken(phone: string): string {
  return phone.replaceAll(' ', '\u00a0');
}

/** `10:42` in the zone; with `now`, `24 Nov 10:42` when it was another day there. */
export function formatTime(at: Instant, zone: string, now?: Instant): string {
  const time = part(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return now === undefined || dayOf(at, zone) === dayOf(now, zone) ? time : `${dayOf(at, zone)} ${time}`;
}

/** `10:42:07` in the zone, for what may be told from another of the same minute. */
export function formatSeconds(at: Instant, zone: string): string {
  return part(at, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

/** `24 Nov 10:42` in the zone, for what stays on a card after the day is over. */
export function formatDayTime(at: Instant, zone: string, language: Language = 'en'): string {
  return `${dayOf(at, zone, language)} ${formatTime(at, zone)}`.replaceAll(' ', '\u00a0');
}

function dayOf(at: Instant, zone: string, language: Language = 'en'): string {
  const [month = 1, day = 1] = part(at, zone, { day: 'numeric', month: 'numeric' }).split('/').map(Number).toReversed();
  return `${day} ${months[language][month - 1] ?? ''}`;
}

/** One a zone and shape: each holds some 28 KB outside the heap, and a list of thousands of cases asks for several a case. */
const formats = new Map<string, Intl.DateTimeFormat>();

function part(at: Instant, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  formats.set(key, format);
  return format.format(epochOf(at));
}

const months: Readonly<Record<Language, readonly string[]>> = {
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  es: ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sept', 'oct', 'nov', 'dic'],
};

/** A date as HL7 or FHIR sends it (YYYY, YYYYMM, YYYYMMDD, with or without dashes, a time behind it): `3 Mar 1961`. What is no date is shown as sent. */
export function formatDate(sent: string, language: Language = 'en'): string {
  const [, year, month, day] = /^(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?(?=$|[T\d\s])/u.exec(sent.trim()) ?? [];
  if (year === undefined) return sent;
  if (month === undefined) return year;
  const name = months[language][Number(month) - 1];
  if (name === undefined) return sent;
  return day === undefined ? `${name} ${year}` : `${Number(day)} ${name} ${year}`;
}

/** Whole years from a birth date as sent (YYYYMMDD) to a day (YYYY-MM-DD); null where the date does not say. */
export function yearsBetween(birthDate: string, today: string): number | null {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)/u.exec(birthDate) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const years = Number(today.slice(0, 4)) - Number(year);
  return today.slice(5, 10) < `${month}-${day}` ? years - 1 : years;
}

/** A number as people write it: at most two decimals, no trailing zeros; in Spanish with a comma. */
export function formatNumber(value: number, language: Language = 'en'): string {
  const written = String(Number(value.toFixed(2)));
  return language === 'es' ? written.replace('.', ',') : written;
}
