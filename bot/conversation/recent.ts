import type { CaseNumber, PersonId } from '#core/ids.js';
import type { Instant } from '#core/time.js';
import { minutesBetween } from '#core/time.js';
import type { Clock } from '#ports/clock.js';
import type { Desk } from '#ports/desk.js';

/** How long "it" may mean what was shown. */
const minutes = 10;
/** Most that is remembered of one person: nobody means the ninth one. */
const most = 8;

export interface Recent {
  /** A desk that remembers whose personal view was shown to whom. */
  readonly desk: Desk;
  /** What this person was shown in the last 10 minutes, in that order. */
  of(person: PersonId): CaseNumber[];
}

/** Kept in this process alone: after a start, or on another instance, nothing was shown, and the bot asks which case is meant. */
export function remembering(desk: Desk, clock: Clock): Recent {
  const shown = new Map<PersonId, { readonly caseNumber: CaseNumber; readonly at: Instant }[]>();
  const fresh = (person: PersonId) => (shown.get(person) ?? []).filter(({ at }) => minutesBetween(at, clock.now()) < minutes);
  const remember = (person: PersonId, caseNumber: CaseNumber) => {
    const others = fresh(person).filter((one) => one.caseNumber !== caseNumber);
    shown.set(person, [...others, { caseNumber, at: clock.now() }].slice(-most));
  };
  return {
    desk: {
      ...desk,
      async open(person, caseNumber, notice, counts = true, ...more) {
        const opened = await desk.open(person, caseNumber, notice, counts, ...more);
        if (opened.ok && counts) remember(person.id, caseNumber);
        return opened;
      },
      async seen(person, caseNumber, ...more) {
        await desk.seen(person, caseNumber, ...more);
        remember(person.id, caseNumber);
      },
    },
    of: (person) => fresh(person).map(({ caseNumber }) => caseNumber),
  };
}
