/** Every word that a coordinator reads of a gap in a roster. */
export const english = {
  kind: 'On-call gap',
  title: {
    open: (service: string): string => `Nobody is on call: ${service}`,
    mended: (service: string): string => `Somebody is on call again: ${service}`,
    over: (service: string): string => `The hours without anybody are over: ${service}`,
  },
  todo: {
    open: 'Put somebody into the calendar from which the roster comes. Until then whoever would be called at this level is skipped: the next one is called at once, at the end the switchboard.',
    mended: 'The roster has been mended. Nothing is expected of you.',
    over: 'Nobody had been put there. Nothing is expected of you any more.',
  },
  level: (level: number): string => ['first on call', 'second on call'][level - 1] ?? `level ${level}`,
  hours: (level: string, from: string, to: string): string => `${level}, ${from} to ${to}`,
  onwards: (level: string, from: string): string => `${level}, from ${from} on; no end of it within a week`,
  speak: (title: string, hours: string): string => `${title}; ${hours}.`,
};
export type Words = typeof english;
