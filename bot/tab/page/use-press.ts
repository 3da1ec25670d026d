import { useCallback, useState } from 'react';
import type { Answer } from '#core/workflow.js';
import type { PhoneNow } from '#ports/desk.js';
import type { Asked } from './api.ts';
import { usePage } from './page.ts';
import { useSending } from './use-sending.ts';

export interface Pressed {
  readonly said: { readonly text: string; readonly changed: boolean } | null;
  readonly sending: boolean;
  readonly press: (asked: Asked) => void;
}

/**
 * Something that a person decides, and what became of it; then the page is read again, unless only what they typed was refused. What was to reach a clinician and did
 * not is an alarm, and no notice. @param whom is phoned then
 */
export function usePress(again: () => void, whom: PhoneNow | null = null): Pressed {
  const { ask, words, alarms } = usePage();
  const send = useSending();
  const [said, setSaid] = useState<Pressed['said']>(null);
  const [sending, setSending] = useState(false);
  const press = useCallback(
    (asked: Asked) => {
      const of = sentIn(asked);
      const work = async (): Promise<void> => {
        setSending(true);
        setSaid(null);
        const came = await (of === null ? ask<Answer>(asked) : send(of, whom, ask<Answer>(asked)));
        setSending(false);
        if (came.ok && came.found.notSent === true) alarms.raise(of ?? '', came.found.text);
        else if (came.ok) setSaid({ text: came.found.text, changed: came.found.outcome === 'won' || came.found.outcome === 'noted' });
        else if (of === null) setSaid({ text: came.why === '' ? words.unanswered : came.why, changed: false });
        // What was typed is wrong, and nothing else has changed: it stays where it was typed.
        if (!came.ok || came.found.outcome !== 'invalid') again();
      };
      work().catch(() => {
        setSending(false);
      });
    },
    [again, alarms, ask, send, whom, words],
  );
  return { said, sending, press };
}

/** The case that a press sends to a clinician; null: it is another press. */
function sentIn(asked: Asked): string | null {
  if (asked.ask !== 'answer' || typeof asked.data !== 'object' || asked.data === null) return null;
  const { verb, caseNumber } = asked.data as { readonly verb?: unknown; readonly caseNumber?: unknown };
  return verb === 'release-critical' && typeof caseNumber === 'string' ? caseNumber : null;
}
