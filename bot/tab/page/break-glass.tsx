import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-message-bar';
import { Select } from '@fluentui/react-select';
import { Textarea } from '@fluentui/react-textarea';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { breakGlassReason } from '#core/break-glass.js';
import type { Answer } from '#core/workflow.js';
import type { CaseStory, TabAsk } from '#ports/tab.js';
import type { Came } from './api.ts';
import { usePage } from './page.ts';
import { Message } from './states.tsx';

/** Sends once at a time, and says what came of it. */
function useSent(changed: () => void): { readonly problem: string | null; readonly busy: boolean; readonly send: (asked: TabAsk) => void } {
  const { ask, host, words } = usePage();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const work = async (asked: TabAsk): Promise<void> => {
    setBusy(true);
    let came: Came<Answer> = await ask<Answer>(asked);
    if (!came.ok && came.code === 'sign-in') {
      setProblem(words.breakGlass.signIn);
      if ((await host.token(true)) !== null) came = await ask<Answer>(asked);
    }
    setBusy(false);
    const counts = came.ok && came.found.outcome !== 'invalid' && came.found.outcome !== 'closed';
    const why = came.ok ? came.found.text : came.why;
    setProblem(counts ? null : why === '' ? words.unanswered : why);
    if (came.ok) changed();
  };
  return {
    ...{ problem, busy },
    send(asked) {
      work(asked).catch(() => {
        setBusy(false);
        setProblem(words.unanswered);
      });
    },
  };
}

/** A reason as a code and in words, and what follows, before anything is opened. */
export function EmergencyForm({ caseNumber, opened }: { readonly caseNumber: string; readonly opened: () => void }): ReactNode {
  const { words } = usePage();
  const { breakGlass: said } = words;
  const [isOpen, setOpen] = useState(false);
  const [tried, setTried] = useState(false);
  const [reason, setReason] = useState('');
  const [text, setText] = useState('');
  const { problem, busy, send } = useSent(opened);
  if (!isOpen) {
    return (
      <Button
        className="emergency"
        onClick={() => {
          setOpen(true);
        }}
      >
        {said.open}
      </Button>
    );
  }
  const parsed = breakGlassReason.safeParse(reason);
  return (
    <form
      className="emergency-form"
      noValidate
      aria-labelledby="emergency-title"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (parsed.success && text.trim().length >= 3) send({ ask: 'break-glass', caseNumber, reason: parsed.data, text });
      }}
    >
      <h2 id="emergency-title">
        {said.title} · <span className="number">{caseNumber}</span>
      </h2>
      <p>{said.line}</p>
      <Field
        label={said.reason}
        required
        {...(tried && !parsed.success ? { validationMessage: said.needsReason, validationState: 'error' as const } : {})}
      >
        <Select
          value={reason}
          onChange={(_event, { value }) => {
            setReason(value);
          }}
        >
          <option value="">{said.choose}</option>
          {breakGlassReason.options.map((code) => (
            <option key={code} value={code}>
              {said.reasons[code]}
            </option>
          ))}
        </Select>
      </Field>
      <Field
        label={said.text}
        hint={said.textHint}
        required
        {...(tried && text.trim().length < 3 ? { validationMessage: said.needsText, validationState: 'error' as const } : {})}
      >
        <Textarea
          value={text}
          maxLength={1000}
          onChange={(_event, { value }) => {
            setText(value);
          }}
        />
      </Field>
      {problem === null ? null : <Message said={{ title: said.title, line: problem }} intent="warning" />}
      <p className="buttons">
        <Button type="submit" appearance="primary" disabledFocusable={busy}>
          {said.send}
        </Button>
        <Button
          onClick={() => {
            setOpen(false);
          }}
        >
          {said.cancel}
        </Button>
      </p>
    </form>
  );
}

/** Over a case that is seen by an emergency access: until when, and how to end or lengthen it. */
export function EmergencyBanner({
  caseNumber,
  emergency,
  changed,
}: {
  readonly caseNumber: string;
  readonly emergency: NonNullable<CaseStory['emergency']>;
  readonly changed: () => void;
}): ReactNode {
  const { words, times } = usePage();
  const { breakGlass: said } = words;
  const [asking, setAsking] = useState(false);
  const [text, setText] = useState('');
  const { problem, busy, send } = useSent(changed);
  const { until, longerUntil } = emergency;
  return (
    <div className="emergency-banner">
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle className="message-title">{said.banner(times.time(until))}</MessageBarTitle>
          {said.bannerLine} {longerUntil === null ? '' : said.longerWaits(times.time(longerUntil))}
        </MessageBarBody>
        <MessageBarActions>
          <Button
            disabledFocusable={busy}
            onClick={() => {
              send({ ask: 'break-glass-end', caseNumber });
            }}
          >
            {said.end}
          </Button>
          {longerUntil === null && !asking ? (
            <Button
              onClick={() => {
                setAsking(true);
              }}
            >
              {said.longer}
            </Button>
          ) : null}
        </MessageBarActions>
      </MessageBar>
      {asking && longerUntil === null ? (
        <form
          className="emergency-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            send({ ask: 'break-glass-longer', caseNumber, text });
          }}
        >
          <Field label={said.longerText} required>
            <Textarea
              value={text}
              maxLength={1000}
              onChange={(_event, { value }) => {
                setText(value);
              }}
            />
          </Field>
          <p className="buttons">
            <Button type="submit" appearance="primary" disabledFocusable={busy || text.trim().length < 3}>
              {said.longerSend}
            </Button>
          </p>
        </form>
      ) : null}
      {problem === null ? null : <Message said={{ title: said.title, line: problem }} intent="warning" />}
    </div>
  );
}
