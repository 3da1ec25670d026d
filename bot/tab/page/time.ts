/** Times of the site, as the reader writes them. */
export interface Times {
  /** `25 Nov 10:40` */
  readonly dayTime: (at: string) => string;
  readonly time: (at: string) => string;
  readonly day: (at: string) => string;
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
