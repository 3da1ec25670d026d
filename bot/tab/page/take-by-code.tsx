import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { BoardAlert } from '#ports/tab.js';
import { usePage } from './page.ts';
import { Message } from './states.tsx';
import { usePress } from './use-press.ts';

interface Held {
  readonly caseNumber: string;
  /** The board has shown it in hand. */
  readonly isSeen: boolean;
}

/** For whoever has the printed list in hand. What it says of a case holds as long as the board shows it in hand: who goes on phoning must hear that it is over. */
export function TakeByCode({ alerts, again }: { readonly alerts: readonly BoardAlert[]; readonly again: () => void }): ReactNode {
  const { words } = usePage();
  const [held, setHeld] = useState<Held | null>(null);
  const now = alerts.find(({ caseNumber }) => caseNumber === held?.caseNumber)?.status;
  useEffect(() => {
    if (now === 'failsafe-taken') setHeld((one) => (one === null || one.isSeen ? one : { ...one, isSeen: true }));
  }, [now]);
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const { said, sending, press } = usePress(again);
  const isOver = held?.isSeen === true && now !== 'failsafe-taken';
  return (
    <>
      <form
        className="find"
        onSubmit={(event) => {
          event.preventDefault();
          const caseNumber = typed
            .replaceAll(/[^0-9A-Za-z]/gu, '')
            .toUpperCase()
            .slice(0, 12);
          setTried(caseNumber === '');
          if (caseNumber === '') return;
          press({ ask: 'failsafe-take', caseNumber });
          setHeld({ caseNumber, isSeen: false });
          setTyped('');
        }}
      >
        <Field
          label={words.board.code}
          hint={words.board.codeHint}
          orientation="vertical"
          {...(tried ? { validationMessage: words.board.codeNeeded, validationState: 'error' as const } : {})}
        >
          <Input
            value={typed}
            autoComplete="off"
            onChange={(_event, { value }) => {
              setTyped(value);
            }}
          />
        </Field>
        <Button type="submit" appearance="primary" disabledFocusable={sending}>
          {words.board.take}
        </Button>
      </form>
      <div aria-live="polite">
        {said === null || (isOver && now === 'failsafe') ? null : (
          <Message
            said={{ title: isOver ? held.caseNumber : words.board.take, line: isOver ? words.board.over(held.caseNumber) : said.text }}
            intent={said.changed ? 'success' : 'warning'}
          />
        )}
      </div>
    </>
  );
}
