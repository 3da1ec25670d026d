import { Badge } from '@fluentui/react-badge';
import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Select } from '@fluentui/react-select';
import { Textarea } from '@fluentui/react-textarea';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { breakGlassFinding } from '#core/break-glass.js';
import type { Answer } from '#core/workflow.js';
import type { AccessRow, TabAsk } from '#ports/tab.js';
import { usePage } from './page.ts';
import { Empty, Loading, Message, NotAnswered } from './states.tsx';
import { useAsked } from './use-asked.ts';

/** For privacy and for a second person: emergency accesses that wait for them. */
export function Accesses(): ReactNode {
  const { ask, words } = usePage();
  const { came, busy, again } = useAsked<readonly AccessRow[]>({ ask: 'accesses' });
  const [said, setSaid] = useState<{ readonly text: string; readonly counts: boolean } | null>(null);
  const send = (asked: TabAsk): void => {
    const work = async (): Promise<void> => {
      const answered = await ask<Answer>(asked);
      if (answered.ok) setSaid({ text: answered.found.text, counts: answered.found.outcome === 'won' });
      else setSaid({ text: answered.why === '' ? words.unanswered : answered.why, counts: false });
      again();
    };
    work().catch(() => undefined);
  };
  if (came === null) return <Loading label={words.loading} />;
  if (!came.ok) return <NotAnswered came={came} words={words} again={again} />;
  return (
    <section aria-labelledby="accesses-title">
      <div className="bar">
        <h2 id="accesses-title">{words.accesses}</h2>
        <Button size="small" disabledFocusable={busy} onClick={again}>
          {words.refresh}
        </Button>
      </div>
      <p>{words.access.line}</p>
      <div aria-live="polite">
        {said === null ? null : <Message said={{ title: words.accesses, line: said.text }} intent={said.counts ? 'success' : 'warning'} />}
      </div>
      {came.found.length === 0 ? (
        <Empty said={words.access.none} />
      ) : (
        <ul className="accesses">
          {came.found.map((row) => (
            <Access key={`${row.access} ${String(row.opening)}`} row={row} send={send} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Access({ row, send }: { readonly row: AccessRow; readonly send: (asked: TabAsk) => void }): ReactNode {
  const { words, times } = usePage();
  const { access: said } = words;
  const { access, caseNumber, person, reason, text, at, until, closedAt, longer, judgeBy, mayConfirm, mayReview } = row;
  const isOver = closedAt !== null || Date.parse(until) <= Date.now();
  const isLate = Date.parse(judgeBy) <= Date.now();
  return (
    <li className="access">
      <h3>{said.opened(person, caseNumber)}</h3>
      <p>
        {said.span(times.dayTime(at), times.dayTime(closedAt ?? until))}{' '}
        {isOver ? null : (
          <Badge appearance="tint" color="danger" shape="rounded">
            {said.stillOpen}
          </Badge>
        )}
      </p>
      <p>
        <span className="strong">{words.breakGlass.reasons[reason]}</span>
      </p>
      {text === null ? null : (
        <p>
          {said.said} “{text}”
        </p>
      )}
      <p className={isLate ? 'strong' : 'quiet'}>{isLate ? said.overdue(times.dayTime(judgeBy)) : said.judgeBy(times.dayTime(judgeBy))}</p>
      {longer === null ? null : (
        <p>
          {said.longer(times.time(longer.until))} “{longer.text}”
        </p>
      )}
      {mayConfirm ? (
        <Button
          appearance="primary"
          onClick={() => {
            send({ ask: 'access-confirm', access });
          }}
        >
          {said.confirm}
        </Button>
      ) : null}
      {mayReview ? <Review row={row} send={send} /> : null}
    </li>
  );
}

function Review({ row, send }: { readonly row: AccessRow; readonly send: (asked: TabAsk) => void }): ReactNode {
  const { words } = usePage();
  const { access: said } = words;
  const [finding, setFinding] = useState('');
  const [text, setText] = useState('');
  const parsed = breakGlassFinding.safeParse(finding);
  return (
    <form
      className="emergency-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed.success && text.trim().length >= 3)
          send({ ask: 'access-review', access: row.access, opening: row.opening, finding: parsed.data, text });
      }}
    >
      <Field label={said.finding} required>
        <Select
          value={finding}
          onChange={(_event, { value }) => {
            setFinding(value);
          }}
        >
          <option value="">–</option>
          {breakGlassFinding.options.map((code) => (
            <option key={code} value={code}>
              {said.findings[code]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={said.text} required>
        <Textarea
          value={text}
          maxLength={1000}
          onChange={(_event, { value }) => {
            setText(value);
          }}
        />
      </Field>
      <p className="buttons">
        <Button type="submit" appearance="primary" disabledFocusable={!parsed.success || text.trim().length < 3}>
          {said.send}
        </Button>
      </p>
    </form>
  );
}
