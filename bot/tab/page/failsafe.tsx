import { Link } from '@fluentui/react-link';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Board, BoardAlert, FailsafeView } from '#ports/tab.js';
import { Callees, Phone } from './board-alerts.tsx';
import { CardView } from './card-view.tsx';
import { usePage } from './page.ts';
import { Loading, Message, NotAnswered } from './states.tsx';
import { useAsked } from './use-asked.ts';
import { useBoard } from './use-board.ts';
import { usePress } from './use-press.ts';

/** An untaken critical result as the switchboard has it: whom to phone, and never the patient. */
export function Failsafe({ caseNumber }: { readonly caseNumber: string }): ReactNode {
  const { words, times } = usePage();
  const { came, again } = useAsked<FailsafeView>({ ask: 'failsafe', caseNumber });
  const { said, sending, press } = usePress(again);
  const { board } = useBoard();
  const looked = useRef<Board | null>(null);
  useEffect(() => {
    // Each look at it is on record: it is read again when the board says that it stands otherwise, once a reading of the board.
    if (came?.ok !== true || board === null || board === looked.current || board.asOf < came.found.asOf) return;
    looked.current = board;
    const now = board.alerts.find((one) => one.caseNumber === came.found.caseNumber);
    if (now === undefined || standingOf(now) !== standingOf(came.found.alert)) again();
  }, [again, board, came]);
  const isInHand = came?.ok === true && came.found.alert.status === 'failsafe-taken';
  const isDrill = came?.ok === true && came.found.alert.drill;
  const standing = isInHand ? words.board.inHandTitle(caseNumber) : words.board.failsafeTitle(caseNumber);
  const title = `${isDrill ? `${words.board.drill}: ` : ''}${standing}`;
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
          <h2 id="failsafe-title">{title}</h2>
          <p className="quiet small">{words.asOf(times.time(came.found.asOf))}</p>
          <section className="now">
            <h3>{words.board.called.failsafe}</h3>
            <div className="called">
              <Callees people={came.found.alert.called} inOrder />
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
              label={title}
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

function standingOf({ status, takenBy, until, called }: BoardAlert): string {
  return JSON.stringify([status, takenBy, until, called.length]);
}
