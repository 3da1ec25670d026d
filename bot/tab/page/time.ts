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
