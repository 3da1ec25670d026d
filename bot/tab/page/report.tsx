import { Button } from '@fluentui/react-button';
import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { TabReport } from '#ports/tab.js';
import { usePage } from './page.ts';
import { Drawing } from './report-drawing.tsx';
import { Groups, Misses } from './report-tables.tsx';
import { Empty, Loading, Message, NotAnswered } from './states.tsx';
import { dayAfter, lastDays } from './time.ts';
import { useAsked } from './use-asked.ts';

interface Days {
  readonly first: string;
  readonly last: string;
}

const DAYS = 30;

/** How long critical results took. Each look is a row of the audit, so it is asked for and never renewed by itself. */
export function Report(): ReactNode {
  const { me, words } = usePage();
  const [days, setDays] = useState<Days>(() => lastDays(DAYS, me.zone));
  const { came, busy, again } = useAsked<TabReport | null>({ ask: 'critical-report', from: days.first, to: dayAfter(days.last) });
  return (
    <section aria-labelledby="report-title">
      <div className="bar">
        <h2 id="report-title">{words.report.title}</h2>
      </div>
      <p>{words.report.line}</p>
      <Period days={days} isBusy={busy} onDays={setDays} />
      {came === null ? <Loading label={words.loading} /> : null}
      {came?.ok === false ? <NotAnswered came={came} words={words} again={again} /> : null}
      {came?.ok === true ? <Shown found={came.found} /> : null}
    </section>
  );
}

function Period({ days, isBusy, onDays }: { readonly days: Days; readonly isBusy: boolean; readonly onDays: (days: Days) => void }): ReactNode {
  const { words } = usePage();
  const [typed, setTyped] = useState(days);
  const isPeriod = typed.first !== '' && typed.last !== '' && typed.first <= typed.last;
  return (
    <form
      className="find"
      onSubmit={(event) => {
        event.preventDefault();
        if (isPeriod) onDays(typed);
      }}
    >
      <Field label={words.report.first}>
        <Input
          type="date"
          value={typed.first}
          onChange={(_event, { value }) => {
            setTyped({ ...typed, first: value });
          }}
        />
      </Field>
      <Field label={words.report.last}>
        <Input
          type="date"
          value={typed.last}
          onChange={(_event, { value }) => {
            setTyped({ ...typed, last: value });
          }}
        />
      </Field>
      <Button type="submit" disabledFocusable={isBusy || !isPeriod}>
        {words.find}
      </Button>
    </form>
  );
}

function Shown({ found }: { readonly found: TabReport | null }): ReactNode {
  const { words, times } = usePage();
  if (found === null) return <Message said={words.report.noPeriod} intent="warning" />;
  const { report, picture } = found;
  const { categories, services, hours, misses, leftOut, asOf } = report;
  if (categories.every(({ alerts }) => alerts === 0)) return <Empty said={words.report.none} />;
  return (
    <>
      <p className="quiet">
        {words.asOf(times.time(asOf))}. {words.report.leftOut(leftOut.drills, leftOut.withdrawn, leftOut.notCritical)}
      </p>
      <Drawing picture={picture} />
      <p className="quiet">{words.report.percentiles}</p>
      <Groups title={words.report.categories} rows={categories.map((one) => ({ name: words.board.category(one.category ?? 1), figures: one }))} />
      <Groups title={words.report.services} rows={services.map((one) => ({ name: one.service ?? words.report.noService, figures: one }))} />
      <Groups title={words.report.hours} rows={hours.map((one) => ({ name: `${String(one.hour).padStart(2, '0')}:00`, figures: one }))} />
      <Misses misses={misses} />
    </>
  );
}
