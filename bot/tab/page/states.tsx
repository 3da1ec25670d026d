import { Button } from '@fluentui/react-button';
import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-message-bar';
import { Spinner } from '@fluentui/react-spinner';
import type { ReactNode } from 'react';
import type { Came } from './api.ts';
import type { Words } from './words.ts';

export function Loading({ label }: { readonly label: string }): ReactNode {
  return (
    <div className="centre">
      <Spinner label={label} labelPosition="below" />
    </div>
  );
}

interface Said {
  readonly title: string;
  readonly line: string;
  readonly todo?: string;
}

/** One thing that a person must know, and at most one button. */
export function Message({
  said,
  intent,
  onTodo,
  children,
}: {
  readonly said: Said;
  readonly intent: 'info' | 'success' | 'warning' | 'error';
  readonly onTodo?: () => void;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <MessageBar intent={intent} layout="multiline" className="message">
      <MessageBarBody>
        <MessageBarTitle className="message-title">{said.title}</MessageBarTitle>
        <span>{said.line}</span>
      </MessageBarBody>
      {onTodo === undefined && children === undefined ? null : (
        <MessageBarActions>
          {children}
          {onTodo === undefined ? null : <Button onClick={onTodo}>{said.todo}</Button>}
        </MessageBarActions>
      )}
    </MessageBar>
  );
}

/** What is too wide for a telephone is moved there, by keys too. */
export function Wide({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="wide" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** Nothing to show, and that this is right. */
export function Empty({ said }: { readonly said: Said }): ReactNode {
  return (
    <div className="centre">
      <p className="strong">{said.title}</p>
      <p>{said.line}</p>
    </div>
  );
}

/** Why there is no answer, in words that somebody can act on. */
export function NotAnswered({
  came,
  words,
  again,
}: {
  readonly came: Extract<Came<unknown>, { ok: false }>;
  readonly words: Words;
  readonly again: () => void;
}): ReactNode {
  switch (came.code) {
    case 'signed-out':
      return <Message said={words.signedOut} intent="warning" onTodo={again} />;
    case 'not-known':
      return <Message said={words.notKnown} intent="error" />;
    case 'refused':
      return <Message said={words.refused} intent="error" />;
    case 'offline':
      return <Message said={{ ...words.offline, todo: words.tryAgain }} intent="error" onTodo={again} />;
    case 'failed':
      return <Message said={{ ...words.failed, todo: words.tryAgain }} intent="error" onTodo={again} />;
    case 'denied':
    case 'sign-in':
      return <Message said={{ title: words.denied, line: came.why }} intent="warning" />;
    case 'unknown':
      return <Message said={{ title: words.unknown, line: came.why }} intent="warning" />;
    default:
      return came satisfies never;
  }
}
