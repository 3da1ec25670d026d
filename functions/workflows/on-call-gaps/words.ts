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
  /** Beside hours: one list. */
  wanting: {
    open: {
      title: (service: string): string => `Somebody on call might not be reached: ${service}`,
      todo: 'Have each of these mended. Until then whoever can’t be reached is skipped, or hears of it late.',
    },
    mended: { title: (service: string): string => `Within a day nothing is wanting any more: ${service}`, todo: 'Nothing is expected of you.' },
  },
  /** Whom it is about, and at which level; each may be empty. */
  lack: {
    'unusable-roster': (): string => 'Its roster file can’t be used: what was known of it before counts. “radloop doctor” names the line.',
    'no-roster': (): string => 'It has no roster: nobody is on call for it.',
    'no-level': (_: string, level: string): string => `Its roster never names anybody as ${level}.`,
    'old-roster': (): string => 'Its roster has not changed for longer than the site allows: see that the calendar is still brought here.',
    'unknown-person': (people: string, level: string): string => `Not in people.json (${level}): ${people}`,
    'no-second-channel': (people: string, level: string): string => `No pager, SMS or call (${level}): ${people}`,
    'no-app': (people: string, level: string): string => `Has not installed Radloop in Teams (${level}): ${people}`,
  },
  page: {
    hours: (service: string, level: string, from: string): string => `NOBODY ON CALL: ${service}, ${level}, from ${from}`,
    lacks: (service: string, count: number): string => `ON CALL NOT SURE: ${service}, ${count} to mend`,
    doThis: (callBack: string): string => `See your card in Teams, or phone the service. Call back: ${callBack}`,
  },
  level: (level: number): string => ['first on call', 'second on call'][level - 1] ?? `level ${level}`,
  hours: (level: string, from: string, to: string): string => `${level}, ${from} to ${to}`,
  onwards: (level: string, from: string): string => `${level}, from ${from} on; no end of it within a week`,
  speak: (title: string, hours: string): string => `${title}; ${hours}.`,
};
export type Words = typeof english;
