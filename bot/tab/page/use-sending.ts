import { useCallback } from 'react';
import type { PhoneNow } from '#ports/desk.js';
import type { Came } from './api.ts';
import { usePage } from './page.ts';

/** Milliseconds without an answer: with them whom to phone is read within the second, while the radiologist is still there to phone. */
const UNANSWERED_MS = 800;

/**
 * Waits for what is to reach a clinician. An answer that does not come in time, and one that never comes, is an alarm that says whom to phone; when one comes after
 * all it takes the alarm's place. @param of the case
 */
export function useSending(): <Found>(of: string, whom: PhoneNow | null, asking: Promise<Came<Found>>) => Promise<Came<Found>> {
  const { words, alarms } = usePage();
  return useCallback(
    async <Found>(of: string, whom: PhoneNow | null, asking: Promise<Came<Found>>): Promise<Came<Found>> => {
      const { notKnown, certain } = words.notSent;
      const timer = window.setTimeout(() => {
        alarms.raise(of, notKnown(whom));
      }, UNANSWERED_MS);
      const came = await asking.finally(() => {
        window.clearTimeout(timer);
      });
      if (came.ok) alarms.clear(of);
      else if (came.code === 'offline' || came.code === 'failed') alarms.raise(of, notKnown(whom));
      else alarms.raise(of, [certain(whom), came.why].join(' ').trim());
      return came;
    },
    [alarms, words],
  );
}
