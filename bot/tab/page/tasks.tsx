import { Badge } from '@fluentui/react-badge';
import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { TabTask, TabTasks } from '#ports/tab.js';
import { usePage } from './page.ts';
import { Empty, Loading, NotAnswered } from './states.tsx';
import { minutesSince } from './time.ts';
import { useAsked } from './use-asked.ts';
import type { Words } from './words.ts';

/** Seconds after which the list is asked for again. */
const RENEW_SECONDS = 30;

/** The same list as "my list" in the chat, in the same order. */
export function Tasks(): ReactNode {
  const { words, times } = usePage();
  const { came, busy, again } = useAsked<TabTasks>({ ask: 'tasks' });
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible' && came?.ok === true) again();
    }, RENEW_SECONDS * 1000);
    return () => {
      window.clearInterval(timer);
    };
  }, [again, came]);
  if (came === null) return <Loading label={words.loading} />;
  if (!came.ok) return <NotAnswered came={came} words={words} again={again} />;
  const { tasks, asOf } = came.found;
  return (
    <section aria-labelledby="tasks-title">
      <div className="bar">
        <h2 id="tasks-title">{tasks.length === 0 ? words.tasks : words.taskCount(tasks.length)}</h2>
        <span className="quiet">{words.asOf(times.time(asOf))}</span>
        <Button size="small" disabledFocusable={busy} onClick={again}>
          {words.refresh}
        </Button>
      </div>
      <Find />
      {tasks.length === 0 ? (
        <Empty said={words.noTasks} />
      ) : (
        <ol className="tasks">
          {tasks.map((task) => (
            <Task key={task.caseNumber} task={task} asOf={asOf} />
          ))}
        </ol>
      )}
    </section>
  );
}

const colours = { STAT: 'danger', URGENT: 'warning' } as const;

function Task({ task, asOf }: { readonly task: TabTask; readonly asOf: string }): ReactNode {
  const { words, times } = usePage();
  const { caseNumber, kind, urgency, since, owner, note } = task;
  const colour = urgency === 'STAT' || urgency === 'URGENT' ? colours[urgency] : 'informative';
  const with_ = owner === null ? [] : [words.ownedBy(words.owner[owner] ?? owner)];
  return (
    <li>
      <a className="task" href={`#/case/${caseNumber}`}>
        <span className="task-badge">
          <Badge appearance={urgency === 'STAT' ? 'filled' : 'tint'} color={colour} shape="rounded">
            {words.urgency[urgency] ?? words.noUrgency}
          </Badge>
        </span>
        <span className="task-what">
          <span className="strong">{kind}</span> <span className="number">{caseNumber}</span>
          <span className="small">{[statusIn(words, task), ...with_].join(' · ')}</span>
          {note === null ? null : <span className="small strong">{note}</span>}
        </span>
        <span className="task-age">
          <span className="strong">{words.age(minutesSince(since, asOf))}</span>
          <span className="small">{words.since(times.dayTime(since))}</span>
        </span>
      </a>
    </li>
  );
}

/** Each workflow has its own words for how its cases stand. */
function statusIn({ status, alertStatus }: Words, task: TabTask): string {
  return (task.workflow === 'critical-results' ? alertStatus : status)[task.status] ?? task.status;
}

/** For who has no list: an orderer who was asked, privacy. */
export function OneCase(): ReactNode {
  const { words } = usePage();
  return (
    <section aria-labelledby="one-title">
      <div className="bar">
        <h2 id="one-title">{words.oneCase}</h2>
      </div>
      <p>{words.oneCaseLine}</p>
      <Find />
    </section>
  );
}

/** By case number: whoever has it from a card, a note or a telephone. */
function Find(): ReactNode {
  const { words } = usePage();
  const [typed, setTyped] = useState('');
  return (
    <form
      className="find"
      onSubmit={(event) => {
        event.preventDefault();
        const number = typed.replaceAll(/[^0-9A-Za-z]/gu, '').toUpperCase();
        if (number !== '') window.location.hash = `#/case/${number.slice(0, 12)}`;
      }}
    >
      <Field label={words.findLabel} hint={words.findHint} orientation="vertical">
        <Input
          value={typed}
          autoComplete="off"
          onChange={(_event, { value }) => {
            setTyped(value);
          }}
        />
      </Field>
      <Button type="submit">{words.find}</Button>
    </form>
  );
}
