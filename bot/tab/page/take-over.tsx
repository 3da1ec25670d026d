import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Textarea } from '@fluentui/react-textarea';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { usePage } from './page.ts';
import { Message } from './states.tsx';
import { usePress } from './use-press.ts';

/** A clinician who was not called and has the patient before them: it is put to them, with a reason, and the clock goes on. */
export function TakeOver({
  of,
  taken,
}: {
  readonly of: { readonly caseNumber: string; readonly revision: number };
  readonly taken: () => void;
}): ReactNode {
  const { words } = usePage();
  const { takeOver: said } = words.board;
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const { said: answered, sending, press } = usePress(taken);
  const isMissing = tried && text.trim() === '';
  return (
    <form
      className="emergency-form"
      noValidate
      aria-labelledby="take-over-title"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (text.trim() !== '') press({ ask: 'answer', data: { verb: 'take-over', ...of, overReason: text } });
      }}
    >
      <h2 id="take-over-title">
        {said.title} · <span className="number">{of.caseNumber}</span>
      </h2>
      <p>{said.line}</p>
      <Field label={said.reason} required {...(isMissing ? { validationMessage: said.needsReason } : {})}>
        <Textarea
          value={text}
          onChange={(_event, { value }) => {
            setText(value);
          }}
        />
      </Field>
      <div className="buttons">
        <Button type="submit" appearance="primary" disabledFocusable={sending}>
          {said.send}
        </Button>
      </div>
      <div aria-live="polite">
        {answered === null ? null : (
          <Message said={{ title: of.caseNumber, line: answered.text }} intent={answered.changed ? 'success' : 'warning'} />
        )}
      </div>
    </form>
  );
}
