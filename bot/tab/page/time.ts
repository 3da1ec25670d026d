/** Times of the site, as the reader writes them. */
export interface Times {
  /** `25 Nov 10:40` */
  readonly dayTime: (at: string) => string;
  readonly time: (at: string) => string;
  readonly day: (at: string) => string;
  /** A day as HL7 writes it (YYYYMMDD); what is less exact as it is. */
  readonly date: (written: string) => string;
}

export function timesIn(zone: string, language: string): Times {
  const spoken = language.toLowerCase().startsWith('es') ? 'es' : 'en-GB';
  const format = (options: Intl.DateTimeFormatOptions) => {
    const written = new Intl.DateTimeFormat(spoken, { ...options, timeZone: zone, hourCycle: 'h23' });
    return (at: string): string => written.format(new Date(at));
  };
  return {
    dayTime: format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    time: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
    date(written) {
      const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/u.exec(written) ?? [];
      const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
      return day === undefined ? written : new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
    },
  };
}

export function minutesSince(at: string, now: string): number {
  return Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
}

/** The days of the site that end today, as calendars write them: `2026-11-25`. */
export function lastDays(count: number, zone: string): { readonly first: string; readonly last: string } {
  const last = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
  return { first: shifted(last, 1 - count), last };
}

export function dayAfter(day: string): string {
  return shifted(day, 1);
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
