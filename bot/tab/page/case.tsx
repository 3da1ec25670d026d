import { Button, ToggleButton } from '@fluentui/react-button';
import { Link } from '@fluentui/react-link';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { CaseStory } from '#ports/tab.js';
import { EmergencyBanner, EmergencyForm } from './break-glass.tsx';
import { CardView } from './card-view.tsx';
import { usePage } from './page.ts';
import { Loading, Message, NotAnswered } from './states.tsx';
import { TakeOver } from './take-over.tsx';
import { Timeline } from './timeline.tsx';
import { useAsked } from './use-asked.ts';
import { declaredBy, useDeclare } from './use-declare.ts';
import { useIdle } from './use-idle.ts';
import { usePress } from './use-press.ts';

/** Minutes without a touch after which the case is put away. */
const IDLE_MINUTES = 10;

/** One case: who it is about, how it stands, and how it came to that. @param list the page from which it was opened */
export function Case({ caseNumber, list }: { readonly caseNumber: string; readonly list: string }): ReactNode {
  const { words } = usePage();
  const [isIdle, wake] = useIdle(IDLE_MINUTES);
  const { came, busy, again } = useAsked<CaseStory>(isIdle ? null : { ask: 'story', caseNumber });
  const until = came?.ok === true ? (came.found.emergency?.until ?? null) : null;
  useAtTime(until, came?.ok === true ? came.found.asOf : null, again);
  const back = (
    <p className="back">
      <Link href={list}>{words.back}</Link>
    </p>
  );
  if (isIdle) return <Message said={words.idle} intent="info" onTodo={wake} />;
  if (came === null) return <Loading label={words.loading} />;
  if (!came.ok) {
    const mayBreakGlass = came.code === 'denied' && came.mayBreakGlass === true;
    return (
      <>
        {back}
        <NotAnswered came={came} words={words} again={again} />
        {came.code === 'denied' && came.mayTakeOver !== undefined ? <TakeOver of={came.mayTakeOver} taken={again} /> : null}
        {mayBreakGlass ? <EmergencyForm caseNumber={caseNumber} opened={again} /> : null}
      </>
    );
  }
  return (
    <>
      {back}
      <Story story={came.found} busy={busy} again={again} />
    </>
  );
}

function Story({ story, busy, again }: { readonly story: CaseStory; readonly busy: boolean; readonly again: () => void }): ReactNode {
  const { words, times, alarms } = usePage();
  const { said, sending, press } = usePress(again, story.phoneNow ?? null);
  const declare = useDeclare();
  const write = async (declared: NonNullable<ReturnType<typeof declaredBy>>): Promise<void> => {
    const why = await declare(declared, story.phoneNow ?? null);
    if (why !== null) alarms.raise(caseNumber, why);
  };
  const [part, setPart] = useState<'now' | 'timeline'>('now');
  const { caseNumber, title, revision, asOf, heading, lines, view, emergency } = story;
  const answered = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button stands at the end of a long card, what became of it at the top.
    if (said !== null) answered.current?.scrollIntoView({ block: 'center' });
    if (said !== null) answered.current?.focus({ preventScroll: true });
  }, [said]);
  return (
    <article aria-labelledby="case-title" className="case" data-part={part}>
      <header className="head">
        <div className="head-who">
          <h2 id="case-title">{heading === null ? words.noPatient : heading.name}</h2>
          {heading === null ? null : (
            <p>
              <span className="strong">{heading.number}</span> · {heading.person}
            </p>
          )}
        </div>
        <div className="head-what">
          <p className="strong number">{caseNumber}</p>
          <p className="small">
            {words.asOf(times.time(asOf))}, {words.revision(revision)}
          </p>
          <Button size="small" disabledFocusable={busy} onClick={again}>
            {words.refresh}
          </Button>
        </div>
      </header>
      {emergency === null ? null : <EmergencyBanner caseNumber={caseNumber} emergency={emergency} changed={again} />}
      <div aria-live="polite" className="answered" ref={answered} tabIndex={-1}>
        {sending ? <p className="quiet">{words.deciding}</p> : null}
        {said === null ? null : <Message said={{ title: caseNumber, line: said.text }} intent={said.changed ? 'success' : 'warning'} />}
      </div>
      <div className="parts" role="group" aria-label={title}>
        {(['now', 'timeline'] as const).map((name) => (
          <ToggleButton
            key={name}
            checked={part === name}
            onClick={() => {
              setPart(name);
            }}
          >
            {words[name]}
          </ToggleButton>
        ))}
      </div>
      <div className="both">
        <section className="now" aria-label={words.now}>
          <h3>{words.now}</h3>
          <CardView
            card={view.card}
            label={title}
            onPress={(data) => {
              const declared = declaredBy(data, caseNumber);
              if (declared === null) press({ ask: 'answer', data });
              else write(declared).catch(() => undefined);
            }}
          />
        </section>
        <section className="story" aria-label={words.timeline}>
          <h3>{words.timeline}</h3>
          <Timeline lines={lines} />
        </section>
      </div>
    </article>
  );
}

/** Does it at this time of the service, whatever this machine's clock says; null: never. @param now what the time was there when this was shown */
function useAtTime(at: string | null, now: string | null, work: () => void): void {
  useEffect(() => {
    if (at === null || now === null) return undefined;
    const timer = window.setTimeout(work, Math.max(0, Date.parse(at) - Date.parse(now)) + 500);
    return () => {
      window.clearTimeout(timer);
    };
  }, [at, now, work]);
}
