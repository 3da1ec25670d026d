import { useCallback, useState } from 'react';
import type { Answer } from '#core/workflow.js';
import type { Asked } from './api.ts';
import { usePage } from './page.ts';

export interface Pressed {
  readonly said: { readonly text: string; readonly changed: boolean } | null;
  readonly sending: boolean;
  readonly press: (asked: Asked) => void;
}

/** Something that a person decides, and what became of it; then the page is read again, unless only what they typed was refused. */
export function usePress(again: () => void): Pressed {
  const { ask, words } = usePage();
  const [said, setSaid] = useState<Pressed['said']>(null);
  const [sending, setSending] = useState(false);
  const press = useCallback(
    (asked: Asked) => {
      const send = async (): Promise<void> => {
        setSending(true);
        const came = await ask<Answer>(asked);
        setSending(false);
        if (came.ok) setSaid({ text: came.found.text, changed: came.found.outcome === 'won' || came.found.outcome === 'noted' });
        else setSaid({ text: came.why === '' ? words.failed.line : came.why, changed: false });
        // What was typed is wrong, and nothing else has changed: it stays where it was typed.
        if (!came.ok || came.found.outcome !== 'invalid') again();
      };
      send().catch(() => {
        setSending(false);
      });
    },
    [again, ask, words],
  );
  return { said, sending, press };
}
