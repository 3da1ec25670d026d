import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { usePage } from './page.ts';
import { Message } from './states.tsx';
import { usePress } from './use-press.ts';

/** For whoever has the printed list in hand. */
export function TakeByCode({ again }: { readonly again: () => void }): ReactNode {
  const { words } = usePage();
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const { said, sending, press } = usePress(again);
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
        {said === null ? null : <Message said={{ title: words.board.take, line: said.text }} intent={said.changed ? 'success' : 'warning'} />}
      </div>
    </>
  );
}
