import { useCallback } from 'react';
import type { Declared, PhoneNow } from '#ports/desk.js';
import type { TabAsk } from '#ports/tab.js';
import { usePage } from './page.ts';
import { useSending } from './use-sending.ts';

type Declaration = Extract<TabAsk, { ask: 'declare' }>;
export const CATEGORIES = [1, 2, 3] as const;
export const SIDES = ['left', 'right', 'both'] as const;

/**
 * Writes a critical result and opens what was written, which is not sent yet. @param whom is phoned where that fails
 * @returns why it was refused, to be said where it was typed; null: it is open, or an alarm says that it is not
 */
export function useDeclare(): (asked: Declaration, whom: PhoneNow | null) => Promise<string | null> {
  const { words, ask, me, alarms } = usePage();
  const send = useSending();
  return useCallback(
    async (asked: Declaration, whom: PhoneNow | null): Promise<string | null> => {
      const of = words.declare.link;
      const came = await send(of, whom ?? me.phoneNow ?? null, ask<Declared>(asked));
      if (!came.ok) return null;
      if (came.found.ok) {
        window.location.hash = `#/case/${came.found.caseNumber}`;
        return null;
      }
      if (came.found.code !== 'not-sent') return came.found.why;
      alarms.raise(of, came.found.why);
      return null;
    },
    [alarms, ask, me, send, words],
  );
}

/** What the button "Critical result" of a case brings, with its form; null: it is another button. */
export function declaredBy(data: unknown, caseNumber: string): Declaration | null {
  const { verb, criticalFinding, criticalCategory, criticalSide } = Object(data) as Readonly<Record<string, unknown>>;
  if (verb !== 'declare-critical' || typeof criticalFinding !== 'string') return null;
  return {
    ...{ ask: 'declare', of: { caseNumber }, finding: criticalFinding, via: 'button' },
    category: CATEGORIES.find((one) => String(one) === criticalCategory) ?? null,
    side: SIDES.find((one) => one === criticalSide) ?? null,
  };
}
