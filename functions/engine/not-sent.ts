import type { About } from '#domain/critical.js';
import { about as aboutShape } from '#domain/critical.js';
import type { Person } from '#core/people.js';
import type { PhoneNow } from '#ports/desk.js';
import type { Log } from '#ports/log.js';
import { criticalWordsIn } from './critical-words.ts';

/** Milliseconds from a press to an answer: with them "NOT SENT" is read within the second, while the radiologist is still there to phone. */
const ANSWER_WITHIN_MS = 700;

/** Who is phoned by hand. @param about the exam; null: it could not be found out. Pure but for the clock: it must answer with every store down. */
export type PhoneOf = (about: About | null) => PhoneNow | null;

/** Sending as it stands: the exam as soon as it is known. */
export interface Sending {
  about: unknown;
}

/** What was to go to a clinician: its own answer, or, where that fails or does not come in time, whom to phone now. Never throws. */
export async function orNotSent<T>(
  { log, phoneOf }: { readonly log: Log; readonly phoneOf: PhoneOf },
  person: Person,
  work: (sending: Sending) => Promise<T>,
  saying: (text: string) => T,
  withinMs = ANSWER_WITHIN_MS,
): Promise<T> {
  const sending: Sending = { about: null };
  const says = (isLate: boolean): T => saying(notSent(phoneOf, person, sending.about, isLate));
  const done = work(sending).catch((error: unknown): T => {
    log.error('desk.not-sent', { fault: error });
    return says(false);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      log.error('desk.not-sent', {});
      resolve(says(true));
    }, withinMs);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function phoneNow(phoneOf: PhoneOf, about: unknown): PhoneNow | null {
  const read = aboutShape.safeParse(about);
  return phoneOf(read.success ? read.data : null);
}

export function notSent(phoneOf: PhoneOf, person: Person, about: unknown, isLate: boolean): string {
  const words = criticalWordsIn(person.language);
  const whom = phoneNow(phoneOf, about);
  return isLate ? words.notSentInTime(whom) : words.notSent(whom);
}
