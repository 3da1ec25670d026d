import { Link } from '@fluentui/react-link';
import type { ReactNode } from 'react';
import type { FailsafeView } from '#ports/tab.js';
import { Callees, Phone } from './board-alerts.tsx';
import { CardView } from './card-view.tsx';
import { usePage } from './page.ts';
import { Loading, Message, NotAnswered } from './states.tsx';
import { useAsked } from './use-asked.ts';
import { usePress } from './use-press.ts';

/** An untaken critical result as the switchboard has it: whom to phone, and never the patient. */
export function Failsafe({ caseNumber }: { readonly caseNumber: string }): ReactNode {
  const { words, times } = usePage();
  const { came, again } = useAsked<FailsafeView>({ ask: 'failsafe', caseNumber });
  const { said, sending, press } = usePress(again);
  return (
    <>
      <p className="back">
        <Link href="#/board">{words.board.back}</Link>
      </p>
      <div aria-live="polite">
        {sending ? <p className="quiet">{words.deciding}</p> : null}
        {said === null ? null : <Message said={{ title: caseNumber, line: said.text }} intent={said.changed ? 'success' : 'warning'} />}
      </div>
      {came === null ? <Loading label={words.loading} /> : null}
      {came !== null && !came.ok ? <NotAnswered came={came} words={words} again={again} /> : null}
      {came?.ok === true ? (
        <article className="failsafe" aria-labelledby="failsafe-title">
          <h2 id="failsafe-title">{words.board.failsafeTitle(caseNumber)}</h2>
          <p className="quiet small">{words.asOf(times.time(came.found.asOf))}</p>
          <section className="now">
            <h3>{words.board.called.failsafe}</h3>
            <div className="called">
              <Callees people={came.found.alert.called} />
            </div>
            {came.found.alert.services.length === 0 ? null : (
              <p className="small">
                {words.board.services}:{' '}
                {came.found.alert.services.map(({ name, phone }) => (
                  <span key={name} className="on-call-person">
                    {name} <Phone name={name} phone={phone} />
                  </span>
                ))}
              </p>
            )}
            <p className="small">{words.board.noPatient}</p>
            <CardView
              card={came.found.view.card}
              label={words.board.failsafeTitle(caseNumber)}
              onPress={(data) => {
                press({ ask: 'answer', data });
              }}
            />
          </section>
        </article>
      ) : null}
    </>
  );
}
